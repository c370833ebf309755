"""What the extraction engine finds: frozen items, each with the exact span of the text it was read from.

``start`` and ``end`` are code-point offsets into the text given to :func:`kechuang.engines.extraction.extract`,
and ``quote`` is exactly ``text[start:end]``.  Money is an integer number of yuan; a rate is in percent (20 means 20%).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

Number = int | float
Json = str | int | float | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Meta:
    """What the document says of itself: title, number, issuing bodies and date of signature (ISO)."""

    kind: ClassVar[str] = "meta"
    FIELDS: ClassVar[tuple[str, ...]] = ("title", "doc_number", "issuer", "date")

    title: str | None = None
    doc_number: str | None = None
    issuer: tuple[str, ...] = ()
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A piece of text that means something: its quotation and its place."""

    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Item):
    """Something units are told to do: an item of the body, or a row of an annexed ledger (台账)."""

    kind: ClassVar[str] = "task"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "where", "path", "number", "title", "lead", "units", "deadline", "quote", "start", "end",
    )  # fmt: skip

    where: str
    path: str
    number: str | None
    title: str
    lead: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    deadline: str | None = None
    measures: str = ""
    section_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Item):
    """A number the document commits to: ``indicator comparator value unit`` in a period and a scope."""

    kind: ClassVar[str] = "target"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "indicator", "comparator", "value", "value_max", "unit", "period", "scope", "change", "quote", "start", "end",
    )  # fmt: skip

    indicator: str
    comparator: str
    value: Number
    value_max: Number | None = None
    unit: str | None = None
    period: str | None = None
    scope: str | None = None
    change: str | None = None
    hedge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit(Item):
    """Money (or another advantage) promised to a class of beneficiaries under a condition.

    A plain sum is ``amount`` (a range adds ``amount_max``).  A percentage has ``rate`` (a range adds ``rate_max``),
    what it is taken of (``rate_base``), ``amount`` null, and its ceiling, if any, in ``amount_max``.
    """

    kind: ClassVar[str] = "benefit"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "beneficiary", "form", "comparator", "amount", "amount_max", "rate", "rate_max", "rate_base", "per", "payer",
        "condition", "quote", "start", "end",
    )  # fmt: skip

    beneficiary: str
    form: str
    comparator: str | None = None
    amount: int | None = None
    amount_max: int | None = None
    rate: Number | None = None
    rate_max: Number | None = None
    rate_base: str | None = None
    per: str | None = None
    payer: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund(Item):
    """A pot of money or a yearly programme budget; ``amount`` is null where the text names none."""

    kind: ClassVar[str] = "fund"
    FIELDS: ClassVar[tuple[str, ...]] = ("name", "amount", "per", "payer", "quote", "start", "end")

    name: str
    amount: int | None = None
    per: str | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility(Item):
    """A named database, platform, laboratory, carrier, mechanism, assessment, organization, alliance …"""

    kind: ClassVar[str] = "facility"
    FIELDS: ClassVar[tuple[str, ...]] = ("name", "type", "quote", "start", "end")

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Item):
    """Another document this one names: ``relation`` is based_on, issues, repeals or cites."""

    kind: ClassVar[str] = "reference"

    relation: str
    title: str | None
    doc_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A node of the heading tree: ``level`` counts from 1, ``path`` joins the ancestors and itself with ``/``."""

    level: int
    number: str | None
    title: str
    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A sentence (or a heading, or a table row) of the reading text, for deep links; passages follow in order."""

    start: int
    end: int
    path: str


Record = Meta | Task | Target | Benefit | Fund | Facility


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was found in one document."""

    meta: Meta
    tasks: tuple[Task, ...] = ()
    targets: tuple[Target, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    funds: tuple[Fund, ...] = ()
    facilities: tuple[Facility, ...] = ()
    references: tuple[Reference, ...] = ()
    headings: tuple[Heading, ...] = ()
    passages: tuple[Passage, ...] = ()

    def items(self) -> Iterator[Task | Target | Benefit | Fund | Facility]:
        """Every item with a span, kind by kind, each kind in the order of the text."""
        yield from self.tasks
        yield from self.targets
        yield from self.benefits
        yield from self.funds
        yield from self.facilities

    def records(self) -> Iterator[dict[str, Json]]:
        """The public records of ``kechuang extract``: the document's own first, then every item."""
        yield record(self.meta)
        for item in self.items():
            yield record(item)


def record(item: Record) -> dict[str, Json]:
    """One public record: ``kind`` and the contract's fields in their order; absent values are None."""
    fields: Mapping[str, object] = {name: getattr(item, name) for name in item.FIELDS}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    return {"kind": item.kind, **plain}  # type: ignore[dict-item]

"""What is known of one organisation, as its page draws it: every fact with its source, and what is still unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.fact_values import say, typed, unit_of
from kechuang.apps.indicators.domain.queries.facts import FactValue, active_kinds, facts_of, open_contests
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.kit.facts import provider_of
from kechuang.kit.lights import Light

SECTIONS = {
    "basics": _("The enterprise"),
    "people": _("People"),
    "money": _("Revenue and assets"),
    "research": _("Research and development"),
    "property": _("Intellectual property"),
    "standing": _("Certificates and standing"),
    "": _("Other"),
}
SOURCES = {
    Fact.Source.DECLARED: ("pencil", "unknown"),
    Fact.Source.IMPORTED: ("upload", "done"),
    Fact.Source.VERIFIED: ("circle-check", "good"),
    Fact.Source.COMPUTED: ("list-details", "done"),
}
_OF_CODES = (
    ("people", ("staff", "people")),
    ("research", ("rd_", "results", "research", "hitech")),
    ("property", ("ip_",)),
    ("money", ("revenue", "asset", "cost", "tax", "profit")),
    ("basics", ("registered", "region", "industry", "field", "designated")),
    ("standing", ("hnte", "tech_sme", "tier", "offence", "dishonesty", "listing", "prohibited", "award", "standard")),
)


@dataclass(slots=True)
class Item:
    """One kind of fact of the organisation: what is known and what may be done about it."""

    kind: FactKind
    period: int | None
    known: FactValue | None
    contest: FactContest | None = None
    correct: str = ""
    shown: str = ""
    typed: str = ""
    error: str = ""
    saved: bool = False

    @property
    def code(self) -> str:
        return self.kind.code

    @property
    def unit(self) -> str:
        return unit_of(self.kind)

    @property
    def exact(self) -> Any:
        """Whole yuan for the words on hover; None where it is no money."""
        return self.known.value if self.known is not None and self.kind.kind == FactKind.Kind.MONEY else None

    @property
    def source(self) -> Light | None:
        """The source as a chip."""
        if self.known is None:
            return None
        icon, tone = SOURCES[Fact.Source(self.known.source)]
        label = self.known.origin or Fact.Source(self.known.source).label
        return Light(self.known.source, label, icon, tone)

    @property
    def is_asked(self) -> bool:
        """Nobody knows it: the return asks."""
        return self.known is None


@dataclass(slots=True)
class Section:
    """A part of the page or of the return."""

    key: str
    label: Any
    items: list[Item] = field(default_factory=list)

    @property
    def asked(self) -> list[Item]:
        return [item for item in self.items if item.is_asked]

    @property
    def known(self) -> list[Item]:
        return [item for item in self.items if not item.is_asked]


def sections_of(organisation: Organisation, year: int) -> list[Section]:
    """Every stored or provided kind by sections, without earlier years: those are asked in their own return."""
    kinds = active_kinds()
    facts = facts_of(organisation, year, kinds=kinds)
    contested = open_contests(organisation)
    places = _places(kinds, facts)
    found: dict[str, Section] = {}
    for kind in kinds:
        if kind.lag:
            continue
        period = year if kind.is_yearly else None
        item = Item(kind, period, facts.get(kind.code), contested.get((kind.pk, period)))
        if item.known is not None:
            value = item.known.value
            item.shown = places.get(str(value), str(value)) if kind.kind == FactKind.Kind.REGION else say(kind, value)
            item.typed = typed(kind, value)
        item.correct = _correct(kind, organisation)
        key = section_of(kind)
        found.setdefault(key, Section(key, SECTIONS.get(key, key))).items.append(item)
    order = list(SECTIONS)
    return sorted(found.values(), key=lambda part: order.index(part.key) if part.key in order else len(order) - 1)


def section_of(kind: FactKind) -> str:
    """The section that the catalogue names, else one found by the code."""
    if kind.section:
        return kind.section
    return next((key for key, stems in _OF_CODES if any(kind.code.startswith(s) or s in kind.code for s in stems)), "")


def counts(sections: Sequence[Section]) -> tuple[int, int]:
    """How many kinds are known, and how many there are."""
    return sum(len(part.known) for part in sections), sum(len(part.items) for part in sections)


def _places(kinds: Sequence[FactKind], facts: Mapping[str, FactValue]) -> dict[str, str]:
    codes = {str(facts[k.code].value) for k in kinds if k.kind == FactKind.Kind.REGION and k.code in facts}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def _correct(kind: FactKind, organisation: Organisation) -> str:
    """Where the record is mended that tells this fact, empty where it is simply typed."""
    provider = provider_of(kind.code)
    if provider is None or not provider.correct:
        return ""
    try:
        return reverse(provider.correct, args=[organisation.pk])
    except NoReverseMatch:
        return ""

"""What a finding of each kind consists of: its fields, how they are checked, and how it is called in one line.

The fields are those of the public records of ``kechuang extract``; forms, exports and the API are built from them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.domain.names import split_names
from kechuang.apps.policy.models import ItemKind, Relation
from kechuang.engines.extraction import Item as Found
from kechuang.engines.extraction import Reference
from kechuang.kit.errors import DomainError

Payload = dict[str, Any]
Choices = tuple[tuple[str, str | Promise], ...]

COMPARATORS: Choices = (
    (">=", gettext_lazy("at least")),
    (">", gettext_lazy("more than")),
    ("=", gettext_lazy("exactly")),
    ("~", gettext_lazy("roughly")),
    ("<=", gettext_lazy("at most")),
    ("<", gettext_lazy("less than")),
)
FACILITY_TYPES: Choices = (
    ("database", gettext_lazy("database")),
    ("platform", gettext_lazy("platform")),
    ("lab", gettext_lazy("laboratory")),
    ("carrier", gettext_lazy("carrier")),
    ("mechanism", gettext_lazy("mechanism")),
    ("assessment", gettext_lazy("assessment")),
    ("organization", gettext_lazy("institution")),
    ("alliance", gettext_lazy("alliance")),
    ("system", gettext_lazy("system")),
    ("fund", gettext_lazy("fund")),
    ("instrument", gettext_lazy("instrument")),
    ("programme", gettext_lazy("programme")),
    ("activity", gettext_lazy("activity")),
    ("award", gettext_lazy("award")),
    ("zone", gettext_lazy("zone")),
    ("other", gettext_lazy("other")),
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload. ``form``: text, long, names (a list), money (yuan), number, percent, choice or hidden."""

    name: str
    label: str | Promise
    form: str = "text"
    help: str | Promise = ""
    required: bool = False
    choices: Choices = ()
    limit: int = 300


def _text(name: str, label: Any, **options: Any) -> Field:
    return Field(name, label, "text", **options)


_PERIOD_HELP = gettext_lazy("a year (2025), annual, or a plan such as 十四五末")
_PER_HELP = gettext_lazy("e.g. year, each enterprise; empty where it is paid once")
_PAYER_HELP = gettext_lazy("whose budget pays, e.g. 受益财政")

SPECS: dict[str, tuple[Field, ...]] = {
    ItemKind.TASK: (
        _text("title", gettext_lazy("What is to be done"), required=True),
        Field("lead", gettext_lazy("Lead unit"), "names", gettext_lazy("several separated by 、")),
        Field("units", gettext_lazy("Responsible units"), "names", gettext_lazy("several separated by 、")),
        _text("deadline", gettext_lazy("Deadline"), help=gettext_lazy("as the document says it, e.g. 2025年底")),
        Field("measures", gettext_lazy("Measures"), "long", limit=5000),
        _text("number", gettext_lazy("Number in the document")),
        Field("path", gettext_lazy("Section"), "hidden", limit=500),
        Field("where", gettext_lazy("Place"), "hidden"),
        Field("section_type", gettext_lazy("Kind of section"), "hidden"),
    ),
    ItemKind.TARGET: (
        _text("indicator", gettext_lazy("Indicator"), required=True),
        Field("comparator", gettext_lazy("Comparison"), "choice", required=True, choices=COMPARATORS),
        Field("value", gettext_lazy("Value"), "number", required=True),
        Field("value_max", gettext_lazy("up to"), "number", gettext_lazy("only for a range")),
        _text("unit", gettext_lazy("Unit"), help=gettext_lazy("家, 个, %, 元 …")),
        _text("period", gettext_lazy("Target period"), help=_PERIOD_HELP),
        _text("scope", gettext_lazy("Where it holds"), help=gettext_lazy("e.g. 全市, 每个县区")),
        _text(
            "change", gettext_lazy("Stock or change"), help=gettext_lazy("新增 or 增长, where the number is a change")
        ),
        Field("hedge", gettext_lazy("Only aspired to (力争)"), "flag"),
    ),
    ItemKind.BENEFIT: (
        _text("beneficiary", gettext_lazy("Who receives it"), required=True),
        _text("form", gettext_lazy("Form of support"), required=True, help=gettext_lazy("补助, 奖励, 贴息 …")),
        Field("comparator", gettext_lazy("Comparison"), "choice", choices=COMPARATORS),
        Field("amount", gettext_lazy("Amount"), "money"),
        Field("amount_max", gettext_lazy("At most"), "money"),
        Field("rate", gettext_lazy("Rate"), "percent"),
        Field("rate_max", gettext_lazy("Rate, up to"), "percent"),
        _text("rate_base", gettext_lazy("Rate of what"), help=gettext_lazy("e.g. 研发投入")),
        _text("per", gettext_lazy("Per"), help=_PER_HELP),
        _text("payer", gettext_lazy("Paid by"), help=_PAYER_HELP),
        Field("condition", gettext_lazy("Condition"), "long", limit=1000),
    ),
    ItemKind.FUND: (
        _text("name", gettext_lazy("Name of the fund"), required=True),
        Field("amount", gettext_lazy("Amount"), "money"),
        _text("per", gettext_lazy("Per"), help=_PER_HELP),
        _text("payer", gettext_lazy("Paid by"), help=_PAYER_HELP),
    ),
    ItemKind.FACILITY: (
        _text("name", gettext_lazy("Name"), required=True),
        Field("type", gettext_lazy("Type"), "choice", required=True, choices=FACILITY_TYPES),
    ),
    ItemKind.REFERENCE: (
        Field("relation", gettext_lazy("Relation"), "choice", required=True, choices=tuple(Relation.choices)),
        _text("title", gettext_lazy("Title of the other document")),
        _text("doc_number", gettext_lazy("Its number"), limit=60),
    ),
}


def payload_of(found: Found) -> Payload:
    """The payload of an engine's finding: its fields without the span."""
    values = dataclasses.asdict(found)
    for name in ("quote", "start", "end"):
        del values[name]
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def kind_of(found: Found) -> str:
    return ItemKind.REFERENCE.value if isinstance(found, Reference) else found.kind  # type: ignore[attr-defined]


def clean(kind: str, data: Mapping[str, Any]) -> Payload:
    """A complete, well-typed payload from what a person entered; DomainError names the field at fault."""
    payload = {field.name: _clean_field(field, data.get(field.name)) for field in SPECS[kind]}
    if kind == ItemKind.REFERENCE and not (payload["title"] or payload["doc_number"]):
        raise DomainError(_("Give the title or the number of the other document."), field="title")
    _check_range(payload, "value", "value_max")
    _check_range(payload, "rate", "rate_max")
    _check_range(payload, "amount", "amount_max")
    return payload


def _check_range(payload: Payload, low: str, high: str) -> None:
    lowest, highest = payload.get(low), payload.get(high)
    if lowest is not None and highest is not None and highest < lowest:
        raise DomainError(_("The upper end lies below the lower one."), field=high)


def _clean_field(field: Field, value: Any) -> Any:
    if field.form == "flag":
        return bool(value)
    if field.form == "names":
        return _names(value)
    text = str(value).strip() if value is not None else ""
    if not text:
        if field.required:
            raise DomainError(_("Fill in “{field}”.").format(field=field.label), field=field.name)
        return "" if field.name == "measures" else None
    if field.form in ("money", "number", "percent"):
        return _number(field, text)
    if field.form == "choice" and text not in dict(field.choices):
        raise DomainError(_("“{value}” cannot be chosen here.").format(value=text), field=field.name)
    if len(text) > field.limit:
        raise DomainError(
            _("At most {limit} characters; these are {count}.").format(limit=field.limit, count=len(text)),
            field=field.name,
        )
    return text


def _names(value: Any) -> list[str]:
    parts = value if isinstance(value, list | tuple) else split_names(str(value or ""))
    return list(dict.fromkeys(part.strip()[:120] for part in parts if part.strip()))


def _number(field: Field, text: str) -> int | float:
    try:
        value = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise DomainError(_("“{value}” is not a number.").format(value=text), field=field.name) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
        raise DomainError(_("“{value}” is out of range.").format(value=text), field=field.name)
    if field.form == "money":
        if value < 0 or value != value.to_integral_value():
            raise DomainError(_("Enter whole yuan, not below zero."), field=field.name)
        return int(value)
    return int(value) if value == value.to_integral_value() else float(value)


def label_of(kind: str, payload: Mapping[str, Any]) -> str:
    """The finding in a few words, for lists and links."""
    match kind:
        case ItemKind.TASK:
            text = payload.get("title")
        case ItemKind.TARGET:
            text = payload.get("indicator")
        case ItemKind.BENEFIT:
            text = f"{payload.get('beneficiary') or ''} · {payload.get('form') or ''}".strip(" ·")
        case ItemKind.REFERENCE:
            title = f"《{payload['title']}》" if payload.get("title") else ""
            text = f"{title}{payload.get('doc_number') or ''}"
        case _:
            text = payload.get("name")
    return str(text or "")[:300]


def searchable_text(kind: str, payload: Mapping[str, Any], quote: str) -> str:
    """Every word by which someone may look for the finding."""
    words = [label_of(kind, payload), quote]
    for field in SPECS[kind]:
        value = payload.get(field.name)
        if field.form in ("text", "long") and value:
            words.append(str(value))
        elif field.form == "names" and value:
            words.extend(value)
    return "\n".join(dict.fromkeys(words))


def money_range(kind: str, payload: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The least and the greatest sum that a benefit or a fund may come to, for the library's filter."""
    if kind not in (ItemKind.BENEFIT, ItemKind.FUND):
        return None, None
    amount, highest = payload.get("amount"), payload.get("amount_max")
    return (amount if amount is not None else highest), (highest if highest is not None else amount)

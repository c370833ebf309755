"""Figures that a person types to see what they change: fields of the kinds of facts, read without keeping anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.fact_values import plain, read_value, typed, unit_of
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.eligibility import Answers, Group, steps_of
from kechuang.apps.policy.domain.queries.rulebook import codes_above
from kechuang.engines.rules.interpreter import Value
from kechuang.kit.errors import DomainError
from kechuang.kit.packs.installed import industry_names

PREFIX = "w."
WEIGHTIEST = 4
FIELDS = 12
UNTRIED = frozenset({"region", "industry", "text", "date"})


@dataclass(frozen=True, slots=True)
class Field:
    """One figure to change. ``options`` where it is chosen, ``unit`` inside the field, ``known`` as it stands now."""

    name: str
    code: str
    label: str
    form: str
    unit: str = ""
    value: str = ""
    known: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    help: str = ""


def form_of(kind: FactKind) -> str:
    """How a fact is entered: number, date, choice (yes and no among them), text."""
    match kind.kind:
        case FactKind.Kind.BOOLEAN | FactKind.Kind.REGION | FactKind.Kind.INDUSTRY:
            return "choice"
        case FactKind.Kind.DATE:
            return "date"
        case FactKind.Kind.TEXT:
            return "choice" if kind.choices else "text"
    return "number"


def options_of(kind: FactKind, region: Region | None = None) -> tuple[tuple[str, str], ...]:
    """What can be chosen for a fact: (value, label)."""
    match kind.kind:
        case FactKind.Kind.BOOLEAN:
            return (("1", _("yes")), ("0", _("no")))
        case FactKind.Kind.REGION:
            return _places(region)
        case FactKind.Kind.INDUSTRY:
            return tuple((code, f"{code} {name}") for code, name in industry_names().items())
    return tuple(kind.options)


def _places(region: Region | None) -> tuple[tuple[str, str], ...]:
    """The counties of the city that a region is or lies in, then “elsewhere”."""
    if region is None:
        return ()
    city = Region.objects.filter(code__in=codes_above(region), level=Region.Level.PREFECTURE).first() or region
    rows = Region.objects.filter(path__startswith=city.path).exclude(pk=city.pk).order_by("order", "code")
    return (*((row.code, row.short_name) for row in rows), ("000000", _("elsewhere")))


def read(kinds: Mapping[str, FactKind], given: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, str]]:
    """What was typed as the rules take it, and by code what cannot be read. Empty fields and unknown codes are left
    out."""
    values: dict[str, Value] = {}
    errors: dict[str, str] = {}
    for code, raw in given.items():
        kind = kinds.get(code)
        if kind is None or not str(raw).strip():
            continue
        try:
            value = read_value(kind.base or kind, str(raw)[:300], typed=True)
        except DomainError as error:
            errors[code] = error.message
            continue
        if value is not None:
            values[code] = plain(kind, value)
    return values, errors


def candidates(answers: Answers) -> list[str]:
    """The figures worth changing: the known sums and counts on which most rights rest, then what is short, then what
    is missing, then what else is known."""
    book = answers.book
    found: dict[str, None] = dict.fromkeys(_weightiest(answers))
    for answer in answers.of(Group.NEAR):
        for criterion in answer.explanation.criteria:
            found.update({gap.indicator: None for gap in steps_of(criterion, book) if gap.indicator in book.kinds})
    found.update({code: None for code, _count in answers.wanted()})
    for answer in answers.of(Group.ENTITLED):
        for criterion in answer.explanation.criteria:
            found.update({code: None for code in criterion.values if code in book.kinds})
    return [code for code in found if book.kinds[code].kind not in UNTRIED][:FIELDS]


def _weightiest(answers: Answers) -> list[str]:
    uses: dict[str, int] = {}
    for answer in answers.rules:
        read = {code for criterion in answer.explanation.criteria for code in criterion.values}
        for code in sorted(read.intersection(answers.facts)):
            uses[code] = uses.get(code, 0) + 1
    sums = (FactKind.Kind.MONEY, FactKind.Kind.COUNT)
    known = [code for code in uses if code in answers.book.kinds and answers.book.kinds[code].kind in sums]
    return sorted(known, key=lambda code: -uses[code])[:WEIGHTIEST]


def fields_of(
    codes: Iterable[str], answers: Answers, given: Mapping[str, str], errors: Mapping[str, str]
) -> list[Field]:
    """The fields for these codes, each with what is known and what was typed."""
    fields = []
    for code in codes:
        kind = answers.book.kinds[code]
        fact = answers.facts.get(code)
        known = typed(kind, fact.value) if fact else ""
        form = form_of(kind)
        if kind.kind == FactKind.Kind.BOOLEAN and fact is not None:
            known = "1" if fact.value else "0"
        fields.append(
            Field(
                name=f"{PREFIX}{code}",
                code=code,
                label=str(kind),
                form=form,
                unit=unit_of(kind) if form == "number" else "",
                value=given.get(code, known),
                known=known,
                options=options_of(kind) if form == "choice" else (),
                error=errors.get(code, ""),
            )
        )
    return fields

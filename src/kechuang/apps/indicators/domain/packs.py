"""The catalogues of indicators and of facts from a pack."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.indicators.domain.fact_kinds import keep_fact_kinds
from kechuang.apps.indicators.domain.indicators import (
    add_indicator,
    change_indicator,
    confirm_indicator,
    merge_indicators,
)
from kechuang.apps.indicators.domain.names import find
from kechuang.apps.indicators.models import FactKind, Indicator, IndicatorName
from kechuang.kit import packs
from kechuang.kit.loading import pack_loader
from kechuang.kit.permissions import Actor, authorise


@pack_loader(order=20, label=_("Indicators"))
@transaction.atomic
def load_indicators(pack: packs.Pack, actor: Actor) -> None:
    """Bring the pack's indicators into the catalogue: new ones are added, changed ones changed, none removed.

    A name that a document brought before the pack did is merged into the pack's entry.
    """
    authorise(actor, "import", Indicator)
    units = {unit.code: unit for unit in Unit.objects.filter(code__in={row.responsible for row in pack.indicators})}
    known = {indicator.code: indicator for indicator in Indicator.objects.all()}
    by_name = find(name for row in pack.indicators for name in row.names)
    for row in pack.indicators:
        strangers = _strangers(row, by_name)
        indicator = known.get(row.code) or (strangers.pop(0) if strangers else None)
        if indicator is None:
            add_indicator(actor, aliases=row.aliases, **_values(row, units))
            continue
        for stranger in strangers:
            merge_indicators(actor, keep=indicator, merge=stranger)
        _bring_up_to_date(actor, indicator, _values(row, units), row.aliases)


@pack_loader(order=21, label=_("Catalogue of facts"))
@transaction.atomic
def load_facts(pack: packs.Pack, actor: Actor) -> None:
    """Bring the pack's facts and derived figures into the catalogue: added or brought up to date, none removed."""
    rows = [_fact_kind(row, order) for order, row in enumerate(pack.facts)]
    rows += [_derived_kind(row, order) for order, row in enumerate(pack.derived, start=len(rows))]
    keep_fact_kinds(actor, kinds=rows)


def _fact_kind(row: packs.Fact, order: int) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "kind": row.kind,
        "unit": row.unit,
        "period": row.period,
        "definition": row.definition,
        "standard": row.standard or "",
        "question": row.question,
        "question_en": row.question_en,
        "low": _decimal(row.low),
        "high": _decimal(row.high),
        "choices": [[choice.code, choice.name, choice.name_en] for choice in row.choices],
        "from_registry": row.source == "registry",
        "order": order,
    }


def _derived_kind(row: packs.Derived, order: int) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "kind": FactKind.Kind.NUMBER,
        "unit": row.unit,
        "formula": row.expression,
        "order": order,
    }


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))


def _values(row: packs.Indicator, units: Mapping[str, Unit]) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "unit": row.unit,
        "display_unit": row.display_unit or "",
        "direction": row.direction,
        "kind": row.kind,
        "frequency": row.frequency,
        "aggregation": _aggregation(row.kind),
        "definition": row.definition,
        "standard": row.standard or "",
        "responsible_unit": units.get(row.responsible),
    }


def _strangers(row: packs.Indicator, by_name: Mapping[str, Indicator]) -> list[Indicator]:
    """The indicators to be confirmed that a document brought under a name of this entry, in the same unit."""
    found = {indicator.pk: indicator for name in row.names if (indicator := by_name.get(name)) is not None}
    return [
        indicator
        for indicator in found.values()
        if indicator.state == Indicator.State.TO_CONFIRM and indicator.unit in ("", row.unit)
    ]


def _bring_up_to_date(actor: Actor, indicator: Indicator, values: dict[str, Any], aliases: tuple[str, ...]) -> None:
    """Change only what differs, so that loading the same pack again leaves no history behind."""
    names = set(IndicatorName.objects.filter(indicator=indicator).values_list("name", flat=True))
    same = all(getattr(indicator, field) == value for field, value in values.items()) and names >= set(aliases)
    if not same:
        change_indicator(actor, indicator=indicator, aliases=sorted(names | set(aliases)), **values)
    if indicator.state == Indicator.State.TO_CONFIRM:
        confirm_indicator(actor, indicator=indicator)


def _aggregation(kind: str) -> str:
    """Counts and sums of counties add up; shares and rates do not."""
    additive = kind in (Indicator.Kind.STOCK, Indicator.Kind.FLOW)
    return Indicator.Aggregation.SUM if additive else Indicator.Aggregation.NONE

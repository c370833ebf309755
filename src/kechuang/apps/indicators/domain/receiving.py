"""What becomes of the targets that documents set: delivered when an item is published, withdrawn with its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.identity import identity_of, published_items
from kechuang.apps.indicators.domain.indicators import obtain
from kechuang.apps.indicators.domain.periods import Span, span_of
from kechuang.apps.indicators.domain.scopes import Scope, counties_of, scope_of
from kechuang.apps.indicators.domain.targets import save_target, take_out_of_force
from kechuang.apps.indicators.models import Indicator, PeriodKind, Target
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor
from kechuang.kit.publication import PublishedItem, existing, receives, withdraw

ADDED = "新增"
GROWN = ("增长", "增幅", "增速")


@dataclass(frozen=True, slots=True)
class Demand:
    """One item read as what it demands."""

    item: PublishedItem
    indicator: Indicator
    scope: Scope
    values: dict[str, Any]


@receives("target")
@transaction.atomic
def receive_targets(actor: Actor, items: Sequence[PublishedItem]) -> list[Target]:
    """The target of each item.

    An item that says what a target in force already says joins it as further evidence. An item whose content was
    corrected changes its target, unless other items hold to the old content: then it moves to a target of its own.
    """
    indicators = obtain({_indicator_name(item.payload): guess_indicator(item.payload) for item in items})
    places = _places({item.document.region_code for item in items})
    current = existing("target", [item.item_id for item in items])
    targets = []
    for item in items:
        region, counties = places[item.document.region_code]
        scope = scope_of(item.payload.get("scope"), region, counties)
        indicator = indicators[_indicator_name(item.payload)]
        demand = Demand(item, indicator, scope, read_values(item, indicator))
        found = current.get(item.item_id)
        targets.append(_settle(demand, found if isinstance(found, Target) else None))
    return targets


@withdraw("target")
@transaction.atomic
def withdraw_targets(actor: Actor, item_ids: Sequence[int]) -> None:
    """A target goes out of force when the last item that it rests on does."""
    gone = set(item_ids)
    for target in {record.pk: record for record in existing("target", item_ids).values()}.values():
        if isinstance(target, Target) and not set(published_items(target)) - gone:
            take_out_of_force(target)


def guess_indicator(payload: Mapping[str, Any]) -> dict[str, Any]:
    """First fields for an indicator that the catalogue does not know: an officer confirms or merges it."""
    unit = payload.get("unit") or ""
    change = payload.get("change") or ""
    kind = Indicator.Kind.STOCK
    if unit == "%":
        kind = Indicator.Kind.GROWTH if change.startswith(GROWN) else Indicator.Kind.RATIO
    elif change == ADDED or payload.get("period") in ("annual",) or "期间" in (payload.get("period") or ""):
        kind = Indicator.Kind.FLOW
    falling = payload.get("comparator") in ("<=", "<")
    return {
        "unit": unit,
        "display_unit": "亿元" if unit == "元" else "",
        "kind": kind,
        "direction": Indicator.Direction.DOWN if falling else Indicator.Direction.UP,
        "frequency": PeriodKind.QUARTERLY,
        "aggregation": Indicator.Aggregation.NONE if unit == "%" else Indicator.Aggregation.SUM,
    }


def read_values(item: PublishedItem, indicator: Indicator) -> dict[str, Any]:
    """The fields of the target that an item describes."""
    payload = item.payload
    change = payload.get("change") or ""
    span = _span(item, change)
    return {
        "title": " ".join((item.quote or payload.get("quote") or indicator.name).split())[:300],
        "comparator": payload.get("comparator") or Target.Comparator.AT_LEAST,
        "value": _decimal(payload.get("value")),
        "value_max": _decimal(payload.get("value_max")),
        "unit": payload.get("unit") or indicator.unit,
        "change": change,
        "scope": (payload.get("scope") or "")[:80],
        "period": payload.get("period") or "",
        "period_start": span.start,
        "period_end": span.end,
        "recurrence": Target.Recurrence.YEARLY if span.yearly else Target.Recurrence.ONCE,
        "issued_on": item.document.issued_on,
    }


def _span(item: PublishedItem, change: str) -> Span:
    horizon = span_of(item.payload.get("horizon"), issued_on=None).end
    return span_of(
        item.payload.get("period"), issued_on=item.document.issued_on, horizon=horizon, from_issue=change == ADDED
    )


def _settle(demand: Demand, found: Target | None) -> Target:
    """The target of a demand: the one it had, one that says the same, or a new one."""
    wanted = _filled(Target(origin=Target.Origin.DOCUMENT), demand)
    own = found is not None and set(published_items(found)) <= {demand.item.item_id}
    twin = _twin(wanted)
    if twin is not None:
        target = _join(twin, demand)
    elif found is not None and own:
        target = _filled(found, demand)
        target.state = Target.State.ACTIVE
        save_target(target)
    else:
        target = _create_or_join(wanted, demand)
    if found is not None and own and found.pk != target.pk:
        take_out_of_force(found)
    if demand.scope.each:
        _share_alike(target, demand.scope.counties)
    return target


def _twin(wanted: Target) -> Target | None:
    same = Target.objects.filter(identity=identity_of(wanted), state=Target.State.ACTIVE)
    return same.select_for_update(of=("self",)).select_related("indicator", "region").first()


def _create_or_join(wanted: Target, demand: Demand) -> Target:
    """Two deliveries at once may bring the same demand: whoever comes second joins."""
    try:
        save_target(wanted)
    except DomainError:
        twin = _twin(wanted)
        if twin is None:
            raise
        return _join(twin, demand)
    return wanted


def _join(target: Target, demand: Demand) -> Target:
    """A further document says the same: the later one's wording and comparator hold."""
    newer = demand.values["issued_on"]
    if target.issued_on is None or (newer is not None and newer >= target.issued_on):
        for name in ("title", "comparator", "issued_on"):
            setattr(target, name, demand.values[name])
        target.origin = Target.Origin.DOCUMENT
        save_target(target)
    return target


def _filled(target: Target, demand: Demand) -> Target:
    target.indicator, target.region = demand.indicator, demand.scope.region
    target.spread = Target.Spread.EACH if demand.scope.each else Target.Spread.TOTAL
    for name, value in demand.values.items():
        setattr(target, name, value)
    return target


def _share_alike(target: Target, counties: Sequence[Region]) -> None:
    """The document asks the same of each county: one part for each."""
    known = {part.region_id: part for part in target.parts.all()}
    for county in counties:
        part = known.get(county.pk) or Target(parent=target, region=county, origin=target.origin)
        for name in ("indicator", "title", "comparator", "value", "value_max", "unit", "change", "period", "scope"):
            setattr(part, name, getattr(target, name))
        part.period_start, part.period_end = target.period_start, target.period_end
        part.recurrence, part.issued_on = target.recurrence, target.issued_on
        part.state = Target.State.ACTIVE
        save_target(part)


def _places(codes: set[str]) -> dict[str, tuple[Region, list[Region]]]:
    regions = {region.code: region for region in Region.objects.filter(code__in=codes)}
    missing = codes - regions.keys()
    if missing:
        raise LookupError(f"no region has the code {', '.join(sorted(missing))}")
    return {code: (region, list(counties_of(region))) for code, region in regions.items()}


def _indicator_name(payload: Mapping[str, Any]) -> str:
    return str(payload.get("indicator") or payload.get("quote") or "").strip()


def _decimal(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))

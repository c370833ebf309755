"""Targets for home page, wall, map and the table of counties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.arithmetic import Sum, sum_of
from kechuang.apps.indicators.domain.periods import Period
from kechuang.apps.indicators.domain.queries.figures import Figure, figures_of
from kechuang.apps.indicators.domain.queries.standing import Light, Standing, standings
from kechuang.apps.indicators.domain.queries.words import demand, reason
from kechuang.apps.indicators.domain.scopes import counties_of
from kechuang.apps.indicators.domain.units import shown, text_of
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit.charts import Chart, Place, county_map, gauge
from kechuang.kit.evidence import links_for
from kechuang.kit.models import EvidenceLink
from kechuang.kit.permissions import Actor, visible

RECENT = 6


@dataclass(frozen=True, slots=True)
class TargetCard:
    """A target as home page and wall show it."""

    target: Target
    standing: Standing
    evidence: Sequence[EvidenceLink]

    @property
    def title(self) -> str:
        return str(self.target.indicator)

    @property
    def demand(self) -> str:
        return demand(self.target)

    @property
    def current(self) -> str:
        """The current value in words; empty where it is unknown."""
        if self.target.is_umbrella or self.standing.current is None:
            return ""
        return text_of(self.standing.current.value, self.target.indicator)

    @property
    def reason(self) -> str:
        return reason(self.standing)

    @property
    def light(self) -> str:
        return str(self.standing.light)

    @property
    def url(self) -> str:
        return reverse("indicators:targets-detail", args=[self.target.pk])

    @property
    def public_url(self) -> str:
        return reverse("indicators:public_target", args=[self.target.pk])

    @property
    def gauge(self) -> Chart:
        return gauge(self.standing.percent, label=self.title, state=self.light)


def running_first(
    targets: QuerySet[Target], today: date | None = None, *, first: Sequence[Any] = ()
) -> QuerySet[Target]:
    """Targets whose period is not over before the others; within each, those that need attention first.

    ``first`` are orders that come before all that.
    """
    today = today or timezone.localdate()
    over = Case(When(period_end__lt=today, then=Value(1)), default=Value(0), output_field=IntegerField())
    order = (Light.BEHIND, Light.DUE_SOON, Light.ON_TRACK, Light.ATTAINED, Light.UNKNOWN)
    need = Case(*(When(light=light, then=Value(at)) for at, light in enumerate(order)), output_field=IntegerField())
    return targets.order_by(*first, over, need, "period_end", "pk")


def targets_of(region: Region, actor: Actor) -> QuerySet[Target]:
    """The targets in force of a region itself, as far as the actor sees them."""
    rows = visible(actor, Target).filter(region=region, state=Target.State.ACTIVE)
    return rows.select_related("indicator", "region")


def target_cards(region: Region, actor: Actor, *, limit: int = 8, as_of: date | None = None) -> list[TargetCard]:
    """The targets of a region that can be measured, running ones first, in a constant number of queries."""
    rows = list(running_first(targets_of(region, actor).exclude(value=None), as_of)[:limit])
    return cards_of(rows, actor, as_of=as_of)


def cards_of(targets: Sequence[Target], actor: Actor, *, as_of: date | None = None) -> list[TargetCard]:
    """Cards for these targets, in their order."""
    known, links = standings(targets, as_of=as_of), links_for(targets, actor=actor)
    return [TargetCard(target, known[target.pk], links[target.pk]) for target in targets]


def light_counts(region: Region, actor: Actor) -> Counter[str]:
    """How many targets of a region show each light, as last reckoned."""
    return Counter(targets_of(region, actor).order_by().values_list("light", flat=True))


@dataclass(frozen=True, slots=True)
class CountyRow:
    """A county's share of a target."""

    region: Region
    part: Target | None
    standing: Standing | None

    @property
    def current(self) -> Decimal | None:
        return self.standing.current.value if self.standing and self.standing.current else None


@dataclass(frozen=True, slots=True)
class CountyTable:
    """The counties of a target, and how they add up to it.

    ``demanded`` compares the parts' targets with the whole's, ``reached`` the counties' current values with the whole's
    (None where the indicator does not add up).
    """

    rows: Sequence[CountyRow]
    whole: Standing
    demanded: Sum | None
    reached: Sum | None

    @property
    def behind(self) -> int:
        return sum(row.standing is not None and row.standing.light == Light.BEHIND for row in self.rows)

    @property
    def without_figure(self) -> int:
        return sum(row.current is None for row in self.rows)


def county_table(target: Target, whole: Standing) -> CountyTable:
    """The counties of a target with their parts and figures, also those that have no part."""
    parts = {
        part.region_id: part
        for part in target.parts.filter(state=Target.State.ACTIVE).select_related("indicator", "region")
    }
    counties = list(counties_of(target.region).order_by("order", "pk"))
    stand_ins = {
        county.pk: parts.get(county.pk) or _stand_in(target, county)
        for county in counties
        if not target.is_umbrella or county.pk in parts
    }
    known = _by_region(list(stand_ins.values()), whole.as_of)
    rows = [
        CountyRow(county, parts.get(county.pk), known.get(county.pk)) for county in counties if county.pk in stand_ins
    ]
    additive = target.indicator.is_additive and not target.is_umbrella
    values = {str(r.region.pk): r.part.value for r in rows if r.part is not None and r.part.value is not None}
    figures = {str(row.region.pk): row.current for row in rows if row.current is not None}
    current = whole.current.value if whole.current else None
    return CountyTable(
        rows,
        whole,
        demanded=sum_of(values, target.value) if additive and values else None,
        reached=sum_of(figures, current) if additive and figures else None,
    )


def _stand_in(target: Target, county: Region) -> Target:
    """A county without a part: its figure is shown, with nothing demanded of it."""
    copy = Target(indicator=target.indicator, region=county, parent=target, comparator=target.comparator)
    for name in ("unit", "change", "recurrence", "path", "period", "period_start", "period_end"):
        setattr(copy, name, getattr(target, name))
    return copy


def _by_region(targets: Sequence[Target], as_of: date) -> dict[int, Standing]:
    from kechuang.apps.indicators.domain.queries.standing import standing

    figures = figures_of((target.indicator, target.region) for target in targets)
    return {
        target.region_id: standing(target, figures[target.indicator_id, target.region_id], as_of) for target in targets
    }


@dataclass(frozen=True, slots=True)
class Matrix:
    """An indicator's figures by county and period; ``total`` adds the counties up, ``own`` is the region's figure."""

    indicator: Indicator
    periods: Sequence[Period]
    rows: Sequence[tuple[Region, Sequence[Decimal | None]]]
    total: Sequence[Decimal | None]
    own: Sequence[Decimal | None]


def county_matrix(indicator: Indicator, region: Region, *, periods: int = RECENT) -> Matrix:
    """The latest figures of every county of a region. Where nobody reported, the cell is None."""
    counties = list(counties_of(region).order_by("order", "pk"))
    figures = figures_of([(indicator, place) for place in (region, *counties)])
    by_place = {place.pk: {f.period: f for f in figures[indicator.pk, place.pk]} for place in (region, *counties)}
    seen = {period for found in by_place.values() for period in found}
    latest = sorted(seen, key=lambda period: (period.end, period.start))[-periods:]
    rows = [(county, [_value(by_place[county.pk].get(period)) for period in latest]) for county in counties]
    total = [_total(indicator, [values[at] for _county, values in rows]) for at in range(len(latest))]
    own = [_own(by_place[region.pk].get(period)) for period in latest]
    return Matrix(indicator, latest, rows, total, own)


def map_values(indicator: Indicator, region: Region, *, as_of: date | None = None) -> list[Place]:
    """Each county's latest figure for the map, in the unit that people read; None where there is none."""
    as_of = as_of or timezone.localdate()
    counties = list(counties_of(region).order_by("order", "pk"))
    figures = figures_of([(indicator, county) for county in counties])
    places = []
    for county in counties:
        known = [figure for figure in figures[indicator.pk, county.pk] if figure.period.end <= as_of]
        url = f"{reverse('indicators:observations-list')}?indicator={indicator.pk}&region={county.pk}"
        value = shown(known[-1].value, indicator) if known else None
        places.append(Place(county.code, county.name, value, url))
    return places


def map_chart(indicator: Indicator, region: Region, *, as_of: date | None = None) -> Chart:
    """The map of an indicator."""
    return county_map(region.code, map_values(indicator, region, as_of=as_of), unit=indicator.shown_unit)


def _value(figure: Figure | None) -> Decimal | None:
    return figure.value if figure else None


def _own(figure: Figure | None) -> Decimal | None:
    return figure.value if figure and not figure.is_sum else None


def _total(indicator: Indicator, values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known and indicator.is_additive else None

"""The figures in force of an indicator in a place: its own, and where it has none, those of its counties together."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.arithmetic import ZERO, Point
from kechuang.apps.indicators.domain.periods import Period
from kechuang.apps.indicators.models import Indicator, Observation

Place = tuple[int, int]
"""Ids of an indicator and a region."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value for a period, with the ids of the observations that make it up.

    ``reported`` of ``expected`` counties handed in for this very period; both are 0 for a figure of the place itself.
    """

    period: Period
    value: Decimal
    records: tuple[int, ...]
    reported: int = 0
    expected: int = 0

    @property
    def is_sum(self) -> bool:
        return self.expected > 0

    @property
    def point(self) -> Point:
        return Point(self.period.end, self.value)


Own = dict[Place, list[Figure]]


def figures_of(pairs: Iterable[tuple[Indicator, Region]]) -> dict[Place, list[Figure]]:
    """The figures of each indicator in each region, earliest first, in two queries however many pairs."""
    pairs = {(indicator.pk, region.pk): (indicator, region) for indicator, region in pairs}.values()
    counties = _counties([region for _indicator, region in pairs])
    own = _own_figures(pairs, counties)
    result: dict[Place, list[Figure]] = {}
    for indicator, region in pairs:
        place = (indicator.pk, region.pk)
        figures = {figure.period: figure for figure in together(indicator, counties.get(region.pk, ()), own)}
        figures.update({figure.period: figure for figure in own.get(place, ())})
        result[place] = sorted(figures.values(), key=lambda figure: (figure.period.end, figure.period.start))
    return result


def together(indicator: Indicator, counties: Sequence[int], own: Mapping[Place, Sequence[Figure]]) -> Iterator[Figure]:
    """What the counties' figures make together, for every period in which at least one of them reported.

    Flows of a period add up as reported. Of what stands on a day, a county that is late counts with its latest figure.
    A county that never reported is not counted at all: ``expected`` are those that did.
    """
    if indicator.aggregation == Indicator.Aggregation.NONE:
        return
    by_county = {county: own[indicator.pk, county] for county in counties if own.get((indicator.pk, county))}
    periods = sorted({figure.period for figures in by_county.values() for figure in figures}, key=lambda p: p.end)
    for period in periods:
        chosen = {}
        for county, figures in by_county.items():
            exact = next((figure for figure in figures if figure.period == period), None)
            if exact is not None or not indicator.is_flow:
                latest = exact or _latest(figures, period.end)
                if latest is not None:
                    chosen[county] = latest
        value = _joined(indicator, chosen, own, period.end)
        if value is not None:
            yield Figure(
                period,
                value,
                tuple(record for figure in chosen.values() for record in figure.records),
                reported=sum(figure.period == period for figure in chosen.values()),
                expected=len(by_county),
            )


def cumulated(figures: Iterable[Figure], start: date, end: date) -> list[tuple[Point, Figure]]:
    """The running total of a flow within a span, with the figure that each step adds.

    A longer period takes the place of the shorter ones inside it: a year's final figure outdoes its months. Periods
    that are not wholly inside the span do not count.
    """
    chosen: list[Figure] = []
    inside = [figure for figure in figures if figure.period.start >= start and figure.period.end <= end]
    for figure in sorted(inside, key=lambda f: (f.period.start - f.period.end, f.period.start)):
        if all(figure.period.end < c.period.start or figure.period.start > c.period.end for c in chosen):
            chosen.append(figure)
    total, steps = ZERO, []
    for figure in sorted(chosen, key=lambda f: f.period.start):
        total += figure.value
        steps.append((Point(figure.period.end, total), figure))
    return steps


def _counties(regions: Sequence[Region]) -> dict[int, list[int]]:
    levels = (Region.Level.COUNTY, Region.Level.ZONE)
    rows = Region.objects.filter(parent__in={region.pk for region in regions}, level__in=levels)
    counties: dict[int, list[int]] = defaultdict(list)
    for pk, parent in rows.order_by("order", "pk").values_list("pk", "parent_id"):
        counties[parent].append(pk)
    return counties


def _own_figures(pairs: Iterable[tuple[Indicator, Region]], counties: Mapping[int, Sequence[int]]) -> Own:
    indicators, regions = set(), set()
    for indicator, region in pairs:
        indicators |= {indicator.pk} | ({indicator.weight_id} if indicator.weight_id else set())
        regions |= {region.pk, *counties.get(region.pk, ())}
    rows = Observation.objects.filter(
        state=Observation.State.APPROVED, indicator__in=indicators, region__in=regions
    ).order_by("period_end", "-period_start")
    own: Own = defaultdict(list)
    names = ("pk", "indicator_id", "region_id", "period_start", "period_kind", "value")
    for pk, indicator_id, region_id, start, kind, value in rows.values_list(*names):
        own[indicator_id, region_id].append(Figure(Period(start, kind), value, (pk,)))
    return own


def _latest(figures: Sequence[Figure], day: date) -> Figure | None:
    """The latest of the figures (earliest first) that stands for ``day`` or an earlier one."""
    at = bisect_right(figures, day, key=lambda figure: figure.period.end)
    return figures[at - 1] if at else None


def _joined(
    indicator: Indicator, chosen: Mapping[int, Figure], own: Mapping[Place, Sequence[Figure]], day: date
) -> Decimal | None:
    values = {county: figure.value for county, figure in chosen.items()}
    if not values:
        return None
    if indicator.aggregation == Indicator.Aggregation.SUM:
        return sum(values.values(), ZERO)
    if indicator.aggregation == Indicator.Aggregation.MEAN:
        return sum(values.values(), ZERO) / len(values)
    weights = {}
    for county in values:
        weight = _latest(own.get((indicator.weight_id or 0, county), ()), day)
        if weight is None:
            return None
        weights[county] = weight.value
    total = sum(weights.values(), ZERO)
    return sum((values[county] * weights[county] for county in values), ZERO) / total if total else None

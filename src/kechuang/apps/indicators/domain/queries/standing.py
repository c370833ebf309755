"""How a target stands: current value, share of the way, required line, forecast, light and the reason in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from kechuang.apps.indicators.domain import arithmetic
from kechuang.apps.indicators.domain.arithmetic import ZERO, Forecast, Goal, Point
from kechuang.apps.indicators.domain.periods import last_complete
from kechuang.apps.indicators.domain.queries.figures import Figure, Place, cumulated, figures_of
from kechuang.apps.indicators.models import Indicator, Target

Light = Target.Light
SOON = timedelta(days=90)
"""A target that runs out within so many days and is not met is due soon."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target stands on a day. Whatever is not known is None.

    ``why`` is a short code of the reason; ``words.reason`` puts it into words. ``records`` are the ids of the
    observations that make up the current value.
    """

    target: Target
    as_of: date
    light: str = Light.UNKNOWN
    why: str = ""
    goal: Goal | None = None
    baseline: Point | None = None
    baseline_is: str = ""
    current: Point | None = None
    share: Decimal | None = None
    required: Decimal | None = None
    forecast: Forecast | None = None
    points: tuple[Point, ...] = ()
    start: date | None = None
    end: date | None = None
    latest: Figure | None = None
    records: tuple[int, ...] = ()
    parts: tuple[Standing, ...] = ()

    @property
    def percent(self) -> int | None:
        return arithmetic.percent(self.share)

    @property
    def counts(self) -> Counter[str]:
        """How many parts show each light."""
        return Counter(part.light for part in self.parts)


def standings(targets: Iterable[Target], *, as_of: date | None = None) -> dict[int, Standing]:
    """How each target stands, by its id, in a constant number of queries. Have ``indicator`` and ``region`` at hand."""
    targets = list(targets)
    as_of = as_of or timezone.localdate()
    umbrellas = [target.pk for target in targets if target.is_umbrella]
    parts = (
        Target.objects.filter(parent__in=umbrellas, state=Target.State.ACTIVE) if umbrellas else Target.objects.none()
    )
    by_parent: dict[int, list[Target]] = defaultdict(list)
    for part in parts.select_related("indicator", "region").order_by("region__order", "pk"):
        by_parent[part.parent_id or 0].append(part)
    plain = [target for target in targets if not target.is_umbrella] + [p for ps in by_parent.values() for p in ps]
    figures = figures_of((target.indicator, target.region) for target in plain)
    known = {target.pk: standing(target, figures[target.indicator_id, target.region_id], as_of) for target in plain}
    for target in targets:
        if target.is_umbrella:
            known[target.pk] = _umbrella(target, [known[part.pk] for part in by_parent[target.pk]], as_of)
    return {target.pk: known[target.pk] for target in targets}


def standing_of(target: Target, *, as_of: date | None = None) -> Standing:
    """How one target stands."""
    return standings([target], as_of=as_of)[target.pk]


def standing(target: Target, figures: Sequence[Figure], as_of: date) -> Standing:
    """How a target stands by these figures of its indicator in its region, earliest first."""
    figures = [figure for figure in figures if figure.period.end <= as_of]
    start, end = window_of(target, figures, as_of)
    steps = _steps(target.indicator, figures, start, end)
    baseline, baseline_is = _baseline(target, figures, start, [point for point, _figure in steps])
    goal = _goal(target, baseline, end)
    current, latest = steps[-1] if steps else (None, None)
    points = tuple(point for point, _figure in steps if baseline is None or point.on >= baseline.on)
    share = (
        arithmetic.progress(goal, baseline=baseline.value if baseline else None, current=current.value)
        if (goal and current)
        else None
    )
    required = _required(target, goal, baseline, end, current.on if current else as_of)
    running = end is None or as_of <= end
    light, why = _light(target, goal, current, required, end, as_of)
    return Standing(
        target=target,
        as_of=as_of,
        light=light,
        why=why,
        goal=goal,
        baseline=baseline,
        baseline_is=baseline_is,
        current=current,
        share=share,
        required=required,
        forecast=_forecast(target.indicator, points, baseline, end) if end and running and points else None,
        points=points,
        start=start,
        end=end,
        latest=latest,
        records=_records(target.indicator, [figure for _point, figure in steps]),
    )


def window_of(target: Target, figures: Sequence[Figure], as_of: date) -> tuple[date | None, date | None]:
    """The days that count: the target's period or, where it holds anew every year, the year of the latest figure."""
    if target.recurrence != Target.Recurrence.YEARLY:
        return target.period_start, target.period_end
    first = target.period_start.year if target.period_start else as_of.year
    last = target.period_end.year if target.period_end else as_of.year
    reported = figures[-1].period.end.year if figures else as_of.year
    year = min(max(reported, first), last)
    return date(year, 1, 1), date(year, 12, 31)


def line_of(standing: Standing, days: Iterable[date]) -> list[Point]:
    """The required line on these days; nothing where it cannot be drawn."""
    if standing.goal is None or standing.baseline is None or standing.end is None:
        return []
    if standing.baseline.on >= standing.end:
        return []
    end = Point(standing.end, standing.goal.value)
    path = "yearly" if standing.target.path == Target.Path.YEARLY else "linear"
    return [
        Point(day, arithmetic.required_at(day, start=standing.baseline, end=end, steps=path))  # type: ignore[arg-type]
        for day in days
    ]


def _steps(
    indicator: Indicator, figures: Sequence[Figure], start: date | None, end: date | None
) -> list[tuple[Point, Figure]]:
    """The points that count, each with its figure: a flow's running total, otherwise the levels up to the end.

    A level that stands from before the start is still the latest one known, until a later figure comes.
    """
    first, last = start or date.min, end or date.max
    if indicator.is_flow:
        return cumulated(figures, first, last)
    levels = {figure.period.end: (figure.point, figure) for figure in figures if figure.period.end <= last}
    return list(levels.values())


def _baseline(
    target: Target, figures: Sequence[Figure], start: date | None, points: Sequence[Point]
) -> tuple[Point | None, str]:
    """From where the way is measured: nothing for what is counted in the span itself, else the declared baseline, else
    the last figure before the span, else the first in it."""
    if target.indicator.kind in (Indicator.Kind.FLOW, Indicator.Kind.GROWTH):
        return (Point(start - timedelta(days=1), ZERO), "zero") if start else (None, "")
    once = target.recurrence == Target.Recurrence.ONCE
    if target.baseline is not None and target.baseline_on is not None and once:
        return Point(target.baseline_on, target.baseline), "declared"
    before = [figure for figure in figures if start is not None and figure.period.end < start]
    if before:
        return before[-1].point, "figures"
    return (points[0], "figures") if len(points) > 1 else (None, "")


def _goal(target: Target, baseline: Point | None, end: date | None) -> Goal | None:
    years = max(end.year - baseline.on.year, 1) if end and baseline else 1
    level = arithmetic.level_of(
        target.value,
        change=target.change,
        unit=target.unit,
        counts_change=not adds_to_baseline(target),
        baseline=baseline.value if baseline else None,
        years=1 if target.recurrence == Target.Recurrence.YEARLY else years,
    )
    if level is None:
        return None
    direction = arithmetic.direction_of(target.comparator, target.indicator.direction)  # type: ignore[arg-type]
    top = None if adds_to_baseline(target) else target.value_max
    return Goal(target.comparator, level, direction, top)


def adds_to_baseline(target: Target) -> bool:
    """Is the demanded number the change of a level? Flows and rates count changes themselves; a share has a level."""
    indicator = target.indicator
    if indicator.kind in (Indicator.Kind.FLOW, Indicator.Kind.GROWTH):
        return False
    return bool(target.change) and not (indicator.kind == Indicator.Kind.RATIO and target.unit == "%")


def _required(target: Target, goal: Goal | None, baseline: Point | None, end: date | None, day: date) -> Decimal | None:
    if goal is None or end is None:
        return None
    if target.indicator.kind == Indicator.Kind.GROWTH:
        return goal.value
    if baseline is None:
        return None
    path = "yearly" if target.path == Target.Path.YEARLY else "linear"
    return arithmetic.required_at(day, start=baseline, end=Point(end, goal.value), steps=path)  # type: ignore[arg-type]


def _light(
    target: Target,
    goal: Goal | None,
    current: Point | None,
    required: Decimal | None,
    end: date | None,
    as_of: date,
) -> tuple[str, str]:
    if goal is None:
        return Light.UNKNOWN, "no-number" if target.value is None else "no-baseline"
    if current is None:
        return Light.UNKNOWN, "no-figure"
    if arithmetic.attained(goal, current.value):
        return Light.ATTAINED, "attained"
    if end is None:
        return Light.UNKNOWN, "no-period"
    if as_of > end:
        return (Light.BEHIND, "missed") if current.on >= end else (Light.UNKNOWN, "final-figure-missing")
    if current.on < last_complete(target.indicator.frequency, as_of).previous().start:
        return Light.UNKNOWN, "stale"
    if required is None:
        return Light.UNKNOWN, "no-baseline"
    if not arithmetic.on_line(goal, current=current.value, required=required):
        return Light.BEHIND, "behind"
    return (Light.DUE_SOON, "due-soon") if end - as_of <= SOON else (Light.ON_TRACK, "on-track")


def _forecast(indicator: Indicator, points: Sequence[Point], baseline: Point | None, end: date) -> Forecast:
    """Where the pace leads by the end. A running total begins at nothing, so its start is a point of the line too."""
    line = [baseline, *points] if indicator.is_flow and baseline else list(points)
    found = arithmetic.forecast(line, end, floor=None if indicator.kind == Indicator.Kind.GROWTH else ZERO)
    if indicator.is_flow and len(points) < arithmetic.PACE_POINTS:
        return Forecast(None, None, len(points))
    return found


def _records(indicator: Indicator, figures: Sequence[Figure]) -> tuple[int, ...]:
    """Ids of the observations that the current value consists of."""
    chosen = figures if indicator.is_flow else figures[-1:]
    return tuple(record for figure in chosen for record in figure.records)


def _umbrella(target: Target, parts: Sequence[Standing], as_of: date) -> Standing:
    """Of a demand on each county: how many counties meet it."""
    lights = Counter(part.light for part in parts)
    met, known = lights[Light.ATTAINED], len(parts) - lights[Light.UNKNOWN]
    worst = next(
        (light for light in (Light.BEHIND, Light.DUE_SOON, Light.ON_TRACK) if lights[light]),
        Light.ATTAINED if parts and met == len(parts) else Light.UNKNOWN,
    )
    days = [part.current.on for part in parts if part.current]
    return Standing(
        target=target,
        as_of=as_of,
        light=worst,
        why="each",
        goal=Goal(">=", Decimal(len(parts)), "up"),
        current=Point(max(days), Decimal(met)) if days else None,
        share=Decimal(met) / len(parts) if known and parts else None,
        start=target.period_start,
        end=target.period_end,
        records=tuple(record for part in parts for record in part.records),
        parts=tuple(parts),
    )


def figures_by_place(targets: Iterable[Target]) -> Mapping[Place, Sequence[Figure]]:
    """The figures behind several targets at once."""
    return figures_of((target.indicator, target.region) for target in targets)

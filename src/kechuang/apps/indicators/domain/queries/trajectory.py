"""The chart of a target: what was observed, what the line asks for, where the present pace leads."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from kechuang.apps.indicators.domain.arithmetic import Point
from kechuang.apps.indicators.domain.periods import period_of
from kechuang.apps.indicators.domain.queries.standing import Standing, line_of
from kechuang.apps.indicators.domain.units import shown
from kechuang.apps.indicators.models import Indicator
from kechuang.kit.charts import Chart, line_with_target

MOST = 40
"""So many periods fit into the chart; a longer span is drawn by quarters or years."""


def trajectory(standing: Standing) -> Chart | None:
    """The chart, or None where there is neither a figure nor a line."""
    days = _days(standing)
    line = {point.on: point.value for point in line_of(standing, days)}
    if not days or (not standing.points and not line):
        return None
    observed = _observed(standing, days)
    ahead = _ahead(standing, days)
    indicator = standing.target.indicator
    return line_with_target(
        [_label(day, standing) for day in days],
        [_shown(observed.get(day), indicator) for day in days],
        required=[_shown(line.get(day), indicator) for day in days],
        forecast=[_shown(ahead.get(day), indicator) for day in days],
        unit=indicator.shown_unit,
    )


def _days(standing: Standing) -> list[date]:
    """The ends of the periods from the baseline (or the first figure) to the end of the target."""
    marks = [point.on for point in standing.points]
    if standing.baseline:
        marks.append(standing.baseline.on)
    if standing.end:
        marks.append(standing.end)
    if not marks:
        return []
    first, last = min(marks), max(marks)
    for kind in ("monthly", "quarterly", "yearly"):
        ends = _ends(first, last, kind)
        if len(ends) <= MOST:
            break
    return sorted({first, *ends})


def _ends(first: date, last: date, kind: str) -> list[date]:
    period, ends = period_of(first, kind), []
    while period.end <= last:
        ends.append(period.end)
        period = period.next()
    return ends


def _observed(standing: Standing, days: list[date]) -> dict[date, Decimal]:
    """The latest figure in each of the chart's periods, and the baseline as the first point."""
    found: dict[date, Decimal] = {}
    points = [standing.baseline, *standing.points] if standing.baseline else list(standing.points)
    for point in sorted(points, key=lambda p: p.on):
        day = next((day for day in days if day >= point.on), None)
        if day is not None:
            found[day] = point.value
    return found


def _ahead(standing: Standing, days: list[date]) -> dict[date, Decimal]:
    """The forecast, drawn from the latest figure to the end."""
    found, current = standing.forecast, standing.current
    if found is None or found.value is None or found.per_day is None or current is None or standing.end is None:
        return {}
    start = next((day for day in days if day >= current.on), None)
    if start is None or start >= standing.end:
        return {}
    ahead = {day: _on_pace(current, found.per_day, day) for day in days if start <= day < standing.end}
    return {start: current.value} | {d: v for d, v in ahead.items() if d > start} | {standing.end: found.value}


def _on_pace(current: Point, per_day: Decimal, day: date) -> Decimal:
    return max(current.value + per_day * ((day - current.on) // timedelta(days=1)), Decimal(0))


def _label(day: date, standing: Standing) -> str:
    return f"{day:%Y-%m}" if standing.target.indicator.frequency != "yearly" else f"{day:%Y}"


def _shown(value: Decimal | None, indicator: Indicator) -> Decimal | None:
    return None if value is None else round(shown(value, indicator), 2)

"""Progress, required line, forecast and decomposition: plain arithmetic on decimals.

``docs/algorithms/indicators.md`` tells the same in prose. Nothing here touches the database. ``None`` is *unknown*, and
unknown in gives unknown out, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Direction = Literal["up", "down"]

ZERO, ONE = Decimal(0), Decimal(1)
ABOUT = Decimal("0.1")
"""``左右``: within a tenth of the value."""
NEARLY = Decimal("0.999999")
"""As far as one gets without meeting the demand: at exactly 500 where more than 500 are asked for."""
PACE_DAYS = 366
"""The present pace is that of the last year…"""
PACE_POINTS = 3
"""…and of three figures at least."""


@dataclass(frozen=True, slots=True)
class Point:
    """A figure and the day it stands for."""

    on: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Goal:
    """What has to be reached, on a level scale: a change has already been added to its baseline."""

    comparator: str
    value: Decimal
    direction: Direction
    value_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the present pace leads. Without a value, ``points`` says how many figures there were to go by."""

    value: Decimal | None
    per_day: Decimal | None
    points: int


def direction_of(comparator: str, indicator_direction: Direction) -> Direction:
    """A ceiling is approached from above and a floor from below, whatever is usual for the indicator."""
    if comparator in (">=", ">"):
        return "up"
    return "down" if comparator in ("<=", "<") else indicator_direction


def level_of(
    value: Decimal | None, *, change: str, unit: str, counts_change: bool, baseline: Decimal | None, years: int
) -> Decimal | None:
    """The level that a demanded value means.

    A figure that counts changes itself (a flow, a growth rate) is demanded as it stands. For a level, 新增 adds to the
    baseline, and 增长 in percent multiplies it, once for each of ``years``.
    """
    if value is None or not change or counts_change:
        return value
    if baseline is None:
        return None
    if unit == "%" and change.startswith("增"):
        return baseline * (ONE + value / 100) ** years
    return baseline - value if change.startswith(("减", "降", "下降")) else baseline + value


def attained(goal: Goal, current: Decimal | None) -> bool | None:
    """Is the demand met? An exact number or a range of things to be done is met by doing more; 左右 by nine tenths."""
    if current is None:
        return None
    rising = goal.direction == "up"
    if goal.comparator == ">":
        return current > goal.value
    if goal.comparator == "<":
        return current < goal.value
    if goal.comparator == "~":
        slack = abs(goal.value) * ABOUT
        return current >= goal.value - slack if rising else current <= (goal.value_max or goal.value) + slack
    if rising:
        return current >= goal.value
    return current <= (goal.value if goal.value_max is None else goal.value_max)


def progress(goal: Goal, *, baseline: Decimal | None, current: Decimal | None) -> Decimal | None:
    """The share of the way from the baseline to the goal that is done, between 0 and 1.

    Met is 1, whatever the way, and only what is met is 1. Not met with a baseline at or beyond the goal is 0: there
    was nothing to cover, and what was there is lost. Falling indicators need no case of their own: both differences
    change sign.
    """
    met = attained(goal, current)
    if met is None or current is None or (baseline is None and not met):
        return None
    if met:
        return ONE
    if baseline is None:
        return None
    whole = goal.value - baseline
    if whole == 0 or (whole > 0) != (goal.direction == "up"):
        return ZERO
    return min(max((current - baseline) / whole, ZERO), NEARLY)


def required_at(day: date, *, start: Point, end: Point, steps: Literal["linear", "yearly"] = "linear") -> Decimal:
    """The value that the required line asks for on a day; before it begins the baseline, after its end the goal.

    In yearly steps the line stays level during a year and rises by an equal part on its last day.
    """
    if day >= end.on:
        return end.value
    if day <= start.on:
        return start.value
    if steps == "yearly":
        first = start.on.year if (start.on.month, start.on.day) == (12, 31) else start.on.year - 1
        share = Decimal(_completed(day) - first) / Decimal(max(_completed(end.on) - first, 1))
        share = min(max(share, ZERO), ONE)
    else:
        share = Decimal((day - start.on).days) / Decimal((end.on - start.on).days)
    return start.value + (end.value - start.value) * share


def _completed(day: date) -> int:
    """The last year that is over on the evening of a day."""
    return day.year if (day.month, day.day) == (12, 31) else day.year - 1


def on_line(goal: Goal, *, current: Decimal, required: Decimal) -> bool:
    """At the required line or on its better side."""
    return current >= required if goal.direction == "up" else current <= required


def forecast(points: Sequence[Point], until: date, *, floor: Decimal | None = ZERO) -> Forecast:
    """The straight line through the figures of the last year (least squares), carried on from the latest figure.

    It goes through the figures of the last 366 days or, where these are few, the last three; fewer than three on
    different days are too few. ``floor``: counts do not fall below nothing.
    """
    ordered = sorted({point.on: point for point in points}.values(), key=lambda point: point.on)
    if not ordered:
        return Forecast(None, None, 0)
    last = ordered[-1]
    recent = [point for point in ordered if point.on > last.on - timedelta(days=PACE_DAYS)]
    if len(recent) < PACE_POINTS:
        recent = ordered[-PACE_POINTS:]
    if len(recent) < PACE_POINTS:
        return Forecast(None, None, len(recent))
    slope = _slope(recent)
    value = last.value + slope * max((until - last.on).days, 0)
    return Forecast(value if floor is None else max(value, floor), slope, len(recent))


def _slope(points: Sequence[Point]) -> Decimal:
    """Rise per day of the least-squares line."""
    count = Decimal(len(points))
    days = [Decimal((point.on - points[0].on).days) for point in points]
    mean_day = sum(days, ZERO) / count
    mean_value = sum((point.value for point in points), ZERO) / count
    spread = sum(((day - mean_day) ** 2 for day in days), ZERO)
    both = sum(((day - mean_day) * (p.value - mean_value) for day, p in zip(days, points, strict=True)), ZERO)
    return both / spread


@dataclass(frozen=True, slots=True)
class Sum:
    """How the parts stand to the whole. ``difference`` is parts minus whole; None where the whole has no value."""

    parts: Decimal
    difference: Decimal | None

    @property
    def adds_up(self) -> bool | None:
        return None if self.difference is None else self.difference == 0


def sum_of(parts: Mapping[str, Decimal], whole: Decimal | None) -> Sum:
    """The parts' sum against the whole."""
    total = sum(parts.values(), ZERO)
    return Sum(total, None if whole is None else total - whole)


def shares_of(whole: Decimal, weights: Mapping[str, Decimal], *, step: Decimal = ONE) -> dict[str, Decimal]:
    """``whole`` shared out in proportion to ``weights`` in multiples of ``step``, adding up exactly.

    Every part is first rounded down; what is left goes, step by step, to the parts that lost most (the first of
    equals first). What does not fill a step goes to the part with the largest weight.
    """
    total = sum(weights.values(), ZERO)
    if not weights:
        return {}
    if total <= 0:
        weights, total = dict.fromkeys(weights, ONE), Decimal(len(weights))
    exact = {key: whole * weight / total for key, weight in weights.items()}
    parts = {key: value // step * step for key, value in exact.items()}
    by_loss = sorted(weights, key=lambda key: parts[key] - exact[key])
    left = whole - sum(parts.values(), ZERO)
    for key in by_loss[: int(left // step)]:
        parts[key] += step
    rest = whole - sum(parts.values(), ZERO)
    if rest:
        parts[max(weights, key=lambda key: weights[key])] += rest
    return parts


def percent(share: Decimal | None) -> int | None:
    """A share as a whole percentage; a share short of one never shows as 100."""
    if share is None:
        return None
    rounded = int((share * 100).quantize(ONE, rounding=ROUND_HALF_UP))
    return min(rounded, 99) if share < 1 else rounded

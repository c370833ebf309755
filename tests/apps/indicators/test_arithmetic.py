"""Progress, required line, forecast and shares hold for every number, not only for the ones we thought of."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.indicators.domain.arithmetic import (
    Goal,
    Point,
    attained,
    direction_of,
    forecast,
    level_of,
    on_line,
    percent,
    progress,
    required_at,
    shares_of,
    sum_of,
)

D = Decimal
numbers = st.decimals(min_value=-10_000, max_value=10_000, places=2)
counts = st.decimals(min_value=0, max_value=10_000_000, places=0)
comparators = st.sampled_from([">=", ">", "<=", "<", "=", "~"])
directions = st.sampled_from(["up", "down"])
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def rising(value: int, comparator: str = ">=") -> Goal:
    return Goal(comparator, D(value), "up")


@pytest.mark.parametrize(
    ("goal", "baseline", "current", "share"),
    [
        (rising(500), 300, 400, "0.5"),
        (rising(500), 300, 250, "0"),  # below the baseline: clamped
        (rising(500), 300, 700, "1"),  # beyond the goal: clamped
        (Goal("<=", D(10), "down"), 20, 15, "0.5"),
        (Goal("<=", D(10), "down"), 20, 25, "0"),
        (Goal("<=", D(10), "down"), 20, 8, "1"),
        (rising(500), 500, 500, "1"),  # nothing to cover, and kept
        (rising(500), 500, 499, "0"),  # nothing to cover, and lost
        (rising(500), 600, 550, "1"),  # the baseline lies beyond the goal
        (rising(500), 600, 450, "0"),
        (rising(500), None, 550, "1"),  # met is met, baseline or not
    ],
)
def test_progress(goal: Goal, baseline: int | None, current: int, share: str) -> None:
    start = None if baseline is None else D(baseline)
    assert progress(goal, baseline=start, current=D(current)) == D(share)


def test_unknown_stays_unknown() -> None:
    assert progress(rising(500), baseline=None, current=D(400)) is None
    assert progress(rising(500), baseline=D(300), current=None) is None
    assert attained(rising(500), None) is None
    assert percent(None) is None


@given(comparators, directions, numbers, numbers, numbers)
def test_progress_is_clamped_and_one_when_met(
    comparator: str, usual: str, value: Decimal, baseline: Decimal, current: Decimal
) -> None:
    goal = Goal(comparator, value, direction_of(comparator, usual))  # type: ignore[arg-type]
    share = progress(goal, baseline=baseline, current=current)
    assert share is not None
    assert 0 <= share <= 1
    assert (share == 1) == attained(goal, current)


@given(numbers, numbers, numbers, numbers)
def test_more_of_a_rising_figure_is_never_less_progress(
    value: Decimal, baseline: Decimal, one: Decimal, other: Decimal
) -> None:
    goal = Goal(">=", value, "up")
    low, high = (progress(goal, baseline=baseline, current=x) for x in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high


@given(numbers, numbers, numbers)
def test_falling_mirrors_rising(value: Decimal, baseline: Decimal, current: Decimal) -> None:
    up = progress(Goal(">=", value, "up"), baseline=baseline, current=current)
    down = progress(Goal("<=", -value, "down"), baseline=-baseline, current=-current)
    assert up == down


@pytest.mark.parametrize(
    ("comparator", "value", "maximum", "current", "met"),
    [
        (">", 500, None, 500, False),
        (">", 500, None, 501, True),
        ("=", 70, None, 71, True),
        ("~", 10, None, 9, True),
        ("~", 10, None, 8, False),
        (">=", 10, 15, 12, True),
        (">=", 10, 15, 20, True),
        ("<", 5, None, 5, False),
        ("<=", 5, 7, 6, True),
    ],
)
def test_attained(comparator: str, value: int, maximum: int | None, current: int, met: bool) -> None:
    direction = direction_of(comparator, "up")
    goal = Goal(comparator, D(value), direction, None if maximum is None else D(maximum))
    assert attained(goal, D(current)) is met


@given(numbers, numbers, days, st.integers(1, 4000), st.integers(-100, 5000))
def test_the_line_runs_from_the_baseline_to_the_goal(
    baseline: Decimal, goal: Decimal, start: date, length: int, at: int
) -> None:
    first, last = Point(start, baseline), Point(start + timedelta(days=length), goal)
    value = required_at(start + timedelta(days=at), start=first, end=last)
    assert min(baseline, goal) <= value <= max(baseline, goal)
    assert required_at(first.on, start=first, end=last) == baseline
    assert required_at(last.on, start=first, end=last) == goal


def test_yearly_steps_rise_on_the_last_day_of_a_year() -> None:
    first, last = Point(date(2020, 12, 31), D(100)), Point(date(2025, 12, 31), D(200))

    def at(day: date) -> Decimal:
        return required_at(day, start=first, end=last, steps="yearly")

    assert at(date(2021, 12, 30)) == 100
    assert at(date(2021, 12, 31)) == 120
    assert at(date(2024, 6, 1)) == 160
    assert at(date(2025, 12, 31)) == 200


def test_on_line_follows_the_direction() -> None:
    assert on_line(rising(500), current=D(410), required=D(400))
    assert not on_line(Goal("<=", D(10), "down"), current=D(15), required=D(14))


@pytest.mark.parametrize(
    ("value", "change", "unit", "counts_change", "baseline", "years", "level"),
    [
        (20, "新增", "家", False, 100, 1, 120),
        (20, "新增", "家", True, None, 1, 20),
        (20, "新增", "家", False, None, 1, None),
        (10, "增长", "%", False, 100, 2, 121),
        (19, "增长", "%", True, None, 3, 19),
        (5, "下降", "家", False, 100, 1, 95),
        (500, "", "家", False, 100, 1, 500),
    ],
)
def test_level_of(
    value: int, change: str, unit: str, counts_change: bool, baseline: int | None, years: int, level: int | None
) -> None:
    start = None if baseline is None else D(baseline)
    found = level_of(D(value), change=change, unit=unit, counts_change=counts_change, baseline=start, years=years)
    assert found == (None if level is None else D(level))


@given(numbers, st.decimals(min_value=-50, max_value=50, places=2), days, st.integers(3, 12))
def test_forecast_continues_a_straight_line(first: Decimal, rise: Decimal, start: date, count: int) -> None:
    points = [Point(start + timedelta(days=30 * n), first + rise * n) for n in range(count)]
    until = points[-1].on + timedelta(days=300)
    found = forecast(points, until, floor=None)
    assert found.value is not None
    assert abs(found.value - (points[-1].value + rise * 10)) < D("0.001")


def test_forecast_says_when_figures_are_too_few() -> None:
    points = [Point(date(2025, 1, 31), D(1)), Point(date(2025, 2, 28), D(2)), Point(date(2025, 2, 28), D(3))]
    found = forecast(points, date(2025, 12, 31))
    assert found.value is None
    assert found.points == 2


def test_forecast_looks_at_the_last_year_only() -> None:
    old = [Point(date(2022, m, 28), D(1000 * m)) for m in range(1, 13)]
    recent = [Point(date(2025, m, 28), D(50)) for m in range(1, 7)]
    assert forecast(old + recent, date(2025, 12, 31)).value == 50


def test_forecast_of_counts_does_not_fall_below_nothing() -> None:
    points = [Point(date(2025, m, 28), D(30 - 10 * m)) for m in range(1, 4)]
    assert forecast(points, date(2026, 12, 31)).value == 0


@given(counts, st.dictionaries(st.text(min_size=1, max_size=3), counts, min_size=1, max_size=20))
def test_shares_add_up_exactly(whole: Decimal, weights: dict[str, Decimal]) -> None:
    parts = shares_of(whole, weights)
    assert parts.keys() == weights.keys()
    assert sum_of(parts, whole).adds_up
    assert all(part >= 0 and part == part.to_integral_value() for part in parts.values())


@given(counts, st.integers(1, 30))
def test_equal_shares_differ_by_one_at_most(whole: Decimal, number: int) -> None:
    parts = shares_of(whole, {str(n): D(1) for n in range(number)})
    assert max(parts.values()) - min(parts.values()) <= 1


def test_a_share_that_fills_no_step_goes_to_the_largest() -> None:
    parts = shares_of(D("10.5"), {"a": D(3), "b": D(1)})
    assert parts == {"a": D("8.5"), "b": D(2)}


@pytest.mark.parametrize(("share", "shown"), [("0.994", 99), ("0.9999", 99), ("1", 100), ("0.005", 1), ("0", 0)])
def test_percent_never_rounds_up_to_done(share: str, shown: int) -> None:
    assert percent(D(share)) == shown


def test_exactly_the_number_that_must_be_exceeded_is_not_done() -> None:
    share = progress(rising(500, ">"), baseline=D(300), current=D(500))
    assert share is not None
    assert share < 1
    assert percent(share) == 99

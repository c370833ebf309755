from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.indicators.domain.arithmetic import Point
from kechuang.apps.indicators.domain.periods import Period, parse_period
from kechuang.apps.indicators.domain.queries.figures import Figure, cumulated, figures_of, together
from kechuang.apps.indicators.domain.queries.standing import Light, line_of, standing_of, standings
from kechuang.apps.indicators.domain.queries.words import baseline_note, coverage, demand, outlook, reason
from kechuang.apps.indicators.domain.targets import add_target, decompose_target
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit.permissions import SYSTEM

D = Decimal


def figure(period: str, value: object, record: int = 1) -> Figure:
    return Figure(parse_period(period), D(str(value)), (record,))


def test_a_city_without_figures_of_its_own_is_the_sum_of_its_counties(approved, stock, city, counties) -> None:
    for county, value in zip(counties[:3], (10, 20, 30), strict=True):
        approved(stock, county, "2025-01", value)
    approved(stock, counties[0], "2025-02", 15)
    january, february = figures_of([(stock, city)])[stock.pk, city.pk]
    assert (january.value, january.reported, january.expected) == (60, 3, 3)
    assert (february.value, february.reported, february.expected) == (65, 1, 3)
    assert len(february.records) == 3


def test_the_city_s_own_figure_holds(approved, stock, city, counties) -> None:
    approved(stock, counties[0], "2025-01", 10)
    approved(stock, city, "2025-01", 11)
    (own,) = figures_of([(stock, city)])[stock.pk, city.pk]
    assert (own.value, own.is_sum) == (11, False)


def test_flows_of_counties_that_did_not_report_are_not_carried_over(approved, flow, city, counties) -> None:
    approved(flow, counties[0], "2025-01", 100)
    approved(flow, counties[1], "2025-01", 50)
    approved(flow, counties[0], "2025-02", 70)
    assert [f.value for f in figures_of([(flow, city)])[flow.pk, city.pk]] == [150, 70]


def test_a_weighted_mean_needs_every_weight() -> None:
    indicator = Indicator(pk=1, kind="ratio", aggregation="weighted", weight_id=2)
    own = {
        (1, 10): [figure("2025", 50)],
        (1, 11): [figure("2025", 20)],
        (2, 10): [figure("2024", 3)],
        (2, 11): [figure("2025", 1)],
    }
    (joint,) = together(indicator, [10, 11], own)
    assert joint.value == D("42.5")
    assert list(together(indicator, [10, 11], {key: own[key] for key in list(own)[:3]})) == []


def test_a_year_takes_the_place_of_its_months() -> None:
    months = [figure(f"2024-{m:02}", 10) for m in range(1, 13)] + [figure("2025-01", 7)]
    steps = cumulated([*months, figure("2024", 130)], date(2024, 1, 1), date(2025, 12, 31))
    assert [point for point, _figure in steps] == [Point(date(2024, 12, 31), D(130)), Point(date(2025, 1, 31), D(137))]


@given(st.lists(st.sampled_from(["2024", "2025", "2024-Q1", "2024-Q4", "2025-Q2", "2024-01", "2024-12", "2025-05"])))
def test_no_day_is_counted_twice(names: list[str]) -> None:
    steps = cumulated([figure(name, 1) for name in set(names)], date(2024, 1, 1), date(2025, 12, 31))
    chosen: list[Period] = [f.period for _point, f in steps]
    assert all(one.end < other.start for one, other in pairwise(chosen))


@pytest.mark.parametrize(
    ("month", "value", "as_of", "light", "why"),
    [
        ("2025-06", 420, date(2025, 7, 10), Light.ON_TRACK, "on-track"),
        ("2025-06", 350, date(2025, 7, 10), Light.BEHIND, "behind"),
        ("2025-06", 500, date(2025, 7, 10), Light.ATTAINED, "attained"),
        ("2025-10", 480, date(2025, 11, 21), Light.DUE_SOON, "due-soon"),
        ("2025-03", 420, date(2025, 7, 10), Light.UNKNOWN, "stale"),
        ("2025-12", 480, date(2026, 2, 1), Light.BEHIND, "missed"),
        ("2025-11", 480, date(2026, 2, 1), Light.UNKNOWN, "final-figure-missing"),
    ],
)
def test_lights(approved, stock, city, target, month, value, as_of, light, why) -> None:
    approved(stock, city, month, value)
    now = standing_of(target, as_of=as_of)
    assert (now.light, now.why) == (light, why)
    assert reason(now)


def test_without_figures_nothing_is_zero(target) -> None:
    now = standing_of(target, as_of=date(2025, 7, 1))
    assert (now.light, now.why, now.current, now.share, now.percent) == (Light.UNKNOWN, "no-figure", None, None, None)


def test_progress_and_line(approved, stock, city, target) -> None:
    approved(stock, city, "2025-06", 400)
    now = standing_of(target, as_of=date(2025, 7, 10))
    assert now.percent == 50
    assert now.required == 300 + D(200) * 181 / 365
    line = line_of(now, [date(2024, 12, 31), date(2025, 12, 31)])
    assert [point.value for point in line] == [300, 500]
    assert baseline_note(now) == "统计年鉴"


def test_without_a_declared_baseline_the_last_figure_before_the_period_serves(approved, stock, city, target) -> None:
    Target.objects.filter(pk=target.pk).update(baseline=None, baseline_on=None)
    target.refresh_from_db()
    approved(stock, city, "2025-06", 400)
    assert standing_of(target, as_of=date(2025, 7, 10)).why == "no-baseline"
    approved(stock, city, "2024-12", 300)
    now = standing_of(target, as_of=date(2025, 7, 10))
    assert (now.baseline_is, now.percent) == ("figures", 50)
    assert baseline_note(now)


def test_outlook(approved, stock, city, target) -> None:
    for month, value in (("2025-01", 310), ("2025-02", 320)):
        approved(stock, city, month, value)
    assert "2" in outlook(standing_of(target, as_of=date(2025, 3, 20)))
    approved(stock, city, "2025-03", 330)
    now = standing_of(target, as_of=date(2025, 4, 10))
    assert now.forecast is not None
    assert 415 < now.forecast.value < 430
    assert outlook(now)


def test_a_yearly_demand_is_measured_in_the_year_of_the_latest_figure(approved, flow, city) -> None:
    yearly = add_target(
        SYSTEM,
        indicator=flow,
        region=city,
        title="每年完成试验成交额40亿元以上",
        value=D(4_000_000_000),
        period="annual",
        period_start=date(2022, 1, 1),
        period_end=date(2025, 12, 31),
        recurrence="yearly",
    )
    approved(flow, city, "2024-12", 3_000_000_000)
    approved(flow, city, "2025-01", 1_000_000_000)
    approved(flow, city, "2025-02", 500_000_000)
    now = standing_of(yearly, as_of=date(2025, 3, 15))
    assert (now.start, now.current.value, now.percent) == (date(2025, 1, 1), 1_500_000_000, 38)
    assert "40" in demand(yearly)
    assert len(now.records) == 2


def test_newly_added_of_a_stock_counts_from_the_baseline(approved, stock, city, target) -> None:
    target.change, target.value = "新增", D(200)
    approved(stock, city, "2025-06", 400)
    now = standing_of(target, as_of=date(2025, 7, 10))
    assert (now.goal.value, now.percent) == (500, 50)


def test_a_demand_on_each_county_counts_counties(approved, stock, city, counties, target) -> None:
    each = add_target(
        SYSTEM,
        indicator=stock,
        region=city,
        title="每个县市区至少10家",
        value=D(10),
        spread="each",
        period="2025",
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
    )
    decompose_target(SYSTEM, target=each, parts={county: D(10) for county in counties[:3]})
    approved(stock, counties[0], "2025-01", 12)
    approved(stock, counties[1], "2025-01", 4)
    approved(stock, counties[1], "2025-02", 4)
    now = standing_of(each, as_of=date(2025, 3, 10))
    assert (now.current.value, now.light) == (1, Light.BEHIND)
    assert now.percent == 33
    assert "3" in reason(now)


def test_coverage_says_how_many_counties_the_sum_holds(approved, stock, city, counties, target) -> None:
    for county in counties[:2]:
        approved(stock, county, "2025-01", 10)
    approved(stock, counties[0], "2025-02", 12)
    now = standing_of(target, as_of=date(2025, 3, 1))
    assert "1" in coverage(now)
    assert "2" in coverage(now)


def test_many_targets_cost_no_more_queries(approved, stock, flow, city, counties, target) -> None:
    approved(stock, counties[0], "2025-01", 10)
    one = list(Target.objects.select_related("indicator", "region"))
    for county in counties[:5]:
        add_target(SYSTEM, indicator=flow, region=county, title=f"{county}", value=D(5), period_end=date(2025, 12, 31))
    many = list(Target.objects.select_related("indicator", "region"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        standings(one)
    with CaptureQueriesContext(connection) as more:
        standings(many)
    assert len(few) == len(more)


def test_approval_writes_down_how_targets_stand(approved, stock, city, county, target) -> None:
    decompose_target(SYSTEM, target=target, parts={county: D(500)})
    approved(stock, county, "2025-06", 400)
    target.refresh_from_db()
    assert (target.current, target.progress, target.current_on) == (400, D("0.5"), date(2025, 6, 30))
    part = target.parts.get()
    assert part.current == 400

"""The demonstration's part: targets of the coming years shared out to the counties, and eighteen months of figures.

Every figure is invented and marked as such. Most counties report in time, some lag behind their line, one hardly
reports; the figures of the latest month are only partly handed in, so that there is something to do on the first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.arithmetic import shares_of
from kechuang.apps.indicators.domain.history import PastFigure, take_over_figures
from kechuang.apps.indicators.domain.locks import lock_period
from kechuang.apps.indicators.domain.observations import (
    approve_observation,
    record_observation,
    return_observation,
    revise_observation,
    submit_observation,
)
from kechuang.apps.indicators.domain.periods import Period, last_complete, period_of, periods_between
from kechuang.apps.indicators.domain.reckoning import reckoned_together
from kechuang.apps.indicators.domain.scopes import counties_of
from kechuang.apps.indicators.domain.targets import add_target, decompose_target, set_baseline
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

MONTHS = 18
YI = Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Story:
    """How one indicator goes: where it stood at the beginning, what is demanded by the end of the year, and its pace.

    ``years``: the end of this year, or of one so many years later. ``pace`` is the share of the required rise that is
    really made. ``counties``: the counties report it, not the city.
    """

    code: str
    first: Decimal
    goal: Decimal
    pace: float
    counties: bool = True
    step: Decimal = Decimal(1)
    years: int = 0


STORIES = (
    Story("hnte_count", Decimal(468), Decimal(720), 1.1, years=1),
    Story("tech_sme_count", Decimal(1320), Decimal(1900), 0.72),
    Story("tech_contract_turnover", Decimal(0), 80 * YI, 0.94, step=Decimal(1_000_000)),
    Story("hnte_reserve_count", Decimal(1240), Decimal(1900), 1.25, years=1),
    Story("hightech_value_added_share", Decimal("51.2"), Decimal("56.0"), 0.8, counties=False, step=Decimal("0.1")),
    Story("industrial_rd_coverage", Decimal("58.0"), Decimal("70.0"), 1.05, counties=False, step=Decimal("0.1")),
    Story("fiscal_science_share", Decimal("1.95"), Decimal("2.40"), 0.9, counties=False, step=Decimal("0.01")),
    Story("rd_expenditure", Decimal(0), 75 * YI, 0.97, counties=False, step=Decimal(10_000)),
)
LATE = ("411326", "411330")
"""Counties that report late or fall behind."""
SILENT = "411300-Z4"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who enters and who decides."""

    reporter: Actor
    officer: Actor


@demo_step(order=35, label=_("Targets and figures"))
@transaction.atomic
def indicators_demo(pack: Pack, actor: Actor, random: Random) -> None:
    """Baselines for what the documents demand, targets of the bureau for this year, and their figures until now."""
    city = Region.objects.get(code=pack.region)
    cast = _cast()
    if cast is None or Target.objects.filter(region=city, synthetic=True).exists():
        return
    today = timezone.localdate()
    counties = list(counties_of(city).order_by("order"))
    figures: list[PastFigure] = []
    with reckoned_together():
        for story in STORIES:
            indicator = Indicator.objects.filter(code=story.code).first()
            if indicator is not None:
                figures += _tell(story, indicator, city, counties, cast, actor, random, today)
        figures += _look_back(city, actor, random)
        take_over_figures(cast.reporter, approver=cast.officer, figures=figures, source="示例数据", synthetic=True)
        _revise_one(city, cast)
        _close(city, cast, today)


def _cast() -> Cast | None:
    """The administrator enters for everyone, the officer decides: two people, as the rules want it.

    Loading acts for them with the system's rights: what they may do is not asked a thousand times.
    """
    reporter = User.objects.filter(memberships__role=Role.PLATFORM_ADMIN, synthetic=True).first()
    officer = User.objects.filter(memberships__role=Role.BUREAU_OFFICER, synthetic=True).first()
    if reporter is None or officer is None:
        return None
    return Cast(Actor(user_id=reporter.pk, is_system=True), Actor(user_id=officer.pk, is_system=True))


def _tell(
    story: Story,
    indicator: Indicator,
    city: Region,
    counties: Sequence[Region],
    cast: Cast,
    actor: Actor,
    random: Random,
    today: date,
) -> list[PastFigure]:
    """One indicator's target, shared out where the counties report; gives its long approved figures."""
    target = _target(story, indicator, city, actor, today)
    first = period_of(_months_ago(today, MONTHS), indicator.frequency)
    periods = list(periods_between(first, last_complete(indicator.frequency, today).end))
    if not story.counties:
        return _report(story, indicator, city, periods, story.first, story.goal, story.pace, cast, random)
    weights = {county.code: Decimal(random.randint(3, 14)) for county in counties}
    goals = shares_of(story.goal, weights, step=story.step)
    starts = shares_of(story.first, weights, step=story.step)
    decompose_target(
        actor,
        target=target,
        parts={county: goals[county.code] for county in counties},
        baselines=None if indicator.is_flow else {county: starts[county.code] for county in counties},
    )
    figures: list[PastFigure] = []
    for county in counties:
        pace = story.pace * (0.6 if county.code in LATE else random.uniform(0.94, 1.2))
        last = 3 if county.code == SILENT else len(periods)
        chosen = periods[:last]
        start, goal = starts[county.code], goals[county.code]
        figures += _report(story, indicator, county, chosen, start, goal, pace, cast, random)
    return figures


def _target(story: Story, indicator: Indicator, city: Region, actor: Actor, today: date) -> Target:
    end = _end(story, today)
    unit = indicator.shown_unit
    shown = story.goal / YI if unit == "亿元" else story.goal
    return add_target(
        actor,
        synthetic=True,
        indicator=indicator,
        region=city,
        title=f"到{end.year}年，{indicator.name}达到{shown:f}{unit}（示例目标）",
        comparator=Target.Comparator.AT_LEAST,
        value=story.goal,
        scope="全市",
        period=str(end.year),
        period_start=date(today.year, 1, 1),
        period_end=end,
        baseline=None if indicator.is_flow else story.first,
        baseline_on=None if indicator.is_flow else _months_ago(today, MONTHS),
        baseline_source="" if indicator.is_flow else "示例基期数据",
    )


def _report(
    story: Story,
    indicator: Indicator,
    region: Region,
    periods: Sequence[Period],
    first: Decimal,
    goal: Decimal,
    pace: float,
    cast: Cast,
    random: Random,
) -> list[PastFigure]:
    """Figures of one place: long approved but for a period just over, which stands in every state that there is."""
    figures = [
        PastFigure(indicator, region, period, _value(story, indicator, first, goal, pace, period, random))
        for period in periods
    ]
    if not figures or periods[-1].end < _months_ago(timezone.localdate(), 4):
        return figures
    if random.random() < 0.75:
        _hand_in(figures[-1], cast, random)
    return figures[:-1]


def _hand_in(figure: PastFigure, cast: Cast, random: Random) -> None:
    """The latest figure: a draft, waiting, returned or approved."""
    row = record_observation(
        cast.reporter,
        indicator=figure.indicator,
        region=figure.region,
        period=figure.period,
        value=figure.value,
        source="示例数据",
        synthetic=True,
    )
    if random.random() < 0.25:
        return
    row = submit_observation(cast.reporter, observation=row)
    chance = random.random()
    if chance < 0.15:
        return_observation(cast.officer, observation=row, reason="与上月相比变化较大，请附名录后重报")
    elif chance > 0.55:
        approve_observation(cast.officer, observation=row)


def _value(
    story: Story, indicator: Indicator, first: Decimal, goal: Decimal, pace: float, period: Period, random: Random
) -> Decimal:
    """A level on its way from the first to the goal, or a flow's share of its year, with a little noise."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[period.kind]
    if indicator.is_flow:
        exact = goal * months / 12 * Decimal(str(round(pace * random.uniform(0.8, 1.2), 4)))
    else:
        end = _end(story, timezone.localdate())
        start = _months_ago(timezone.localdate(), MONTHS)
        share = Decimal((period.end - start).days) / Decimal((end - start).days)
        noise = Decimal(str(round(random.uniform(-0.01, 0.01), 4)))
        exact = first + (goal - first) * (share * Decimal(str(round(pace, 4))) + noise)
    return max((exact / story.step).quantize(Decimal(1)) * story.step, Decimal(0))


def _look_back(city: Region, actor: Actor, random: Random) -> list[PastFigure]:
    """For what the documents demanded of the years until 2025: a baseline, and a figure at the end of each year."""
    told = {story.code for story in STORIES}
    targets = Target.objects.filter(
        region=city, origin=Target.Origin.DOCUMENT, state=Target.State.ACTIVE, spread=Target.Spread.TOTAL
    )
    targets = (
        targets.exclude(value=None)
        .filter(period_end__gt=date(2020, 12, 31))
        .select_related("indicator__responsible_unit")
    )
    seen: set[int] = set()
    figures: list[PastFigure] = []
    for target in targets.order_by("pk"):
        indicator = target.indicator
        first = _first(target, random)
        if first is not None and target.recurrence == Target.Recurrence.ONCE:
            set_baseline(actor, target=target, value=first, on=date(2020, 12, 31), source="示例基期数据")
        if indicator.pk in seen or indicator.code in told or random.random() < 0.15:
            continue
        seen.add(indicator.pk)
        figures += _yearly(target, first or Decimal(0), random)
    return figures


def _first(target: Target, random: Random) -> Decimal | None:
    """Where a level stood at the end of 2020; nothing for what is counted year by year."""
    kind = target.indicator.kind
    if kind in (Indicator.Kind.FLOW, Indicator.Kind.GROWTH) or target.value is None:
        return None
    return (target.value * Decimal(str(round(random.uniform(0.35, 0.7), 3)))).quantize(Decimal(1))


def _yearly(target: Target, first: Decimal, random: Random) -> list[PastFigure]:
    assert target.value is not None  # noqa: S101 -- only such targets are asked for
    indicator, pace = target.indicator, Decimal(str(round(random.uniform(0.9, 1.25), 3)))
    once = target.recurrence == Target.Recurrence.ONCE
    figures = []
    for number, year in enumerate(range(2021, 2026), start=1):
        wobble = Decimal(str(round(random.uniform(0.9, 1.1), 3)))
        if indicator.kind == Indicator.Kind.FLOW:
            value = target.value * pace * wobble / (_years(target) if once else 1)
        elif indicator.kind == Indicator.Kind.GROWTH:
            value = target.value * pace * wobble
        else:
            value = first + (target.value - first) * pace * number / 5
        if indicator.unit == "%" and indicator.kind == Indicator.Kind.RATIO:
            value = min(value, Decimal(100))
        period = Period(date(year, 1, 1), "yearly")
        figures.append(PastFigure(indicator, target.region, period, value.quantize(Decimal(1))))
    return figures


def _years(target: Target) -> int:
    if target.period_start is None or target.period_end is None:
        return 1
    return target.period_end.year - target.period_start.year + 1


def _close(city: Region, cast: Cast, today: date) -> None:
    """Everything older than three months is closed, as a bureau would have it."""
    period = last_complete("monthly", today)
    for _number in range(3):
        period = period.previous()
    for _number in range(MONTHS - 4):
        if not _waiting(city, period):
            lock_period(cast.officer, month=period.start, region=city)
        period = period.previous()


def _waiting(city: Region, period: Period) -> bool:
    rows = Observation.objects.filter(state="submitted", region__path__startswith=city.path)
    return rows.filter(period_end__year=period.end.year, period_end__month=period.end.month).exists()


def _revise_one(city: Region, cast: Cast) -> None:
    """One correction in a closed month, for the revision log."""
    rows: Iterable[Observation] = (
        Observation.objects.filter(state="approved", indicator__code="hnte_count", region__path__startswith=city.path)
        .select_related("indicator__responsible_unit", "region")
        .order_by("period_end", "pk")[:1]
    )
    for row in rows:
        revision = revise_observation(
            cast.reporter, observation=row, value=row.value + 1, reason="补认定1家，依据省厅公示名单更正"
        )
        approve_observation(cast.officer, observation=revision)


def _end(story: Story, today: date) -> date:
    return date(today.year + story.years, 12, 31)


def _months_ago(day: date, months: int) -> date:
    """The last day of the month that lies so many months back."""
    period = period_of(day, "monthly")
    for _number in range(months):
        period = period.previous()
    return period.end

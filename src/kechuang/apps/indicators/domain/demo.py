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

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.arithmetic import shares_of
from kechuang.apps.indicators.domain.locks import lock_period
from kechuang.apps.indicators.domain.observations import (
    approve_observation,
    record_observation,
    return_observation,
    revise_observation,
    submit_observation,
)
from kechuang.apps.indicators.domain.periods import Period, last_complete, period_of, periods_between
from kechuang.apps.indicators.domain.scopes import counties_of
from kechuang.apps.indicators.domain.targets import add_target, decompose_target
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

MONTHS = 18
YI = Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Story:
    """How one indicator goes: where it stood at the beginning, what is demanded by the end of this year, and its pace.

    ``pace`` is the share of the required rise that is really made. ``counties``: reported by the counties, not the city.
    """

    code: str
    first: Decimal
    goal: Decimal
    pace: float
    counties: bool = True
    step: Decimal = Decimal(1)
    falling: bool = False


STORIES = (
    Story("hnte_count", Decimal(468), Decimal(600), 1.02),
    Story("tech_sme_count", Decimal(1320), Decimal(1900), 0.72),
    Story("tech_contract_turnover", Decimal(0), 80 * YI, 0.94, step=Decimal(10_000)),
    Story("hnte_reserve_count", Decimal(1240), Decimal(1600), 1.12),
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
    with pghistory.context(demonstration=True):
        for story in STORIES:
            indicator = Indicator.objects.filter(code=story.code).first()
            if indicator is not None:
                _tell(story, indicator, city, counties, cast, actor, random, today)
        _baselines(city, actor)
        _close(city, cast, today)
        _revise_one(city, cast)


def _cast() -> Cast | None:
    """The administrator enters for everyone, the officer decides: two people, as the rules want it."""
    reporter = User.objects.filter(memberships__role=Role.PLATFORM_ADMIN, synthetic=True).first()
    officer = User.objects.filter(memberships__role=Role.BUREAU_OFFICER, synthetic=True).first()
    return Cast(actor_for(reporter), actor_for(officer)) if reporter and officer else None


def _tell(
    story: Story,
    indicator: Indicator,
    city: Region,
    counties: Sequence[Region],
    cast: Cast,
    actor: Actor,
    random: Random,
    today: date,
) -> None:
    target = _target(story, indicator, city, actor, today)
    first = period_of(_months_ago(today, MONTHS), indicator.frequency)
    periods = list(periods_between(first, last_complete(indicator.frequency, today).end))
    if not story.counties:
        _report(story, indicator, city, periods, story.first, story.goal, story.pace, cast, random)
        return
    weights = {county.code: Decimal(random.randint(3, 14)) for county in counties}
    goals = shares_of(story.goal, weights, step=story.step)
    starts = shares_of(story.first, weights, step=story.step)
    decompose_target(
        actor,
        target=target,
        parts={county: goals[county.code] for county in counties},
        baselines=None if indicator.is_flow else {county: starts[county.code] for county in counties},
    )
    for county in counties:
        pace = story.pace * (0.6 if county.code in LATE else random.uniform(0.85, 1.15))
        last = 3 if county.code == SILENT else len(periods)
        chosen = periods[:last]
        _report(story, indicator, county, chosen, starts[county.code], goals[county.code], pace, cast, random)


def _target(story: Story, indicator: Indicator, city: Region, actor: Actor, today: date) -> Target:
    end = date(today.year, 12, 31)
    unit = indicator.shown_unit
    shown = story.goal / YI if unit == "亿元" else story.goal
    return add_target(
        actor,
        synthetic=True,
        indicator=indicator,
        region=city,
        title=f"{today.year}年{indicator.name}达到{shown:f}{unit}（示例目标）",
        comparator=Target.Comparator.AT_LEAST,
        value=story.goal,
        scope="全市",
        period=str(today.year),
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
) -> None:
    """Figures of one place: approved but for the latest period, which stands in every state that there is."""
    for number, period in enumerate(periods):
        latest = number == len(periods) - 1
        if latest and random.random() < 0.3:
            continue
        value = _value(story, indicator, first, goal, pace, period, random)
        row = record_observation(
            cast.reporter,
            indicator=indicator,
            region=region,
            period=period,
            value=value,
            source="示例数据",
            synthetic=True,
        )
        if latest and random.random() < 0.25:
            continue
        row = submit_observation(cast.reporter, observation=row)
        if latest and random.random() < 0.5:
            if random.random() < 0.2:
                return_observation(cast.officer, observation=row, reason="与上月相比变化较大，请附名录后重报")
            continue
        approve_observation(cast.officer, observation=row)


def _value(
    story: Story, indicator: Indicator, first: Decimal, goal: Decimal, pace: float, period: Period, random: Random
) -> Decimal:
    """A level on its way from the first to the goal, or a flow's share of its year, with a little noise."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[period.kind]
    if indicator.is_flow:
        exact = goal * months / 12 * Decimal(str(round(pace * random.uniform(0.8, 1.2), 4)))
    else:
        end = date(timezone.localdate().year, 12, 31)
        start = _months_ago(timezone.localdate(), MONTHS)
        share = Decimal((period.end - start).days) / Decimal((end - start).days)
        noise = Decimal(str(round(random.uniform(-0.01, 0.01), 4)))
        exact = first + (goal - first) * (share * Decimal(str(round(pace, 4))) + noise)
    return max((exact / story.step).quantize(Decimal(1)) * story.step, Decimal(0))


def _baselines(city: Region, actor: Actor) -> None:
    """What the documents' targets start from: they name none themselves."""
    known = {"hnte_count": 172, "tech_sme_count": 468, "hightech_value_added_share": 40, "innovation_leader_count": 5}
    targets = Target.objects.filter(region=city, origin=Target.Origin.DOCUMENT, baseline=None, state="active")
    for target in targets.filter(indicator__code__in=known).select_related("indicator"):
        if target.period_start and target.period_end and target.period_end.year == 2025:
            from kechuang.apps.indicators.domain.targets import set_baseline

            value = Decimal(known[target.indicator.code])
            set_baseline(actor, target=target, value=value, on=date(2020, 12, 31), source="示例基期数据")


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


def _months_ago(day: date, months: int) -> date:
    """The last day of the month that lies so many months back."""
    period = period_of(day, "monthly")
    for _number in range(months):
        period = period.previous()
    return period.end

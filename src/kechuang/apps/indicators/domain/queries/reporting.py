"""What is to be reported for a month, by whom and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.locks import locked_months
from kechuang.apps.indicators.domain.periods import MONTHS, Period, last_complete, period_of
from kechuang.apps.indicators.models import Indicator, Observation, PeriodKind, Target
from kechuang.kit.calendar import add_working_days
from kechuang.kit.permissions import Actor, visible

REPORT_WITHIN = 10
"""Working days after the end of a period in which its figure is handed in."""

State = Observation.State


@dataclass(frozen=True, slots=True)
class Due:
    """One figure to be reported: what is there of it, and what stood before it."""

    indicator: Indicator
    region: Region
    period: Period
    due: date
    target: Target | None
    open: Observation | None = None
    approved: Observation | None = None
    previous: Decimal | None = None
    locked: bool = False

    @property
    def key(self) -> str:
        return f"{self.indicator.pk}-{self.period.key}"

    @property
    def current(self) -> Observation | None:
        """The revision that is being worked on, else the one in force."""
        return self.open or self.approved

    @property
    def missing(self) -> bool:
        """Nothing was handed in yet, or it came back."""
        state = self.current.state if self.current else State.DRAFT
        return state in (State.DRAFT, State.RETURNED)

    @property
    def overdue(self) -> bool:
        return self.missing and timezone.localdate() > self.due


def due_on(period: Period) -> date:
    """The last day for handing in a figure of this period."""
    return add_working_days(period.end, REPORT_WITHIN)


def reporting_regions(actor: Actor) -> QuerySet[Region]:
    """The regions that the actor reports for: the own ones and below, or the place of the own unit."""
    levels = (Region.Level.PREFECTURE, Region.Level.COUNTY, Region.Level.ZONE)
    regions = Region.objects.filter(level__in=levels)
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return regions.order_by("path")
    own = Q(pk__in=[])
    for path in actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION):
        own |= Q(path__startswith=path)
    own |= Q(units__in=actor.units(Role.RESPONSIBLE_UNIT))
    return regions.filter(own).distinct().order_by("path")


def latest_month(today: date | None = None) -> date:
    """First day of the latest month that is over: what is to be reported now."""
    return last_complete(PeriodKind.MONTHLY, today or timezone.localdate()).start


def due_in(actor: Actor, region: Region, month: date) -> list[Due]:
    """The figures of a region whose period ends in this month, in a constant number of queries."""
    return dues(actor, [region], [month])


def dues(actor: Actor, regions: Iterable[Region], months: Iterable[date]) -> list[Due]:
    """The figures that these regions owe for periods that end in these months, as far as the actor reports them."""
    regions = list(regions)
    months = sorted(months)
    targets = _leaf_targets(actor, regions)
    wanted: dict[tuple[int, int, Period], Target] = {}
    for target in targets:
        for month in months:
            period = period_of(month, target.indicator.frequency)
            running = target.period_end is None or target.period_end >= period.start
            if period.month == month and running:
                wanted.setdefault((target.indicator_id, target.region_id, period), target)
    known = _observations(targets, wanted)
    previous = _previous(targets, wanted)
    locks = {region.pk: locked_months(region) for region in regions} if len(regions) == 1 else {}
    found = [
        Due(
            indicator=target.indicator,
            region=target.region,
            period=period,
            due=due_on(period),
            target=target,
            open=known.get((indicator, region, period, True)),
            approved=known.get((indicator, region, period, False)),
            previous=previous.get((indicator, region, period)),
            locked=period.month in locks.get(target.region_id, ()),
        )
        for (indicator, region, period), target in wanted.items()
    ]
    order = {kind: number for number, kind in enumerate(MONTHS)}
    return sorted(found, key=lambda due: (due.region.order, due.region.pk, order[due.period.kind], due.indicator.name))


def owed(actor: Actor, *, today: date | None = None) -> list[Due]:
    """What the actor still has to hand in for the latest month; an officer's own work is deciding, not reporting."""
    month = latest_month(today)
    paths = actor.regions(Role.COUNTY_WORKSTATION)
    own = Q(units__in=actor.units(Role.RESPONSIBLE_UNIT))
    for path in paths:
        own |= Q(path=path)
    regions = list(Region.objects.filter(own).distinct())
    return [due for due in dues(actor, regions, [month]) if due.missing] if regions else []


def unreported(region: Region, month: date) -> int:
    """How many figures of a region and below are not handed in for periods that end in this month."""
    from kechuang.kit.permissions import SYSTEM

    regions = Region.objects.filter(path__startswith=region.path)
    return sum(due.missing for due in dues(SYSTEM, regions, [month]))


def _leaf_targets(actor: Actor, regions: Iterable[Region]) -> list[Target]:
    """Targets in force that carry a figure of their own: not the wholes whose parts carry it."""
    rows = Target.objects.filter(state=Target.State.ACTIVE, region__in=regions)
    rows = rows.exclude(parts__state=Target.State.ACTIVE).exclude(spread=Target.Spread.EACH, parent__isnull=True)
    rows = rows.exclude(indicator__state=Indicator.State.MERGED)
    if not (actor.is_system or Role.PLATFORM_ADMIN in actor.roles):
        mine = Q(indicator__responsible_unit__in=actor.units(Role.RESPONSIBLE_UNIT))
        for path in actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION):
            mine |= Q(region__path__startswith=path)
        rows = rows.filter(mine)
    return list(rows.select_related("indicator__responsible_unit", "region").order_by("-period_end", "pk"))


def _observations(
    targets: Iterable[Target], wanted: Mapping[tuple[int, int, Period], Target]
) -> dict[tuple[int, int, Period, bool], Observation]:
    """The open and the approved revision of each wanted figure."""
    starts = {period.start for _indicator, _region, period in wanted}
    rows = Observation.objects.filter(
        indicator__in={target.indicator_id for target in targets},
        region__in={target.region_id for target in targets},
        period_start__in=starts,
    ).exclude(state=State.SUPERSEDED)
    return {
        (row.indicator_id, row.region_id, Period(row.period_start, row.period_kind), row.is_open): row
        for row in rows.select_related("indicator", "region", "submitted_by", "approved_by")
    }


def _previous(
    targets: Iterable[Target], wanted: Mapping[tuple[int, int, Period], Target]
) -> dict[tuple[int, int, Period], Decimal]:
    """The approved value of the period before each wanted one."""
    starts = {period.previous().start for _indicator, _region, period in wanted}
    rows = Observation.objects.filter(
        indicator__in={target.indicator_id for target in targets},
        region__in={target.region_id for target in targets},
        period_start__in=starts,
        state=State.APPROVED,
    )
    names = ("indicator_id", "region_id", "period_start", "period_kind", "value")
    found = {}
    for indicator, region, start, kind, value in rows.values_list(*names):
        found[indicator, region, Period(start, kind).next()] = value
    return found


def waiting_for(actor: Actor) -> QuerySet[Observation]:
    """The figures that wait for the actor's decision: not those that the actor handed in."""
    rows = visible(actor, Observation).filter(state=State.SUBMITTED)
    return rows.exclude(submitted_by=actor.user_id) if actor.user_id else rows

"""The months of a region as the closing page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.periods import Period, PeriodKind, last_complete
from kechuang.apps.indicators.domain.queries.reporting import dues
from kechuang.apps.indicators.models import Observation, PeriodLock
from kechuang.kit.permissions import SYSTEM, Actor, can

SHOWN = 12
State = Observation.State


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month: how many figures are approved, wait, are missing; and who closed it when."""

    period: Period
    approved: int
    waiting: int
    missing: int
    lock: PeriodLock | None

    @property
    def closable(self) -> bool:
        return self.lock is None and not self.waiting


def may_close(actor: Actor) -> bool:
    return bool(can(actor, "add", PeriodLock))


def lockable_regions(actor: Actor) -> list[Region]:
    """The regions whose months the actor looks after, the widest first."""
    levels = (Region.Level.PREFECTURE, Region.Level.COUNTY, Region.Level.ZONE)
    rows = Region.objects.filter(level__in=levels)
    if not actor.is_system and Role.PLATFORM_ADMIN not in actor.roles:
        own = Q(units__in=actor.units(Role.RESPONSIBLE_UNIT))
        roles = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.AUDITOR, Role.COUNTY_WORKSTATION)
        for path in actor.regions(*roles):
            own |= Q(path__startswith=path)
        rows = rows.filter(own)
    else:
        rows = rows.filter(children__isnull=False)
    return list(rows.distinct().order_by("path")[:1])


def month_rows(region: Region, *, until: date) -> list[MonthRow]:
    """The last months that are over, latest first."""
    period = last_complete(PeriodKind.MONTHLY, until)
    periods = [period]
    for _number in range(SHOWN - 1):
        periods.append(periods[-1].previous())
    first = periods[-1].start
    figures = Observation.objects.filter(region__path__startswith=region.path, period_end__gte=first)
    counted = figures.annotate(month=TruncMonth("period_end")).values("month").order_by("month")
    by_month: dict[Any, dict[str, Any]] = {
        row["month"]: dict(row)
        for row in counted.annotate(
            approved=Count("pk", filter=Q(state=State.APPROVED)), waiting=Count("pk", filter=Q(state=State.SUBMITTED))
        )
    }
    regions = Region.objects.filter(path__startswith=region.path)
    missing: dict[date, int] = {}
    for due in dues(SYSTEM, regions, [each.start for each in periods]):
        missing[due.period.month] = missing.get(due.period.month, 0) + due.missing
    locks = {lock.month: lock for lock in PeriodLock.objects.filter(Q(region=None) | Q(region=region))}
    return [
        MonthRow(
            each,
            by_month.get(each.start, {}).get("approved", 0),
            by_month.get(each.start, {}).get("waiting", 0),
            missing.get(each.start, 0),
            locks.get(each.start),
        )
        for each in periods
    ]

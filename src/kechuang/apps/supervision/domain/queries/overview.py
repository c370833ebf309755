"""The leaders' view: what is late, who is silent, what moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.lights import by_urgency, in_charge, ledger, with_lights
from kechuang.apps.supervision.models import ExtensionRequest, ProgressReport, ReportState, TaskState
from kechuang.kit.permissions import Actor, visible


def overdue(actor: Actor, limit: int = 10, *, region: Region | None = None, on: date | None = None) -> QuerySet[Any]:
    """The whole tasks that are longest overdue, with their units at hand."""
    late = with_lights(ledger(actor, region), on=on).filter(light=Light.OVERDUE.value)
    return by_urgency(late).select_related("plan", "region").prefetch_related("task_units__unit")[:limit]


@dataclass(frozen=True, slots=True)
class SilentUnit:
    """A unit in charge of tasks on which nothing acceptable was heard for long."""

    unit: Unit
    tasks: int
    since: date | None


def silent_units(actor: Actor, *, region: Region | None = None, on: date | None = None) -> list[SilentUnit]:
    """Units in charge of silent tasks, those with most first; ``since`` is the last day of a report on any."""
    rows = in_charge(with_lights(ledger(actor, region), on=on)).filter(
        light=Light.SILENT.value, in_charge__isnull=False
    )
    heard: dict[int, list[date | None]] = {}
    for unit, day in rows.order_by().values_list("in_charge", "last_reported_on"):
        heard.setdefault(unit, []).append(day)
    units = Unit.objects.in_bulk(heard)
    found = [
        SilentUnit(units[key], len(days), max((day for day in days if day), default=None))
        for key, days in heard.items()
    ]
    return sorted(found, key=lambda each: (-each.tasks, each.since or date.min, each.unit.pk))


@dataclass(frozen=True, slots=True)
class Movement:
    """What happened in the ledger in the days up to a day."""

    since: date
    accepted: int
    returned: int
    done: int
    extended: int
    newly_overdue: int


def movement(actor: Actor, *, region: Region | None = None, on: date | None = None, days: int = 7) -> Movement:
    """Reports accepted and returned, tasks done, deadlines moved and deadlines passed in the last days."""
    day = on or timezone.localdate()
    since = day - timedelta(days=days)
    tasks = ledger(actor, region)
    reports, extensions = visible(actor, ProgressReport), visible(actor, ExtensionRequest)
    if region:
        reports = reports.filter(task__region__path__startswith=region.path)
        extensions = extensions.filter(task__region__path__startswith=region.path)
    decided = reports.filter(decided_at__date__gt=since, decided_at__date__lte=day)
    granted = extensions.filter(
        state=ExtensionRequest.State.GRANTED, decided_at__date__gt=since, decided_at__date__lte=day
    )
    late = with_lights(tasks, on=day).filter(light=Light.OVERDUE.value, due_on__gte=since)
    return Movement(
        since=since,
        accepted=decided.filter(state=ReportState.ACCEPTED).count(),
        returned=decided.filter(state=ReportState.RETURNED).count(),
        done=tasks.filter(state=TaskState.DONE, closed_at__date__gt=since, closed_at__date__lte=day).count(),
        extended=granted.count(),
        newly_overdue=late.count(),
    )

"""The figures of a bulletin: the ledger on one day, as plain data that can be frozen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.lights import Light, light_of
from kechuang.apps.supervision.domain.queries.lights import (
    Counts,
    by_urgency,
    ledger,
    light_counts,
    lights_by_county,
    lights_by_unit,
    with_lights,
)
from kechuang.apps.supervision.domain.queries.overview import movement, silent_units
from kechuang.apps.supervision.models import Plan, Task
from kechuang.apps.supervision.rules import rules
from kechuang.kit.permissions import Actor

LISTED = (Light.OVERDUE, Light.DUE_SOON)


def bulletin_figures(actor: Actor, region: Region, *, on: date | None = None) -> dict[str, Any]:
    """All that a bulletin prints, in types that JSON knows. Every figure is that of the ledger's own queries."""
    day = on or timezone.localdate()
    moved = movement(actor, region=region, on=day, days=30)
    return {
        "region": region.name,
        "issuer": _issuer(region),
        "as_of": day.isoformat(),
        "rules": {"due_soon_days": rules().due_soon_days, "silent_days": rules().silent_days},
        "total": _plain(light_counts(actor, region, on=day)),
        "plans": [_plan(actor, region, plan, day) for plan in _plans(actor, region)],
        "units": [_plain(row) for row in sorted(lights_by_unit(actor, region, on=day), key=_worst_first)],
        "counties": [_plain(row) for row in lights_by_county(actor, region, on=day)],
        "movement": {
            "since": moved.since.isoformat(),
            "accepted": moved.accepted,
            "returned": moved.returned,
            "done": moved.done,
            "extended": moved.extended,
            "newly_overdue": moved.newly_overdue,
        },
        "silent": [
            {"unit": each.unit.name, "tasks": each.tasks, "since": each.since.isoformat() if each.since else None}
            for each in silent_units(actor, region=region, on=day)
        ],
        "listed": [_task(task, day) for task in _listed(actor, region, day)],
    }


def _plain(counts: Counts) -> dict[str, Any]:
    return {
        "key": counts.key,
        "name": counts.name,
        "total": counts.total,
        "lights": {light.value: number for light, number in counts.cells},
        "done_share": None if counts.done_share is None else round(100 * counts.done_share, 1),
    }


def _worst_first(row: Counts) -> tuple[int, int, str]:
    return (-row[Light.OVERDUE.value], -row.total, row.name)


def _plans(actor: Actor, region: Region) -> QuerySet[Plan]:
    return Plan.objects.filter(pk__in=ledger(actor, region).order_by().values("plan"))


def _plan(actor: Actor, region: Region, plan: Plan, day: date) -> dict[str, Any]:
    counts = _plain(light_counts(actor, region, on=day, plan=plan.pk))
    return {**counts, "name": plan.title, "doc_number": plan.doc_number}


def _listed(actor: Actor, region: Region, day: date) -> QuerySet[Any]:
    tasks = with_lights(ledger(actor, region), on=day).filter(light__in=[light.value for light in LISTED])
    return by_urgency(tasks).select_related("plan").prefetch_related("task_units__unit")


def _task(task: Task, day: date) -> dict[str, Any]:
    reading = light_of(task, on=day)
    return {
        "title": task.title,
        "plan": task.plan.doc_number or task.plan.title,
        "units": [str(row) for row in task.task_units.all()],
        "due_on": task.due_on.isoformat() if task.due_on else None,
        "percent": task.percent,
        "light": reading.light.value,
        "reason": reading.reason,
    }


def _issuer(region: Region) -> str:
    """The S&T bureau of the region under its full name, else the region itself."""
    bureau = Unit.objects.filter(region=region, kind=Unit.Kind.DEPARTMENT, full_name__contains="科学技术局").first()
    return bureau.full_name if bureau else region.name

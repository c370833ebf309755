"""What the pages of a task, a plan and a report show beside their key facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.progress import latest_percents, units_in_charge
from kechuang.apps.supervision.domain.queries.lights import light_counts, with_lights
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import ExtensionRequest, Plan, ProgressReport, Reminder, Task
from kechuang.kit.permissions import actor_of, can, visible

Context = dict[str, Any] | None
MOST_BARS = 60


def units(request: HttpRequest, task: Task) -> Context:
    """The units with what each last reported; who makes the figure is marked."""
    charge, latest = set(units_in_charge(task)), latest_percents(task)
    rows = [
        {"row": row, "percent": latest.get(row.unit_id or 0), "in_charge": row.unit_id in charge}
        for row in task.task_units.select_related("unit")
    ]
    worklist = reverse("supervision:unknown_units") if can(actor_of(request), "change", task) else ""
    return {"rows": rows, "worklist": worklist}


@dataclass(slots=True)
class Branch:
    """A part of a task with its own parts."""

    task: Task
    light: Any
    branches: list[Branch] = field(default_factory=list)


def parts(request: HttpRequest, task: Task) -> Context:
    """The tree of parts that the actor sees, in two queries a level."""
    actor = actor_of(request)
    branches: dict[int, Branch] = {}
    roots: list[Branch] = []
    level = [task.pk]
    while level:
        rows = with_lights(visible(actor, Task).filter(parent__in=level)).select_related("region")
        found = list(rows.prefetch_related("task_units__unit").order_by("region__order", "order", "pk"))
        for part in found:
            branch = branches[part.pk] = Branch(part, drawn(part.light))
            above = branches.get(part.parent_id or 0)
            (above.branches if above else roots).append(branch)
        level = [part.pk for part in found]
    if not roots and task.parent is None:
        return None
    return {"branches": roots, "whole": task.parent, "count": len(branches)}


def reports(request: HttpRequest, task: Task) -> Context:
    """Reports newest first, each with its files and the steps that the actor may take."""
    actor = actor_of(request)
    rows = visible(actor, ProgressReport).filter(task=task).select_related("unit", "submitted_by", "decided_by")
    found = rows.exclude(state="draft").prefetch_related("files").order_by("-submitted_at", "-pk")[:20]
    return {"reports": found, "review": reverse("supervision:review") if can(actor, "accept", ProgressReport) else ""}


def extensions(request: HttpRequest, task: Task) -> Context:
    actor = actor_of(request)
    rows = visible(actor, ExtensionRequest).filter(task=task).select_related("unit", "requested_by", "decided_by")
    found = list(rows)
    decide = reverse("supervision:extensions") if can(actor, "grant", ExtensionRequest) else ""
    return {"requests": found, "decide": decide} if found else None


def reminders(request: HttpRequest, task: Task) -> Context:
    rows = visible(actor_of(request), Reminder).filter(task=task, unit__isnull=False).select_related("unit")
    found = [{"unit": row.unit, "at": row.sent_at, "words": reminder_words(row.rule)} for row in rows[:8]]
    return {"rows": found} if found else None


def reminder_words(rule: str) -> str:
    """A reminder's rule as a person says it."""
    kind, _dash, days = rule.partition("-")
    if kind == "before":
        return _("%(days)s days before the deadline") % {"days": days}
    if kind == "after":
        return _("%(days)s days after the deadline") % {"days": days}
    return _("long without a report") if rule == "silent" else _("by hand")


def files(request: HttpRequest, report: ProgressReport) -> Context:
    found = list(report.files.all())
    return {"files": found} if found else None


def plan_lights(request: HttpRequest, plan: Plan) -> Context:
    """The plan's lights, each leading to its tasks."""
    counts = light_counts(actor_of(request), plan=plan.pk)
    url = f"{reverse('supervision:tasks-list')}?plan={plan.pk}&part=whole"
    cells = [(drawn(light), number, f"{url}&light={light.value}") for light, number in counts.cells if number]
    return {"cells": cells, "total": counts.total, "url": url, "done": counts[Light.DONE.value]}


@dataclass(frozen=True, slots=True)
class Bar:
    """A task on the timeline: where it begins and ends, in percent of the width."""

    task: Task
    light: Any
    left: float
    width: float


def gantt(request: HttpRequest, plan: Plan) -> Context:
    """The plan's whole tasks from the day of the document to their deadlines, and where today is."""
    tasks = with_lights(visible(actor_of(request), Task).filter(plan=plan, parent__isnull=True, due_on__isnull=False))
    rows = list(tasks.order_by("due_on", "order", "pk")[:MOST_BARS])
    if not rows:
        return None
    today = timezone.localdate()
    start = min([plan.issued_on or today, *(task.listed_on for task in rows), today])
    end = max([today, *(task.due_on for task in rows if task.due_on)])
    span = max(1, (end - start).days)

    def place(day: date) -> float:
        return round(100 * (day - start).days / span, 2)

    begin = plan.issued_on or start
    bars = [
        Bar(task, drawn(task.light), place(begin), max(0.8, place(task.due_on or end) - place(begin))) for task in rows
    ]
    years = [(year, place(date(year, 1, 1))) for year in range(start.year + 1, end.year + 1)]
    return {"bars": bars, "today": place(today), "years": years, "start": start, "end": end}

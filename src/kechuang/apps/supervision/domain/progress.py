"""How far a task is, from the reports of its units and from its parts."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from kechuang.apps.supervision.models import ProgressReport, Task, TaskState, TaskUnit


def roll_up(key: int | None) -> None:
    """Bring a task's progress up to date, then that of the task it is a part of. Locks upwards, part before whole."""
    while key is not None:
        task = Task.objects.select_for_update(of=("self",)).get(pk=key)
        percent = percent_of(task)
        reported = _latest_report(task)
        if (percent, reported) != (task.percent, task.last_reported_on):
            task.percent, task.last_reported_on = percent, reported
            task.save()
        key = task.parent_id


def percent_of(task: Task) -> int:
    """Done is 100. A task with parts has their weighted mean, without the stopped ones, rounded down. Any other has the
    mean of what the units in charge last reported and the bureau accepted; a unit in charge without a report counts 0.
    """
    if task.state == TaskState.DONE:
        return 100
    parts = list(task.subtasks.exclude(state=TaskState.STOPPED).values_list("percent", "weight"))
    if parts:
        return sum(percent * weight for percent, weight in parts) // sum(weight for _percent, weight in parts)
    latest = latest_percents(task)
    charge = units_in_charge(task)
    counted = [latest.get(unit, 0) for unit in charge] if charge else list(latest.values())
    return sum(counted) // len(counted) if counted else 0


def units_in_charge(task: Task) -> list[int]:
    """Keys of the units whose reports make the task's figure: the lead units, else the unit named first.

    None where that first name is a class of units or unknown: then everyone who reports counts alike.
    """
    rows = list(task.task_units.select_related("unit"))
    leads = [row.unit_id for row in rows if row.role == TaskUnit.Role.LEAD and row.unit and not row.unit.is_class]
    if leads:
        return [key for key in leads if key is not None]
    first = rows[0].unit if rows else None
    return [first.pk] if first and not first.is_class else []


def latest_percents(task: Task) -> dict[int, int]:
    """By unit, the progress of its latest accepted report."""
    reports = task.reports.filter(state=ProgressReport.State.ACCEPTED).order_by("unit", "-submitted_at", "-pk")
    return dict(reports.distinct("unit").values_list("unit", "percent"))


def _latest_report(task: Task) -> date | None:
    """The day on which the latest accepted report of the task, or of one of its parts, was sent in."""
    days = [day for day in task.subtasks.values_list("last_reported_on", flat=True) if day]
    sent = task.reports.filter(state=ProgressReport.State.ACCEPTED).order_by("-submitted_at").first()
    if sent and sent.submitted_at:
        days.append(timezone.localtime(sent.submitted_at).date())
    return max(days, default=None)

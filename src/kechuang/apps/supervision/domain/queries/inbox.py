"""What waits for a unit, and what waits for the bureau."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.lights import Light, Reading, light_of
from kechuang.apps.supervision.domain.queries.participation import (
    COUNTY_LEVELS,
    acting_units,
    classes_of,
)
from kechuang.apps.supervision.models import (
    OPEN_STATES,
    ExtensionRequest,
    ProgressReport,
    ReportState,
    Task,
    TaskUnit,
)
from kechuang.apps.supervision.rules import period_end, period_of
from kechuang.kit.permissions import Actor, visible

ANSWER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Duty:
    """A task on which a unit owes a report in this period. ``report`` is what it has under way, if anything."""

    task: Task
    unit: Unit
    report: ProgressReport | None
    reading: Reading
    clock: date

    @property
    def is_returned(self) -> bool:
        return self.report is not None and self.report.state == ReportState.RETURNED

    @property
    def is_draft(self) -> bool:
        return self.report is not None and self.report.state == ReportState.DRAFT


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything that concerns a unit's reports: what it owes, what it waits for, what was answered."""

    duties: Sequence[Duty]
    waiting: Sequence[ProgressReport]
    extensions: Sequence[ExtensionRequest]
    period: str
    until: date

    @property
    def returned(self) -> list[Duty]:
        return [duty for duty in self.duties if duty.is_returned]

    @property
    def owed(self) -> list[Duty]:
        return [duty for duty in self.duties if not duty.is_returned]


def inbox_of(actor: Actor, *, on: date | None = None) -> Inbox:
    """The inbox of a unit's people or of a county workstation; empty for everyone else."""
    day = on or timezone.localdate()
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=acting_units(actor)).select_related("region")}
    reports = ProgressReport.objects.filter(unit__in=units).select_related("task__plan", "unit")
    current = reports.filter(~Q(state=ReportState.ACCEPTED) | Q(period=period_of(day)))
    under_way = {(each.task_id, each.unit_id): each for each in current.order_by("created_at")}
    answered = ExtensionRequest.objects.filter(
        Q(state=ExtensionRequest.State.REQUESTED) | Q(decided_at__date__gte=day - timedelta(days=ANSWER_DAYS)),
        unit__in=units,
    )
    return Inbox(
        duties=sorted(_duties(units, under_way, day), key=_urgency),
        waiting=[each for each in under_way.values() if each.state == ReportState.SUBMITTED],
        extensions=list(answered.select_related("task", "unit")),
        period=period_of(day),
        until=period_end(day),
    )


def _duties(units: dict[int, Unit], under_way: dict[tuple[int, int], ProgressReport], day: date) -> Iterable[Duty]:
    for task, unit in _assignments(units):
        report = under_way.get((task.pk, unit.pk))
        if report is None or report.state in (ReportState.DRAFT, ReportState.RETURNED):
            yield Duty(task, unit, report, light_of(task, on=day), period_end(day))


def _assignments(units: dict[int, Unit]) -> Iterable[tuple[Task, Unit]]:
    """Every open task with each of these units that must report on it, once."""
    groups = {
        group.pk: [unit for unit in units.values() if _belongs(unit, group)]
        for group in Unit.objects.filter(pk__in=classes_of(units, obliged=True)).select_related("region")
    }
    rows = (
        TaskUnit.objects.filter(unit__in=[*units, *groups], task__state__in=OPEN_STATES)
        .select_related("task__plan", "task__region")
        .prefetch_related("task__subtasks")
        .order_by("task", "role", "order")
    )
    seen: set[tuple[int, int]] = set()
    for row in rows:
        handed_on = {part.region_id for part in row.task.subtasks.all()}
        members = groups.get(row.unit_id or 0)
        found = [units[row.unit_id]] if members is None and row.unit_id else members or []
        for unit in found:
            if (row.task_id, unit.pk) in seen or (members is not None and unit.region_id in handed_on):
                continue
            seen.add((row.task_id, unit.pk))
            yield row.task, unit


def _belongs(unit: Unit, group: Unit) -> bool:
    return (
        unit.kind in group.member_kinds
        and unit.region.level in group.member_levels
        and unit.region.level in COUNTY_LEVELS
        and unit.region.path.startswith(group.region.path)
    )


def _urgency(duty: Duty) -> tuple[int, int, date, int]:
    rank = list(Light).index(duty.reading.light)
    return (0 if duty.is_returned else 1, rank, duty.task.due_on or date.max, duty.task.pk)


def reports_to_check(actor: Actor) -> QuerySet[ProgressReport]:
    """Reports that wait for the bureau's answer, the longest waiting first."""
    reports = visible(actor, ProgressReport).filter(state=ReportState.SUBMITTED)
    return reports.select_related("task__plan", "task__region", "unit", "submitted_by").order_by("submitted_at", "pk")


def extensions_to_decide(actor: Actor) -> QuerySet[ExtensionRequest]:
    """Requests for more time that wait for a decision, the longest waiting first."""
    requests = visible(actor, ExtensionRequest).filter(state=ExtensionRequest.State.REQUESTED)
    return requests.select_related("task__plan", "task__parent", "unit", "requested_by").order_by("created_at", "pk")


def unknown_names(actor: Actor) -> list[tuple[str, list[Task]]]:
    """Names of units that nobody has said the meaning of, each with the tasks that carry it; most frequent first."""
    rows = visible(actor, TaskUnit).filter(unit__isnull=True).select_related("task__plan").order_by("raw_name", "task")
    names: dict[str, list[Task]] = {}
    for row in rows:
        names.setdefault(row.raw_name, []).append(row.task)
    return sorted(names.items(), key=lambda pair: (-len(pair[1]), pair[0]))

"""Reminders: before and after a deadline, of silence, by hand. Each is sent once, and a unit gets one message a day.

A reminder that falls on a day off comes on the working day before it where the deadline is still ahead, and on the next
working day where it has passed. What falls due while nobody ran the task is caught up on: the latest alone, not all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS, members_of
from kechuang.apps.supervision.domain.queries.people import leaders_of, people_of
from kechuang.apps.supervision.models import OPEN_STATES, Reminder, Task
from kechuang.apps.supervision.rules import rules
from kechuang.kit.calendar import add_working_days, is_working_day
from kechuang.kit.errors import DomainError
from kechuang.kit.notifications import notify
from kechuang.kit.packs import Supervision
from kechuang.kit.permissions import Actor, authorise

BATCH = 500
SILENT = "silent"
BY_HAND = "by-hand"
ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a task is to be reminded of now: the rule, and the day that it is about."""

    rule: str
    about: date


def occasion_for(task: Task, day: date, by: Supervision) -> Occasion | None:
    """The latest reminder of a task that has fallen due by ``day``, if any."""
    if task.due_on is not None and day > task.due_on:
        for days in sorted(by.remind_after, reverse=True):
            if _forward(task.due_on + timedelta(days=days)) <= day:
                return Occasion(f"after-{days}", task.due_on)
        return None
    if task.due_on is not None:
        for days in sorted(by.remind_before):
            if _back(task.due_on - timedelta(days=days)) <= day:
                return Occasion(f"before-{days}", task.due_on)
    heard = task.last_reported_on or task.listed_on
    silent_from = heard + timedelta(days=by.silent_days + 1)
    return Occasion(SILENT, silent_from) if silent_from <= day else None


def send_reminders(*, on: date | None = None) -> int:
    """Send what has fallen due; gives how many reminders are new. Run daily; running it again changes nothing."""
    day, by = on or timezone.localdate(), rules()
    open_tasks = Task.objects.filter(state__in=OPEN_STATES).order_by("pk")
    sent, last = 0, 0
    while keys := list(open_tasks.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        sent += _send_batch(keys, day, by)
        last = keys[-1]
    return sent


@transaction.atomic
def remind(actor: Actor, *, tasks: Iterable[Task], note: str = "") -> int:
    """Remind the units of these tasks now, by hand; once a day for each task. Gives how many reminders are new."""
    day = timezone.localdate()
    chosen = {task.pk for task in tasks}
    for task in Task.objects.filter(pk__in=chosen):
        authorise(actor, "remind", task)
    pairs = [(task, Occasion(BY_HAND, day)) for task in _locked(sorted(chosen)) if task.is_open]
    if not pairs:
        raise DomainError(_("None of the chosen tasks is open, so there is nothing to remind of."))
    return _remind_units(pairs, day, note)


@transaction.atomic
def _send_batch(keys: Sequence[int], day: date, by: Supervision) -> int:
    """The rows stay locked until the reminders are written, so that two workers never send the same one."""
    pairs = [
        (task, occasion)
        for task in _locked(keys)
        if task.is_open and (occasion := occasion_for(task, day, by)) is not None
    ]
    return _remind_units(pairs, day) + _escalate(pairs, day)


def _locked(keys: Sequence[int]) -> Iterator[Task]:
    tasks = Task.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    yield from tasks.select_related("region").prefetch_related("task_units__unit__region", "subtasks")


def _remind_units(pairs: Sequence[tuple[Task, Occasion]], day: date, note: str = "") -> int:
    sent = set(
        Reminder.objects.filter(task__in=[task.pk for task, _o in pairs]).values_list("task", "unit", "rule", "due_on")
    )
    new: dict[Unit, list[tuple[Task, Occasion]]] = defaultdict(list)
    members: dict[int, list[Unit]] = {}
    for task, occasion in pairs:
        for unit in _addressees(task, members):
            if (task.pk, unit.pk, occasion.rule, occasion.about) not in sent:
                new[unit].append((task, occasion))
    for unit, group in new.items():
        _write(group, unit)
        _tell(unit, group, day, note)
    return sum(len(group) for group in new.values())


def _addressees(task: Task, members: dict[int, list[Unit]]) -> list[Unit]:
    """The units of a task; for a class of county units its members, unless each has a part of its own to answer for."""
    units: dict[int, Unit] = {}
    handed_on = {part.region_id for part in task.subtasks.all()}
    for row in task.task_units.all():
        if row.unit is None:
            continue
        if not row.unit.is_class:
            units[row.unit.pk] = row.unit
        elif COUNTY_LEVELS & set(row.unit.member_levels):
            if row.unit.pk not in members:
                members[row.unit.pk] = members_of(row.unit)
            units |= {unit.pk: unit for unit in members[row.unit.pk] if unit.region_id not in handed_on}
    return list(units.values())


def _escalate(pairs: Sequence[tuple[Task, Occasion]], day: date) -> int:
    """Tell the leaders of tasks that have just been found overdue: once for each deadline, one message a day."""
    late = [(task, occasion) for task, occasion in pairs if occasion.rule.startswith("after-")]
    known = set(
        Reminder.objects.filter(task__in=[task.pk for task, _o in late], rule=ESCALATED).values_list("task", "due_on")
    )
    new = [(task, Occasion(ESCALATED, o.about)) for task, o in late if (task.pk, o.about) not in known]
    _write(new, None)
    by_region: dict[Region, list[Task]] = defaultdict(list)
    for task, _occasion in new:
        by_region[task.region].append(task)
    for region, tasks in by_region.items():
        message = ngettext(
            "%(n)s task in %(region)s has passed its deadline, first “%(task)s”",
            "%(n)s tasks in %(region)s have passed their deadlines, first “%(task)s”",
            len(tasks),
        ) % {"n": len(tasks), "region": region, "task": tasks[0]}
        url = reverse("supervision:tasks-list") + "?light=overdue"
        key = f"escalation:{region.pk}:{day}:{tasks[0].pk}"
        notify(leaders_of(region), message[:500], url, kind="supervision.overdue", dedupe_key=key)
    return len(new)


def _write(group: Iterable[tuple[Task, Occasion]], unit: Unit | None) -> None:
    Reminder.objects.bulk_create(
        Reminder(
            task=task,
            unit=unit,
            rule=occasion.rule,
            due_on=occasion.about,
            sent_at=timezone.now(),
            synthetic=task.synthetic,
        )
        for task, occasion in group
    )


def _tell(unit: Unit, group: Sequence[tuple[Task, Occasion]], day: date, note: str) -> None:
    task, occasion = group[0]
    message = _words(task, occasion)
    if len(group) > 1:
        message += ngettext(" — and %(n)s more task", " — and %(n)s more tasks", len(group) - 1) % {"n": len(group) - 1}
    if note.strip():
        message += f"（{note.strip()}）"
    url = reverse("supervision:report", args=[task.pk]) if len(group) == 1 else reverse("supervision:inbox")
    key = f"reminder:{unit.pk}:{day}:{','.join(f'{t.pk}-{o.rule}' for t, o in group)}"
    notify(people_of([unit]), message[:500], url, kind="supervision.reminder", subject=task, dedupe_key=key[:200])


def _words(task: Task, occasion: Occasion) -> str:
    values = {"task": task, "day": occasion.about}
    if occasion.rule == SILENT:
        return _("“%(task)s”: please report, nothing has been heard for long") % values
    if occasion.rule == BY_HAND:
        return _("The bureau asks you to report on “%(task)s”") % values
    if occasion.rule.startswith("after-"):
        return _("“%(task)s” is past its deadline %(day)s: report what is missing, or ask for more time") % values
    return _("“%(task)s” is due on %(day)s") % values


def _back(day: date) -> date:
    return day if is_working_day(day) else add_working_days(day, -1)


def _forward(day: date) -> date:
    return add_working_days(day, 0)

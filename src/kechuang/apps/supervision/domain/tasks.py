"""Keeping the ledger: tasks by hand, their parts, their deadlines, and how they end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.deadlines import due_day
from kechuang.apps.supervision.domain.progress import roll_up
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS, members_of
from kechuang.apps.supervision.models import Plan, Task, TaskUnit
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.workflow import advance

EDITABLE = ("number", "section", "title", "measures", "deadline_label", "due_on", "weight")


def locked(task: Task) -> Task:
    """The task as it is now, held until the transaction ends.

    Every verb locks from the top down: the whole before its part, the task before what hangs on it.
    """
    chain, above = [task.pk], task.parent_id
    while above is not None:
        chain.append(above)
        above = Task.objects.values_list("parent", flat=True).get(pk=above)
    held = Task.objects.select_for_update(of=("self",)).select_related("plan", "region")
    for key in reversed(chain):
        found = held.get(pk=key)
    return found


@transaction.atomic
def add_plan(
    actor: Actor,
    *,
    title: str,
    region: Region,
    doc_number: str = "",
    issued_on: date | None = None,
    is_public: bool = False,
    synthetic: bool = False,
) -> Plan:
    """A ledger kept without a published document, such as one that is brought along in Excel."""
    authorise(actor, "add", Plan)
    if not title.strip():
        raise DomainError(_("Give the ledger a title."), field="title")
    return Plan.objects.create(
        title=title.strip()[:200],
        region=region,
        doc_number=doc_number,
        issued_on=issued_on,
        is_public=is_public,
        synthetic=synthetic,
    )


@transaction.atomic
def change_plan(actor: Actor, *, plan: Plan, is_public: bool) -> Plan:
    """Show a plan to the public, or no longer."""
    authorise(actor, "change", plan)
    plan.is_public = is_public
    plan.save()
    return plan


@transaction.atomic
def add_task(
    actor: Actor,
    *,
    plan: Plan,
    title: str,
    region: Region | None = None,
    units: Sequence[Unit] = (),
    lead: Unit | None = None,
    synthetic: bool = False,
    **values: Any,
) -> Task:
    """A task written by hand or brought along in Excel. ``values`` are fields among :data:`EDITABLE`."""
    authorise(actor, "add", Task)
    authorise(actor, "change", plan)
    task = Task(plan=plan, region=region or plan.region, listed_on=timezone.localdate(), order=_next_order(plan))
    task.synthetic = synthetic or plan.synthetic
    _set(task, {**values, "title": title})
    task.save()
    _name_units(task, units, lead)
    return task


@transaction.atomic
def change_task(actor: Actor, *, task: Task, **values: Any) -> Task:
    """Correct what the ledger says."""
    task = locked(task)
    authorise(actor, "change", task)
    if _set(task, values):
        task.save()
        if task.parent_id and "weight" in values:
            roll_up(task.parent_id)
    return task


@transaction.atomic
def set_deadline(actor: Actor, *, tasks: Iterable[Task], due_on: date | None, label: str = "") -> list[Task]:
    """Set the deadline of tasks whose document names none, or correct it: a day, or words such as 2025年底."""
    day = due_on or due_day(label)
    if day is None:
        raise DomainError(_("Give a day, or words that mean one, such as 2025年底 or 十四五末."), field="due_on")
    changed = []
    for task in sorted(tasks, key=lambda each: each.pk):
        task = locked(task)
        authorise(actor, "change", task)
        _require_open(task)
        task.due_on = day
        task.deadline_label = label.strip()[:60] or task.deadline_label
        task.save()
        changed.append(task)
    return changed


@transaction.atomic
def add_subtask(
    actor: Actor,
    *,
    task: Task,
    title: str,
    region: Region | None = None,
    units: Sequence[Unit] = (),
    lead: Unit | None = None,
    **values: Any,
) -> Task:
    """A part of a task, for another unit or a county. Its deadline is not later than that of the whole."""
    task = locked(task)
    authorise(actor, "change", task)
    _require_open(task)
    due_on = values.get("due_on") or task.due_on
    if task.due_on and due_on and due_on > task.due_on:
        raise DomainError(
            _("A part cannot be due after the whole, which is due on %(day)s.") % {"day": task.due_on}, field="due_on"
        )
    part = Task(
        plan=task.plan,
        parent=task,
        region=region or task.region,
        section=task.section,
        deadline_label=task.deadline_label,
        order=task.order,
        listed_on=timezone.localdate(),
        synthetic=task.synthetic,
    )
    _set(part, {**values, "title": title, "due_on": due_on})
    part.save()
    _name_units(part, units, lead)
    roll_up(task.pk)
    return part


@transaction.atomic
def decompose_to_counties(actor: Actor, *, task: Task, regions: Sequence[Region] | None = None) -> list[Task]:
    """One part for every county and zone below the task's region (or for those given); existing parts stay.

    Each county's own government or committee answers for its part. Gives the parts that are new.
    """
    task = locked(task)
    authorise(actor, "change", task)
    _require_open(task)
    counties = Region.objects.filter(parent=task.region, level__in=COUNTY_LEVELS).order_by("order", "code")
    if regions is not None:
        counties = counties.filter(pk__in=[region.pk for region in regions])
    if not counties:
        raise DomainError(_("There is no county below %(region)s to hand this task to.") % {"region": task.region})
    has_part = set(task.subtasks.values_list("region", flat=True))
    responsible = county_units(task)
    parts = []
    for county in counties:
        if county.pk in has_part:
            continue
        unit = responsible.get(county.pk)
        parts.append(
            add_subtask(
                actor,
                task=task,
                title=task.title,
                region=county,
                units=[unit] if unit else [],
                measures=task.measures,
                number=task.number,
            )
        )
    return parts


@transaction.atomic
def confirm_done(actor: Actor, *, task: Task, note: str = "") -> Task:
    """The bureau confirms that a task is done: its progress is 100 percent."""
    task = locked(task)
    advance(task, "complete", actor=actor, reason=note)
    return task


@transaction.atomic
def stop_task(actor: Actor, *, task: Task, reason: str) -> Task:
    """End a task that will not be done, with the reason; its open parts end with it."""
    task = locked(task)
    advance(task, "stop", actor=actor, reason=reason)
    return task


@transaction.atomic
def reopen_task(actor: Actor, *, task: Task, reason: str) -> Task:
    """Open a settled task again, with the reason."""
    task = locked(task)
    advance(task, "reopen", actor=actor, reason=reason)
    return task


def _require_open(task: Task) -> None:
    if not task.is_open:
        raise DomainError(
            _("This task is settled (%(state)s). Open it again first.") % {"state": task.get_state_display()}
        )


def _set(task: Task, values: dict[str, Any]) -> bool:
    """Write the given fields, and tell whether any changed. A deadline in words alone is turned into its day."""
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not a field to be set by hand: {', '.join(sorted(unknown))}")
    if "title" in values:
        values["title"] = str(values["title"]).strip()[:300]
        if not values["title"]:
            raise DomainError(_("Say what is to be done."), field="title")
    label = values.get("deadline_label")
    if label and label != task.deadline_label and values.get("due_on") is None:
        values["due_on"] = due_day(label, issued_on=task.plan.issued_on)
    changed = {name: value for name, value in values.items() if getattr(task, name) != value}
    for name, value in changed.items():
        setattr(task, name, value)
    return bool(changed)


def _name_units(task: Task, units: Sequence[Unit], lead: Unit | None) -> None:
    everyone = ([(lead, TaskUnit.Role.LEAD)] if lead else []) + [
        (unit, TaskUnit.Role.RESPONSIBLE) for unit in units if unit != lead
    ]
    for order, (unit, role) in enumerate(everyone):
        TaskUnit.objects.create(task=task, unit=unit, role=role, order=order, synthetic=task.synthetic)


def _next_order(plan: Plan) -> int:
    Plan.objects.select_for_update().get(pk=plan.pk)
    return (plan.tasks.aggregate(last=Max("order"))["last"] or 0) + 1


def county_units(task: Task) -> dict[int, Unit]:
    """Who answers in each county: a member of the class that the task names, else the county's government."""
    found: dict[int, Unit] = {}
    named = [row.unit for row in task.task_units.select_related("unit__region") if row.unit and row.unit.is_class]
    for group in named:
        for unit in members_of(group):
            found.setdefault(unit.region_id, unit)
    governments = Unit.objects.filter(kind=Unit.Kind.GOVERNMENT, region__path__startswith=task.region.path, active=True)
    for unit in governments:
        found.setdefault(unit.region_id, unit)
    return found

"""Confirmed tasks of a document become the ledger; publishing again brings it up to date.

Where the text and the annexed ledger of one document state the same task, it is one task that rests on both sentences.
The annex is the more exact of the two: its units, deadline and measures hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.supervision.domain.deadlines import due_day
from kechuang.apps.supervision.domain.units import UnitNames, write_named_units
from kechuang.apps.supervision.models import OPEN_STATES, Plan, Task, TaskState
from kechuang.kit.models import PublishedRecord
from kechuang.kit.permissions import SYSTEM, Actor, authorise
from kechuang.kit.publication import PublishedDocument, PublishedItem, existing, receives, withdraw
from kechuang.kit.references import type_of
from kechuang.kit.workflow import advance

KIND = "task"
ALIKE = 0.5


@receives(KIND)
@transaction.atomic
def receive_tasks(actor: Actor, items: Sequence[PublishedItem]) -> Sequence[Model]:
    """The task of each item, in their order. Known items change their tasks; new ones find theirs or make one."""
    authorise(actor, "import", Task)
    known = {key: cast(Task, record) for key, record in existing(KIND, [item.item_id for item in items]).items()}
    tasks: list[Task] = []
    for document, group in _by_document(items):
        tasks += _receive_document(actor, document, group, known)
    return tasks


@withdraw(KIND)
@transaction.atomic
def withdraw_tasks(actor: Actor, item_ids: Sequence[int]) -> None:
    """What rested on nothing but these items is stopped, with the reason; what is done stays done."""
    tasks = {cast(Task, task).pk for task in existing(KIND, item_ids).values()}
    held = Task.objects.select_for_update(of=("self",)).filter(pk__in=tasks | _subtree(tasks)).order_by("pk")
    for task in reversed(held):  # parts, which came later, before their wholes
        if task.state in OPEN_STATES and not _still_stated(task, item_ids):
            task.withdrawn = True
            task.save()
            reason = _("The document no longer asks for it: it was repealed, replaced or corrected.")
            advance(task, "stop", actor=SYSTEM, reason=reason)
    for plan in Plan.objects.filter(tasks__in=tasks).distinct():
        if plan.withdrawn_on is None and not plan.tasks.exclude(withdrawn=True).exists():
            plan.withdrawn_on = timezone.localdate()
            plan.save()


def _by_document(items: Sequence[PublishedItem]) -> Iterable[tuple[PublishedDocument, list[PublishedItem]]]:
    groups: dict[int, list[PublishedItem]] = {}
    for item in items:
        groups.setdefault(item.document.id, []).append(item)
    return [(group[0].document, group) for group in groups.values()]


def _receive_document(
    actor: Actor, document: PublishedDocument, items: Sequence[PublishedItem], known: Mapping[int, Task]
) -> list[Task]:
    plan = _plan_of(document, (known[item.item_id] for item in items if item.item_id in known))
    names = UnitNames(plan.region)
    ledger = _Ledger(plan)
    result = []
    for item in items:
        task = ledger.task_for(item, known.get(item.item_id))
        _write(task, item, plan)
        ledger.remember(task)
        payload = item.payload
        if not task.in_annex or _in_annex(payload):
            write_named_units(task, names.named(payload.get("lead") or (), payload.get("units") or ()))
        _reopen_if_withdrawn(task)
        result.append(task)
    return result


def _plan_of(document: PublishedDocument, tasks: Iterable[Task]) -> Plan:
    """The plan of the document, or of the restatement whose place it takes: that of its tasks."""
    plan = Plan.objects.select_for_update().filter(document=document.id).first()
    plan = plan or next((task.plan for task in tasks), None)
    if plan is None and document.doc_number:
        plan = Plan.objects.filter(
            doc_number=document.doc_number, region__code=document.region_code, document__isnull=True
        ).first()
    plan = plan or Plan(region=Region.objects.get(code=document.region_code))
    values = {
        "document": document.id,
        "title": document.title[:200],
        "doc_number": document.doc_number or "",
        "issued_on": document.issued_on,
        "withdrawn_on": None,
        "synthetic": getattr(document.source, "synthetic", False),
    }
    if plan.pk is None or any(getattr(plan, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(plan, name, value)
        plan.save()
    return plan


class _Ledger:
    """The whole tasks of a plan, to find the one that an item of the document states."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tasks = {task.pk: task for task in plan.tasks.select_for_update(of=("self",)).filter(parent__isnull=True)}
        self._last = plan.tasks.aggregate(last=Max("order"))["last"] or 0

    def task_for(self, item: PublishedItem, known: Task | None) -> Task:
        if known is not None:
            return self._tasks.get(known.pk, known)
        place = "in_annex" if _in_annex(item.payload) else "in_body"
        title = str(item.payload.get("title") or "")
        free = [task for task in self._tasks.values() if not getattr(task, place)]
        best = max(free, key=lambda task: likeness(task.title, title), default=None)
        if best is not None and likeness(best.title, title) >= ALIKE:
            return best
        self._last += 1
        return Task(plan=self._plan, region=self._plan.region, order=self._last, listed_on=timezone.localdate())

    def remember(self, task: Task) -> None:
        self._tasks[task.pk] = task


def likeness(one: str, other: str) -> float:
    """How alike two titles are, 0 to 1: the share of neighbouring character pairs that they have in common."""
    left, right = _pairs(one), _pairs(other)
    if not left or not right:
        return 0.0
    return 2 * len(left & right) / (len(left) + len(right))


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))
    return {plain[i : i + 2] for i in range(max(1, len(plain) - 1))} if plain else set()


def _in_annex(payload: Mapping[str, Any]) -> bool:
    return payload.get("where") == "ledger"


def _write(task: Task, item: PublishedItem, plan: Plan) -> None:
    """What the item says, written into its task. The text never overrides what the annex said."""
    payload, annex = item.payload, _in_annex(item.payload)
    values: dict[str, Any] = {"in_annex" if annex else "in_body": True, "plan": plan}
    if annex or not task.in_annex:
        values |= {
            "title": str(payload.get("title") or item.quote)[:300],
            "number": str(payload.get("number") or "")[:20],
            "section": str(payload.get("path") or "")[:300],
        }
        label = str(payload.get("deadline") or "")[:60]
        if task.pk is None or label != task.deadline_label:
            values |= {"deadline_label": label, "due_on": due_day(label, issued_on=plan.issued_on)}
        values["measures"] = str(payload.get("measures") or "") or task.measures
    elif not task.measures:
        values["measures"] = str(payload.get("measures") or "")
    if task.pk is None:
        values["synthetic"] = plan.synthetic
    if task.pk is None or any(getattr(task, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(task, name, value)
        task.save()


def _reopen_if_withdrawn(task: Task) -> None:
    if task.withdrawn and task.state == TaskState.STOPPED:
        advance(task, "reopen", actor=SYSTEM, reason=_("The document asks for it again."))


def _subtree(tasks: Iterable[int]) -> set[int]:
    found: set[int] = set()
    layer = set(tasks)
    while layer:
        layer = set(Task.objects.filter(parent__in=layer).values_list("pk", flat=True)) - found
        found |= layer
    return found


def _still_stated(task: Task, item_ids: Sequence[int]) -> bool:
    """Whether another item of a document in force states the task (or the one that it is a part of)."""
    while task.parent is not None:
        task = task.parent
    others = PublishedRecord.objects.filter(
        kind=KIND, record_type=type_of(task), record_id=task.pk, withdrawn_at__isnull=True
    )
    return others.exclude(item_id__in=item_ids).exists()

"""The lives of a task, a progress report and a request for more time, as declared state machines."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.supervision.domain.progress import roll_up
from kechuang.apps.supervision.domain.queries.participation import reporting_units
from kechuang.apps.supervision.models import ExtensionRequest, ProgressReport, ReportState, Task, TaskState
from kechuang.kit.models import StepLog
from kechuang.kit.permissions import ALLOWED, SYSTEM, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, advance, register

OPEN = {TaskState.PLANNED.value, TaskState.IN_PROGRESS.value}
DAYS_TO_CHECK = 5
DAYS_TO_CORRECT = 5


# Tasks ----------------------------------------------------------------------------------------------------------------


def _nothing_pending(task: Task, actor: Actor) -> Decision:
    """A task is not settled over the head of someone who still waits for an answer."""
    if task.subtasks.filter(state__in=OPEN).exists():
        return Decision(False, _("Some of its parts are still open. Settle them first."))
    if task.reports.filter(state=ReportState.SUBMITTED).exists():
        return Decision(False, _("A progress report waits for an answer. Accept or return it first."))
    return ALLOWED


def _closing(task: Task, actor: Actor, reason: str) -> dict[str, Any]:
    return {"closed_at": timezone.now(), "closed_reason": reason[:500]}


def _finishing(task: Task, actor: Actor, reason: str) -> dict[str, Any]:
    return {**_closing(task, actor, reason), "percent": 100}


def _opening(task: Task, actor: Actor, reason: str) -> dict[str, Any]:
    return {"closed_at": None, "closed_reason": "", "withdrawn": False}


def _stop_parts(task: Task, actor: Actor, step: StepLog) -> None:
    """What is open of a stopped task stops with it."""
    for part in task.subtasks.filter(state__in=OPEN).order_by("pk"):
        advance(part, "stop", actor=SYSTEM, reason=step.reason)
    roll_up(task.parent_id)


def _count_whole(task: Task, actor: Actor, step: StepLog) -> None:
    roll_up(task.parent_id)


def _count_again(task: Task, actor: Actor, step: StepLog) -> None:
    roll_up(task.pk)


TASK = register(
    Task,
    Workflow(
        "task",
        [
            Transition(
                "start",
                sources={TaskState.PLANNED},
                target=TaskState.IN_PROGRESS,
                label=gettext_lazy("Start the task"),
            ),
            Transition(
                "complete",
                sources=OPEN,
                target=TaskState.DONE,
                label=gettext_lazy("Confirm as done"),
                guard=_nothing_pending,
                changes=_finishing,
                effect=_count_whole,
            ),
            Transition(
                "stop",
                sources=OPEN,
                target=TaskState.STOPPED,
                label=gettext_lazy("Stop the task"),
                needs_reason=True,
                changes=_closing,
                effect=_stop_parts,
            ),
            Transition(
                "reopen",
                sources={TaskState.DONE, TaskState.STOPPED},
                target=TaskState.IN_PROGRESS,
                label=gettext_lazy("Open again"),
                needs_reason=True,
                changes=_opening,
                effect=_count_again,
            ),
        ],
    ),
)


# Progress reports -----------------------------------------------------------------------------------------------------


def _may_send(report: ProgressReport, actor: Actor) -> Decision:
    if report.unit not in reporting_units(actor, report.task):
        return Decision(False, _("You cannot report on this task for %(unit)s.") % {"unit": report.unit})
    if not report.narrative:
        return Decision(False, _("Say what was done in this period."))
    if not report.task.is_open:
        return Decision(False, _("This task is settled; nothing needs to be reported any more."))
    return ALLOWED


def _sending(report: ProgressReport, actor: Actor, reason: str) -> dict[str, Any]:
    sent = {"submitted_by_id": actor.user_id, "submitted_at": timezone.now()}
    return {**sent, "decided_by_id": None, "decided_at": None}


def _deciding(report: ProgressReport, actor: Actor, reason: str) -> dict[str, Any]:
    return {"reason": reason[:500], "decided_by_id": actor.user_id, "decided_at": timezone.now()}


def _count_report(report: ProgressReport, actor: Actor, step: StepLog) -> None:
    """The first accepted report starts a task and what it is a part of; their figures follow."""
    task: Task | None = report.task
    while task is not None:
        if task.state == TaskState.PLANNED:
            advance(task, "start", actor=SYSTEM)
        task = task.parent
    roll_up(report.task_id)


REPORT = register(
    ProgressReport,
    Workflow(
        "progress_report",
        [
            Transition(
                "submit",
                sources={ReportState.DRAFT, ReportState.RETURNED},
                target=ReportState.SUBMITTED,
                label=gettext_lazy("Send to the bureau"),
                guard=_may_send,
                deadline_days=DAYS_TO_CHECK,
                changes=_sending,
            ),
            Transition(
                "accept",
                sources={ReportState.SUBMITTED},
                target=ReportState.ACCEPTED,
                label=gettext_lazy("Accept the report"),
                changes=_deciding,
                effect=_count_report,
            ),
            Transition(
                "return",
                sources={ReportState.SUBMITTED},
                target=ReportState.RETURNED,
                label=gettext_lazy("Return for correction"),
                needs_reason=True,
                deadline_days=DAYS_TO_CORRECT,
                changes=_deciding,
            ),
        ],
    ),
)


# More time ------------------------------------------------------------------------------------------------------------


def _fits(request: ExtensionRequest, actor: Actor) -> Decision:
    """The deadline moves only from where it was when the unit asked, and not beyond that of the whole."""
    task, whole = request.task, request.task.parent
    if not task.is_open:
        return Decision(False, _("This task is settled meanwhile; refuse the request with that reason."))
    if task.due_on != request.current_due:
        return Decision(
            False,
            _("The deadline was moved to %(day)s after the request was made. Refuse it and let the unit ask again.")
            % {"day": task.due_on},
        )
    if whole is not None and whole.due_on is not None and request.requested_due > whole.due_on:
        text = _("The whole task is due on %(day)s. Extend the whole first, then its part.")
        return Decision(False, text % {"day": whole.due_on})
    return ALLOWED


def _answering(request: ExtensionRequest, actor: Actor, reason: str) -> dict[str, Any]:
    return {"decided_by_id": actor.user_id, "decided_at": timezone.now(), "decision_note": reason[:500]}


def _move_deadline(request: ExtensionRequest, actor: Actor, step: StepLog) -> None:
    task = Task.objects.select_for_update(of=("self",)).get(pk=request.task_id)
    task.due_on = request.requested_due
    task.save()


EXTENSION = register(
    ExtensionRequest,
    Workflow(
        "extension",
        [
            Transition(
                "grant",
                sources={ExtensionRequest.State.REQUESTED},
                target=ExtensionRequest.State.GRANTED,
                label=gettext_lazy("Grant more time"),
                guard=_fits,
                changes=_answering,
                effect=_move_deadline,
            ),
            Transition(
                "refuse",
                sources={ExtensionRequest.State.REQUESTED},
                target=ExtensionRequest.State.REFUSED,
                label=gettext_lazy("Refuse more time"),
                needs_reason=True,
                changes=_answering,
            ),
        ],
    ),
)

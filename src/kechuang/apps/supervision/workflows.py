"""The lives of a task, a progress report and a request for more time, as declared state machines."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.supervision.models import ExtensionRequest, ProgressReport, ReportState, Task, TaskState
from kechuang.kit.permissions import ALLOWED, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, register

OPEN = {TaskState.PLANNED.value, TaskState.IN_PROGRESS.value}
DAYS_TO_CHECK = 5
DAYS_TO_CORRECT = 5


def _nothing_pending(task: Task, actor: Actor) -> Decision:
    """A task is not settled over the head of someone who still waits for an answer."""
    if task.subtasks.filter(state__in=OPEN).exists():
        return Decision(False, _("Some of its parts are still open. Settle them first."))
    if task.reports.filter(state=ReportState.SUBMITTED).exists():
        return Decision(False, _("A progress report waits for an answer. Accept or return it first."))
    return ALLOWED


TASK = register(
    Task,
    Workflow(
        "task",
        [
            Transition("start", sources={TaskState.PLANNED}, target=TaskState.IN_PROGRESS, label=gettext_lazy("Start")),
            Transition(
                "complete",
                sources=OPEN,
                target=TaskState.DONE,
                label=gettext_lazy("Confirm as done"),
                guard=_nothing_pending,
            ),
            Transition(
                "stop", sources=OPEN, target=TaskState.STOPPED, label=gettext_lazy("Stop"), needs_reason=True
            ),
            Transition(
                "reopen",
                sources={TaskState.DONE, TaskState.STOPPED},
                target=TaskState.IN_PROGRESS,
                label=gettext_lazy("Open again"),
                needs_reason=True,
            ),
        ],
    ),
)

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
                deadline_days=DAYS_TO_CHECK,
            ),
            Transition(
                "accept", sources={ReportState.SUBMITTED}, target=ReportState.ACCEPTED, label=gettext_lazy("Accept")
            ),
            Transition(
                "return",
                sources={ReportState.SUBMITTED},
                target=ReportState.RETURNED,
                label=gettext_lazy("Return for correction"),
                needs_reason=True,
                deadline_days=DAYS_TO_CORRECT,
            ),
        ],
    ),
)

EXTENSION = register(
    ExtensionRequest,
    Workflow(
        "extension",
        [
            Transition(
                "grant",
                sources={ExtensionRequest.State.REQUESTED},
                target=ExtensionRequest.State.GRANTED,
                label=gettext_lazy("Grant"),
            ),
            Transition(
                "refuse",
                sources={ExtensionRequest.State.REQUESTED},
                target=ExtensionRequest.State.REFUSED,
                label=gettext_lazy("Refuse"),
                needs_reason=True,
            ),
        ],
    ),
)

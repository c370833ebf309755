"""The models of supervision: plans, tasks, reports, extensions, reminders, bulletins."""

from kechuang.apps.supervision.models.bulletin import Bulletin
from kechuang.apps.supervision.models.plan import Plan
from kechuang.apps.supervision.models.reminder import Reminder
from kechuang.apps.supervision.models.report import ExtensionRequest, ExtensionState, ProgressReport, ReportState
from kechuang.apps.supervision.models.task import OPEN_STATES, Task, TaskState, TaskUnit

__all__ = [
    "OPEN_STATES",
    "Bulletin",
    "ExtensionRequest",
    "ExtensionState",
    "Plan",
    "ProgressReport",
    "Reminder",
    "ReportState",
    "Task",
    "TaskState",
    "TaskUnit",
]

"""The light of a task: how it stands against its deadline and its reports, and why, in words.

`docs/algorithms/lights.md` says the same in prose. `domain/queries/lights.py` computes the same light in SQL; a test
holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kechuang.apps.supervision.models import Task, TaskState
from kechuang.apps.supervision.rules import rules
from kechuang.kit.packs import Supervision


class Light(TextChoices):
    """In the order of urgency, as every list and chart shows them."""

    OVERDUE = "overdue", gettext_lazy("overdue")
    DUE_SOON = "due_soon", gettext_lazy("due soon")
    SILENT = "silent", gettext_lazy("no report for long")
    NO_DEADLINE = "no_deadline", gettext_lazy("no deadline")
    ON_TRACK = "on_track", gettext_lazy("on track")
    DONE = "done", gettext_lazy("done")
    STOPPED = "stopped", gettext_lazy("stopped")


OPEN_LIGHTS = (Light.OVERDUE, Light.DUE_SOON, Light.SILENT, Light.NO_DEADLINE, Light.ON_TRACK)


@dataclass(frozen=True, slots=True)
class Reading:
    """A light and the reason for it."""

    light: Light
    reason: str


def light_of(task: Task, *, on: date | None = None, by: Supervision | None = None) -> Reading:
    """The light of a task on a day (today by default) under the rules of the pack."""
    day, by = on or timezone.localdate(), by or rules()
    if task.state == TaskState.DONE:
        return Reading(Light.DONE, _closed_words(task))
    if task.state == TaskState.STOPPED:
        return Reading(Light.STOPPED, _("Stopped: %(reason)s") % {"reason": task.closed_reason})
    if task.due_on is not None and task.due_on < day:
        return Reading(Light.OVERDUE, _overdue_words(task.due_on, day))
    if task.due_on is not None and task.due_on <= day + timedelta(days=by.due_soon_days):
        return Reading(Light.DUE_SOON, _left_words(task.due_on, day))
    heard = task.last_reported_on or task.listed_on
    if heard < day - timedelta(days=by.silent_days):
        return Reading(Light.SILENT, _silent_words(task, (day - heard).days, by.silent_days))
    if task.due_on is None:
        return Reading(Light.NO_DEADLINE, _("The document names no deadline, and the bureau has set none."))
    return Reading(Light.ON_TRACK, _left_words(task.due_on, day))


def _closed_words(task: Task) -> str:
    if task.closed_at is None:
        return _("Confirmed as done")
    return _("Confirmed as done on %(day)s") % {"day": timezone.localtime(task.closed_at).date().isoformat()}


def _overdue_words(due: date, day: date) -> str:
    days = (day - due).days
    text = ngettext("%(days)s day past its deadline %(due)s", "%(days)s days past its deadline %(due)s", days)
    return text % {"days": days, "due": due.isoformat()}


def _left_words(due: date, day: date) -> str:
    days = (due - day).days
    if not days:
        return _("Due today")
    text = ngettext("%(days)s day left until %(due)s", "%(days)s days left until %(due)s", days)
    return text % {"days": days, "due": due.isoformat()}


def _silent_words(task: Task, days: int, limit: int) -> str:
    values = {"days": days, "limit": limit}
    if task.last_reported_on is None:
        return _("No accepted report since it was listed %(days)s days ago; one is due every %(limit)s days.") % values
    return _("The last accepted report is %(days)s days old; one is due every %(limit)s days.") % values

"""Progress reports: a unit drafts and sends, the bureau accepts or returns with a reason, the unit corrects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.queries.participation import reporting_units
from kechuang.apps.supervision.domain.queries.people import officers_of, people_of
from kechuang.apps.supervision.domain.tasks import locked
from kechuang.apps.supervision.models import ProgressReport, ReportState, Task
from kechuang.apps.supervision.rules import period_of
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.files import Upload, store
from kechuang.kit.models import StoredFile
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.workflow import advance

FILE_KINDS = frozenset({"pdf", "docx", "xlsx", "png", "jpg"})
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Content:
    """What a unit says about its progress."""

    percent: int
    narrative: str = ""
    problems: str = ""
    next_steps: str = ""


@transaction.atomic
def save_draft(
    actor: Actor, *, task: Task, unit: Unit, content: Content, period: str = "", synthetic: bool = False
) -> ProgressReport:
    """Keep what a unit has written so far. A returned report is corrected in place until it is sent again."""
    authorise(actor, "report", task)
    task = locked(task)
    if not task.is_open:
        raise DomainError(
            _("This task is settled (%(state)s); nothing needs to be reported any more.")
            % {"state": task.get_state_display()}
        )
    if unit not in reporting_units(actor, task):
        raise Refused(_("You cannot report on this task for %(unit)s.") % {"unit": unit})
    if not 0 <= content.percent <= 100:
        raise DomainError(_("Progress is a whole number from 0 to 100."), field="percent")
    report = task.reports.filter(unit=unit).exclude(state=ReportState.ACCEPTED).first()
    if report is None:
        report = ProgressReport(task=task, unit=unit, synthetic=synthetic or task.synthetic)
        report.period = period or period_of(timezone.localdate())
    elif report.state == ReportState.SUBMITTED:
        raise DomainError(
            _("Your last report still waits for the bureau's answer. Wait for it before you write the next.")
        )
    report.percent, report.narrative = content.percent, content.narrative.strip()
    report.problems, report.next_steps = content.problems.strip(), content.next_steps.strip()
    report.save()
    return report


@transaction.atomic
def submit_report(actor: Actor, *, report: ProgressReport) -> ProgressReport:
    """Send a report to the bureau, the first time or after a return. The bureau has five working days to answer."""
    task = locked(report.task)
    report.refresh_from_db()
    if not report.narrative:
        raise DomainError(_("Say what was done in this period."), field="narrative")
    step = advance(report, "submit", actor=actor)
    notify(
        officers_of(task.region),
        _("%(unit)s reported %(percent)s%% on “%(task)s”")
        % {"unit": report.unit, "percent": report.percent, "task": task},
        reverse("supervision:review"),
        kind="supervision.report",
        subject=report,
        dedupe_key=f"report-submitted:{report.pk}:{step.pk}",
    )
    return report


@transaction.atomic
def return_report(actor: Actor, *, report: ProgressReport, reason: str) -> ProgressReport:
    """Send a report back for correction, with the reason."""
    locked(report.task)
    step = advance(report, "return", actor=actor, reason=reason)
    _tell_unit(report, _("Returned for correction: “%(task)s”. %(reason)s"), step.pk)
    return report


@transaction.atomic
def accept_report(actor: Actor, *, report: ProgressReport) -> ProgressReport:
    """Accept a report: the figure of the task, and of the task it is a part of, follows."""
    locked(report.task)
    step = advance(report, "accept", actor=actor)
    _tell_unit(report, _("Accepted: your report on “%(task)s”"), step.pk)
    return report


@transaction.atomic
def accept_reports(actor: Actor, *, reports: Iterable[ProgressReport]) -> int:
    """Accept several at once: all of them, or none where one can no longer be accepted."""
    count = 0
    for report in sorted(reports, key=lambda each: (each.task_id, each.pk)):
        accept_report(actor, report=report)
        count += 1
    return count


@transaction.atomic
def attach_file(actor: Actor, *, report: ProgressReport, upload: Upload) -> StoredFile:
    """Add an evidence file (PDF, Word, Excel or picture) to a report that is not yet sent."""
    _require_editable(actor, report)
    if report.files.count() >= MOST_FILES:
        raise DomainError(_("A report takes at most %(n)s files.") % {"n": MOST_FILES}, field="files")
    stored = store(upload, actor=actor, allowed=FILE_KINDS)
    report.files.add(stored)
    return stored


@transaction.atomic
def remove_file(actor: Actor, *, report: ProgressReport, file: StoredFile) -> None:
    """Take a file off a report that is not yet sent."""
    _require_editable(actor, report)
    report.files.remove(file)


def _require_editable(actor: Actor, report: ProgressReport) -> None:
    task = locked(report.task)
    authorise(actor, "change", report)
    report.refresh_from_db()
    if report.unit not in reporting_units(actor, task):
        raise Refused(_("You cannot report on this task for %(unit)s.") % {"unit": report.unit})
    if report.state not in (ReportState.DRAFT, ReportState.RETURNED):
        raise DomainError(_("This report was sent already; it cannot be changed unless the bureau returns it."))


def _tell_unit(report: ProgressReport, message: str, step: int) -> None:
    recipients: Sequence[int] = list(people_of([report.unit]).values_list("pk", flat=True))
    if report.submitted_by_id:
        recipients = [*recipients, report.submitted_by_id]
    notify(
        recipients,
        message % {"task": report.task, "reason": report.reason},
        reverse("supervision:report", args=[report.task_id]),
        kind="supervision.report",
        subject=report,
        dedupe_key=f"report-decided:{report.pk}:{step}",
    )

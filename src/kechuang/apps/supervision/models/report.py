"""What units send in: progress reports and requests for more time."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.models.task import Task
from kechuang.kit.models import Record


class ReportState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting for the bureau")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", _("accepted by the bureau")


@pghistory.track()
class ProgressReport(Record):
    """How far a unit has come with a task in a period. A unit has at most one report of a task under way."""

    State = ReportState

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey(
        Unit, verbose_name=_("the unit"), on_delete=models.PROTECT, related_name="progress_reports"
    )
    period = models.CharField(_("reporting period"), max_length=10)
    percent = models.PositiveSmallIntegerField(_("progress (%)"), validators=[MaxValueValidator(100)])
    narrative = models.TextField(_("what was done"), blank=True)
    problems = models.TextField(_("what stands in the way"), blank=True)
    next_steps = models.TextField(_("next steps"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=ReportState, default=ReportState.DRAFT)
    reason = models.CharField(_("reason for the return"), max_length=500, blank=True)
    files = models.ManyToManyField(
        "kit.StoredFile", verbose_name=_("evidence files"), blank=True, related_name="progress_reports"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent in by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("sent in"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="report_percent_within_100"),
            models.CheckConstraint(
                condition=Q(state=ReportState.DRAFT) | Q(submitted_at__isnull=False), name="report_sent_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RETURNED) | ~Q(reason=""), name="report_returned_with_a_reason"
            ),
            models.UniqueConstraint(
                fields=["task", "unit"], condition=~Q(state=ReportState.ACCEPTED), name="report_one_under_way"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="report_state_submitted"),
            models.Index(fields=["unit", "state"], name="report_unit_state"),
            models.Index(fields=["task", "unit", "-decided_at"], name="report_task_unit_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.unit} · {self.period}"


class ExtensionState(models.TextChoices):
    REQUESTED = "requested", _("waiting for a decision")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("not granted")


@pghistory.track()
class ExtensionRequest(Record):
    """A unit asks for a later deadline and says why."""

    State = ExtensionState

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.PROTECT, related_name="extensions")
    unit = models.ForeignKey(Unit, verbose_name=_("the unit"), on_delete=models.PROTECT, related_name="extensions")
    current_due = models.DateField(_("present deadline"))
    requested_due = models.DateField(_("deadline asked for"))
    reason = models.CharField(_("reason"), max_length=1000)
    state = models.CharField(_("state"), max_length=12, choices=ExtensionState, default=ExtensionState.REQUESTED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    decision_note = models.CharField(_("reason for the decision"), max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("extension request")
        verbose_name_plural = _("extension requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(requested_due__gt=models.F("current_due")), name="extension_asks_for_a_later_day"
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(state=ExtensionState.REQUESTED), name="extension_one_waiting"
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="extension_state_created")]

    def __str__(self) -> str:
        return f"{self.task}: {self.current_due} → {self.requested_due}"

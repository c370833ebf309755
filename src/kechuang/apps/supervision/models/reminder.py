"""Reminders that were sent, so that none is sent twice."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.models.task import Task
from kechuang.kit.models import Record


@pghistory.track()
class Reminder(Record):
    """One reminder about one task to one unit. ``rule`` is ``before-7``, ``after-1``, ``silent`` or ``by-hand``;
    ``due_on`` is the deadline (or the day) that it was about. An empty unit is the bureau's leaders."""

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="reminders")
    unit = models.ForeignKey(
        Unit, verbose_name=_("the unit"), null=True, blank=True, on_delete=models.PROTECT, related_name="reminders"
    )
    rule = models.CharField(_("reminder rule"), max_length=20)
    due_on = models.DateField(_("about the day"))
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit", "rule", "due_on"], nulls_distinct=False, name="reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.task} · {self.rule} · {self.due_on}"

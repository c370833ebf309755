"""Tasks, and who is responsible for them."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.models.plan import Plan
from kechuang.kit.models import Record
from kechuang.kit.search import BigramField


class TaskState(models.TextChoices):
    PLANNED = "planned", _("not yet started")
    IN_PROGRESS = "in_progress", _("in progress")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


OPEN_STATES = (TaskState.PLANNED.value, TaskState.IN_PROGRESS.value)


@pghistory.track(exclude=["bigrams"])
class Task(Record):
    """One line of the ledger. ``region`` is the plan's own, or the county that a sub-task was handed to.

    ``listed_on`` is the day it came into the ledger; a task never reported on is silent counting from there.
    ``last_reported_on`` is the day on which the latest accepted report was sent in.
    """

    State = TaskState

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.PROTECT, related_name="tasks")
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), null=True, blank=True, on_delete=models.PROTECT, related_name="subtasks"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="tasks")
    number = models.CharField(_("number"), max_length=20, blank=True)
    section = models.CharField(_("section"), max_length=300, blank=True)
    title = models.CharField(_("title"), max_length=300)
    measures = models.TextField(_("measures"), blank=True)
    deadline_label = models.CharField(_("deadline as written"), max_length=60, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    order = models.PositiveIntegerField(_("order in the ledger"), default=0)
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    state = models.CharField(_("state"), max_length=12, choices=TaskState, default=TaskState.PLANNED)
    percent = models.PositiveSmallIntegerField(_("progress (%)"), default=0, validators=[MaxValueValidator(100)])
    listed_on = models.DateField(_("in the ledger since"))
    last_reported_on = models.DateField(_("last report"), null=True, blank=True)
    closed_at = models.DateTimeField(_("settled on"), null=True, blank=True)
    closed_reason = models.CharField(_("reason"), max_length=500, blank=True)
    in_body = models.BooleanField(_("read from the text"), default=False, editable=False)
    in_annex = models.BooleanField(_("read from the annexed ledger"), default=False, editable=False)
    withdrawn = models.BooleanField(_("no longer asked for by its document"), default=False, editable=False)
    bigrams = BigramField(of=("number", "title", "measures", "section"))

    class Meta:
        ordering = ["plan", "order", "pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["plan", "order", "id"], name="task_plan_order"),
            models.Index(fields=["region", "state", "due_on"], name="task_region_state_due"),
            models.Index(fields=["due_on", "id"], name="task_due"),
            GinIndex(fields=["bigrams"], name="task_bigrams"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="task_percent_within_100"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="task_weight_1_to_100"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="task_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(closed_at__isnull=False)),
                name="task_closed_exactly_when_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.STOPPED) | ~Q(closed_reason=""), name="task_stopped_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@pghistory.track()
class TaskUnit(Record):
    """A unit that answers for a task.

    ``raw_name`` is the name in the document, empty where an officer added the unit by hand. ``unit`` is empty while an
    officer has still to say whom the name means.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("lead unit")
        RESPONSIBLE = "responsible", _("responsible unit")

    task = models.ForeignKey(Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="task_units")
    unit = models.ForeignKey(
        Unit, verbose_name=_("the unit"), null=True, blank=True, on_delete=models.PROTECT, related_name="task_units"
    )
    raw_name = models.CharField(_("name as written"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.RESPONSIBLE)
    order = models.PositiveSmallIntegerField(_("order in the ledger"), default=0)

    class Meta:
        ordering = ["role", "order", "pk"]
        verbose_name = _("unit of a task")
        verbose_name_plural = _("units of tasks")
        constraints = [
            models.CheckConstraint(condition=Q(unit__isnull=False) | ~Q(raw_name=""), name="task_unit_has_a_name"),
            models.UniqueConstraint(fields=["task", "unit"], condition=Q(unit__isnull=False), name="task_unit_once"),
            models.UniqueConstraint(
                fields=["task", "raw_name"], condition=Q(unit__isnull=True), name="task_unknown_unit_once"
            ),
        ]
        indexes = [
            models.Index(fields=["raw_name"], condition=Q(unit__isnull=True), name="task_unit_unknown"),
            models.Index(fields=["unit", "task"], name="task_unit_unit_task"),
        ]

    def __str__(self) -> str:
        return self.unit.name if self.unit else self.raw_name

"""The ledger's lists and pages for officials."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kechuang.apps.supervision.domain import reminders, tasks, units
from kechuang.apps.supervision.domain.lights import light_of
from kechuang.apps.supervision.domain.queries.lights import by_urgency, with_lights
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS, reporting_units
from kechuang.apps.supervision.interfaces import bulletin_page, task_page
from kechuang.apps.supervision.interfaces.filters import ExtensionFilters, ReportFilters, TaskFilters
from kechuang.apps.supervision.interfaces.forms import (
    AssignForm,
    DeadlineForm,
    NewPlanForm,
    NewTaskForm,
    PlanForm,
    RemindForm,
    TaskForm,
)
from kechuang.apps.supervision.interfaces.importers import TaskImporter
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import OPEN_STATES, Bulletin, ExtensionRequest, Plan, ProgressReport, Task
from kechuang.apps.supervision.workflows import TASK
from kechuang.kit.permissions import Actor
from kechuang.kit.resources import BulkAction, Column, Link, Panel, Resource, register
from kechuang.kit.search import search


def progress_bar(percent: int) -> Any:
    return render_to_string("supervision/parts/progress.html", {"percent": percent})


def unit_names(task: Task) -> list[str]:
    return [str(row) for row in task.task_units.all()]


def _remind(actor: Actor, obj: Task, **options: Any) -> None:
    reminders.remind(actor, tasks=[obj], note=options.get("note", ""))


def _assign(actor: Actor, obj: Task, *, lead: Any, units: Any, keep: bool) -> None:
    _assign_units(actor, task=obj, units=units, lead=lead, replace=not keep)


_assign_units = units.assign_units
LIGHT = Column("light", label=_("light"), kind="state", value=lambda task: drawn(task.light))
UNITS = Column("units", label=_("who answers for it"), kind="list", value=unit_names, needs=("task_units__unit",))


@register
class TaskResource(Resource):
    model = Task
    slug = "tasks"
    title = _("Task ledger")
    lead = _("Every task that a document sets, with who answers for it, by when, and how it stands. Most urgent first.")
    empty = _("No task yet. Tasks come from published documents; a ledger of your own can be imported from Excel.")
    icon = "list-check"
    columns = (
        Column("title", main=True),
        LIGHT,
        UNITS,
        "due_on",
        Column(
            "percent",
            label=_("progress (%)"),
            kind="html",
            value=lambda task: progress_bar(task.percent),
            sort="percent",
        ),
        "last_reported_on",
        Column("region__short_name", label=_("region")),
        Column("plan__title", label=_("plan"), shown=False),
        Column("section", shown=False),
        Column("number", shown=False),
        Column("state", shown=False),
    )
    facts = (
        "number",
        "section",
        Column("region__name", label=_("region")),
        "deadline_label",
        "due_on",
        Column("percent", unit="%"),
        "last_reported_on",
        "weight",
        "state",
    )
    export_columns = (
        Column("plan__title", label=_("plan")),
        "number",
        "section",
        "title",
        "measures",
        Column(
            "lead",
            label=_("lead unit"),
            kind="list",
            value=lambda task: [str(row) for row in task.task_units.all() if row.role == "lead"],
            needs=("task_units__unit",),
        ),
        Column(
            "units",
            label=_("responsible units"),
            kind="list",
            value=lambda task: [str(row) for row in task.task_units.all() if row.role != "lead"],
            needs=("task_units__unit",),
        ),
        Column("region__name", label=_("region")),
        "deadline_label",
        "due_on",
        LIGHT,
        Column("reason", label=_("reason"), value=lambda task: light_of(task).reason),
        "percent",
        "last_reported_on",
        "state",
        "weight",
    )
    filters = TaskFilters
    search = ("title",)
    form_class = NewTaskForm
    importer = TaskImporter
    workflow = TASK
    evidence = True
    detail_template = "supervision/task.html"
    preview_template = "supervision/task_preview.html"
    step_verbs = {
        "complete": lambda actor, obj, reason: tasks.confirm_done(actor, task=obj, note=reason),
        "stop": lambda actor, obj, reason: tasks.stop_task(actor, task=obj, reason=reason),
        "reopen": lambda actor, obj, reason: tasks.reopen_task(actor, task=obj, reason=reason),
    }
    bulk_actions = (
        BulkAction("remind", _("Remind"), _remind, action="remind", form_class=RemindForm, icon="bell"),
        BulkAction("assign", _("Assign units"), _assign, form_class=AssignForm, icon="users"),
        BulkAction(
            "deadline",
            _("Set the deadline"),
            lambda actor, obj, due_on, label: tasks.set_deadline(actor, tasks=[obj], due_on=due_on, label=label),
            form_class=DeadlineForm,
            icon="calendar-event",
        ),
    )
    links = (
        Link(
            _("Report progress"),
            lambda task: reverse("supervision:report", args=[task.pk]),
            action="report",
            icon="send",
            primary=True,
            show=lambda actor, task: task.is_open and bool(reporting_units(actor, task)),
        ),
        Link(
            _("Ask for more time"),
            lambda task: reverse("supervision:extension", args=[task.pk]),
            action="request_extension",
            icon="hourglass",
            show=lambda actor, task: task.is_open and task.due_on and bool(reporting_units(actor, task)),
        ),
        Link(
            _("Hand to counties"),
            lambda task: reverse("supervision:decompose", args=[task.pk]),
            action="change",
            icon="map-pin",
            show=lambda actor, task: task.is_open and task.region.level not in COUNTY_LEVELS,
        ),
        Link(
            _("Add a part"),
            lambda task: reverse("supervision:part", args=[task.pk]),
            action="change",
            icon="plus",
            show=lambda actor, task: task.is_open,
        ),
    )
    panels = (
        Panel(_("Who answers for it"), "supervision/panels/units.html", task_page.units),
        Panel(_("Parts"), "supervision/panels/parts.html", task_page.parts),
        Panel(_("Progress reports"), "supervision/panels/reports.html", task_page.reports),
        Panel(_("Requests for more time"), "supervision/panels/extensions.html", task_page.extensions),
        Panel(_("Reminders"), "supervision/panels/reminders.html", task_page.reminders, place="aside"),
    )

    @staticmethod
    @transaction.atomic
    def add(actor: Actor, **fields: Any) -> Task:
        return tasks.add_task(actor, **fields)

    @staticmethod
    @transaction.atomic
    def change(actor: Actor, obj: Task, *, lead: Any = None, units: Any = (), **fields: Any) -> Task:
        fields.pop("plan", None)
        task = tasks.change_task(actor, task=obj, **fields)
        if lead or units:
            _assign_units(actor, task=task, units=units, lead=lead)
        return task

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return by_urgency(with_lights(super().queryset(actor)))

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return search(rows, query)

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> Any:
        instance = kwargs.get("instance")
        chosen = TaskForm if instance is not None and instance.pk else NewTaskForm
        return chosen(*args, actor=actor, **kwargs)

    def context(self, request: Any, obj: Task) -> dict[str, Any]:
        return {"reading": light_of(obj)}


@register
class PlanResource(Resource):
    model = Plan
    slug = "plans"
    title = _("Plans")
    lead = _("One for each published document that sets tasks, and the ledgers that you brought along.")
    empty = _("No plan yet. It comes with the first published document that sets tasks.")
    icon = "book-2"
    columns = (
        Column("title", main=True),
        "doc_number",
        "issued_on",
        Column("open_tasks", label=_("open tasks"), kind="number", value=lambda plan: plan.open_tasks),
        Column("all_tasks", label=_("tasks"), kind="number", value=lambda plan: plan.all_tasks),
        "is_public",
        Column("withdrawn_on", shown=False),
    )
    facts = ("doc_number", "issued_on", Column("region__name", label=_("region")), "is_public")
    filters = ("is_public", "region")
    search = ("title", "doc_number")
    form_class = NewPlanForm
    detail_template = "supervision/plan.html"
    panels = (
        Panel(_("How it stands"), "supervision/panels/plan_lights.html", task_page.plan_lights),
        Panel(_("Timeline"), "supervision/panels/gantt.html", task_page.gantt),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Plan:
        return tasks.add_plan(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Plan, **fields: Any) -> Plan:
        return tasks.change_plan(actor, plan=obj, is_public=fields["is_public"])

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        whole = Q(tasks__parent__isnull=True)
        return (
            super()
            .queryset(actor)
            .annotate(
                all_tasks=Count("tasks", filter=whole),
                open_tasks=Count("tasks", filter=whole & Q(tasks__state__in=OPEN_STATES)),
            )
        )

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> Any:
        instance = kwargs.get("instance")
        return (PlanForm if instance is not None and instance.pk else NewPlanForm)(*args, **kwargs)


def _task_link(record: Any) -> Any:
    return format_html('<a href="{}">{}</a>', reverse("supervision:tasks-detail", args=[record.task_id]), record.task)


@register
class ReportResource(Resource):
    model = ProgressReport
    slug = "reports"
    title = _("Progress reports")
    lead = _("All that units have sent in, with what the bureau answered.")
    empty = _("No report yet. Units report on their tasks from their own inbox.")
    icon = "send"
    columns = (
        Column("task__title", label=_("task"), main=True),
        Column("unit__name", label=_("the unit")),
        "period",
        Column("percent", unit="%"),
        "state",
        "submitted_at",
        "decided_at",
        Column("submitted_by__display_name", label=_("sent in by"), shown=False),
    )
    facts = (
        Column("task", label=_("task"), kind="html", value=_task_link, needs=("task",)),
        Column("unit__name", label=_("the unit")),
        "period",
        Column("percent", unit="%"),
        "state",
        "narrative",
        "problems",
        "next_steps",
        "reason",
        Column("submitted_by__display_name", label=_("sent in by")),
        "submitted_at",
        "decided_at",
    )
    export_columns = (
        Column("task__plan__title", label=_("plan")),
        Column("task__title", label=_("task")),
        Column("unit__name", label=_("the unit")),
        "period",
        "percent",
        "narrative",
        "problems",
        "next_steps",
        "state",
        "reason",
        "submitted_at",
        "decided_at",
    )
    filters = ReportFilters
    search = ("task__title", "unit__name", "narrative")
    ordering = ("-created_at",)
    panels = (Panel(_("Evidence files"), "supervision/panels/files.html", task_page.files),)

    def context(self, request: Any, obj: ProgressReport) -> dict[str, Any]:
        return {"transitions": []}  # answered on the page where reports wait, which shows the task beside them


@register
class ExtensionResource(Resource):
    model = ExtensionRequest
    slug = "extension-requests"
    title = _("Requests for more time")
    lead = _("Who asked for how much more time, why, and what was decided.")
    empty = _("Nobody has asked for more time.")
    icon = "hourglass"
    columns = (
        Column("task__title", label=_("task"), main=True),
        Column("unit__name", label=_("the unit")),
        "current_due",
        "requested_due",
        "state",
        "created_at",
        "decided_at",
        Column("reason", shown=False),
    )
    facts = (
        Column("task", label=_("task"), kind="html", value=_task_link, needs=("task",)),
        Column("unit__name", label=_("the unit")),
        "current_due",
        "requested_due",
        "reason",
        "state",
        "decision_note",
        "decided_at",
    )
    filters = ExtensionFilters
    search = ("task__title", "unit__name", "reason")
    ordering = ("-created_at",)

    def context(self, request: Any, obj: ExtensionRequest) -> dict[str, Any]:
        return {"transitions": []}


@register
class BulletinResource(Resource):
    model = Bulletin
    slug = "bulletins"
    title = _("Bulletins")
    lead = _("The state of the ledger on a day, frozen and printed.")
    empty = _("No bulletin yet. The first one takes a few seconds to make.")
    icon = "printer"
    columns = (
        Column("title", main=True),
        Column("year", kind="text"),
        "issue",
        "as_of",
        Column("region__name", label=_("region")),
        Column("made_by__display_name", label=_("made by")),
    )
    facts = (
        Column("year", kind="text"),
        "issue",
        "period",
        "as_of",
        Column("made_by__display_name", label=_("made by")),
    )
    filters = ("year",)
    search = ("title",)
    ordering = ("-year", "-issue")
    list_template = "supervision/bulletins.html"
    detail_template = "supervision/bulletin.html"

    def context(self, request: Any, obj: Bulletin) -> dict[str, Any]:
        return bulletin_page.context(obj)

    def heading(self, obj: Bulletin) -> str:
        return bulletin_page.heading(obj)

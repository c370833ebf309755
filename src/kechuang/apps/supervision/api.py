"""The ledger over the API: read only, in the same scope as the pages."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.pagination import paginate

from kechuang.apps.directory.models import Region
from kechuang.apps.supervision.domain.lights import Light, light_of
from kechuang.apps.supervision.domain.queries.lights import by_urgency, light_counts, lights_by_county, with_lights
from kechuang.apps.supervision.models import Plan, Task, TaskUnit
from kechuang.kit.permissions import actor_of, visible
from kechuang.kit.search import search

router = Router(tags=["supervision"])


class PlanOut(Schema):
    id: int
    title: str
    doc_number: str
    region: str
    issued_on: date | None
    withdrawn_on: date | None

    @staticmethod
    def resolve_region(plan: Plan) -> str:
        return plan.region.code


class TaskUnitOut(Schema):
    name: str
    code: str | None
    role: str

    @staticmethod
    def resolve_name(row: TaskUnit) -> str:
        return str(row)

    @staticmethod
    def resolve_code(row: TaskUnit) -> str | None:
        return row.unit.code if row.unit else None


class TaskOut(Schema):
    id: int
    plan: int
    parent: int | None
    region: str
    number: str
    section: str
    title: str
    measures: str
    units: list[TaskUnitOut]
    deadline: str
    due_on: date | None
    state: str
    percent: int
    light: str
    reason: str
    last_reported_on: date | None

    @staticmethod
    def resolve_plan(task: Task) -> int:
        return task.plan_id

    @staticmethod
    def resolve_parent(task: Task) -> int | None:
        return task.parent_id

    @staticmethod
    def resolve_region(task: Task) -> str:
        return task.region.code

    @staticmethod
    def resolve_units(task: Task) -> list[TaskUnit]:
        return list(task.task_units.all())

    @staticmethod
    def resolve_deadline(task: Task) -> str:
        return task.deadline_label

    @staticmethod
    def resolve_reason(task: Task) -> str:
        return light_of(task).reason


class LightsOut(Schema):
    region: str
    name: str
    total: int
    lights: dict[str, int]


@router.get("/plans", response=list[PlanOut], url_name="supervision_plans")
@paginate
def plans(request: HttpRequest) -> QuerySet[Plan]:
    """The plans that the caller may see."""
    return visible(actor_of(request), Plan).select_related("region")


@router.get("/tasks", response=list[TaskOut], url_name="supervision_tasks")
@paginate
def tasks(request: HttpRequest, q: str = "", light: str = "", plan: int | None = None) -> QuerySet[Task]:
    """The tasks that the caller may see, most urgent first, each with its light and the reason for it."""
    rows = by_urgency(with_lights(visible(actor_of(request), Task)))
    rows = rows.select_related("region").prefetch_related("task_units__unit")
    rows = rows.filter(light=light) if light in Light.values else rows
    rows = rows.filter(plan=plan) if plan is not None else rows
    return search(rows, q) if q else rows


@router.get("/lights", response=list[LightsOut], url_name="supervision_lights")
def lights(request: HttpRequest, region: str) -> list[LightsOut]:
    """How many tasks of a region, and of each county in it, show which light."""
    actor, place = actor_of(request), Region.objects.filter(code=region).first()
    if place is None:
        return []
    whole = light_counts(actor, place)
    rows = [(place.code, place.name, whole), *((row.key, row.name, row) for row in lights_by_county(actor, place))]
    return [
        LightsOut(region=code, name=name, total=row.total, lights={light.value: n for light, n in row.cells})
        for code, name, row in rows
    ]

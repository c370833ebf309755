"""Lights in SQL: annotated on tasks, and counted for the home page, the wall and the leaders' overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS
from kechuang.apps.supervision.models import Task, TaskState, TaskUnit
from kechuang.apps.supervision.rules import rules
from kechuang.kit.packs import Supervision
from kechuang.kit.permissions import Actor, visible


def with_lights(tasks: QuerySet[Any], *, on: date | None = None, by: Supervision | None = None) -> QuerySet[Any]:
    """Annotate ``light``: the same as :func:`~kechuang.apps.supervision.domain.lights.light_of` of every row."""
    day, by = on or timezone.localdate(), by or rules()
    return tasks.annotate(
        light=Case(
            When(state=TaskState.DONE, then=Value(Light.DONE.value)),
            When(state=TaskState.STOPPED, then=Value(Light.STOPPED.value)),
            When(due_on__lt=day, then=Value(Light.OVERDUE.value)),
            When(due_on__lte=day + timedelta(days=by.due_soon_days), then=Value(Light.DUE_SOON.value)),
            When(_heard_before(day - timedelta(days=by.silent_days)), then=Value(Light.SILENT.value)),
            When(due_on__isnull=True, then=Value(Light.NO_DEADLINE.value)),
            default=Value(Light.ON_TRACK.value),
            output_field=CharField(),
        )
    )


def _heard_before(day: date) -> Q:
    return Q(last_reported_on__lt=day) | Q(last_reported_on__isnull=True, listed_on__lt=day)


def by_urgency(tasks: QuerySet[Any]) -> QuerySet[Any]:
    """Most urgent light first, then the earliest deadline. Needs :func:`with_lights`."""
    rank = Case(*(When(light=light.value, then=Value(n)) for n, light in enumerate(Light)))
    return tasks.order_by(rank, F("due_on").asc(nulls_last=True), "plan", "order", "pk")


@dataclass(slots=True)
class Counts:
    """How many tasks show which light. ``key`` is what a link filters by; ``name`` what the row is called."""

    key: str = ""
    name: str = ""
    lights: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, light: str) -> int:
        if light not in Light.values:  # templates try this before attributes
            raise KeyError(light)
        return self.lights[light]

    @property
    def total(self) -> int:
        return sum(self.lights.values())

    @property
    def cells(self) -> list[tuple[Light, int]]:
        """Every light with its number, in the order of urgency."""
        return [(light, self.lights[light.value]) for light in Light]

    @property
    def done_share(self) -> float | None:
        """Share of the done among those not stopped, 0 to 1; None where there is none."""
        counted = self.total - self.lights[Light.STOPPED.value]
        return self.lights[Light.DONE.value] / counted if counted else None


def ledger(actor: Actor, region: Region | None = None) -> QuerySet[Any]:
    """The whole tasks that the actor sees, within a region; not the parts of a task that is itself among them.

    A task and its parts say the same thing twice, so whatever counts tasks counts these.
    """
    tasks = visible(actor, Task)
    if region:
        tasks = tasks.filter(region__path__startswith=region.path)
    return tasks.filter(Q(parent__isnull=True) | ~Q(parent__in=tasks.order_by().values("pk")))


def county_ledger(actor: Actor, region: Region | None = None) -> QuerySet[Any]:
    """What was handed to counties and zones, whole or in part: no part of a part."""
    tasks = (
        visible(actor, Task).filter(region__level__in=COUNTY_LEVELS).exclude(parent__region__level__in=COUNTY_LEVELS)
    )
    return tasks.filter(region__path__startswith=region.path) if region else tasks


def in_charge(tasks: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate ``in_charge``: the key of the lead unit, else of the unit named first; empty while that is unknown."""
    first = TaskUnit.objects.filter(task=OuterRef("pk")).order_by("role", "order", "pk")
    return tasks.annotate(in_charge=Subquery(first.values("unit")[:1]))


def light_counts(
    actor: Actor, region: Region | None = None, *, on: date | None = None, plan: int | None = None
) -> Counts:
    """How many whole tasks show which light; they sum to the number of whole tasks."""
    tasks = ledger(actor, region)
    rows = _counted(tasks.filter(plan=plan) if plan else tasks, on)
    return Counts(lights=Counter(dict(rows)))


def lights_by_county(actor: Actor, region: Region | None = None, *, on: date | None = None) -> list[Counts]:
    """Every county and zone, also those without a task, with the lights of what was handed to it."""
    counties = Region.objects.filter(level__in=COUNTY_LEVELS)
    if region:
        counties = counties.filter(path__startswith=region.path)
    rows = _counted(county_ledger(actor, region), on, "region__code")
    return _table([(county.code, county.short_name) for county in counties], rows)


def lights_by_unit(actor: Actor, region: Region | None = None, *, on: date | None = None) -> list[Counts]:
    """Every unit in charge with the lights of its whole tasks. Each task has one, so the rows sum to the ledger.

    The row without a key is of tasks whose unit in charge is not known yet.
    """
    rows = [(unit or "", light, n) for unit, light, n in _counted(in_charge(ledger(actor, region)), on, "in_charge")]
    names: dict[Any, str] = dict(
        Unit.objects.filter(pk__in={unit for unit, _light, _n in rows if unit}).values_list("pk", "name")
    )
    if any(unit == "" for unit, _light, _n in rows):
        names[""] = _("not assigned yet")
    return _table(list(names.items()), rows)


def _counted(tasks: QuerySet[Any], on: date | None, *group: str) -> list[tuple[Any, ...]]:
    counted = with_lights(tasks, on=on).order_by().values_list(*group, "light").annotate(n=Count("pk", distinct=True))
    return list(counted)


def _table(names: Sequence[tuple[Any, str]], rows: Iterable[tuple[Any, str, int]]) -> list[Counts]:
    table = {str(key): Counts(str(key), name) for key, name in names}
    for key, light, number in rows:
        table[str(key)].lights[light] += number
    return list(table.values())

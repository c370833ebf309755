"""For which units a person acts, and which classes of units those belong to."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import OFFICERS, Role
from kechuang.apps.supervision.models import Task
from kechuang.kit.permissions import Actor

COUNTY_LEVELS = frozenset({Region.Level.COUNTY.value, Region.Level.ZONE.value})


def acting_units(actor: Actor) -> list[int]:
    """Keys of the units for which the actor reports: the own units, and for a workstation all units of its county."""
    own = list(actor.units(Role.RESPONSIBLE_UNIT))
    counties = actor.regions(Role.COUNTY_WORKSTATION)
    if counties:
        own += Unit.objects.filter(within("region__path", counties)).order_by().values_list("pk", flat=True)
    return own


def classes_of(units: Iterable[int], *, obliged: bool = False) -> list[int]:
    """Keys of the classes to which one of these units belongs.

    With ``obliged`` only the classes of county units: “各部门” invites every department, and obliges none by name.
    """
    members = Unit.objects.filter(pk__in=list(units)).select_related("region")
    places = [(unit.kind, unit.region.level, unit.region.path) for unit in members]
    return [
        group.pk
        for group in Unit.objects.filter(kind=Unit.Kind.CLASS).select_related("region")
        if (not obliged or COUNTY_LEVELS & set(group.member_levels))
        and any(
            kind in group.member_kinds and level in group.member_levels and path.startswith(group.region.path)
            for kind, level, path in places
        )
    ]


def members_of(group: Unit) -> list[Unit]:
    """The units that a class stands for, county by county in the order of the directory."""
    if not group.is_class:
        return []
    return list(
        Unit.objects.filter(
            Q(kind__in=group.member_kinds, region__level__in=group.member_levels, active=True),
            region__path__startswith=group.region.path,
        ).select_related("region")
    )


def reporting_units(actor: Actor, task: Task) -> list[Unit]:
    """The units in whose name the actor may report on this task: named by it, or members of a class that it names.

    An officer, who may take down what a unit says on the telephone, may report for every unit that the task names.
    """
    named = [row.unit for row in task.task_units.select_related("unit__region") if row.unit]
    units = {unit.pk: unit for unit in named if not unit.is_class}
    for group in named:
        if group.is_class:
            units |= {unit.pk: unit for unit in members_of(group)}
    if actor.has(OFFICERS):
        return list(units.values())
    acting = set(acting_units(actor))
    return [unit for key, unit in units.items() if key in acting]

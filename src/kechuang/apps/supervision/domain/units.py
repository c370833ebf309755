"""Which units answer for a task: names read from a document, and what officers assign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.models import Task, TaskUnit
from kechuang.kit.errors import DomainError
from kechuang.kit.packs import fold
from kechuang.kit.permissions import Actor, authorise, visible

Role = TaskUnit.Role


@dataclass(frozen=True, slots=True)
class Named:
    """A unit as a document names it, and the directory's unit where it is known."""

    raw_name: str
    role: str
    unit: Unit | None


class UnitNames:
    """Every name under which the units of a region (or all) are known: looked up once, asked many times."""

    def __init__(self, region: Region | None = None) -> None:
        self._units: dict[str, Unit] = {}
        units = Unit.objects.filter(active=True).select_related("region")
        for unit in units.filter(region__path__startswith=region.path) if region else units:
            for name in (unit.name, unit.full_name, *unit.aliases):
                if name:
                    self._units.setdefault(fold(name), unit)

    def find(self, name: str) -> Unit | None:
        return self._units.get(fold(name))

    def named(self, lead: Iterable[str], units: Iterable[str]) -> list[Named]:
        """Units in the order of the document, each once: a unit that leads is not named again below."""
        result: dict[object, Named] = {}
        for role, names in ((Role.LEAD, lead), (Role.RESPONSIBLE, units)):
            for name in filter(None, (each.strip() for each in names)):
                unit = self.find(name)
                result.setdefault(unit.pk if unit else fold(name), Named(name[:120], role.value, unit))
        return list(result.values())


def write_named_units(task: Task, named: Sequence[Named]) -> None:
    """Make the units of a task those that its document names; units added by hand stay.

    A name that an officer has already said the meaning of keeps that meaning.
    """
    rows = list(task.task_units.all())
    meant = {fold(row.raw_name): row.unit_id for row in rows if row.raw_name and row.unit_id}
    by_hand = {row.unit_id for row in rows if not row.raw_name}
    wanted: dict[object, TaskUnit] = {}
    for order, each in enumerate(named):
        unit_id = each.unit.pk if each.unit else meant.get(fold(each.raw_name))
        if unit_id in by_hand:
            continue
        row = TaskUnit(task=task, unit_id=unit_id, raw_name=each.raw_name, role=each.role, order=order)
        wanted.setdefault(unit_id or fold(each.raw_name), row)
    for row in rows:
        match = wanted.pop(row.unit_id or fold(row.raw_name), None) if row.raw_name else None
        if row.raw_name and match is None:
            row.delete()
        elif match and (row.role, row.order, row.raw_name) != (match.role, match.order, match.raw_name):
            row.role, row.order, row.raw_name = match.role, match.order, match.raw_name
            row.save()
    for row in wanted.values():
        row.synthetic = task.synthetic
        row.save()


@transaction.atomic
def assign_units(
    actor: Actor, *, task: Task, units: Sequence[Unit], lead: Unit | None = None, replace: bool = True
) -> None:
    """Say who answers for a task: these units, ``lead`` in charge. Names still unknown stay until they are resolved.

    With ``replace`` false the units are added to those that it has.
    """
    authorise(actor, "change", task)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    wanted = {unit.pk: Role.RESPONSIBLE.value for unit in units}
    if lead is not None:
        wanted = {lead.pk: Role.LEAD.value, **{key: role for key, role in wanted.items() if key != lead.pk}}
    if not wanted:
        raise DomainError(_("Choose at least one unit."), field="units")
    known = {row.unit_id: row for row in task.task_units.filter(unit__isnull=False)}
    if replace:
        task.task_units.filter(unit__isnull=False).exclude(unit__in=wanted).delete()
    for order, (key, role) in enumerate(wanted.items()):
        row = known.get(key)
        if row is None:
            TaskUnit.objects.create(task=task, unit_id=key, role=role, order=order)
        elif (row.role, row.order) != (role, order) and replace:
            row.role, row.order = role, order
            row.save()


@transaction.atomic
def resolve_name(actor: Actor, *, raw_name: str, unit: Unit) -> int:
    """Say which unit a name in the documents means, for every task that still wonders; gives how many tasks.

    A task that has the unit already merely loses the doubtful name.
    """
    authorise(actor, "change", TaskUnit)
    rows = visible(actor, TaskUnit).filter(raw_name=raw_name, unit__isnull=True)
    rows = TaskUnit.objects.select_for_update(of=("self",)).filter(pk__in=rows.order_by().values("pk"))
    changed = 0
    for row in rows:
        if row.task.task_units.filter(unit=unit).exists():
            row.delete()
        else:
            row.unit = unit
            row.save()
        changed += 1
    return changed

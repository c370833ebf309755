"""Regions and units from a pack into the directory."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.kit import packs
from kechuang.kit.loading import pack_loader
from kechuang.kit.permissions import Actor, authorise

Record = TypeVar("Record", Region, Unit)


@pack_loader(order=10, label=_("Regions and units"))
@transaction.atomic
def load_directory(pack: packs.Pack, actor: Actor) -> None:
    """Bring the pack's regions and units into the directory: new ones are added, changed ones changed, none removed."""
    authorise(actor, "import", Region)
    regions = _load_regions(pack)
    _load_units(pack, regions)


def _load_regions(pack: packs.Pack) -> dict[str, Region]:
    known = {region.code: region for region in Region.objects.all()}
    for row in pack.regions:
        parent = known[row.parent] if row.parent else None
        values: dict[str, object] = {
            "name": row.name,
            "short_name": row.short_name,
            "name_en": row.name_en,
            "level": row.level,
            "parent": parent,
            "path": f"{parent.path if parent else ''}{row.code}/",
            "order": row.order,
        }
        known[row.code] = _save(known.get(row.code) or Region(code=row.code), values)
    return known


def _load_units(pack: packs.Pack, regions: dict[str, Region]) -> None:
    known = {unit.code: unit for unit in Unit.objects.all()}
    for order, row in enumerate(pack.units):
        values = {
            "name": row.name,
            "full_name": row.full_name,
            "aliases": list(row.aliases),
            "kind": row.kind,
            "region": regions[row.region],
            "member_levels": list(row.members.region_level) if row.members else [],
            "member_kinds": list(row.members.kind) if row.members else [],
            "order": order,
        }
        _save(known.get(row.code) or Unit(code=row.code), values)


def _save(record: Record, values: dict[str, object]) -> Record:
    """Write only what differs, so that loading the same pack again leaves no history behind."""
    changed = [name for name, value in values.items() if record.pk is None or getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    if changed:
        record.save()
    return record

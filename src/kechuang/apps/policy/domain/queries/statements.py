"""What documents state, as the engine compares it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kechuang.apps.policy.models import IN_FORCE_STATES, Conflict, Document, Item, ItemKind
from kechuang.engines.extraction import Benefit, Extraction, Facility, Fund, Meta, Reference, Target, Task
from kechuang.engines.extraction.align import AlignedDocument, Place, align

_CLASSES: Mapping[str, Any] = {
    ItemKind.TASK: Task,
    ItemKind.TARGET: Target,
    ItemKind.BENEFIT: Benefit,
    ItemKind.FUND: Fund,
    ItemKind.FACILITY: Facility,
    ItemKind.REFERENCE: Reference,
}
# What a payload that a person entered may lack.
_DEFAULTS = {"where": "body", "path": "", "number": None, "measures": "", "comparator": "=", "hedge": False}


@dataclass(frozen=True, slots=True)
class Clash:
    """Two findings that state the same fact differently; ``first`` stands in the earlier document."""

    first_id: int
    second_id: int
    grade: str
    reason: str


def clashes_with(document: Document) -> list[Clash]:
    """Every clash of this document's published findings with those of the others in force in its region.

    What a later document merely overtakes is told apart by its grade.
    """
    own_ids: dict[int, int] = {}
    own = _aligned(document, own_ids)
    found = []
    for other in Document.objects.filter(region=document.region, state__in=IN_FORCE_STATES).exclude(pk=document.pk):
        ids = dict(own_ids)
        alignment = align([own, _aligned(other, ids)])
        for conflict in alignment.conflicts:
            found.append(_clash(conflict.earlier, conflict.later, ids, conflict.grade, conflict.reason))
        for overtaking in alignment.overtakings:
            grade = Conflict.Grade.OVERTAKEN.value
            found.append(_clash(overtaking.earlier, overtaking.later, ids, grade, overtaking.reason))
    return found


def _clash(earlier: Place, later: Place, ids: Mapping[int, int], grade: str, reason: str) -> Clash:
    return Clash(ids[id(earlier.item)], ids[id(later.item)], grade, reason)


def _aligned(document: Document, ids: dict[int, int]) -> AlignedDocument:
    """The document as the engine knows it; ``ids`` learns which finding each of its items is."""
    groups: dict[str, list[Any]] = {kind: [] for kind in ItemKind.values}
    for item in document.items.filter(published__isnull=False).defer("bigrams").order_by("start", "pk"):
        stated = _stated(item)
        groups[item.kind].append(stated)
        ids[id(stated)] = item.pk
    issued = document.issued_on.isoformat() if document.issued_on else None
    extraction = Extraction(
        meta=Meta(document.title, document.doc_number or None, tuple(document.issuers), issued),
        tasks=tuple(groups[ItemKind.TASK]),
        targets=tuple(groups[ItemKind.TARGET]),
        benefits=tuple(groups[ItemKind.BENEFIT]),
        funds=tuple(groups[ItemKind.FUND]),
        facilities=tuple(groups[ItemKind.FACILITY]),
        references=tuple(groups[ItemKind.REFERENCE]),
    )
    return AlignedDocument(str(document.pk), extraction, issued)


def _stated(item: Item) -> Any:
    model = _CLASSES[item.kind]
    payload = {**_DEFAULTS, **{name: value for name, value in (item.published or {}).items() if value is not None}}
    values = {
        field.name: payload.get(field.name)
        for field in dataclasses.fields(model)
        if field.name in payload or field.default is dataclasses.MISSING
    }
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return model(**{**values, "quote": item.quote, "start": item.start, "end": item.end})

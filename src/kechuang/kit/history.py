"""The history of a record in words: who, when, which field, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import ForeignKey, Model
from django.utils.formats import localize
from django.utils.translation import gettext as _

HIDDEN = {"id", "created_at", "updated_at", "synthetic", "bigrams", "password"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: ``what`` is insert, update or delete."""

    at: datetime
    who: str
    what: str
    fields: tuple[FieldChange, ...]

    @property
    def title(self) -> str:
        if self.what == "insert":
            return _("Recorded")
        if self.what == "delete":
            return _("Deleted")
        labels = "、".join(change.label for change in self.fields[:3])
        return _("Changed: %(fields)s") % {"fields": labels} if labels else _("Saved without changes")


def event_model(model: type[Model]) -> Any:
    """The model that keeps the history of ``model``, or None where none is kept."""
    for related in model._meta.related_objects:
        if getattr(related.related_model, "pgh_tracked_model", None) is model:
            return related.related_model
    return None


def changes_of(obj: Model, limit: int | None = None) -> list[Change]:
    """The changes of a record, newest first; ``limit`` keeps the newest. A constant number of queries."""
    events_model = event_model(type(obj))
    if events_model is None:
        return []
    events = events_model.objects.filter(pgh_obj_id=obj.pk).select_related("pgh_context").order_by("-pgh_id")
    rows = list(events[: limit + 1] if limit else events)
    related = _related(type(obj), events_model, rows)
    people = _people(rows)
    changes = []
    for index, event in enumerate(rows[: limit or len(rows)]):
        before = rows[index + 1] if index + 1 < len(rows) else None
        fields = tuple(_differences(type(obj), before, event, related)) if before is not None else ()
        who = people.get((event.pgh_context.metadata or {}).get("user") if event.pgh_context else None, _("the system"))
        if event.pgh_label == "update" and not fields:
            continue
        changes.append(Change(event.pgh_created_at, who, event.pgh_label, fields))
    return changes


def _differences(model: type[Model], before: Any, after: Any, related: dict[Any, str]) -> Iterable[FieldChange]:
    for field in _tracked(model, type(after)):
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old != new:
            yield FieldChange(str(field.verbose_name), _words(field, old, related), _words(field, new, related))


def _tracked(model: type[Model], events: type[Model]) -> list[Any]:
    kept = {field.name for field in events._meta.fields}
    return [field for field in model._meta.concrete_fields if field.name in kept - HIDDEN]


def _words(field: Any, value: Any, related: dict[Any, str]) -> str:
    if value is None or value == "":
        return _("to be supplied")
    if isinstance(field, ForeignKey):
        return related.get((field.name, value), str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "、".join(map(str, value)) if isinstance(value, list) else str(localize(value))


def _related(model: type[Model], events: type[Model], rows: list[Any]) -> dict[Any, str]:
    """Names of the related records that the entries mention, one query for each relation."""
    names: dict[Any, str] = {}
    for field in _tracked(model, events):
        if isinstance(field, ForeignKey):
            keys = {getattr(row, field.attname) for row in rows} - {None}
            if keys:
                found = field.related_model._base_manager.in_bulk(keys)
                names |= {(field.name, key): str(record) for key, record in found.items()}
    return names


def _people(rows: list[Any]) -> dict[Any, str]:
    keys = {(row.pgh_context.metadata or {}).get("user") for row in rows if row.pgh_context} - {None}
    return {key: str(person) for key, person in get_user_model()._base_manager.in_bulk(keys).items()} if keys else {}

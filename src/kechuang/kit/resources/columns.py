"""Columns: what a list shows of a record, how it sorts, prints and exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kechuang.kit import lights
from kechuang.kit.templatetags.kechuang import day, known, money, value

SEPARATOR = "__"
NAMES = ("name", "short_name", "full_name", "display_name", "title")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``name`` is a field, a path (``region__name``), or a property or method of the record.

    ``kind`` (found from the field where empty): text, choice, state, bool, number, money, percent, date, datetime,
    list, html. ``value(obj)`` computes instead of reading ``name``. ``sort`` is an order_by path, None for unsortable.
    ``needs`` names relations that the value touches, joined or prefetched so that a list's queries stay constant.
    ``shown`` False: offered, not shown at first.
    """

    name: str
    label: Any = ""
    kind: str = ""
    unit: str = ""
    value: Callable[[Any], Any] | None = None
    sort: str | None = ""
    needs: tuple[str, ...] = ()
    shown: bool = True
    main: bool = False

    def bound(self, model: type[models.Model]) -> Column:
        """The column with what the model knows of it: label, kind, order."""
        field = field_at(model, self.name) if self.value is None else None
        label = self.label or _label(model, self.name, field)
        kind = self.kind or (_kind(field) if field is not None else "text")
        sort = self.sort
        if sort == "":
            sort = self.name if field is not None and kind not in ("list", "html") else None
        return replace(self, label=label, kind=kind, sort=sort)

    @property
    def title(self) -> str:
        """The label as a heading."""
        return capfirst(str(self.label))

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "money", "percent")

    def raw(self, obj: Any) -> Any:
        """The value itself."""
        if self.value is not None:
            return self.value(obj)
        for part in self.name.split(SEPARATOR):
            if obj is None:
                return None
            obj = getattr(obj, part)
            if callable(obj) and not isinstance(obj, models.Manager):
                obj = obj()
        return obj

    def cell(self, obj: Any) -> Any:
        """The value as the page shows it."""
        if self.kind in ("choice", "state") and self.value is None:
            return self._choice(obj)
        raw = self.raw(obj)
        if self.kind == "bool":
            return known(None) if raw is None else _("yes") if raw else _("no")
        if self.kind == "money":
            return money(raw)
        if self.kind in ("number", "percent"):
            return value(raw, self.unit or ("%" if self.kind == "percent" else ""))
        if self.kind in ("date", "datetime"):
            return day(raw)
        if self.kind == "list":
            return known("、".join(str(part) for part in raw) if raw else None)
        if self.kind == "state":
            return lights.badge(raw if isinstance(raw, lights.Light) else lights.light(raw))
        return known(str(raw) if raw not in (None, "") and not hasattr(raw, "__html__") else raw)

    def plain(self, obj: Any) -> Any:
        """The value as a spreadsheet holds it: numbers and dates stay numbers and dates, unknown stays empty."""
        if self.kind in ("choice", "state") and self.value is None:
            return str(self._display(obj))
        raw = self.raw(obj)
        if raw is None or isinstance(raw, bool):
            return "" if raw is None else _("yes") if raw else _("no")
        if isinstance(raw, datetime):
            return timezone.localtime(raw).replace(tzinfo=None) if timezone.is_aware(raw) else raw
        if isinstance(raw, (int, float, Decimal, date)):
            return raw
        if isinstance(raw, lights.Light):
            return str(raw.label)
        return "、".join(str(part) for part in raw) if self.kind == "list" else str(raw)

    def _owner(self, obj: Any) -> tuple[Any, str]:
        *path, last = self.name.split(SEPARATOR)
        for part in path:
            obj = getattr(obj, part, None)
        return obj, last

    def _display(self, obj: Any) -> Any:
        owner, last = self._owner(obj)
        display = getattr(owner, f"get_{last}_display", None)
        return display() if display else ("" if owner is None else getattr(owner, last))

    def _choice(self, obj: Any) -> Any:
        owner, last = self._owner(obj)
        if owner is None:
            return known(None)
        return lights.badge(lights.state_of(owner, last)) if self.kind == "state" else known(self._display(obj))


def columns_of(model: type[models.Model], columns: Any) -> tuple[Column, ...]:
    """Names and columns as bound columns; the first is the main one unless another says so."""
    bound = [(Column(c) if isinstance(c, str) else c).bound(model) for c in columns]
    if bound and not any(column.main for column in bound):
        bound[0] = replace(bound[0], main=True)
    return tuple(bound)


def relations(model: type[models.Model], columns: Any) -> tuple[list[str], list[str]]:
    """(select_related, prefetch_related) that the columns touch."""
    joined: dict[str, None] = {}
    fetched: dict[str, None] = {}
    for column in columns:
        for path in ([column.name] if column.value is None else []) + list(column.needs):
            _walk(model, path, joined, fetched)
    return list(joined), list(fetched)


def _walk(model: type[models.Model], path: str, joined: dict[str, None], fetched: dict[str, None]) -> None:
    seen: list[str] = []
    many = False
    current: Any = model
    for part in path.split(SEPARATOR):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            break
        if not field.is_relation or field.related_model is None:
            break
        many = many or field.many_to_many or field.one_to_many
        seen.append(part)
        current = field.related_model
    if seen:
        (fetched if many else joined)[SEPARATOR.join(seen)] = None


def field_at(model: type[models.Model], path: str) -> Any:
    """The field that a path ends in, or None where it is no field."""
    current: Any = model
    field = None
    for part in path.split(SEPARATOR):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if not hasattr(field, "verbose_name"):
            return None
        current = field.related_model if field.is_relation else current
    return field


def _kind(field: Any) -> str:
    if field.choices:
        return "state" if field.name in ("state", "status", "light") else "choice"
    if isinstance(field, models.BooleanField):
        return "bool"
    if isinstance(field, models.DateTimeField):
        return "datetime"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, (models.IntegerField, models.DecimalField, models.FloatField)):
        return "number"
    if hasattr(field, "base_field"):
        return "list"
    return "text"


def _label(model: type[models.Model], name: str, field: Any) -> Any:
    """The field's own words; a related record's name goes by the words of the relation ("county", not "name")."""
    path, _separator, last = name.rpartition(SEPARATOR)
    if path and last in NAMES and (relation := field_at(model, path)) is not None:
        return relation.verbose_name
    if field is not None:
        return field.verbose_name
    found = getattr(model, name, None)
    return getattr(getattr(found, "fget", found), "short_description", None) or name.replace("_", " ")

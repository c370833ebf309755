"""Spreadsheets into records: every row checked first, mistakes named by row and column, nothing written unasked.

class UnitImporter(Importer):
    key = ("code",)                                   # rows with a known code change that record, others are added
    lookups = {"region": ("code", "name")}            # how a cell names a related record

class UnitResource(Resource):
    importer = UnitImporter
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.db.models import Model
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _
from django.utils.translation import override
from python_calamine import CalamineError, CalamineWorkbook

from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, visible

if TYPE_CHECKING:
    from kechuang.kit.resources.resource import Resource

YES = {"是", "有", "yes", "y", "true", "1", "√"}
NO = {"否", "无", "no", "n", "false", "0", "×"}
ROW_LIMIT = 20_000
LANGUAGES = ("zh-hans", "en")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: headers, and rows with the number they have in the file."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a row; ``column`` is the header, empty for the row as a whole."""

    row: int
    column: str
    message: str
    cell: str = ""


@dataclass(slots=True)
class Row:
    """One row after checking: ``step`` is add, change, same or wrong."""

    number: int
    step: str
    label: str
    data: dict[str, Any]
    obj: Model | None = None
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """All rows after checking, and the headers that mean nothing here or are missing."""

    rows: list[Row]
    ignored: list[str]
    missing: list[str]

    def count(self, step: str) -> int:
        return sum(row.step == step for row in self.rows)

    @property
    def mistakes(self) -> list[Mistake]:
        return [mistake for row in self.rows for mistake in row.mistakes]

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.step in ("add", "change")]


def read_sheet(content: bytes, name: str) -> Sheet:
    """The first sheet of a workbook (.xlsx, .xls, .ods) or a .csv (UTF-8, GB 18030); DomainError where unreadable."""
    table = _csv_rows(content) if name.lower().endswith((".csv", ".txt")) else _workbook_rows(content)
    lines = [(number, row) for number, row in enumerate(table, start=1) if any(_text(cell) for cell in row)]
    if not lines:
        raise DomainError(_("The file is empty. Fill in the template and upload it again."), field="file")
    if len(lines) > ROW_LIMIT + 1:
        raise DomainError(_("The file has more than %(n)s rows. Split it.") % {"n": ROW_LIMIT}, field="file")
    return Sheet(tuple(_text(cell) for cell in lines[0][1]), tuple((n, tuple(row)) for n, row in lines[1:]))


def _workbook_rows(content: bytes) -> list[list[Any]]:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError, ValueError, IndexError) as error:
        message = _("This file cannot be read as a spreadsheet. Save it as .xlsx or .csv and upload it again.")
        raise DomainError(message, field="file") from error


def _csv_rows(content: bytes) -> list[list[Any]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [list(row) for row in csv.reader(io.StringIO(text))]
    raise DomainError(_("The text of this file is neither UTF-8 nor GB 18030."), field="file")


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (date, datetime)) else str(cell).strip()


class Importer:
    """How rows of a spreadsheet become records of a resource; its form checks them, its verbs write them."""

    columns: ClassVar[Sequence[str]] = ()
    key: ClassVar[Sequence[str]] = ()
    lookups: ClassVar[Mapping[str, Sequence[str]]] = {}
    aliases: ClassVar[Mapping[str, Sequence[str]]] = {}
    notes: ClassVar[Any] = ""

    def __init__(self, resource: Resource, actor: Actor) -> None:
        self.resource = resource
        self.actor = actor

    @cached_property
    def fields(self) -> dict[str, forms.Field]:
        """The form's fields that a spreadsheet may fill, in order."""
        form = self.resource.form(actor=self.actor)
        names = self.columns or [name for name, f in form.fields.items() if not isinstance(f, forms.FileField)]
        return {name: form.fields[name] for name in names}

    def header(self, name: str) -> str:
        return str(self.fields[name].label or name)

    def template_headers(self) -> list[str]:
        return [self.header(name) for name in self.fields]

    def map_headers(self, headers: Sequence[str]) -> tuple[dict[str, int], list[str], list[str]]:
        """(field → column), headers without meaning, required ones missing; in Chinese, English or as field names."""
        known: dict[str, str] = {}
        for language in LANGUAGES:
            with override(language):
                known.update({_folded(self.header(name)): name for name in self.fields})
        known.update({_folded(name): name for name in self.fields})
        known.update({_folded(alias): name for name, aliases in self.aliases.items() for alias in aliases})
        mapping: dict[str, int] = {}
        ignored = []
        for index, header in enumerate(headers):
            name = known.get(_folded(header))
            if name and name not in mapping:
                mapping[name] = index
            elif header:
                ignored.append(header)
        missing = [self.header(n) for n, f in self.fields.items() if n not in mapping and (f.required or n in self.key)]
        return mapping, ignored, missing

    # Checking -------------------------------------------------------------------------------------------------------

    def check(self, sheet: Sheet, progress: Any = None) -> Report:
        """Check every row as the form would; writes nothing."""
        mapping, ignored, missing = self.map_headers(sheet.headers)
        if missing:
            return Report([], ignored, missing)
        existing = self._existing(sheet, mapping)
        seen: dict[tuple[str, ...], int] = {}
        rows = []
        for number, cells in sheet.rows:
            named = {name: cells[i] if i < len(cells) else "" for name, i in mapping.items()}
            rows.append(self._check(number, named, existing, seen))
            if progress is not None:
                progress(1)
        return Report(rows, ignored, [])

    def _check(self, number: int, cells: dict[str, Any], existing: Mapping[Any, Model], seen: dict[Any, int]) -> Row:
        mistakes: list[Mistake] = []
        data = {name: self._cell(name, cell, number, mistakes) for name, cell in cells.items()}
        identity = self._identity({name: _text(cell) for name, cell in cells.items()})
        if identity and identity in seen:
            message = _("the same as row %(row)s") % {"row": seen[identity]}
            mistakes.append(Mistake(number, self.header(self.key[0]), message, identity[0]))
        seen.setdefault(identity, number)
        obj = existing.get(identity) if identity else None
        form = self._form(obj, data)
        named = {mistake.column for mistake in mistakes}
        for name, errors in form.errors.items():
            header = self.header(name) if name in self.fields else ""
            if header not in named or not header:
                cell = _text(cells.get(name, ""))
                mistakes += [Mistake(number, header, str(error), cell) for error in errors]
        label = " ".join(_text(cell) for cell in list(cells.values())[:2])
        changes = [] if mistakes or obj is None else self._changes(form)
        step = "wrong" if mistakes else "add" if obj is None else "change" if changes else "same"
        return Row(number, step, label, data, obj, changes, mistakes)

    def _form(self, obj: Model | None, data: dict[str, Any]) -> Any:
        """The resource's form, bound to the row over what the record holds already."""
        form = self.resource.form(actor=self.actor, instance=_copy(obj) if obj else None)
        filled = {name: form[name].initial for name in form.fields if name not in data}
        bound = self.resource.form(
            {name: v for name, v in {**_plain(filled), **data}.items() if v is not None},
            actor=self.actor,
            instance=_copy(obj) if obj else None,
        )
        return bound

    def _changes(self, form: Any) -> list[tuple[str, str, str]]:
        changes = []
        for name in form.changed_data:
            if name in self.fields:
                form_field = form.fields[name]
                before, after = _shown(form[name].initial, form_field), _shown(form.cleaned_data[name], form_field)
                changes.append((self.header(name), before, after))
        return changes

    def _identity(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        identity = tuple(cells.get(name, "") for name in self.key)
        return identity if any(identity) else ()

    def _existing(self, sheet: Sheet, mapping: Mapping[str, int]) -> dict[tuple[str, ...], Model]:
        """The records that rows of the sheet mean, found in one query by the first part of the key."""
        if not self.key:
            return {}
        first = mapping[self.key[0]]
        wanted = {_text(cells[first]) for _number, cells in sheet.rows if first < len(cells)} - {""}
        rows = visible(self.actor, self.resource.model)
        if not isinstance(self.resource.model._meta.get_field(self.key[0]), models.ForeignKey):
            rows = rows.filter(**{f"{self.key[0]}__in": wanted})
        joined = [name for name in self.fields if _is_foreign_key(self.resource.model, name)]
        return {
            tuple(_text(_key_value(getattr(obj, name), self.lookups.get(name))) for name in self.key): obj
            for obj in rows.select_related(*joined)
        }

    def _cell(self, name: str, cell: Any, number: int, mistakes: list[Mistake]) -> Any:
        """A cell as the form wants it: keys for related records and choices, booleans, ISO dates."""
        form_field, text = self.fields[name], _text(cell)
        if text == "":
            return ""
        found: Any = text
        if isinstance(form_field, forms.ModelMultipleChoiceField):
            found = [self._related(name).get(part.strip()) for part in text.replace(",", "、").split("、")]
            found = None if None in found else found
        elif isinstance(form_field, forms.ModelChoiceField):
            found = self._related(name).get(text)
        elif isinstance(form_field, forms.ChoiceField):
            found = self._choices(name).get(text.lower())
        elif isinstance(form_field, forms.BooleanField):
            found = "on" if text.lower() in YES else "" if text.lower() in NO else None
        elif isinstance(form_field, forms.DateField):
            found = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
        if found is None:
            message = _("“%(cell)s” is not known here. %(hint)s") % {"cell": text, "hint": self.hint(name)}
            mistakes.append(Mistake(number, self.header(name), message, text))
            return ""
        return found

    def hint(self, name: str) -> str:
        """What a cell of this column may hold, for messages and the template."""
        form_field = self.fields[name]
        if isinstance(form_field, forms.BooleanField):
            return _("Write yes or no.")
        if isinstance(form_field, forms.ModelChoiceField):
            return _("Write the name or the code as in the directory.")
        if isinstance(form_field, forms.ChoiceField):
            labels = [str(label) for key, label in _pairs(form_field) if key not in ("", None)]
            return _("Write one of: %(choices)s.") % {"choices": "、".join(labels)}
        return str(form_field.help_text)

    def _related(self, name: str) -> dict[str, Any]:
        cache: dict[str, dict[str, Any]] = self.__dict__.setdefault("_related_cache", {})
        if name not in cache:
            lookups = self.lookups.get(name, ("name",))
            rows = self.fields[name].queryset.values_list("pk", *lookups)  # type: ignore[attr-defined]
            cache[name] = {str(text): pk for pk, *texts in rows for text in reversed(texts) if text}
        return cache[name]

    def _choices(self, name: str) -> dict[str, Any]:
        cache: dict[str, dict[str, Any]] = self.__dict__.setdefault("_choice_cache", {})
        if name not in cache:
            found: dict[str, Any] = {}
            for language in LANGUAGES:
                with override(language):
                    for key, label in _pairs(self.fields[name]):
                        found |= {str(label).lower(): key, str(key).lower(): key}
            cache[name] = found
        return cache[name]

    # Writing --------------------------------------------------------------------------------------------------------

    def write(self, rows: Iterable[Row], progress: Any = None) -> tuple[int, int]:
        """Write the rows in one transaction through the resource's verbs; (added, changed)."""
        added = changed = 0
        with transaction.atomic():
            for row in rows:
                form = self._form(row.obj, row.data)
                if not form.is_valid():
                    raise DomainError(_("Row %(row)s no longer fits. Check the file again.") % {"row": row.number})
                self._save(row, form.cleaned_data)
                added, changed = added + (row.obj is None), changed + (row.obj is not None)
                if progress is not None:
                    progress(1)
        return added, changed

    def _save(self, row: Row, values: dict[str, Any]) -> None:
        try:
            if row.obj is None:
                self.resource.run("add", self.actor, **values)
            else:
                self.resource.run("change", self.actor, row.obj, **values)
        except DomainError as error:
            text = _("Row %(row)s: %(message)s") % {"row": row.number, "message": error.message}
            raise type(error)(text, field=error.field) from error


def _folded(header: str) -> str:
    """Headers match without regard to case, blanks, brackets' content and marks of required columns."""
    text = header.split("（")[0].split("(")[0]
    return "".join(text.lower().split()).strip("*＊:：_")


def _copy(obj: Any) -> Any:
    import copy

    return copy.copy(obj)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "pk", value) for name, value in values.items()}


def _is_foreign_key(model: type[Model], name: str) -> bool:
    try:
        return isinstance(model._meta.get_field(name), models.ForeignKey)
    except FieldDoesNotExist:
        return False


def _key_value(value: Any, lookups: Sequence[str] | None) -> Any:
    return getattr(value, (lookups or ("name",))[0]) if isinstance(value, Model) else value


def _pairs(form_field: Any) -> list[tuple[Any, Any]]:
    """The choices of a form field, those inside groups too."""
    return list(flatten_choices(form_field.choices))


def _shown(value: Any, form_field: Any) -> str:
    if isinstance(form_field, forms.ModelChoiceField) and not isinstance(value, Model) and value:
        value = form_field.queryset.filter(pk=value).first() if form_field.queryset is not None else value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)

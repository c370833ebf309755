"""The research account as its page draws it, and as a table: pasted from a spreadsheet, uploaded, downloaded."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.fact_values import read_value
from kechuang.apps.indicators.domain.periods import parse_period
from kechuang.apps.indicators.domain.queries.research import expenses_of, projects_of
from kechuang.apps.indicators.domain.research import AccountErrors, Booking, add_project, book_expenses
from kechuang.apps.indicators.models import FactKind, PeriodKind, RdExpense
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.importing import Mistake, Sheet
from kechuang.kit.permissions import Actor

Category = RdExpense.Category
ROW_LIMIT = 5_000
CENT = Decimal("0.01")
AMOUNT = FactKind(code="amount", kind=FactKind.Kind.MONEY)
HEADS: dict[str, tuple[str, ...]] = {
    "project": ("项目编号", "项目代码", "编号", "项目", "project number", "project"),
    "name": ("项目名称", "名称", "project name", "name"),
    "month": ("月份", "所属月份", "期间", "日期", "month"),
    "category": ("费用类别", "类别", "费用类型", "科目", "class of expense", "class"),
    "amount": ("金额", "发生额", "amount"),
}
CLASSES: dict[str, tuple[str, ...]] = {
    Category.STAFF: ("人员人工", "人员人工费用", "人工费用", "人工"),
    Category.DIRECT: ("直接投入", "直接投入费用"),
    Category.DEPRECIATION: ("折旧", "折旧费用"),
    Category.AMORTISATION: ("无形资产摊销", "摊销"),
    Category.DESIGN: ("新产品设计费等", "新产品设计费", "新产品设计与试验", "设计试验费用"),
    Category.OTHER: ("其他相关费用", "其他费用", "其他"),
    Category.COMMISSIONED: ("委托境内", "委托境内研发", "委托外部境内", "委托研发", "委托外部研发"),
    Category.ABROAD: ("委托境外", "委托境外研发", "委托外部境外"),
}
"""How books call the classes, beside their names on the page."""
DAY_OR_DIGITS = re.compile(
    r"(?P<year>\d{4})(?:(?P<digits>\d{2})|[-/.年](?P<day_month>\d{1,2})[-/.月]\d{1,2}日?(?:[ T].*)?)"
)
LONG = ("project", "month", "category", "amount")
"""The columns of a table without headings."""


@dataclass(slots=True)
class Taken:
    """What became of a table: nothing is kept where there are mistakes."""

    rows: int = 0
    changed: int = 0
    projects: int = 0
    mistakes: list[Mistake] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """A table being read: where its columns are, the bookings so far, and which row named each of them."""

    columns: Mapping[str, int]
    year: int
    bookings: list[Booking] = field(default_factory=list)
    seen: dict[tuple[str, date, str], int] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


def read_amount(raw: Any) -> Decimal | None:
    """Yuan with two places from what books write: ``1,234.50``, ``¥1234.5``, ``1.2万元``; None where empty."""
    text = re.sub(r"^\s*[¥￥]", "", raw) if isinstance(raw, str) else raw
    value = read_value(AMOUNT, text)
    return None if value is None else Decimal(str(value)).quantize(CENT)


def read_table(text: str) -> Sheet:
    """What was copied from a spreadsheet: cells apart by tabs (or commas), the first row with headings or without."""
    delimiter = "\t" if "\t" in text else ","
    lines = list(csv.reader(StringIO(text.strip("\r\n").replace("\0", "")), delimiter=delimiter))
    rows = [(number, tuple(cells)) for number, cells in enumerate(lines, start=1) if any(c.strip() for c in cells)]
    if not rows:
        raise DomainError(_("Paste the rows of your table, or choose a file."), field="table")
    head = rows[0][1]
    if len(_columns(head)[0]) >= 2:
        return Sheet(tuple(cell.strip() for cell in head), tuple(rows[1:]))
    return Sheet(LONG, tuple(rows))


def as_text(sheet: Sheet) -> str:
    """A table as it would be pasted, to correct it on the page."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(sheet.headers)
    writer.writerows([_shown(cell) for cell in cells] for _number, cells in sheet.rows)
    return buffer.getvalue()


def take_table(actor: Actor, sheet: Sheet, *, organisation: Organisation, year: int) -> Taken:
    """Keep the expenses of a table, all or none; a project that is not there yet is added where its name stands.

    Each row is a project in a month: either with a class and its amount, or with one column for each class. Empty
    cells are passed over, 0 takes an expense away. Raises DomainError where the table as a whole cannot be read.
    """
    columns, ignored = _columns(sheet.headers)
    taken = Taken(ignored=ignored)
    _require_columns(columns)
    if len(sheet.rows) > ROW_LIMIT:
        raise DomainError(_("The table has more than %(n)s rows. Split it.") % {"n": ROW_LIMIT}, field="table")
    reading = _Reading(columns, year)
    for number, cells in sheet.rows:
        _read_row(reading, number, cells)
    taken.rows, taken.mistakes = len(sheet.rows), reading.mistakes
    if not taken.mistakes and not reading.bookings:
        raise DomainError(_("No amount stands in this table."), field="table")
    with transaction.atomic():
        try:
            taken.projects = _add_projects(actor, organisation, reading.names, taken.mistakes)
            taken.changed = book_expenses(actor, organisation=organisation, bookings=reading.bookings)
        except AccountErrors as error:
            taken.mistakes += [Mistake(row, "", message) for row, message in error.errors.items()]
        if taken.mistakes:
            transaction.set_rollback(True)
    taken.mistakes.sort(key=lambda mistake: mistake.row)
    return taken


def table_rows(organisation: Organisation, year: int) -> tuple[list[str], list[list[Any]]]:
    """The account of a year as a workbook, which is also the template: each project, each month, yuan by class."""
    projects = list(projects_of(organisation, year))
    booked = expenses_of(projects, year)
    heads = [_("Project number"), _("Project name"), _("Month"), *(f"{kind.label}（元）" for kind in Category)]
    rows: list[list[Any]] = []
    for project in projects:
        for month in range(1, 13):
            known = booked.get((project.pk, month), {})
            rows.append([project.code, project.name, f"{year}-{month:02d}", *(known.get(k, "") for k in Category)])
    return heads, rows or [["", "", f"{year}-01", *("" for _kind in Category)]]


def _require_columns(columns: Mapping[str, int]) -> None:
    classes = [name for name in columns if name in Category.values]
    if "project" not in columns or "month" not in columns:
        raise DomainError(_("The columns with the project number and the month are missing."), field="table")
    if not classes and not {"category", "amount"} <= columns.keys():
        message = _("There is neither a column for each class of expense nor one for the class and one for the amount.")
        raise DomainError(message, field="table")


def _columns(headers: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """(what → column, headings without meaning)."""
    known: dict[str, str] = {_folded(alias): name for name, aliases in HEADS.items() for alias in (name, *aliases)}
    for kind, aliases in CLASSES.items():
        known |= {_folded(alias): str(kind) for alias in (str(kind), str(Category(kind).label), *aliases)}
    found: dict[str, int] = {}
    ignored = []
    for at, header in enumerate(headers):
        name = known.get(_folded(str(header)))
        if name and name not in found:
            found[name] = at
        elif str(header).strip():
            ignored.append(str(header).strip())
    return found, ignored


def _folded(text: str) -> str:
    """Without the unit in brackets, blanks, case, and the word for expense at the end."""
    plain = re.sub(r"[（(][^（）()]*[）)]|\s+", "", text)
    return re.sub(r"费用?$", "", plain).casefold()


def _read_row(reading: _Reading, number: int, cells: Sequence[Any]) -> None:
    def cell(name: str) -> Any:
        at = reading.columns.get(name)
        return cells[at] if at is not None and at < len(cells) else ""

    amounts = _amounts(reading, number, cell)
    if amounts is None or not amounts:
        return
    code = _plain(cell("project"))
    if not code:
        reading.mistakes.append(Mistake(number, _("Project number"), _("Whose expense is this? Write the number.")))
        return
    month = _month(reading, number, cell("month"))
    if month is None:
        return
    if name := _plain(cell("name")):
        reading.names.setdefault(code, (name, number))
    for category, amount in amounts.items():
        key = (code, month, category)
        if key in reading.seen:
            message = _("Row %(row)s has the same project, month and class already. Add the amounts up in one row.")
            words = {"row": reading.seen[key]}
            reading.mistakes.append(Mistake(number, str(Category(category).label), message % words, str(amount)))
            continue
        reading.seen[key] = number
        reading.bookings.append(Booking(code, month, category, amount, number))


def _amounts(reading: _Reading, number: int, cell: Any) -> dict[str, Decimal] | None:
    """Class → amount of a row, in either layout; None where a cell cannot be read."""
    wanted: dict[str, Any]
    if "amount" in reading.columns and "category" in reading.columns:
        raw = cell("amount")
        if not _plain(raw):
            return {}
        category = _category(_plain(cell("category")))
        if category is None:
            message = _("This is no class of expense. Write one of: %(classes)s.")
            classes = "、".join(str(kind.label) for kind in Category)
            text = _plain(cell("category"))
            reading.mistakes.append(Mistake(number, _("Class of expense"), message % {"classes": classes}, text))
            return None
        wanted = {category: raw}
    else:
        wanted = {name: cell(name) for name in reading.columns if name in Category.values}
    found = {}
    for category, raw in wanted.items():
        try:
            amount = read_amount(raw)
        except DomainError as error:
            reading.mistakes.append(Mistake(number, str(Category(category).label), error.message, _plain(raw)))
            continue
        if amount is not None:
            found[category] = amount
    return found


def _category(text: str) -> str | None:
    columns, _ignored = _columns([text])
    return next((name for name in columns if name in Category.values), None)


def _month(reading: _Reading, number: int, raw: Any) -> date | None:
    """The month of a row: ``2025-03``, ``2025年3月``, ``202503``, a day in it, or ``3`` of the account's year."""
    if isinstance(raw, (date, datetime)):
        return date(raw.year, raw.month, 1)
    text = _plain(raw)
    plain = re.sub(r"月份?$", "", text)
    if plain.isdecimal() and 1 <= int(plain) <= 12:
        return date(reading.year, int(plain), 1)
    if match := DAY_OR_DIGITS.fullmatch(text):
        text = f"{match['year']}-{match['day_month'] or match['digits']}"
    try:
        period = parse_period(text)
    except DomainError:
        period = None
    if period is None or period.kind != PeriodKind.MONTHLY:
        message = _("Write the month as 2025-03.")
        reading.mistakes.append(Mistake(number, _("Month"), message, _plain(raw)))
        return None
    return period.start


def _add_projects(
    actor: Actor, organisation: Organisation, names: Mapping[str, tuple[str, int]], mistakes: list[Mistake]
) -> int:
    """Projects that the account does not have yet; those that it has keep their names."""
    there = set(organisation.rd_projects.filter(code__in=list(names)).values_list("code", flat=True))
    fresh = {code: named for code, named in names.items() if code not in there}
    for code, (name, number) in fresh.items():
        try:
            add_project(actor, organisation=organisation, code=code, name=name)
        except Refused:
            raise
        except DomainError as error:
            mistakes.append(Mistake(number, _("Project name"), error.message, name))
    return len(fresh)


def _plain(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _shown(cell: Any) -> str:
    return f"{cell:%Y-%m-%d}" if isinstance(cell, (date, datetime)) else _plain(cell)

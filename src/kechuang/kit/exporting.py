"""Rows as .xlsx or .csv, exactly the columns and rows given, in constant memory."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def export_response(
    name: str, headers: Sequence[Any], rows: Iterable[Sequence[Any]], kind: str = "xlsx"
) -> HttpResponse:
    """A download named ``name-20251231.xlsx``; kind is ``xlsx`` or ``csv``."""
    filename = f"{name}-{timezone.localdate():%Y%m%d}.{kind}"
    heads = [str(header) for header in headers]
    if kind == "csv":
        response: Any = StreamingHttpResponse(csv_lines(heads, rows), content_type="text/csv; charset=utf-8")
    else:
        response = FileResponse(workbook(heads, rows, sheet=name), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    return cast(HttpResponse, response)


def workbook(headers: Sequence[str], rows: Iterable[Sequence[Any]], sheet: str = "") -> IO[bytes]:
    """A workbook in a temporary file, open at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    page = book.add_worksheet("".join(c for c in sheet if c not in "[]:*?/\\'")[:31] or None)
    bold = book.add_format({"bold": True, "bg_color": "#E7F0FA", "bottom": 1})
    formats = {date: book.add_format({"num_format": "yyyy-mm-dd"})}
    formats[datetime] = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    page.freeze_panes(1, 0)
    for column, header in enumerate(headers):
        page.set_column(column, column, max(12, min(48, len(header) * 2.4)))
        page.write_string(0, column, header, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            _write(page, last, column, cell, formats)
    if headers:
        page.autofilter(0, 0, last, len(headers) - 1)
    book.close()
    file.seek(0)
    return file


def _write(page: Any, row: int, column: int, cell: Any, formats: dict[type[date], Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, (datetime, date)):
        page.write_datetime(row, column, cell, formats[type(cell)])
    elif isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        page.write_number(row, column, cell)
    else:
        page.write_string(row, column, str(cell)[:32767])


def csv_lines(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV with a byte order mark, as Excel expects; cells that a spreadsheet would run as a formula are defused."""
    yield "\ufeff" + _line(headers)
    for row in rows:
        yield _line([_defused(cell) for cell in row])


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _defused(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell

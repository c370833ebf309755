"""Spreadsheets in and out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from kechuang.kit.errors import DomainError
from kechuang.kit.exporting import csv_lines, workbook
from kechuang.kit.importing import read_sheet
from kechuang.kit.testing import spreadsheet

HEAD = ["名称", "金额", "日期"]
ROWS = [["=1+1", Decimal("12.50"), date(2025, 12, 31)], ["http://example.org", 3, datetime(2025, 1, 2, 3, 4)]]


def test_a_workbook_keeps_numbers_dates_and_text_as_what_they_are() -> None:
    table = spreadsheet(workbook(HEAD, ROWS, sheet="a/b:c").read())
    assert table[0] == HEAD
    assert table[1] == ["=1+1", 12.5, date(2025, 12, 31)]
    assert table[2][2] == datetime(2025, 1, 2, 3, 4)


def test_csv_defuses_what_a_spreadsheet_would_run() -> None:
    lines = list(csv_lines(HEAD, ROWS))
    assert lines[0].startswith("\ufeff名称")
    assert lines[1].startswith("'=1+1")


def test_what_was_written_is_read_back() -> None:
    sheet = read_sheet(workbook(HEAD, ROWS).read(), "a.xlsx")
    assert sheet.headers == tuple(HEAD)
    assert [number for number, _row in sheet.rows] == [2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_either_encoding_is_read(encoding: str) -> None:
    sheet = read_sheet("名称,金额\n甲,1\n\n乙,2\n".encode(encoding), "a.CSV")
    assert sheet.headers == ("名称", "金额")
    assert [row[0] for _number, row in sheet.rows] == ["甲", "乙"]
    assert [number for number, _row in sheet.rows] == [2, 4]


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"\xff\xfe\x00x", "a.csv"), (b"PK no", "a.xlsx")])
def test_unreadable_files_are_refused_with_advice(content: bytes, name: str) -> None:
    with pytest.raises(DomainError) as caught:
        read_sheet(content, name)
    assert caught.value.field == "file"

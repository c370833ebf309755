"""Where a spreadsheet waits between its upload and its writing, with the report of its check."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from kechuang.kit.errors import DomainError
from kechuang.kit.importing import Mistake, Report, Sheet

SHOWN = 200


@dataclass(frozen=True, slots=True)
class GoodRow:
    """What would be written of a row."""

    number: int
    label: str
    step: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Summary:
    """The result of a check as the page shows it: counts of everything, the first mistakes and the first good rows."""

    counts: dict[str, int]
    ignored: list[str]
    missing: list[str]
    mistakes: list[Mistake]
    mistakes_total: int
    good: list[GoodRow]
    good_total: int


def summary_of(report: Report) -> Summary:
    good = report.good
    return Summary(
        {step: report.count(step) for step in ("add", "change", "same", "wrong")},
        report.ignored,
        report.missing,
        report.mistakes[:SHOWN],
        len(report.mistakes),
        [GoodRow(row.number, row.label, row.step, row.changes) for row in good[:SHOWN]],
        len(good),
    )


def keep_sheet(path: str, sheet: Sheet) -> None:
    _keep(path, {"headers": sheet.headers, "rows": sheet.rows})


def sheet_at(path: str) -> Sheet:
    """The sheet; DomainError where it was written already or is too old."""
    data = _read(path)
    if data is None:
        raise DomainError(_("This import is finished or too old. Upload the file again."))
    return Sheet(tuple(data["headers"]), tuple((number, tuple(cells)) for number, cells in data["rows"]))


def keep_summary(path: str, summary: Summary) -> None:
    drop(_summary_path(path))
    _keep(_summary_path(path), asdict(summary))


def summary_at(path: str) -> Summary | None:
    """The report of an earlier check, None where there was none."""
    data = _read(_summary_path(path))
    if data is None:
        return None
    data["mistakes"] = [Mistake(**mistake) for mistake in data["mistakes"]]
    data["good"] = [GoodRow(**row) for row in data["good"]]
    return Summary(**data)


def drop(*paths: str) -> None:
    for path in paths:
        default_storage.delete(path)


def forget(path: str) -> None:
    """Sheet and report, once they are no longer needed."""
    drop(path, _summary_path(path))


def _summary_path(path: str) -> str:
    return path.removesuffix(".json") + ".report.json"


def _keep(path: str, data: Any) -> None:
    default_storage.save(path, ContentFile(json.dumps(data, default=str, ensure_ascii=False).encode()))


def _read(path: str) -> Any:
    if not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        return json.loads(file.read())

"""Sharing a target out over the counties: what the page shows, suggests and reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.arithmetic import ONE, shares_of
from kechuang.apps.indicators.domain.queries.overview import CountyTable
from kechuang.apps.indicators.domain.units import FACTORS, plain_text, read_number, text_of
from kechuang.apps.indicators.models import Target
from kechuang.kit.errors import DomainError
from kechuang.kit.importing import read_sheet

LIMIT = 2 * 1024 * 1024


@dataclass(slots=True)
class PartLine:
    """A county on the page: what is typed for it and what is wrong with it."""

    region: Region
    value: str = ""
    current: str = ""
    error: str = ""


def lines_of(target: Target, table: CountyTable) -> list[PartLine]:
    """The counties with the parts they have."""
    return [
        PartLine(
            row.region,
            plain_text(row.part.value if row.part else None, target.indicator),
            text_of(row.current, target.indicator),
        )
        for row in table.rows
    ]


def suggest(target: Target, table: CountyTable, how: str) -> dict[int, str]:
    """Parts for every county: equal, or in proportion to the counties' current figures."""
    if target.value is None:
        return {}
    if not target.indicator.is_additive:
        return {row.region.pk: plain_text(target.value, target.indicator) for row in table.rows}
    current = {str(row.region.pk): row.current or Decimal(0) for row in table.rows}
    weights = current if how == "proportional" else dict.fromkeys(current, ONE)
    step = FACTORS["万元"] if target.indicator.unit == "元" else ONE
    parts = shares_of(target.value, weights, step=step)
    return {int(key): plain_text(value, target.indicator) for key, value in parts.items()}


def fill(lines: Sequence[PartLine], values: Mapping[int, str]) -> None:
    for line in lines:
        if line.region.pk in values:
            line.value = values[line.region.pk]


def read(target: Target, lines: Sequence[PartLine], data: Mapping[str, Any]) -> dict[Region, Decimal] | None:
    """The parts that were typed; None where a line cannot be read (its mistake stands beside it)."""
    parts: dict[Region, Decimal] = {}
    for line in lines:
        line.value = str(data.get(f"part-{line.region.pk}", "")).strip()
        if not line.value:
            continue
        try:
            parts[line.region] = read_number(line.value, target.indicator)
        except DomainError as error:
            line.error = error.message
    return None if any(line.error for line in lines) else parts


def read_file(lines: Sequence[PartLine], upload: UploadedFile) -> list[str]:
    """Fill the lines from a spreadsheet of counties and values; what was not understood, row by row."""
    if (upload.size or 0) > LIMIT:
        raise DomainError(_("The file is larger than 2 MB."), field="file")
    sheet = read_sheet(upload.read(), upload.name or "")
    by_name = {name: line for line in lines for name in (line.region.name, line.region.short_name, line.region.code)}
    mistakes = []
    for number, cells in sheet.rows:
        texts = [_text(cell) for cell in cells]
        line = next((by_name[text] for text in texts if text in by_name), None)
        value = next((text for text in texts if text and text not in by_name and text[:1].isdigit()), "")
        if line is None:
            mistakes.append(_("Row %(row)s names no county of this place.") % {"row": number})
        elif not value:
            mistakes.append(_("Row %(row)s: no value for %(region)s.") % {"row": number, "region": line.region})
        else:
            line.value = value
    return mistakes


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()

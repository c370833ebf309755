"""The leaders' overview, computed once and drawn as figures, charts and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.supervision.domain.lights import OPEN_LIGHTS, Light
from kechuang.apps.supervision.domain.queries.inbox import extensions_to_decide, reports_to_check
from kechuang.apps.supervision.domain.queries.lights import Counts, light_counts, lights_by_county, lights_by_unit
from kechuang.apps.supervision.domain.queries.overview import movement, overdue, silent_units
from kechuang.apps.supervision.interfaces.filters import COUNTIES, NOBODY, WHOLE
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import Bulletin, ProgressReport
from kechuang.kit import charts
from kechuang.kit.permissions import Actor, can

AUDIENCE = Bulletin
"""Whoever may read bulletins may read what they are made of."""
ORDER = tuple(light.value for light in Light)
MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A unit or county: its lights, each with the address of the list that has just as many rows."""

    name: str
    cells: list[tuple[int, str]]
    total: int
    url: str
    done_share: float | None

    @property
    def percent(self) -> str | None:
        """Share of the done in percent, in words of a table."""
        return percent(self.done_share)


def percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.1f}".rstrip("0").rstrip(".")


def tasks_url(place: Region | None = None, /, **parameters: str) -> str:
    """The ledger, filtered; within a county where ``place`` is one."""
    if place is not None and place.is_county:
        parameters["region"] = place.code
    return f"{reverse('supervision:tasks-list')}?{urlencode(parameters)}"


def context(actor: Actor, region: Region | None) -> dict[str, Any]:
    total = light_counts(actor, region)
    units, counties = lights_by_unit(actor, region), lights_by_county(actor, region)
    units.sort(key=lambda row: (-row[Light.OVERDUE.value], -row.total, row.name))
    used = [light for light in Light if total[light.value] or any(row[light.value] for row in counties)]
    return {
        "region": region,
        "total": total,
        "done_percent": percent(total.done_share),
        "open": sum(total[light.value] for light in OPEN_LIGHTS),
        "stats": _stats(total, region),
        "heads": [drawn(light.value) for light in used],
        "unit_rows": [_row(row, used, part=WHOLE, charge=row.key or NOBODY) for row in units],
        "unit_sums": _sums(units, used, part=WHOLE),
        "unit_total": sum(row.total for row in units),
        "county_rows": [_row(row, used, part=COUNTIES, region=row.key) for row in counties],
        "county_sums": _sums(counties, used, part=COUNTIES),
        "county_total": sum(row.total for row in counties),
        "chart": unit_chart(units),
        "chart_title": unit_sentence(units),
        "chart_height": 110 + 34 * min(len(units), MOST_ROWS),
        "late": [(task, drawn(Light.OVERDUE.value)) for task in overdue(actor, 8, region=region)],
        "late_url": tasks_url(region, light=Light.OVERDUE.value, part=WHOLE),
        "silent": silent_units(actor, region=region)[:8],
        "movement": movement(actor, region=region),
        "may_check": bool(can(actor, "accept", ProgressReport)),
        "to_check": reports_to_check(actor).count(),
        "to_decide": extensions_to_decide(actor).count(),
    }


def _stats(total: Counts, region: Region | None) -> list[dict[str, Any]]:
    return [
        {"light": drawn(light.value), "number": number, "url": tasks_url(region, light=light.value, part=WHOLE)}
        for light, number in total.cells
        if number or light in (Light.OVERDUE, Light.DUE_SOON, Light.SILENT, Light.DONE)
    ]


def _row(row: Counts, used: Sequence[Light], **parameters: str) -> MatrixRow:
    cells = [(row[light.value], tasks_url(light=light.value, **parameters)) for light in used]
    return MatrixRow(row.name, cells, row.total, tasks_url(**parameters), row.done_share)


def _sums(rows: Sequence[Counts], used: Sequence[Light], **parameters: str) -> list[tuple[int, str]]:
    return [(sum(row[light.value] for row in rows), tasks_url(light=light.value, **parameters)) for light in used]


def unit_chart(units: Sequence[Counts]) -> charts.Chart:
    """The units in charge with most open tasks, one stacked bar each."""
    rows = [
        charts.Lights(row.name, row.lights, tasks_url(part=WHOLE, charge=row.key or NOBODY))
        for row in units[:MOST_ROWS]
    ]
    return charts.status_lights(rows, order=ORDER)


def unit_sentence(units: Sequence[Counts]) -> str:
    """What the chart says, in a sentence."""
    late = [row for row in units if row[Light.OVERDUE.value]]
    if not late:
        return _("No unit in charge has an overdue task")
    return _("%(n)s units in charge have overdue tasks, most of them %(unit)s (%(tasks)s)") % {
        "n": len(late),
        "unit": late[0].name,
        "tasks": late[0][Light.OVERDUE.value],
    }

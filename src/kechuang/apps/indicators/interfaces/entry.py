"""The sheet on which a county or unit enters a month's figures: every cell by itself, so that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.observations import doubtful, record_observation
from kechuang.apps.indicators.domain.periods import PeriodKind, parse_period, period_of
from kechuang.apps.indicators.domain.queries.reporting import Due, due_in, dues, latest_month, reporting_regions
from kechuang.apps.indicators.domain.queries.words import demand
from kechuang.apps.indicators.domain.units import plain_text, read_number, text_of
from kechuang.apps.indicators.models import Observation
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor

MONTHS_BACK = 18


@dataclass(slots=True)
class Line:
    """One figure of the sheet as the page draws it, with what the person typed and what is wrong with it."""

    due: Due
    value: str = ""
    source: str = ""
    reason: str = ""
    error: str = ""
    error_field: str = ""
    saved: bool = False
    doubt: str = ""

    @property
    def key(self) -> str:
        return self.due.key

    @property
    def observation(self) -> Observation | None:
        return self.due.current

    @property
    def state(self) -> str:
        return self.observation.state if self.observation else ("overdue" if self.due.overdue else "pending")

    @property
    def editable(self) -> bool:
        """A figure that waits for approval is taken back first; an approved one is revised on its own page."""
        state = self.observation.state if self.observation else Observation.State.DRAFT
        return state in (Observation.State.DRAFT, Observation.State.RETURNED)

    @property
    def needs_reason(self) -> bool:
        return self.editable and (self.due.locked or self.due.approved is not None)

    @property
    def previous(self) -> str:
        return text_of(self.due.previous, self.due.indicator)

    @property
    def demand(self) -> str:
        return demand(self.due.target) if self.due.target else ""

    @property
    def seen(self) -> str:
        """When the draft was last changed, as the page knew it."""
        return self.due.open.updated_at.isoformat() if self.due.open else ""


@dataclass(slots=True)
class Sheet:
    """The figures of a region for a month."""

    region: Region
    month: date
    lines: list[Line] = field(default_factory=list)

    @property
    def label(self) -> str:
        return period_of(self.month, PeriodKind.MONTHLY).label

    @property
    def drafts(self) -> list[Observation]:
        return [line.observation for line in self.lines if line.editable and line.observation is not None]

    @property
    def missing(self) -> int:
        return sum(line.due.missing for line in self.lines)

    @property
    def errors(self) -> list[Line]:
        return [line for line in self.lines if line.error]

    @property
    def due(self) -> date | None:
        return min((line.due.due for line in self.lines if line.due.missing), default=None)


def sheet_for(actor: Actor, region: Region, month: date) -> Sheet:
    """The sheet as it is stored."""
    return Sheet(region, month, [_line(due) for due in due_in(actor, region, month)])


def choose(actor: Actor, query: Mapping[str, Any]) -> tuple[list[Region], Region | None, date]:
    """The regions that the actor reports for, and the region and month that the address asks for."""
    regions = list(reporting_regions(actor))
    wanted = str(query.get("region", ""))
    region = next((each for each in regions if str(each.pk) == wanted), None)
    try:
        month = parse_period(str(query["period"])).month if query.get("period") else latest_month()
    except DomainError:
        month = latest_month()
    month = min(month, latest_month())
    if region is None and regions:
        found = dues(actor, regions, [month])
        first = next((due for due in found if due.missing), found[0] if found else None)
        region = first.region if first else regions[0]
    return regions, region, month


def months() -> list[tuple[str, str]]:
    """The months that can be chosen, latest first."""
    period, found = period_of(latest_month(), PeriodKind.MONTHLY), []
    for _number in range(MONTHS_BACK):
        found.append((period.key, period.label))
        period = period.previous()
    return found


def save(actor: Actor, line: Line, data: Mapping[str, Any]) -> Line:
    """Store what was typed on a line; what cannot be stored stays typed, with the mistake beside it."""
    line.value = str(data.get(f"value-{line.key}", "")).strip()
    line.source = str(data.get(f"source-{line.key}", "")).strip()
    line.reason = str(data.get(f"reason-{line.key}", "")).strip()
    if not line.editable or (not line.value and line.due.open is None):
        return line
    if not _changed(line):
        line.saved = line.due.open is not None
        return line
    try:
        if not line.value:
            raise DomainError(_("Enter the value. To drop the draft, delete it on its page."), field="value")
        row = record_observation(
            actor,
            indicator=line.due.indicator,
            region=line.due.region,
            period=line.due.period,
            value=read_number(line.value, line.due.indicator),
            source=line.source,
            reason=line.reason,
            seen=parse_datetime(str(data.get(f"seen-{line.key}", ""))) if data.get(f"seen-{line.key}") else None,
        )
    except DomainError as error:
        line.error, line.error_field = error.message, error.field or "value"
        return line
    fresh = Line(_with(line.due, row), line.value, row.source, row.revision_reason, saved=True)
    fresh.doubt = doubtful(row, line.due.previous)
    return fresh


def template_rows(sheet: Sheet) -> tuple[list[str], list[list[Any]]]:
    """The sheet as a spreadsheet to fill in and import."""
    heads = [_("Indicator"), _("Region"), _("Period"), _("Value"), _("Source"), _("Reason of the revision"), _("Unit")]
    rows: list[list[Any]] = []
    for line in sheet.lines:
        if line.editable:
            number = Decimal(line.value) if line.value else None
            unit = line.due.indicator.shown_unit
            rows.append(
                [
                    line.due.indicator.name,
                    sheet.region.name,
                    line.due.period.key,
                    number,
                    line.source,
                    line.reason,
                    unit,
                ]
            )
    return heads, rows


def _line(due: Due) -> Line:
    row = due.current
    if row is None:
        return Line(due)
    line = Line(due, plain_text(row.value, due.indicator), row.source, row.revision_reason)
    line.doubt = doubtful(row, due.previous) if line.editable else ""
    return line


def _changed(line: Line) -> bool:
    row = line.due.open
    if row is None:
        return True
    stored = (plain_text(row.value, line.due.indicator), row.source, row.revision_reason)
    return (line.value, line.source, line.reason or row.revision_reason) != stored


def _with(due: Due, row: Observation) -> Due:
    values = {name: getattr(due, name) for name in Due.__slots__}
    return Due(**(values | {"open": row}))

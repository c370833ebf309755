"""Months, quarters and years as figures are reported for them, and the periods that documents speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import PeriodKind
from kechuang.kit.errors import DomainError

MONTHS = {PeriodKind.MONTHLY.value: 1, PeriodKind.QUARTERLY.value: 3, PeriodKind.YEARLY.value: 12}
_NUMERALS = {name: number for number, name in enumerate("一二三四五六七八九", start=1)} | {"十": 10}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, a quarter or a year of the calendar."""

    start: date
    kind: str

    def __post_init__(self) -> None:
        if self.start.day != 1 or (self.start.month - 1) % MONTHS[self.kind]:
            raise ValueError(f"{self.start} does not begin a {self.kind} period")

    @property
    def end(self) -> date:
        return _plus_months(self.start, MONTHS[self.kind]) - timedelta(days=1)

    @property
    def month(self) -> date:
        """First day of the month in which the period ends: the month whose closing closes the period."""
        return self.end.replace(day=1)

    @property
    def key(self) -> str:
        """Short name in addresses and files: ``2025-03``, ``2025-Q1``, ``2025``."""
        if self.kind == PeriodKind.YEARLY:
            return str(self.start.year)
        if self.kind == PeriodKind.QUARTERLY:
            return f"{self.start.year}-Q{(self.start.month + 2) // 3}"
        return f"{self.start:%Y-%m}"

    @property
    def label(self) -> str:
        """The period as people say it."""
        year = self.start.year
        if self.kind == PeriodKind.YEARLY:
            return _("year %(year)s") % {"year": year}
        if self.kind == PeriodKind.QUARTERLY:
            return _("Q%(quarter)s %(year)s") % {"year": year, "quarter": (self.start.month + 2) // 3}
        return _("%(month)s/%(year)s") % {"year": year, "month": self.start.month}

    def previous(self) -> Period:
        return Period(_plus_months(self.start, -MONTHS[self.kind]), self.kind)

    def next(self) -> Period:
        return Period(_plus_months(self.start, MONTHS[self.kind]), self.kind)


def period_of(day: date, kind: str) -> Period:
    """The period of that kind in which a day lies."""
    months = MONTHS[kind]
    return Period(date(day.year, (day.month - 1) // months * months + 1, 1), kind)


def last_complete(kind: str, today: date) -> Period:
    """The latest period of that kind that is over."""
    return period_of(today, kind).previous()


def parse_period(text: str) -> Period:
    """A period from ``2025-03``, ``2025年3月``, ``2025-Q1``, ``2025年一季度`` or ``2025``."""
    plain = re.sub(r"\s+", "", str(text))
    if match := re.fullmatch(r"(\d{4})(?:年|年度)?", plain):
        return Period(date(int(match[1]), 1, 1), PeriodKind.YEARLY.value)
    if match := re.fullmatch(r"(\d{4})(?:-?[Qq]|年第?)([1-4一二三四])(?:季度|季)?", plain):
        quarter = _NUMERALS.get(match[2]) or int(match[2])
        return Period(date(int(match[1]), quarter * 3 - 2, 1), PeriodKind.QUARTERLY.value)
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})(?:月|-01)?(?:T?00:00:00)?", plain)
    if match and 1 <= int(match[2]) <= 12:
        return Period(date(int(match[1]), int(match[2]), 1), PeriodKind.MONTHLY.value)
    raise DomainError(
        _("“%(text)s” is not a period. Write 2025-03 for a month, 2025-Q1 for a quarter, 2025 for a year.")
        % {"text": text},
        field="period",
    )


def periods_between(first: Period, until: date) -> Iterator[Period]:
    """``first`` and the periods after it that end on or before ``until``."""
    period = first
    while period.end <= until:
        yield period
        period = period.next()


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a target counts, as far as the document says; ``yearly``: anew every year."""

    start: date | None
    end: date | None
    yearly: bool = False


def span_of(
    label: str | None, *, issued_on: date | None, horizon: date | None = None, from_issue: bool = False
) -> Span:
    """The days that a document's period stands for.

    ``2025`` is that year; with ``from_issue`` (something newly added *by* a later year) it begins in the year of
    issue. ``十四五末`` and ``十四五期间`` are the years of that five-year plan. ``annual`` is every year from the
    year of issue to the document's ``horizon``, without one to the end of the five-year plan in which it was issued.
    """
    issued_year = date(issued_on.year, 1, 1) if issued_on else None
    if not label:
        return Span(issued_on, None)
    if match := re.fullmatch(r"(\d{4})年?", label):
        year = int(match[1])
        start = issued_year if from_issue and issued_on and issued_on.year < year else date(year, 1, 1)
        return Span(start, date(year, 12, 31))
    if match := re.search(r"[“\"]?十([一二三四五六七八九])五[”\"]?", label):
        return _five_years(10 + _NUMERALS[match[1]])
    if label == "annual":
        plan = _five_years((issued_on.year - 1951) // 5) if issued_on else Span(None, None)
        return Span(issued_year, horizon or plan.end, yearly=True)
    return Span(issued_on, None)


def _five_years(plan: int) -> Span:
    """The n-th five-year plan: the 14th ran from 2021 to 2025. The first ran from 1953, the sixth began in 1981."""
    first = 1951 + plan * 5
    return Span(date(first, 1, 1), date(first + 4, 12, 31))


def _plus_months(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)

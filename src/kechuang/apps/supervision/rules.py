"""The rules of following up, as the city's pack states them, and the reporting periods that they imply."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from django.conf import settings

from kechuang.kit.packs import Supervision, load_pack

DEFAULTS = Supervision(
    due_soon_days=30,
    silent_days=30,
    remind_before=(30, 7, 1),
    remind_after=(1, 7, 30),
    report_frequency="monthly",
    working_calendar="CN",
)
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


def rules() -> Supervision:
    """What the installed pack says; usual values where it says nothing."""
    return _rules_of(settings.PACK)


@cache
def _rules_of(pack: str) -> Supervision:
    return load_pack(pack).supervision or DEFAULTS


def period_of(day: date, frequency: str | None = None) -> str:
    """The reporting period of a day: 2025-03, 2025-Q1 or 2025."""
    months = MONTHS.get(frequency or rules().report_frequency, 1)
    if months == 1:
        return f"{day:%Y-%m}"
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}" if months == 3 else str(day.year)


def period_end(day: date, frequency: str | None = None) -> date:
    """The last day of the reporting period of ``day``: by then its report is asked for."""
    months = MONTHS.get(frequency or rules().report_frequency, 1)
    last_month = (day.month - 1) // months * months + months
    return date(day.year + last_month // 12, last_month % 12 + 1, 1) - timedelta(days=1)

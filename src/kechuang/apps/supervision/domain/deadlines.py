"""Deadlines as documents write them, and the day they mean."""

from __future__ import annotations

from datetime import date

from kechuang.engines.extraction.normalise import parse_deadline


def due_day(label: str | None, *, issued_on: date | None = None) -> date | None:
    """The last day that a deadline allows: 十四五期间 is 2025-12-31; None where the words name no day."""
    return parse_deadline(label, document_date=issued_on).date if label else None

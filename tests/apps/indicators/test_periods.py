from __future__ import annotations

from datetime import date

import pytest

from kechuang.apps.indicators.domain.periods import Period, Span, last_complete, parse_period, period_of, span_of
from kechuang.kit.errors import DomainError


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "key"),
    [
        ("2025-03", "monthly", date(2025, 3, 1), date(2025, 3, 31), "2025-03"),
        ("2025年2月", "monthly", date(2025, 2, 1), date(2025, 2, 28), "2025-02"),
        ("2025/12", "monthly", date(2025, 12, 1), date(2025, 12, 31), "2025-12"),
        ("2025-Q1", "quarterly", date(2025, 1, 1), date(2025, 3, 31), "2025-Q1"),
        ("2025年第四季度", "quarterly", date(2025, 10, 1), date(2025, 12, 31), "2025-Q4"),
        ("2025年三季度", "quarterly", date(2025, 7, 1), date(2025, 9, 30), "2025-Q3"),
        (" 2025 年 ", "yearly", date(2025, 1, 1), date(2025, 12, 31), "2025"),
    ],
)
def test_parse_period(text: str, kind: str, start: date, end: date, key: str) -> None:
    period = parse_period(text)
    assert (period.kind, period.start, period.end, period.key) == (kind, start, end, key)
    assert parse_period(period.key) == period


@pytest.mark.parametrize("text", ["", "三月", "2025-13", "2025-Q5", "25-03"])
def test_parse_period_says_what_to_write(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_period(text)
    assert caught.value.field == "period"


def test_periods_follow_each_other() -> None:
    quarter = period_of(date(2025, 11, 20), "quarterly")
    assert quarter.next().key == "2026-Q1"
    assert quarter.previous().key == "2025-Q3"
    assert quarter.month == date(2025, 12, 1)
    assert last_complete("monthly", date(2026, 1, 1)).key == "2025-12"
    with pytest.raises(ValueError, match="does not begin"):
        Period(date(2025, 2, 1), "quarterly")


@pytest.mark.parametrize(
    ("label", "span"),
    [
        ("2025", Span(date(2025, 1, 1), date(2025, 12, 31))),
        ("十四五末", Span(date(2021, 1, 1), date(2025, 12, 31))),
        ("十四五期间", Span(date(2021, 1, 1), date(2025, 12, 31))),
        ("“十五五”末", Span(date(2026, 1, 1), date(2030, 12, 31))),
        ("annual", Span(date(2022, 1, 1), date(2025, 12, 31), yearly=True)),
        (None, Span(date(2022, 5, 13), None)),
    ],
)
def test_span_of(label: str | None, span: Span) -> None:
    assert span_of(label, issued_on=date(2022, 5, 13)) == span


def test_what_is_added_by_a_later_year_counts_from_the_year_of_issue() -> None:
    issued = date(2022, 5, 13)
    assert span_of("2025", issued_on=issued, from_issue=True).start == date(2022, 1, 1)
    assert span_of("2022", issued_on=issued, from_issue=True).start == date(2022, 1, 1)

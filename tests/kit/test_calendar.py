from datetime import date

import pytest

from kechuang.kit.calendar import (
    add_working_days,
    is_estimated,
    is_working_day,
    known_from,
    known_until,
    working_days_between,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 10, 1), False),  # National Day
        (date(2024, 9, 29), True),  # a Sunday that makes up for it
        (date(2024, 10, 12), True),  # a Saturday that makes up for it
        (date(2024, 10, 13), False),  # a plain Sunday
        (date(2024, 10, 14), True),  # a plain Monday
    ],
)
def test_statutory_holidays_and_working_weekends(day: date, works: bool) -> None:
    assert is_working_day(day) is works
    assert not is_estimated(day)


def test_counting_over_a_long_holiday() -> None:
    assert add_working_days(date(2024, 9, 30), 1) == date(2024, 10, 8)
    assert add_working_days(date(2024, 10, 8), -1) == date(2024, 9, 30)
    assert add_working_days(date(2024, 9, 27), 5) == date(2024, 10, 10)


def test_no_days_means_the_day_itself_or_the_next_working_one() -> None:
    assert add_working_days(date(2024, 9, 30), 0) == date(2024, 9, 30)
    assert add_working_days(date(2024, 10, 1), 0) == date(2024, 10, 8)


def test_distance_is_the_inverse_of_adding() -> None:
    start = date(2024, 9, 27)
    for count in (-7, -1, 1, 5, 23):
        assert working_days_between(start, add_working_days(start, count)) == count


def test_beyond_the_announced_years_only_weekends_count_and_the_day_says_so() -> None:
    beyond = known_until().replace(year=known_until().year + 1, month=10, day=1)
    assert is_estimated(beyond)
    assert is_working_day(beyond) is (beyond.weekday() < 5)
    assert is_estimated(date(known_from().year - 1, 12, 31))
    assert add_working_days(known_until(), 10) > known_until()

"""Working days in China: statutory holidays, the working weekends that make up for them, and plain weekends.

The State Council announces a year's holidays in the autumn before. Days after the last announced year count by weekends
alone; :func:`is_estimated` says so, for a page to mark such a date.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import chinese_calendar
from chinese_calendar.constants import holidays

ONE_DAY = timedelta(days=1)


@cache
def known_until() -> date:
    """The last day of the last year whose holidays are known."""
    return date(max(holidays).year, 12, 31)


@cache
def known_from() -> date:
    """The first day of the first year whose holidays are known."""
    return date(min(holidays).year, 1, 1)


def is_estimated(day: date) -> bool:
    """True where the holidays around this day are not announced (or not recorded): only weekends are counted off."""
    return not known_from() <= day <= known_until()


def is_working_day(day: date) -> bool:
    """Whether offices work on this day."""
    return day.weekday() < 5 if is_estimated(day) else chinese_calendar.is_workday(day)


def add_working_days(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``, before it where negative; for 0 the day itself or the next one."""
    if count == 0:
        return day if is_working_day(day) else add_working_days(day, 1)
    step = ONE_DAY if count > 0 else -ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after ``start`` up to and with ``end``; negative where ``end`` comes first."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

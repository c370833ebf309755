"""Reminders: which one when, to whom, and never twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kechuang.apps.directory.models import Unit, User
from kechuang.apps.supervision.domain.reminders import occasion_for, remind, send_reminders
from kechuang.apps.supervision.domain.tasks import confirm_done, decompose_to_counties
from kechuang.apps.supervision.models import Reminder, Task
from kechuang.apps.supervision.rules import period_end, period_of, rules
from kechuang.kit.errors import DomainError
from kechuang.kit.models import Notification
from kechuang.kit.permissions import SYSTEM, Actor

FRIDAY = date(2025, 12, 5)


@pytest.mark.parametrize(
    ("due", "day", "rule"),
    [
        (date(2025, 12, 31), date(2025, 11, 30), None),
        (date(2025, 12, 31), date(2025, 12, 1), "before-30"),
        (date(2025, 12, 31), date(2025, 12, 23), "before-30"),
        (date(2025, 12, 31), date(2025, 12, 24), "before-7"),
        (date(2025, 12, 31), date(2025, 12, 30), "before-1"),
        (date(2025, 12, 31), date(2025, 12, 31), "before-1"),
        # 2026-01-01 to 03 are holidays and the 4th works, so the first reminder afterwards waits for the 4th.
        (date(2025, 12, 31), date(2026, 1, 1), None),
        (date(2025, 12, 31), date(2026, 1, 4), "after-1"),
        (date(2025, 12, 31), date(2026, 1, 7), "after-7"),
        (date(2025, 12, 31), date(2026, 7, 1), "after-30"),
        # Seven days before Sunday 2025-12-14 is Sunday the 7th: said on Friday the 5th.
        (date(2025, 12, 14), FRIDAY - timedelta(days=1), "before-30"),
        (date(2025, 12, 14), FRIDAY, "before-7"),
    ],
)
def test_which_reminder_when(due: date, day: date, rule: str | None) -> None:
    task = Task(title="某任务", due_on=due, listed_on=day, last_reported_on=day)
    occasion = occasion_for(task, day, rules())
    assert (occasion.rule if occasion else None) == rule


def test_silence_is_an_occasion_of_its_own() -> None:
    day = date(2025, 6, 1)
    task = Task(title="某任务", due_on=None, listed_on=day, last_reported_on=day)
    limit = rules().silent_days
    assert occasion_for(task, day + timedelta(days=limit), rules()) is None
    occasion = occasion_for(task, day + timedelta(days=limit + 1), rules())
    assert occasion is not None
    assert (occasion.rule, occasion.about) == ("silent", day + timedelta(days=limit + 1))


def test_reporting_periods() -> None:
    day = date(2025, 11, 21)
    assert [period_of(day, each) for each in ("monthly", "quarterly", "yearly")] == ["2025-11", "2025-Q4", "2025"]
    ends = [period_end(day, each) for each in ("monthly", "quarterly", "yearly")]
    assert ends == [date(2025, 11, 30), date(2025, 12, 31), date(2025, 12, 31)]


@pytest.mark.django_db
def test_running_again_sends_nothing(
    make_task: Any, people: dict[str, User], finance: Unit, science: Unit, today: date
) -> None:
    make_task("将到期", units=[finance, science], days=5)
    make_task("刚逾期", units=[finance], days=-20)
    done = make_task("已完成", units=[finance], days=-20)
    confirm_done(SYSTEM, task=done)
    assert send_reminders(on=today) == 4
    assert send_reminders(on=today) == 0
    assert Reminder.objects.filter(unit=finance).count() == 2
    messages = Notification.objects.filter(user=people["responsible_unit"])
    assert messages.count() == 1, "one message a day, however many tasks"
    leaders = Notification.objects.filter(user=people["bureau_leader"], kind="supervision.overdue")
    assert leaders.count() == 1
    assert "刚逾期" in leaders.get().message
    assert send_reminders(on=today + timedelta(days=400)) > 0


@pytest.mark.django_db
def test_a_class_reminds_the_counties_that_have_no_part_of_their_own(
    make_task: Any, people: dict[str, User], counties: Unit, wancheng: Unit, county: Any, today: date
) -> None:
    task = make_task("县区任务", units=[counties], days=5)
    decompose_to_counties(SYSTEM, task=task, regions=[county])
    send_reminders(on=today)
    assert Reminder.objects.filter(task=task).count() == 17
    part = task.subtasks.get()
    assert Reminder.objects.get(task=part).unit == wancheng
    assert Notification.objects.filter(user=people["county_workstation"]).count() == 1


@pytest.mark.django_db
def test_by_hand_once_a_day(make_task: Any, people: dict[str, User], actors: dict[str, Actor], finance: Unit) -> None:
    task = make_task(units=[finance])
    assert remind(actors["bureau_officer"], tasks=[task], note="请本周内报送") == 1
    assert remind(actors["bureau_officer"], tasks=[task]) == 0
    assert "请本周内报送" in Notification.objects.get(user=people["responsible_unit"]).message
    confirm_done(SYSTEM, task=task)
    with pytest.raises(DomainError):
        remind(actors["bureau_officer"], tasks=[task])

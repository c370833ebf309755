"""People are told when an answer changes: once, in one message, and not for what they could not know before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from kechuang.apps.directory.models import Membership, Organisation, Region, User
from kechuang.apps.policy.domain import alerts, awards
from kechuang.apps.policy.domain.alerts import Changed, Outcome
from kechuang.apps.policy.domain.rules import keep_rule
from kechuang.apps.policy.interfaces.alert_words import letter
from kechuang.apps.policy.models import Rule, ToldAnswers
from kechuang.apps.policy.tasks import tell_changed_facts_task, tell_changes_task
from kechuang.kit.models import Notification
from kechuang.kit.notifications import set_preference
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing_jobs import run_jobs
from tests.apps.policy.rules import HNTE, HNTE_SMALL, definition, make_rules, tell
from tests.apps.policy.test_awards import YEAR, make_companies

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(people: dict[str, Any]) -> Organisation:
    held = people["organisation_admin"].memberships.get(organisation__isnull=False)
    return Organisation.objects.select_related("region").get(pk=held.organisation_id)


@pytest.fixture
def clerk(people: dict[str, User]) -> User:
    return people["organisation_admin"]


def look(day: date | None = None) -> Outcome:
    return alerts.tell_changes(letter, day=day)


def told(clerk: User) -> list[str]:
    rows = Notification.objects.filter(user=clerk, kind="policy.changes").order_by("pk")
    return list(rows.values_list("message", flat=True))


def test_the_first_look_is_kept_and_told_to_nobody(city: Region, company: Organisation, clerk: User) -> None:
    make_rules(city, HNTE)
    tell(company, hnte_valid=True, hnte_times=1)
    assert look().told == 0
    assert ToldAnswers.objects.get(organisation=company).answers == {"hnte": ["yes", 100_000_00]}
    assert look() == Outcome(ToldAnswers.objects.count(), 0, 0)
    assert not told(clerk)


def test_a_fact_that_decides_is_told_with_the_next_step(city: Region, company: Organisation, clerk: User) -> None:
    make_rules(city, HNTE)
    look()
    tell(company, hnte_valid=True, hnte_times=1)
    assert look().changed == 1
    (message,) = told(clerk)
    assert message == "《规则hnte》现已适用于贵单位：10万元。下一步：向县科技局申报。"
    notification = Notification.objects.get(user=clerk, kind="policy.changes")
    assert notification.url == f"/policy/my/{company.pk}/#r-{Rule.objects.get(code='hnte').pk}"
    look()
    assert len(told(clerk)) == 1


def test_many_changes_make_one_message(city: Region, company: Organisation, clerk: User) -> None:
    rules = [definition(f"r{number}", ["hnte_valid"], amount=1000 * number) for number in range(1, 8)]
    make_rules(city, HNTE, HNTE_SMALL, *rules)
    look()
    tell(company, hnte_valid=True, hnte_times=1)
    look()
    (message,) = told(clerk)
    assert "9 项" in message
    assert "还有 5 项" in message
    assert message.index("规则hnte") < message.index("规则r7"), "the highest first"
    assert Notification.objects.get(user=clerk, kind="policy.changes").url.endswith("#changed")


def test_a_new_rule_is_told_to_whom_it_applies(city: Region, company: Organisation, clerk: User) -> None:
    make_rules(city, HNTE)
    tell(company, hnte_valid=True, hnte_times=2)
    look()
    keep_rule(SYSTEM, region=city, definition=definition("new", ["hnte_valid"], amount=200000, amount_is="ceiling"))
    keep_rule(SYSTEM, region=city, definition=definition("not-mine", ["NOT hnte_valid"], amount=1))
    keep_rule(SYSTEM, region=city, definition=definition("who-knows", ["staff_count > 1"], amount=1))
    look()
    (message,) = told(clerk)
    assert "最高 20万元" in message
    assert "规则new" in message


def test_a_loss_and_another_sum_are_told(city: Region, company: Organisation, clerk: User) -> None:
    make_rules(city, HNTE, definition("share", ["rd_expense > 0"], amount={"rate": "0.1", "of": "rd_expense"}))
    tell(company, hnte_valid=True, hnte_times=1, rd_expense=1_000_000)
    look()
    tell(company, hnte_times=2)
    look()
    tell(company, rd_expense=2_000_000)
    look()
    loss, sums = told(clerk)
    assert loss == "《规则hnte》不再适用于贵单位。"
    assert sums.startswith("《规则share》：现为20万元，原为10万元。")


def test_what_is_unknown_takes_nothing_back(city: Region, company: Organisation, clerk: User) -> None:
    """The next year's figures are not there yet: nobody is told that a right is gone, and nobody that it came back."""
    make_rules(city, definition("yearly", ["revenue > 1"], amount=1000))
    tell(company, revenue=5_000_000)
    look()
    look(date(YEAR + 2, 1, 2))
    assert ToldAnswers.objects.get(organisation=company).answers == {"yearly": ["yes", 1000_00]}
    look()
    assert not told(clerk)


def test_what_is_granted_is_no_loss(city: Region, company: Organisation, clerk: User, officer: Actor) -> None:
    make_rules(city, HNTE, HNTE_SMALL)
    tell(company, hnte_valid=True, hnte_times=1)
    look()
    awards.confirm_awards(officer, run=awards.assess(officer, region=city, year=YEAR), code="hnte")
    look()
    assert not told(clerk)
    assert ToldAnswers.objects.get(organisation=company).answers["hnte"] == ["received", None]


def test_a_right_that_ends_is_told(city: Region, company: Organisation, clerk: User) -> None:
    make_rules(city, definition("ends", ["hnte_valid"], amount=1000, valid=[None, f"{YEAR + 1}-12-31"]))
    tell(company, hnte_valid=True)
    look()
    look(date(YEAR + 2, 1, 1))
    assert told(clerk) == ["《规则ends》不再适用于贵单位。"]


def test_the_page_shows_what_changed(city: Region, company: Organisation, client_as: Callable[[str], Client]) -> None:
    make_rules(city, HNTE)
    look()
    client, url = client_as("organisation_admin"), reverse("policy:my-policies", args=[company.pk])
    assert 'id="changed"' not in client.get(url).content.decode()
    tell(company, hnte_valid=True, hnte_times=1)
    look()
    page = client.get(url).content.decode()
    assert 'id="changed"' in page
    assert "《规则hnte》现已适用于贵单位" in page


def test_jobs_look_again_after_facts_and_publications(
    city: Region, company: Organisation, clerk: User, django_capture_on_commit_callbacks: Any
) -> None:
    """Each kind of change waits as one job; facts of one enterprise have only that one looked at."""
    with django_capture_on_commit_callbacks(execute=True):
        make_rules(city, HNTE, HNTE_SMALL)
    waiting = ProcrastinateJob.objects.filter(status="todo", task_name__startswith="policy.tell")
    assert [job.task_name for job in waiting] == [tell_changes_task.name]
    assert all(job.scheduled_at is not None for job in waiting)
    waiting.delete()
    tell_changes_task.defer()
    run_jobs()
    with django_capture_on_commit_callbacks(execute=True):
        tell(company, hnte_valid=True)
        tell(company, hnte_times=1)
    assert [job.task_name for job in waiting.all()] == [tell_changed_facts_task.name]
    assert list(ToldAnswers.objects.filter(waiting=True).values_list("organisation", flat=True)) == [company.pk]
    waiting.delete()
    tell_changed_facts_task.defer()
    run_jobs()
    assert not ToldAnswers.objects.filter(waiting=True).exists()
    assert len(told(clerk)) == 1


def test_each_person_is_told_as_they_prefer(city: Region, company: Organisation, clerk: User, mailoutbox: Any) -> None:
    clerk.email = "clerk@example.org"
    clerk.save()
    set_preference(Actor(user_id=clerk.pk), email="immediate")
    make_rules(city, HNTE)
    look()
    tell(company, hnte_valid=True, hnte_times=1)
    look()
    run_jobs()
    assert [mail.to for mail in mailoutbox] == [["clerk@example.org"]]
    Membership.objects.filter(user=clerk).update(valid_until=date(2020, 1, 1))
    tell(company, hnte_times=2)
    look()
    assert len(told(clerk)) == 1


def test_queries_do_not_grow_with_the_organisations(city: Region, people: Any) -> None:
    make_rules(city, HNTE, HNTE_SMALL)

    def change_all(count: int, start: int) -> int:
        companies = make_companies(count, start)
        for each in companies:
            person = User.objects.create(username=f"u{each.pk}")
            Membership.objects.create(user=person, role="organisation_member", organisation=each)
        look()
        for each in companies:
            tell(each, hnte_valid=False)
        with CaptureQueriesContext(connection) as queries:
            outcome = look()
        assert (outcome.changed, outcome.told) == (count, count)
        return len(queries)

    assert change_all(1, 0) == change_all(5, 10)


def test_what_is_compared() -> None:
    class Book:
        versions = dict.fromkeys("abcdefg")

    before = {"a": ("yes", 100), "b": ("yes", 100), "c": ("no", None), "d": ("yes", 1), "gone": ("yes", 5)}
    now = {"a": ("yes", None), "c": ("yes", 7), "d": ("no", None), "e": ("yes", None), "f": ("no", None)}
    kept, changes = alerts.compared(before, now, Book())  # type: ignore[arg-type]
    assert changes == [
        Changed("c", ("no", None), ("yes", 7)),
        Changed("e", None, ("yes", None)),
        Changed("d", ("yes", 1), ("no", None)),
        Changed("gone", ("yes", 5), ("no", None)),
    ]
    assert kept == {
        "a": ("yes", 100), "b": ("yes", 100), "c": ("yes", 7), "d": ("no", None), "e": ("yes", None),
        "f": ("no", None), "gone": ("no", None),
    }  # fmt: skip

"""Several people at the facts of one organisation at once, on real connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from kechuang.apps.indicators.domain.contests import answer_contest, contest_fact
from kechuang.apps.indicators.domain.facts import Declared, declare_facts, verify_fact
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.queries.research import Category
from kechuang.apps.indicators.domain.research import AccountErrors, Booking, add_project, book_expenses, declare_year
from kechuang.apps.indicators.domain.snapshots import frame_of, freeze_snapshot
from kechuang.apps.indicators.models import Fact, FactContest, RdExpense, RdProject
from kechuang.kit.permissions import SYSTEM
from tests.apps.indicators.conftest import make_companies
from tests.apps.indicators.test_concurrency import at_once, failures

pytestmark = pytest.mark.django_db(transaction=True)
YEAR = return_year()


def in_force(**where: Any) -> Any:
    return Fact.objects.filter(state=Fact.State.IN_FORCE, **where)


def test_one_fact_declared_by_four_at_once(actors: Any, fact_kinds: Any, company: Any) -> None:
    """All are heard one after the other: one value is in force, each of the others was replaced by its successor."""

    def declare(value: int) -> Callable[[], Declared]:
        role = "organisation_admin" if value % 2 else "organisation_member"
        return lambda: declare_facts(actors[role], organisation=company, year=YEAR, values={"revenue": value})

    results = at_once(*(declare(value) for value in (1, 2, 3, 4)))
    assert not failures(results)
    assert in_force().count() == 1
    assert Fact.objects.count() == 4
    chain = set(Fact.objects.exclude(supersedes=None).values_list("supersedes_id", flat=True))
    assert chain == set(Fact.objects.filter(state=Fact.State.SUPERSEDED).values_list("pk", flat=True))


def test_the_same_value_twice_at_once_is_one_fact(actors: Any, fact_kinds: Any, company: Any) -> None:
    clerk = actors["organisation_admin"]
    results = at_once(*[lambda: declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 7})] * 3)
    assert not failures(results)
    assert Fact.objects.count() == 1


def test_two_years_told_by_two_returns_at_once(actors: Any, fact_kinds: Any, company: Any) -> None:
    """The return of a year also tells the year before: both returns write the same fact, neither breaks."""
    clerk = actors["organisation_admin"]
    results = at_once(
        lambda: declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 5, "revenue_y1": 4}),
        lambda: declare_facts(clerk, organisation=company, year=YEAR - 1, values={"revenue": 4, "revenue_y1": 3}),
    )
    assert not failures(results)
    assert dict(in_force().values_list("year", "number")) == {YEAR: 5, YEAR - 1: 4, YEAR - 2: 3}


def test_declared_while_it_is_verified(actors: Any, fact_kinds: Any, company: Any) -> None:
    """Whoever comes first: never does a declaration replace what an official has vouched for."""
    clerk, official = actors["organisation_admin"], actors["county_workstation"]
    fact = declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 5}).facts[0]
    at_once(
        lambda: verify_fact(official, fact=fact),
        lambda: declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 6}),
    )
    fact.refresh_from_db()
    if fact.state == Fact.State.IN_FORCE:
        assert fact.source == Fact.Source.VERIFIED
        assert FactContest.objects.get().number == 6
    else:
        assert fact.source == Fact.Source.DECLARED
        assert in_force().get().number == 6
    assert in_force().count() == 1


def test_contested_while_it_is_verified(actors: Any, fact_kinds: Any, company: Any) -> None:
    clerk, official = actors["organisation_admin"], actors["county_workstation"]
    fact = declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 5}).facts[0]
    results = at_once(
        lambda: verify_fact(official, fact=fact),
        lambda: contest_fact(clerk, organisation=company, kind=fact.kind, year=YEAR, reason="有误", value=6),
    )
    assert not failures(results)
    fact.refresh_from_db()
    assert (fact.state, fact.source) == (Fact.State.IN_FORCE, Fact.Source.VERIFIED)
    contest = FactContest.objects.get()
    assert (contest.state, contest.fact_id, contest.number) == ("open", fact.pk, 6)


def test_contested_twice_at_once_is_one_contest(actors: Any, fact_kinds: Any, company: Any) -> None:
    clerk = actors["organisation_admin"]
    fact = declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 5}).facts[0]

    def contest(value: int) -> Callable[[], FactContest]:
        return lambda: contest_fact(clerk, organisation=company, kind=fact.kind, year=YEAR, reason="有误", value=value)

    assert not failures(at_once(*(contest(value) for value in (6, 7, 8))))
    assert FactContest.objects.count() == 1


def test_a_contest_is_answered_once(actors: Any, fact_kinds: Any, company: Any) -> None:
    """Accepted and refused in the same moment: one answer holds, the other hears that it came too late."""
    clerk = actors["organisation_admin"]
    fact = declare_facts(clerk, organisation=company, year=YEAR, values={"revenue": 5}).facts[0]
    contest = contest_fact(clerk, organisation=company, kind=fact.kind, year=YEAR, reason="有误", value=6)
    results = at_once(
        lambda: answer_contest(actors["county_workstation"], contest=contest, accept=True),
        lambda: answer_contest(actors["bureau_officer"], contest=contest, accept=False, answer="账面如此"),
    )
    assert len(failures(results)) == 1
    contest.refresh_from_db()
    value = in_force().get().number
    assert (contest.state, value) in {("accepted", Decimal(6)), ("refused", Decimal(5))}


def test_the_yearly_return_sent_twice_at_once(client_as: Any, fact_kinds: Any, company: Any) -> None:
    """A double click, or two windows: nobody sees a fault, and each figure is kept once."""
    url = reverse("indicators:return", args=[company.pk])
    clients = [client_as("organisation_admin"), client_as("organisation_member")]
    typed = {"year": str(YEAR), "revenue": "10", "staff_count": "20", "ip_owned_core": "是"}
    answers = at_once(*[lambda client=client: client.post(url, typed).status_code for client in clients * 2])
    assert answers == [302] * 4
    assert Fact.objects.count() == in_force().count() == 3


def test_a_freeze_while_facts_are_written(actors: Any, fact_kinds: Any, counties: Any) -> None:
    """Each organisation's revenue and R&D expense are written together: a frozen frame never holds one of the two."""
    rows = make_companies(counties[0], 3)
    stop = Event()

    def write() -> int:
        value = 0
        while not stop.is_set():
            value += 1
            for row in rows:
                values = {"revenue": value * 10, "rd_expense": value}
                declare_facts(SYSTEM, organisation=row, year=YEAR, values=values)
        return value

    def writing() -> int:
        try:
            return write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(writing)
        try:
            frozen = [freeze_snapshot(SYSTEM, year=YEAR, organisations=[row.pk for row in rows]) for _n in range(4)]
        finally:
            stop.set()
        assert future.result(timeout=60) >= 1
    for snapshot in frozen:
        for row in frame_of(snapshot).select("revenue", "rd_expense").iter_rows():
            assert (row[0] is None and row[1] is None) or row[0] == row[1] * 10


def test_an_expense_and_the_closing_of_its_year_at_once(actors: Any, company: Any, pack: Any) -> None:
    """What is booked is either in the year that is declared complete, or refused because it is complete."""
    clerk = actors["organisation_admin"]
    add_project(clerk, organisation=company, code="RD1", name="x")

    def book(amount: int, category: str) -> int:
        booking = Booking("RD1", date(YEAR, 1, 1), category, Decimal(amount))
        return book_expenses(clerk, organisation=company, bookings=[booking])

    book(1, Category.STAFF)
    results = at_once(
        lambda: declare_year(clerk, organisation=company, year=YEAR, complete=True),
        lambda: book(2, Category.DIRECT),
    )
    refused = failures(results)
    assert RdExpense.objects.count() == 2 - len(refused)
    assert all(isinstance(error, AccountErrors) for error in refused)


def test_a_project_added_twice_at_once(actors: Any, company: Any, pack: Any) -> None:
    clerk = actors["organisation_admin"]
    results = at_once(*[lambda: add_project(clerk, organisation=company, code="RD1", name="x")] * 3)
    assert [error.field for error in failures(results)] == ["code", "code"]
    assert RdProject.objects.count() == 1

"""R&D activity coverage: who counts, what each county sees, and the figures of the indicator."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.coverage import enter_coverage
from kechuang.apps.indicators.domain.facts import declare_facts, verify_fact
from kechuang.apps.indicators.domain.observations import approve_observation, submit_observation
from kechuang.apps.indicators.domain.queries.coverage import Activity, by_county, enterprises, expenses
from kechuang.apps.indicators.domain.queries.facts import facts_of, return_year
from kechuang.apps.indicators.domain.queries.research import Category
from kechuang.apps.indicators.domain.research import Booking, add_project, book_expenses, declare_year
from kechuang.apps.indicators.models import Indicator, Observation
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing import spreadsheet
from tests.apps.indicators.conftest import make_companies

YEAR = return_year()


def listed(county: Any, count: int, expense: object = None) -> list[Organisation]:
    """Enterprises above designated size of a county, all with the same R&D expense (None: unknown)."""
    rows = make_companies(county, count)
    for row in rows:
        values = {"designated_size": True} | ({} if expense is None else {"rd_expense": expense})
        declare_facts(SYSTEM, organisation=row, year=YEAR, values=values)
    return rows


def account(row: Organisation, category: str, amount: int) -> None:
    """A complete research account with one expense."""
    add_project(SYSTEM, organisation=row, code="RD1", name="x")
    book_expenses(SYSTEM, organisation=row, bookings=[Booking("RD1", date(YEAR, 1, 1), category, Decimal(amount))])
    declare_year(SYSTEM, organisation=row, year=YEAR, complete=True)


def activity_of(row: Organisation) -> str:
    return str(enterprises(SYSTEM, YEAR).get(pk=row.pk).activity)


def test_what_counts_is_what_is_known(fact_kinds: Any, county: Any, actors: Any) -> None:
    """The list must never say anything else than the enterprise's own page of facts does."""
    unknown, none, some, by_account, only_other, verified = (
        listed(county, 1, value)[0] for value in (None, 0, 5, 0, 7, None)
    )
    account(by_account, Category.STAFF, 9)
    account(only_other, Category.OTHER, 9)
    fact = declare_facts(SYSTEM, organisation=verified, year=YEAR, values={"rd_expense": 0}).facts[0]
    verify_fact(actors["county_workstation"], fact=fact)
    account(verified, Category.STAFF, 9)
    expected = {
        unknown: Activity.UNKNOWN, none: Activity.WITHOUT, some: Activity.WITH, by_account: Activity.WITH,
        only_other: Activity.WITHOUT, verified: Activity.WITHOUT,
    }  # fmt: skip
    rows = list(enterprises(SYSTEM, YEAR))
    known = expenses(rows, YEAR)
    assert len(rows) == len(expected)
    for row, activity in expected.items():
        assert activity_of(row) == activity
        told = facts_of(row, YEAR).get("rd_expense")
        assert known.get(row.pk) == (None if told is None else Decimal(str(told.value)))


def test_only_the_register_makes_a_large_enterprise(fact_kinds: Any, county: Any) -> None:
    small, former, waiting = make_companies(county, 3)
    declare_facts(SYSTEM, organisation=small, year=YEAR, values={"designated_size": False, "rd_expense": 5})
    declare_facts(SYSTEM, organisation=former, year=YEAR - 1, values={"designated_size": True})
    declare_facts(SYSTEM, organisation=waiting, year=YEAR, values={"designated_size": True})
    Organisation.objects.filter(pk=waiting.pk).update(state="submitted")
    assert not enterprises(SYSTEM, YEAR).exists()


def test_counties_add_up_and_each_sees_its_own(fact_kinds: Any, city: Any, counties: Any, actors: Any) -> None:
    listed(counties[0], 3, 5)
    listed(counties[0], 1, 0)
    listed(counties[1], 1, None)
    rows, total = by_county(actors["bureau_officer"], city, YEAR)
    assert {row.region: (row.all, row.coverage) for row in rows if row.all} == {
        counties[0]: (4, Decimal(75)),
        counties[1]: (1, Decimal(0)),
    }
    assert (total.all, total.active, total.unknown, total.coverage) == (5, 3, 1, Decimal(60))
    rows, total = by_county(actors["county_workstation"], city, YEAR)
    assert [row.region for row in rows] == [counties[0]]
    assert total.all == 4


@pytest.fixture
def indicator(catalogue: Any) -> Indicator:
    return Indicator.objects.get(code="industrial_rd_coverage")


def test_the_figures_of_the_indicator(
    fact_kinds: Any, indicator: Indicator, city: Any, counties: Any, actors: Any
) -> None:
    officer = actors["bureau_officer"]
    listed(counties[0], 3, 5)
    listed(counties[1], 1, 0)
    entered = enter_coverage(officer, city=city, year=YEAR)
    found = {row.region: (row.value, row.state, row.source_kind) for row in entered.drafts}
    assert found == {
        city: (75, "draft", "computed"),
        counties[0]: (100, "draft", "computed"),
        counties[1]: (0, "draft", "computed"),
    }
    assert entered.period.end == date(YEAR, 12, 31)
    whole = next(row for row in entered.drafts if row.region == city)
    submit_observation(officer, observation=whole)
    approve_observation(actors["platform_admin"], observation=whole)
    assert enter_coverage(officer, city=city, year=YEAR).same == 1
    listed(counties[0], 4, 5)
    again = enter_coverage(officer, city=city, year=YEAR)
    revision = next(row for row in again.drafts if row.region == city)
    assert (revision.revision, revision.value) == (2, Decimal("87.5"))
    assert revision.revision_reason
    submit_observation(officer, observation=revision)
    assert [region for region, _why in enter_coverage(officer, city=city, year=YEAR).refused] == [city]


def test_a_county_enters_its_own_only(
    fact_kinds: Any, indicator: Indicator, city: Any, counties: Any, actors: Any
) -> None:
    listed(counties[0], 1, 5)
    listed(counties[1], 1, 5)
    entered = enter_coverage(actors["county_workstation"], city=city, year=YEAR)
    assert [row.region for row in entered.drafts] == [counties[0]]
    with pytest.raises(Refused):
        enter_coverage(actors["organisation_admin"], city=city, year=YEAR)


def test_without_a_list_there_is_no_figure(fact_kinds: Any, indicator: Indicator, city: Any, actors: Any) -> None:
    with pytest.raises(DomainError, match=str(YEAR)):
        enter_coverage(actors["bureau_officer"], city=city, year=YEAR)
    assert not Observation.objects.exists()


def test_the_page(client_as: Any, fact_kinds: Any, indicator: Indicator, counties: Any) -> None:
    officer, url = client_as("bureau_officer"), reverse("indicators:coverage")
    assert "还没有规上工业企业名录" in officer.get(url).content.decode()
    mine = listed(counties[0], 2, 5)
    theirs = listed(counties[1], 1, 0)[0]
    page = officer.get(url).content.decode()
    assert all(row.name in page for row in (*mine, theirs))
    only = officer.get(url, {"county": counties[1].pk}).content.decode()
    assert theirs.name in only
    assert mine[0].name not in only
    idle = officer.get(url, {"activity": "rd_without", "q": theirs.uscc.lower()}).content.decode()
    assert theirs.name in idle
    county = client_as("county_workstation").get(url, {"county": counties[1].pk}).content.decode()
    assert theirs.name not in county
    assert mine[0].name in county
    assert client_as("organisation_admin").get(url).status_code == 403
    done = officer.post(reverse("indicators:coverage_enter"), {"year": YEAR})
    assert "state=draft" in done.headers["Location"]
    assert Observation.objects.filter(indicator=indicator, state="draft").count() == 3


def test_exports_are_the_list(client_as: Any, fact_kinds: Any, counties: Any) -> None:
    officer = client_as("bureau_officer")
    row = listed(counties[0], 1, 5)[0]
    listed(counties[1], 2, 0)
    answer = officer.get(reverse("indicators:coverage_export"), {"county": counties[0].pk})
    assert [line[0] for line in spreadsheet(answer.getvalue())][1:] == [row.uscc]
    table = spreadsheet(officer.get(reverse("indicators:coverage_table")).getvalue())
    assert table[-1][1:] == [3, 1, 2, 0, 33.33]


def test_a_constant_number_of_queries(client_as: Any, fact_kinds: Any, indicator: Indicator, county: Any) -> None:
    officer = client_as("bureau_officer")

    def cost(more: int) -> int:
        for row in listed(county, more, 5):
            account(row, Category.STAFF, 3)
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(reverse("indicators:coverage")).status_code == 200
        return len(queries)

    officer.get(reverse("indicators:coverage"))
    assert cost(1) == cost(2)

"""The research account: what may be booked, what the rules count, and that it agrees with the rules of the pack."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.indicators.domain.providers import COST_CODES
from kechuang.apps.indicators.domain.queries.facts import facts_of, return_year
from kechuang.apps.indicators.domain.queries.research import (
    Category,
    Totals,
    deduction_of,
    totals_of,
)
from kechuang.apps.indicators.domain.research import (
    AccountErrors,
    Booking,
    add_project,
    book_expenses,
    change_project,
    declare_year,
    remove_project,
)
from kechuang.apps.indicators.interfaces.deduction import base_steps, expense_steps, tax_steps
from kechuang.apps.indicators.models import Fact, FactContest, RdExpense, RdProject
from kechuang.engines.rules.explain import Explainer
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import load_rules
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.facts import facts_changed
from kechuang.kit.packs import Pack

YEAR = return_year()
D = Decimal


def booking(category: str, amount: object, month: int = 1, project: str = "RD1") -> Booking:
    return Booking(project, date(YEAR, month, 1), category, D(str(amount)))


@pytest.fixture
def project(actors: Any, company: Any) -> RdProject:
    return add_project(actors["organisation_admin"], organisation=company, code="RD1", name="高效电机")


def test_the_limits_of_the_super_deduction() -> None:
    totals = Totals(
        {
            Category.STAFF: D(500_000), Category.DIRECT: D(200_000), Category.DEPRECIATION: D(100_000),
            Category.AMORTISATION: D(50_000), Category.DESIGN: D(50_000), Category.OTHER: D(150_000),
            Category.COMMISSIONED: D(100_000), Category.ABROAD: D(2_000_000),
        }
    )  # fmt: skip
    assert totals.other_limit == D(100_000)
    assert totals.other_counted == D(100_000)
    assert totals.commissioned_counted == D(80_000)
    assert totals.domestic_counted == D(1_080_000)
    assert totals.abroad_limit == totals.abroad_counted == D(720_000)
    assert totals.deductible == D(1_800_000)
    assert totals.expense == D(900_000) + D(80_000) + D(1_600_000) + D(150_000)
    assert totals.domestic_share == (1 - D(1_600_000) / totals.expense).quantize(D("0.000001"))


def test_what_the_deduction_is_worth() -> None:
    totals = Totals({Category.STAFF: D(1_000_000)})
    assert deduction_of(totals, 2024, {"hnte_valid": True}).saved == ((D("0.15"), D(150_000)),)
    assert deduction_of(totals, 2024, {"hnte_valid": False}).saved == ((D("0.25"), D(250_000)),)
    assert [saved for _rate, saved in deduction_of(totals, 2024, {}).saved] == [D(150_000), D(250_000)]
    listed = deduction_of(totals, 2025, {"hnte_valid": False, "on_ic_machine_tool_list": True})
    assert listed.amount == D(1_200_000)
    assert deduction_of(totals, 2028, {"on_ic_machine_tool_list": True}).amount == D(1_000_000)
    assert deduction_of(totals, 2022, {}).why == "year"
    assert deduction_of(totals, 2024, {"industry": "F51"}).why == "industry"
    assert deduction_of(totals, 2024, {"industry": "F51"}).saved == ()


AMOUNTS = st.integers(0, 10**11).map(lambda fen: D(fen) / 100)


@given(st.fixed_dictionaries({kind.value: AMOUNTS for kind in Category}))
def test_steps_add_up_and_limits_hold(amounts: dict[str, Decimal]) -> None:
    totals = Totals(amounts)
    assert base_steps(totals)[-1].amount == totals.deductible
    assert expense_steps(totals)[-1].amount == totals.expense
    assert tax_steps(deduction_of(totals, 2024, {}))[0].amount == totals.deductible
    whole = totals.own + totals.other_counted
    assert totals.other_counted <= whole / 10 + 1
    assert totals.abroad_counted * 3 <= totals.domestic_counted * 2 + 1


def test_the_rules_of_the_pack_reckon_alike(nanyang: Pack) -> None:
    """The page's steps and the pack's rule are two texts of one law: random accounts must give one figure."""
    from random import Random

    random = Random(7)  # noqa: S311 -- a test
    accounts = [
        Totals({kind.value: D(random.randrange(0, 10**9)) / 100 for kind in Category if random.random() < 0.8})
        for _number in range(60)
    ]
    expressions = {figure.code: figure.expression for figure in nanyang.derived}
    wanted = ("rd_five_classes", "rd_other_counted", "rd_domestic_counted", "rd_abroad_counted", "rd_deductible")
    rules = load_rules(
        {
            "indicators": {code: expressions[code] for code in wanted},
            "rules": [{"id": "d", "title": "d", "when": ["rd_deductible >= 0"], "amount": "rd_deductible"}],
        }
    )
    explainer = Explainer(prepare(rules, today=date(2025, 1, 1)))
    for account in accounts:
        facts = {code: float(account.of(kind)) for code, kind in COST_CODES.items()}
        amount = explainer.explain(facts)[0].amount
        assert amount is not None
        assert abs(D(amount) / 100 - account.deductible) <= D("0.03")


def test_a_project_is_added_changed_and_removed(actors: Any, company: Any, project: RdProject) -> None:
    clerk = actors["organisation_member"]
    with pytest.raises(DomainError) as taken:
        add_project(clerk, organisation=company, code=" RD1 ", name="另一个")
    assert taken.value.field == "code"
    with pytest.raises(DomainError) as backwards:
        add_project(clerk, organisation=company, code="RD2", name="x", started_on=date(2025, 2, 1),
                    ended_on=date(2025, 1, 1))  # fmt: skip
    assert backwards.value.field == "ended_on"
    changed = change_project(clerk, project=project, code="RD9", name="改名")
    assert (changed.pk, changed.code) == (project.pk, "RD9")
    book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, 5, project="RD9")])
    with pytest.raises(DomainError):
        remove_project(clerk, project=changed)
    book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, 0, project="RD9")])
    remove_project(clerk, project=changed)
    assert not RdProject.objects.exists()


def test_bookings_are_all_or_none_and_named_by_row(actors: Any, company: Any, project: RdProject) -> None:
    clerk = actors["organisation_admin"]
    future = date(date.today().year + 1, 1, 1)
    wrong = [
        booking(Category.STAFF, 1),
        booking("sweets", 1),
        booking(Category.STAFF, -1),
        booking(Category.STAFF, 1, project="X"),
        Booking("RD1", future, Category.STAFF, D(1)),
        Booking("RD1", date(1999, 1, 1), Category.STAFF, D(1)),
    ]
    with pytest.raises(AccountErrors) as refused:
        book_expenses(clerk, organisation=company, bookings=wrong)
    assert list(refused.value.errors) == [2, 3, 4, 5, 6]
    assert not RdExpense.objects.exists()
    assert book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, "10.55")]) == 1
    assert book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, "10.55")]) == 0
    assert totals_of(company, YEAR).booked == D("10.55")


def test_nobody_else_keeps_an_account(actors: Any, company: Any, stranger: Any, project: RdProject) -> None:
    for role in ("bureau_officer", "county_workstation", "platform_admin", "expert"):
        with pytest.raises(Refused):
            book_expenses(actors[role], organisation=company, bookings=[booking(Category.STAFF, 1)])
    with pytest.raises(Refused):
        add_project(actors["organisation_admin"], organisation=stranger, code="A", name="B")


def test_a_complete_year_answers_and_an_open_one_does_not(
    actors: Any, company: Any, fact_kinds: Any, project: RdProject
) -> None:
    clerk = actors["organisation_admin"]
    declare_facts(clerk, organisation=company, year=YEAR, values={"rd_expense": 7})
    book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, 900), booking(Category.OTHER, 1000)])
    assert facts_of(company, YEAR)["rd_expense"].value == 7
    declare_year(clerk, organisation=company, year=YEAR, complete=True)
    known = facts_of(company, YEAR)["rd_expense"]
    assert (known.value, known.source) == (1125, Fact.Source.COMPUTED)
    assert known.origin
    with pytest.raises(AccountErrors):
        book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, 1)])
    declare_facts(clerk, organisation=company, year=YEAR, values={"rd_expense": 8})
    assert FactContest.objects.get().kind.code == "rd_expense"
    declare_year(clerk, organisation=company, year=YEAR, complete=False)
    assert facts_of(company, YEAR)["rd_expense"].value == 7


def test_whoever_reckons_from_facts_hears_of_a_complete_year(actors: Any, company: Any, project: RdProject) -> None:
    clerk = actors["organisation_admin"]
    heard: list[list[int]] = []

    def listen(organisations: Any, **_more: Any) -> None:
        heard.append(list(organisations))

    facts_changed.connect(listen)
    try:
        book_expenses(clerk, organisation=company, bookings=[booking(Category.STAFF, 900)])
        assert heard == []
        declare_year(clerk, organisation=company, year=YEAR, complete=True)
    finally:
        facts_changed.disconnect(listen)
    assert heard == [[company.pk]]


def test_a_year_is_complete_only_when_it_is_over(actors: Any, company: Any, project: RdProject) -> None:
    clerk = actors["organisation_admin"]
    with pytest.raises(DomainError, match=str(YEAR)):
        declare_year(clerk, organisation=company, year=YEAR, complete=True)
    this_year = date(YEAR + 1, 1, 1)
    book_expenses(clerk, organisation=company, bookings=[Booking("RD1", this_year, Category.STAFF, D(1))])
    with pytest.raises(DomainError):
        declare_year(clerk, organisation=company, year=YEAR + 1, complete=True)

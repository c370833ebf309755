"""Facts: declared, verified, contested, known once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.contests import answer_contest, contest_fact, waiting_contests, withdraw_contest
from kechuang.apps.indicators.domain.fact_kinds import change_fact_kind, keep_fact_kinds
from kechuang.apps.indicators.domain.fact_values import read_value, say, typed
from kechuang.apps.indicators.domain.facts import FactErrors, declare_facts, verify_fact
from kechuang.apps.indicators.domain.queries.facts import facts_of, unknown_codes, values_of
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import Notification
from kechuang.kit.permissions import SYSTEM, visible


def kind(code: str) -> FactKind:
    return FactKind.objects.get(code=code)


def declare(actor: Any, organisation: Organisation, year: int = 2025, **values: Any) -> Any:
    return declare_facts(actor, organisation=organisation, year=year, values=values)


def test_declared_once_known_ever_after(actors, fact_kinds, company) -> None:
    owner = actors["organisation_admin"]
    declare(owner, company, 2023, revenue=8_000_000)
    declare(owner, company, 2025, revenue=Decimal("12345678.90"), staff_count=42, ip_owned_core=True, tier="gazelle")
    facts = facts_of(company, 2025)
    assert values_of(facts) | {"registered_on": None} == {
        "revenue": 12345678.9, "revenue_y2": 8_000_000.0, "staff_count": 42.0, "ip_owned_core": True,
        "tier": "gazelle", "region": company.region.code, "industry": "C38", "registered_on": None,
    }  # fmt: skip
    assert facts["revenue"].source == "declared"
    assert facts["revenue_y2"].period == 2023
    assert facts["region"].fact_id is None
    assert facts["region"].origin
    assert unknown_codes(facts, ["revenue", "revenue_y1"]) == ["revenue_y1"]
    assert facts_of(company, 2024)["revenue_y1"].value == 8_000_000.0


def test_a_code_of_an_earlier_year_is_the_fact_of_that_year(actors, fact_kinds, company) -> None:
    declare(actors["organisation_admin"], company, 2025, revenue_y1=5_000_000)
    assert Fact.objects.get().year == 2024
    assert facts_of(company, 2024)["revenue"].value == 5_000_000.0
    with pytest.raises(FactErrors):
        declare(actors["organisation_admin"], company, 2025, rd_intensity=0.1)


def test_a_changed_declaration_replaces_and_the_same_adds_nothing(actors, fact_kinds, company) -> None:
    owner = actors["organisation_admin"]
    first = declare(owner, company, revenue=100).facts[0]
    assert declare(owner, company, revenue="100元").same == ["revenue"]
    second = declare(owner, company, revenue=200).facts[0]
    first.refresh_from_db()
    assert (first.state, second.supersedes_id) == ("superseded", first.pk)
    assert facts_of(company, 2025)["revenue"].value == 200.0


def test_all_or_nothing_with_a_word_for_each(actors, fact_kinds, company) -> None:
    with pytest.raises(FactErrors) as caught:
        declare_facts(
            actors["organisation_admin"], organisation=company, year=2025, typed=True,
            values={"revenue": "viel", "staff_count": "3.5", "ip_owned_core": "vielleicht", "hitech_revenue": "12",
                    "nonsense": 1, "hnte_until": "2025-13-01", "tier": "riese"},
        )  # fmt: skip
    assert set(caught.value.errors) == {"revenue", "staff_count", "ip_owned_core", "nonsense", "hnte_until", "tier"}
    assert not Fact.objects.exists()


def test_a_part_is_not_more_than_the_whole(actors, fact_kinds, company) -> None:
    owner = actors["organisation_admin"]
    declare(owner, company, staff_count=10)
    with pytest.raises(FactErrors) as caught:
        declare(owner, company, rd_staff_count=11)
    assert set(caught.value.errors) == {"rd_staff_count"}
    declare(owner, company, rd_staff_count=11, staff_count=12)


def test_verified_by_another_and_never_overwritten(actors, fact_kinds, company) -> None:
    owner, county = actors["organisation_admin"], actors["county_workstation"]
    fact = declare(owner, company, revenue=100).facts[0]
    with pytest.raises(Refused):
        verify_fact(owner, fact=fact)
    verify_fact(county, fact=fact, source_note="审计报告")
    outcome = declare(owner, company, revenue=150, staff_count=3)
    assert [contest.value for contest in outcome.contests] == [150]
    assert facts_of(company, 2025)["revenue"].value == 100.0
    assert declare(owner, company, revenue=160).contests[0].pk == outcome.contests[0].pk
    with pytest.raises(Refused):
        verify_fact(county, fact=fact)
    assert Notification.objects.filter(kind="fact_contest").count() == 1


def test_four_eyes(actors, fact_kinds, company) -> None:
    county, officer = actors["county_workstation"], actors["bureau_officer"]
    fact = declare(county, company, revenue=100).facts[0]
    assert fact.source == "imported"
    with pytest.raises(Refused):
        verify_fact(county, fact=fact)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).update(verified_by_id=county.user_id)
    verify_fact(officer, fact=fact)
    contest = contest_fact(officer, organisation=company, kind=kind("revenue"), year=2025, reason="抄错", value=90)
    with pytest.raises(Refused):
        answer_contest(officer, contest=contest, accept=True)
    assert list(waiting_contests(officer)) == []
    assert list(waiting_contests(county)) == [contest]


def test_an_accepted_contest_puts_its_value_in_force(actors, fact_kinds, company) -> None:
    owner, county = actors["organisation_member"], actors["county_workstation"]
    verify_fact(county, fact=declare(owner, company, revenue=100).facts[0])
    contest = contest_fact(
        owner, organisation=company, kind=kind("revenue"), year=2025, reason="更正", value="1.5", typed=True
    )
    answer_contest(county, contest=contest, accept=True, answer="已核对")
    fact = facts_of(company, 2025)["revenue"]
    assert (fact.value, fact.source) == (15_000.0, "verified")
    with pytest.raises(Stale):
        answer_contest(county, contest=contest, accept=False, answer="不符")


def test_a_refused_or_withdrawn_contest_changes_nothing(actors, fact_kinds, company) -> None:
    owner, county = actors["organisation_member"], actors["county_workstation"]
    declare(owner, company, revenue=100)
    for end in ("refuse", "withdraw"):
        contest = contest_fact(owner, organisation=company, kind=kind("revenue"), year=2025, reason="有误", value=2)
        if end == "refuse":
            with pytest.raises(DomainError):
                answer_contest(county, contest=contest, accept=False)
            answer_contest(county, contest=contest, accept=False, answer="与报表一致")
        else:
            withdraw_contest(owner, contest=contest)
    assert facts_of(company, 2025)["revenue"].value == 100.0
    assert FactContest.objects.filter(state="open").count() == 0


def test_a_struck_value_is_not_known_any_more(actors, fact_kinds, company) -> None:
    owner, county = actors["organisation_member"], actors["county_workstation"]
    declare(owner, company, revenue=100)
    contest = contest_fact(owner, organisation=company, kind=kind("revenue"), year=2025, reason="不是本企业的数")
    answer_contest(county, contest=contest, accept=True)
    assert "revenue" not in facts_of(company, 2025)


def test_what_records_tell_is_not_overwritten_and_verified_beats_it(actors, fact_kinds, company) -> None:
    owner, county = actors["organisation_member"], actors["county_workstation"]
    outcome = declare(owner, company, industry="C39")
    assert not outcome.facts
    assert declare(owner, company, industry="C38").same == ["industry"]
    answer_contest(county, contest=outcome.contests[0], accept=True)
    assert facts_of(company, 2025)["industry"].value == "C39"


@pytest.mark.parametrize("role", ["auditor", "bureau_leader", "expert", "responsible_unit"])
def test_who_may_not_declare(actors, fact_kinds, company, role) -> None:
    with pytest.raises(Refused):
        declare(actors[role], company, revenue=1)


def test_nobody_speaks_for_another(actors, fact_kinds, company, stranger) -> None:
    declare(SYSTEM, stranger, revenue=1)
    for role in ("organisation_admin", "organisation_member", "county_workstation"):
        with pytest.raises(Refused):
            declare(actors[role], stranger, revenue=2)
        assert not visible(actors[role], Fact).filter(organisation=stranger).exists()
    assert visible(actors["bureau_officer"], Fact).filter(organisation=stranger).exists()


def test_the_database_keeps_its_promises(actors, fact_kinds, company) -> None:
    fact = declare(actors["organisation_admin"], company, revenue=100).facts[0]
    for broken in ({"number": 5}, {"year": 2020}, {"text": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Fact.objects.filter(pk=fact.pk).update(**broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).delete()
    for wrong in ({}, {"number": 1, "truth": True}):
        with pytest.raises(IntegrityError, match="exactly_one"), transaction.atomic():
            Fact.objects.create(organisation=company, kind=kind("staff_count"), year=2025, **wrong)
    with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
        Fact.objects.create(organisation=company, kind=kind("revenue"), year=2025, number=1)
    Fact.objects.create(organisation=company, kind=kind("tier"), text="gazelle")
    with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
        Fact.objects.create(organisation=company, kind=kind("tier"), text="gazelle")


def test_the_catalogue_is_loaded_once(fact_kinds) -> None:
    before = list(FactKind.objects.values_list("pk", "updated_at"))
    keep_fact_kinds(SYSTEM, kinds=fact_kinds)
    assert list(FactKind.objects.values_list("pk", "updated_at")) == before
    assert kind("revenue_y1").base == kind("revenue")
    assert (kind("revenue_y2").lag, kind("ip_class1").lag) == (2, 0)


def test_the_kind_of_value_stays_where_facts_are_kept(actors, fact_kinds, company) -> None:
    declare(actors["organisation_admin"], company, revenue=100)
    verb = partial(change_fact_kind, actors["bureau_officer"])
    with pytest.raises(DomainError):
        verb(entry=kind("revenue"), kind="text")
    assert verb(entry=kind("revenue"), name="营业总收入").name == "营业总收入"


@pytest.mark.parametrize(
    ("code", "text", "value", "shown"),
    [
        ("revenue", "1,234.5", Decimal(12_345_000), "1,234.5万元"),
        ("revenue", "１２万", Decimal(120_000), "12万元"),
        ("revenue", "1.5亿元", Decimal(150_000_000), "1.5亿元"),
        ("revenue", "3500元", Decimal(3500), "3,500元"),
        ("rd_expense_domestic_share", "85.5", Decimal("0.855"), "85.5%"),
        ("rd_expense_domestic_share", "85.5%", Decimal("0.855"), "85.5%"),
        ("staff_count", "1,200人", Decimal(1200), "1,200人"),
        ("ip_owned_core", "有", True, "是"),
        ("hnte_until", "2027年3月5日", date(2027, 3, 5), "2027-03-05"),
        ("tier", "瞪羚企业", "gazelle", "瞪羚企业"),
    ],
)
def test_as_people_write_it(fact_kinds, code, text, value, shown) -> None:
    found = read_value(kind(code), text, typed=True)
    assert found == value
    assert say(kind(code), found) == shown
    assert read_value(kind(code), typed(kind(code), found), typed=True) == value


@pytest.mark.parametrize("raw", ["1e99", "nan", float("inf"), 10**16, "-5", True, "12公斤"])
def test_what_is_no_money(fact_kinds, raw) -> None:
    with pytest.raises(DomainError):
        read_value(kind("revenue"), raw, typed=True)

"""What was had before: the page of an enterprise says what the assessment says, and what is granted is not held out
again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.enterprises import generate_enterprises
from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.indicators.domain.packs import load_facts
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain import awards
from kechuang.apps.policy.domain.awards import table_of
from kechuang.apps.policy.domain.eligibility import Answers, Group, RuleAnswer, eligibility, total
from kechuang.apps.policy.interfaces.loading import load_rules
from kechuang.apps.policy.models.award import Award, AwardState
from kechuang.kit.facts import provider_of
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import queries_of
from tests.apps.policy.rules import ALL, definition, make_rules, tell
from tests.apps.policy.test_awards import ONCE, YEAR, make_companies

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(people: dict[str, Any]) -> Organisation:
    held = people["organisation_admin"].memberships.get(organisation__isnull=False)
    return Organisation.objects.select_related("region").get(pk=held.organisation_id)


def granted(officer: Actor, city: Region, *codes: str, year: int = YEAR) -> None:
    """Assess and confirm whatever these rights pay."""
    run = awards.assess(officer, region=city, year=year)
    for code in codes:
        awards.confirm_awards(officer, run=run, code=code)


def by_code(answers: Answers) -> dict[str, RuleAnswer]:
    return {answer.rule.code: answer for answer in answers.rules}


def test_what_is_granted_once_was_received(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, ONCE)
    tell(company, hnte_valid=True)
    granted(officer, city, "once", year=YEAR - 5)
    (answer,) = eligibility(officer, company).rules
    award = Award.objects.get()
    assert (answer.group, answer.payable, answer.explanation.answer) == (Group.RECEIVED, 0, True)
    assert answer.granted is not None
    assert (answer.granted.url, answer.granted.fen) == (award.get_absolute_url(), 70_000_00)
    assert total(eligibility(officer, company).rules) == 0
    awards.step_awards(officer, awards=[award.pk], name="withdraw", reason="重复申报")
    assert eligibility(officer, company).rules[0].group == Group.ENTITLED


def test_what_was_had_stays_told_when_the_facts_move_on(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, ONCE)
    tell(company, hnte_valid=True)
    granted(officer, city, "once")
    tell(company, hnte_valid=False)
    assert eligibility(officer, company).rules[0].group == Group.RECEIVED


def test_a_yearly_right_comes_back_the_next_year(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, definition("yearly", ["hnte_valid"], amount=70000, limits={"per_year": 50000}))
    tell(company, hnte_valid=True)
    granted(officer, city, "yearly")
    assert by_code(eligibility(officer, company))["yearly"].group == Group.RECEIVED
    answer = by_code(eligibility(officer, company, YEAR + 1))["yearly"]
    assert (answer.group, answer.payable) == (Group.ENTITLED, 50_000)


def test_of_a_group_the_other_one_names_what_was_granted(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, *ALL)
    tell(company, hnte_valid=True, hnte_times=1)
    granted(officer, city, "hnte")
    found = by_code(eligibility(officer, company))
    assert found["hnte"].group == found["hnte-small"].group == Group.RECEIVED
    assert found["hnte"].granted_under is None
    assert found["hnte-small"].granted_under == found["hnte"].rule
    tell(company, hnte_times=2)
    found = by_code(eligibility(officer, company))
    assert found["hnte"].group == Group.RECEIVED
    assert found["hnte-small"].payable == 0


def test_the_page_leads_to_the_award(
    city: Region, company: Organisation, officer: Actor, client_as: Callable[[str], Client]
) -> None:
    make_rules(city, ONCE)
    tell(company, hnte_valid=True)
    client, url = client_as("organisation_admin"), reverse("policy:my-policies", args=[company.pk])
    client.get(url)
    before = queries_of(client, url)
    granted(officer, city, "once")
    award = Award.objects.get()
    page = client.get(url).content.decode()
    assert "已批准：7万元" in page
    assert award.get_absolute_url() in page
    mine = client.get(award.get_absolute_url()).content.decode()
    assert "7万元" in mine
    assert "评估" not in mine
    assert len(queries_of(client, url)) <= len(before)
    assert client.get(reverse("policy:awards")).status_code == 403
    assert client.get(reverse("policy:notice")).status_code == 403


def test_an_award_of_another_is_nobodys_business(
    city: Region, company: Organisation, officer: Actor, client_as: Callable[[str], Client]
) -> None:
    make_rules(city, ONCE)
    (other,) = make_companies(1)
    granted(officer, city, "once")
    award = Award.objects.get(organisation=other)
    assert client_as("organisation_admin").get(award.get_absolute_url()).status_code == 404


def say_more(some: Random) -> None:
    """Much is unknown of invented enterprises; here they answer more of the yes-or-no questions and counts."""
    kinds = FactKind.objects.filter(active=True, formula="", lag=0, kind__in=["boolean", "count"])
    asked = [kind for kind in kinds if provider_of(kind.code) is None and not kind.code.endswith("_count")]
    for organisation in Organisation.objects.filter(synthetic=True):
        for year in (YEAR - 1, YEAR):
            answers = {
                kind.code: some.random() < 0.8 if kind.kind == "boolean" else some.randrange(4)
                for kind in asked
                if some.random() < 0.7 and (kind.high is None or kind.high > 3)
            }
            declare_facts(SYSTEM, organisation=organisation, year=year, values=answers)


def test_the_page_says_what_the_assessment_says(nanyang: Pack, city: Region, people: Any, officer: Actor) -> None:
    """Fifty invented enterprises under all rules of the city, some with awards of this year and of the year before."""
    load_facts(nanyang, SYSTEM)
    load_rules(nanyang, SYSTEM)
    generate_enterprises(SYSTEM, city=city, count=50, seed=7)
    some = Random(7)  # noqa: S311 -- a test
    say_more(some)
    for year in (YEAR - 1, YEAR):
        run = awards.assess(officer, region=city, year=year)
        for code in [code for code, tally in run.tallies.items() if tally["payable"]]:
            rows = awards.payable_rows(run, code)
            chosen = [key for key in rows["subject"] if some.random() < 0.4]
            if chosen:
                awards.confirm_awards(officer, run=run, code=code, organisations=chosen)
    run = awards.assess(officer, region=city, year=YEAR)
    table = {row["subject"]: row for row in table_of(run).iter_rows(named=True)}
    standing = set(Award.objects.exclude(state=AwardState.WITHDRAWN).values_list("organisation", "rule__code"))
    assert len(standing) > 20
    compared = 0
    for organisation in Organisation.objects.filter(pk__in=list(table)).select_related("region"):
        row = table[organisation.pk]
        for answer in eligibility(officer, organisation).rules:
            code = answer.rule.code
            if f"{code}.payable" not in row:
                continue
            payable = None if answer.payable is None else round(answer.payable * 100)
            if answer.group != Group.NOT_FOR_YOU or answer.explanation.answer is False:
                assert (answer.explanation.answer, payable) == (row[code], row[f"{code}.payable"]), (organisation, code)
            if answer.group == Group.RECEIVED:
                assert not payable
                assert (organisation.pk, code) in standing or answer.granted_under is not None
            compared += payable is not None
    assert compared > 50

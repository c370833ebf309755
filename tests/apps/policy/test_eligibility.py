"""Who is entitled, who is one step away, what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.policy.domain.eligibility import Answers, Group, Reason, changes_between, eligibility, total
from kechuang.apps.policy.interfaces.answers import Words, sections
from kechuang.kit.errors import Refused
from kechuang.kit.permissions import Actor
from kechuang.kit.testing import queries_of
from tests.apps.policy.rules import ALL, definition, make_rules, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(people: dict[str, Any]) -> Organisation:
    held = people["organisation_admin"].memberships.get(organisation__isnull=False)
    return Organisation.objects.select_related("region").get(pk=held.organisation_id)


@pytest.fixture
def rules(city: Region) -> None:
    make_rules(city)


def grouped(answers: Answers) -> dict[str, str]:
    return {answer.rule.code: answer.group.value for answer in answers.rules}


def test_nothing_is_known_so_nothing_is_refused(rules: None, company: Organisation, officer: Actor) -> None:
    answers = eligibility(officer, company)
    assert grouped(answers) == {
        "hnte": "unknown",
        "hnte-small": "unknown",
        "intense": "unknown",
        "here": "not_for_you",  # the directory knows where it is
        "county": "not_for_you",
    }
    assert answers.wanted()[0] == ("hnte_valid", 2)
    by_code = {answer.rule.code: answer for answer in answers.rules}
    assert by_code["intense"].missing == ("rd_expense", "revenue")
    assert by_code["county"].reason == Reason.SUBJECT
    assert by_code["here"].reason == Reason.CRITERIA


def test_the_highest_of_a_group_is_payable(rules: None, company: Organisation, officer: Actor) -> None:
    tell(company, hnte_valid=True, hnte_times=1, revenue=10_000_000, rd_expense=600_000)
    answers = eligibility(officer, company)
    by_code = {answer.rule.code: answer for answer in answers.rules}
    assert [answer.rule.code for answer in answers.of(Group.ENTITLED)] == ["hnte", "intense", "hnte-small"]
    assert by_code["hnte-small"].payable == 0
    assert by_code["hnte-small"].outranked_by == by_code["hnte"].rule
    assert by_code["intense"].amount == Decimal(60_000)
    assert total(answers.rules) == Decimal(160_000)


def test_one_step_away_by_nearness(rules: None, company: Organisation, officer: Actor) -> None:
    tell(company, hnte_valid=False, revenue=10_000_000, rd_expense=450_000)
    answers = eligibility(officer, company)
    near = answers.of(Group.NEAR)
    assert [answer.rule.code for answer in near] == ["intense", "hnte", "hnte-small"]
    gaps = near[0].explanation.criteria[0].gaps
    assert gaps["rd_expense"].short == pytest.approx(50_000)
    assert gaps["revenue"].short == pytest.approx(-1_000_000)


def test_what_would_have_to_be_undone_is_no_step(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, definition("newcomer", ["NOT hnte_valid"], amount=1))
    tell(company, hnte_valid=True)
    assert grouped(eligibility(officer, company)) == {"newcomer": "not_for_you"}


def test_what_if_shows_what_changes(rules: None, company: Organisation, client_as: Callable[[str], Client]) -> None:
    tell(company, revenue=10_000_000, rd_expense=450_000)
    client, url = client_as("organisation_admin"), f"/policy/my/{company.pk}/"
    page = client.get(url, {"w.rd_expense": "60", "w.revenue": "1000"}, headers={"HX-Request": "true"})
    text = page.content.decode()
    assert "<html" not in text
    assert page.context["gain"] == Decimal(60_000)
    assert "多得" in text
    assert client.get(url).context["gain"] == 0
    assert 'name="w.revenue"' in client.get(url).content.decode(), "known sums are offered to be changed"
    wrong = client.get(url, {"w.rd_expense": "很多"})
    assert wrong.context["errors"]


def test_other_figures_are_tried_and_not_kept(rules: None, company: Organisation, officer: Actor) -> None:
    tell(company, revenue=10_000_000, rd_expense=450_000)
    before = eligibility(officer, company)
    after = eligibility(officer, company, changes={"rd_expense": 500_000.0})
    (change,) = changes_between(before.rules, after.rules)
    assert (change.before.group, change.after.group) == (Group.NEAR, Group.ENTITLED)
    assert change.after.payable == Decimal(50_000)
    assert grouped(eligibility(officer, company)) == grouped(before)


def test_a_stranger_is_refused(rules: None, company: Organisation) -> None:
    with pytest.raises(Refused):
        eligibility(Actor(user_id=1), company)


def test_a_rule_that_is_over_says_so(city: Region, company: Organisation, officer: Actor) -> None:
    make_rules(city, definition("past", ["hnte_valid"], valid=["2020-01-01", "2020-12-31"], amount=1))
    (answer,) = eligibility(officer, company).rules
    assert (answer.group, answer.reason) == (Group.NOT_FOR_YOU, Reason.ENDED)


def test_what_ends_first_comes_first(city: Region, company: Organisation, officer: Actor) -> None:
    today = timezone.localdate()

    def until(days: int) -> list[str | None]:
        return [None, (today + timedelta(days)).isoformat()]

    rules = [definition("open", ["hnte_valid"], amount=900), definition("later", ["hnte_valid"], amount=800)]
    rules += [definition("soon", ["hnte_valid"], amount=1, valid=until(20))]
    rules[1]["valid"] = until(300)
    make_rules(city, *rules)
    tell(company, hnte_valid=True)
    answers = eligibility(officer, company)
    assert [answer.rule.code for answer in answers.of(Group.ENTITLED)] == ["soon", "later", "open"]
    cards = {card.answer.rule.code: card.soon for card in sections(officer, answers, Words(answers.book))[0].cards}
    assert cards == {"soon": True, "later": False, "open": False}


def test_the_page_needs_as_many_queries_for_one_rule_as_for_many(
    city: Region, company: Organisation, client_as: Callable[[str], Client]
) -> None:
    client, url = client_as("organisation_admin"), f"/policy/my/{company.pk}/"
    make_rules(city, ALL[0])
    tell(company, hnte_valid=False)
    client.get(url)
    few = queries_of(client, url)
    make_rules(city, *ALL)
    many = queries_of(client, url)
    assert len(few) == len(many), "\n".join(many)

"""The calculator asks only what still matters, and keeps nothing."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Fact
from kechuang.apps.policy.domain.eligibility import answers_from
from kechuang.apps.policy.interfaces import what_if
from tests.apps.policy.rules import HNTE, HNTE_SMALL, INTENSE, make_rules

pytestmark = pytest.mark.django_db
URL = "/policy/calculator/"


@pytest.fixture
def rules(city: Region) -> None:
    make_rules(city, HNTE, HNTE_SMALL, INTENSE)


def ask(**given: Any) -> Any:
    return Client().get(URL, {"kind": "enterprise", **given})


def asked(**given: Any) -> str:
    field = ask(**given).context.get("field")
    return field.code if field else ""


def test_it_begins_with_who_asks(rules: None) -> None:
    page = Client().get(URL)
    assert page.status_code == 200
    assert 'value="enterprise"' in page.content.decode()


def test_the_fact_that_decides_most_comes_first(rules: None) -> None:
    assert asked() == "hnte_valid"


def test_only_what_still_matters_is_asked(rules: None) -> None:
    assert asked(hnte_valid="1") == "hnte_times"
    # How often it was recognised matters no more; of the two that are left the catalogue's order decides.
    left = {asked(hnte_valid="0"), asked(hnte_valid="0", skip=asked(hnte_valid="0"))}
    assert left == {"revenue", "rd_expense"}
    assert asked(hnte_valid="0", revenue="1000", rd_expense="100") == ""


def test_what_is_not_known_is_passed_over(rules: None) -> None:
    assert asked(skip="hnte_valid") == "hnte_times"
    page = ask(skip=["hnte_valid", "hnte_times", "revenue", "rd_expense"])
    assert page.context["counts"]["unknown"] == 3


def test_a_slip_is_said_at_the_question(rules: None) -> None:
    page = ask(hnte_valid="1", hnte_times="三次")
    assert page.context["field"].code == "hnte_times"
    assert page.context["field"].error


def test_the_result_is_in_the_address_and_nowhere_else(rules: None) -> None:
    page = ask(hnte_valid="1", hnte_times="1", revenue="1000", rd_expense="100")
    text = page.content.decode()
    assert page.context["counts"] == {"entitled": 3, "near": 0, "unknown": 0, "received": 0, "not_for_you": 0}
    assert page.context["total"] == 200_000
    assert Client().get(page.context["share"]).context["total"] == 200_000
    assert "20万元" in text
    assert not Fact.objects.exists()


def test_one_answer_can_be_changed(rules: None) -> None:
    (_name, _text, url), *_rest = ask(hnte_valid="0", result="1").context["told"]
    page = Client().get(url)
    assert page.context["field"].code == "hnte_valid"


def test_foreign_words_in_the_address_do_no_harm(rules: None) -> None:
    for given in ({"nonsense": "<script>"}, {"revenue": "1e999"}, {"kind": "alien"}, {"ask": "nothing"}):
        page = ask(**given)
        assert page.status_code == 200
        assert b"<script>alert" not in page.content


def test_the_result_says_which_days_rules_it_used(rules: None) -> None:
    page = ask(hnte_valid="1", hnte_times="1", revenue="1000", rd_expense="100")
    day = timezone.localdate().isoformat()
    assert f"截至{day}的政策规则" in page.content.decode()
    query = parse_qs(urlsplit(page.context["share"]).query)
    assert query == {
        "kind": ["enterprise"], "hnte_valid": ["1"], "hnte_times": ["1"], "revenue": ["1000"], "rd_expense": ["100"],
        "result": ["1"],
    }  # fmt: skip


def test_every_question_can_change_an_answer(rules: None, city: Region) -> None:
    """Whatever was answered before: with some answers to the rest, that question decides or pays otherwise."""
    possible = {"hnte_valid": "01", "hnte_times": "12", "revenue": ["10", "90000"], "rd_expense": ["1", "800"]}
    book = answers_from(city, {}, "enterprise").book

    def result(given: dict[str, str]) -> list[tuple[str, str, Any]]:
        values, _errors = what_if.read(book.kinds, given)
        found = answers_from(city, values, "enterprise").rules
        return sorted((answer.rule.code, answer.group.value, answer.payable) for answer in found)

    waiting: list[dict[str, str]] = [{}]
    asked_about = set()
    while waiting:
        given = waiting.pop()
        code = asked(**given)
        if not code:
            continue
        asked_about.add(code)
        rest = [name for name in possible if name not in given and name != code]
        completions = [dict(zip(rest, chosen, strict=True)) for chosen in product(*(possible[name] for name in rest))]
        assert any(
            result(given | others | {code: first}) != result(given | others | {code: second})
            for others in completions
            for first, second in [possible[code]]
        ), given
        waiting += [{**given, code: answer} for answer in possible[code]]
    assert asked_about == set(possible)

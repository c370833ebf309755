"""The calculator asks only what still matters, and keeps nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Fact
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

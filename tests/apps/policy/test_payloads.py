"""What a finding consists of: typed, complete, and refused at the field at fault."""

from __future__ import annotations

from typing import Any

import pytest

from kechuang.apps.policy.domain.payloads import SPECS, clean, label_of, money_range, payload_of
from kechuang.apps.policy.interfaces.presentation import facts, figure
from kechuang.engines.extraction import Benefit, Fund, Target, Task
from kechuang.kit.errors import DomainError


def test_entered_values_become_typed() -> None:
    payload = clean(
        "target", {"indicator": " 高企 ", "comparator": ">=", "value": "1,200", "unit": "家", "hedge": "on"}
    )
    assert payload["indicator"] == "高企"
    assert payload["value"] == 1200
    assert isinstance(payload["value"], int)
    assert payload["hedge"] is True
    assert payload["period"] is None
    assert clean("target", {"indicator": "强度", "comparator": "=", "value": "2.5"})["value"] == 2.5


def test_units_are_a_list_without_repeats() -> None:
    payload = clean("task", {"title": "建平台", "units": "市科技局、市财政局，市科技局"})
    assert payload["units"] == ["市科技局", "市财政局"]


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("task", {}, "title"),
        ("target", {"indicator": "x", "comparator": ">=", "value": "许多"}, "value"),
        ("target", {"indicator": "x", "comparator": "!=", "value": "1"}, "comparator"),
        ("target", {"indicator": "x", "comparator": ">=", "value": "NaN"}, "value"),
        ("target", {"indicator": "x", "comparator": ">=", "value": "1e40"}, "value"),
        ("benefit", {"beneficiary": "企业", "form": "补助", "amount": "1.5"}, "amount"),
        ("benefit", {"beneficiary": "企业", "form": "补助", "amount": "-1"}, "amount"),
        ("benefit", {"beneficiary": "企业", "form": "补助", "amount": "9", "amount_max": "1"}, "amount_max"),
        ("facility", {"name": "平台", "type": "castle"}, "type"),
        ("reference", {"relation": "cites"}, "title"),
        ("fund", {"name": "金" * 301}, "name"),
    ],
)
def test_mistakes_are_told_at_their_field(kind: str, data: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        clean(kind, data)
    assert refused.value.field == field


def test_payloads_have_the_fields_of_the_public_records() -> None:
    for model in (Task, Target, Benefit, Fund):
        fields = set(model.FIELDS) - {"quote", "start", "end"}
        assert fields <= {field.name for field in SPECS[model.kind]}


def test_a_finding_of_the_engine_becomes_a_payload_that_is_clean() -> None:
    found = Task(
        where="body", path="一", number="1", title="建平台", units=("市科技局",), quote="建平台", start=0, end=3
    )
    payload = payload_of(found)
    assert payload["units"] == ["市科技局"]
    assert clean("task", payload) == payload


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"amount": 100_000}, (100_000, 100_000)),
        ({"amount": 100_000, "amount_max": 300_000}, (100_000, 300_000)),
        ({"rate": 20, "amount_max": 500_000}, (500_000, 500_000)),
        ({}, (None, None)),
    ],
)
def test_sums_are_filed_by_their_range(payload: dict[str, Any], expected: tuple[Any, Any]) -> None:
    assert money_range("benefit", payload) == expected
    assert money_range("target", payload) == (None, None)


@pytest.mark.parametrize(
    ("kind", "payload", "text"),
    [
        ("target", {"value": 800, "unit": "家", "comparator": ">="}, "不低于 800家"),
        ("target", {"value": 10, "value_max": 15, "unit": "家", "comparator": "="}, "10–15家"),
        ("target", {"value": 20_000_000_000, "unit": "元", "comparator": ">"}, "超过 200亿元"),
        ("benefit", {"amount": 5_000_000, "comparator": "<="}, "最高 500万元"),
        ("benefit", {"rate": 20, "rate_base": "研发投入", "amount_max": 500_000}, "研发投入的 20%，最高 50万元"),
        ("benefit", {"amount": None}, ""),
        ("fund", {"amount": 200_000_000}, "2亿元"),
        ("facility", {"name": "平台"}, ""),
    ],
)
def test_figures_read_as_people_say_them(kind: str, payload: dict[str, Any], text: str) -> None:
    assert figure(kind, payload) == text


def test_labels_and_facts() -> None:
    benefit = {"beneficiary": "首次认定的高企", "form": "奖励", "payer": "受益财政", "amount": 1}
    assert label_of("benefit", benefit) == "首次认定的高企 · 奖励"
    assert ("资金来源", "受益财政") in facts("benefit", benefit)
    assert label_of("reference", {"title": "意见", "doc_number": "宛政〔2022〕1号"}) == "《意见》宛政〔2022〕1号"

"""The numbers of a rule are found once each and changed to the character."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.parameters import derived_parameters, parameters, with_derived_values, with_values
from kechuang.engines.rules.ruleset import Rule, load_rules

UNITS = {"revenue": "元", "rd_expense": "元", "staff_count": "人", "patents": "件", "share": None}
TIERED = {
    "tiers": [
        {"when": "revenue > 1000000000", "amount": {"rate": 0.1, "of": "rd_expense", "cap": 500000}},
        {"when": "staff_count >= 100", "amount": "patents * 3000 + 7"},
    ],
    "otherwise": 10000,
    "cap": 2000000,
    "floor": 1000,
}


def rule(when: list[object], amount: object = None, **rest: object) -> Rule:
    entry = {"id": "r", "when": when, **rest} | ({} if amount is None else {"amount": amount})
    return load_rules({"rules": [entry]}).rules[0]


def test_numbers_of_conditions_with_their_units_and_places() -> None:
    found = parameters(
        rule(
            [
                "营业收入 > 1 AND revenue BETWEEN 2e7 AND 50000000",
                {"sql": "share >= - 0.6", "label": "占比"},
                "patents IN (1, 2)",
            ]
        ),
        UNITS,
    )
    assert [(p.path, p.value, p.unit) for p in found] == [
        ("when.1#1", Decimal(1), None),
        ("when.1#2", Decimal("2e7"), "元"),
        ("when.1#3", Decimal(50000000), "元"),
        ("when.2#1", Decimal("-0.6"), None),
        ("when.3#1", Decimal(1), "件"),
        ("when.3#2", Decimal(2), "件"),
    ]
    assert [p.text[p.start : p.end] for p in found] == ["1", "2e7", "50000000", "- 0.6", "1", "2"]
    assert found[3].label == "占比"
    assert found[3].place == "condition 2"


def test_every_number_of_an_amount_comes_once() -> None:
    found = {p.path: (p.value, p.unit) for p in parameters(rule(["revenue > 0"], TIERED), UNITS)}
    assert found == {
        "when.1#1": (Decimal(0), "元"),
        "amount.tiers.1.when#1": (Decimal(10**9), "元"),
        "amount.tiers.1.amount.rate#1": (Decimal("0.1"), None),
        "amount.tiers.1.amount.cap#1": (Decimal(500000), "元"),
        "amount.tiers.2.when#1": (Decimal(100), "人"),
        "amount.tiers.2.amount#1": (Decimal(3000), None),
        "amount.tiers.2.amount#2": (Decimal(7), "元"),
        "amount.otherwise#1": (Decimal(10000), "元"),
        "amount.cap#1": (Decimal(2000000), "元"),
        "amount.floor#1": (Decimal(1000), "元"),
    }


def test_a_change_reaches_every_copy_in_the_sql() -> None:
    before = rule(["revenue > 0"], TIERED)
    after = with_values(before, {"amount.tiers.1.when#1": Decimal(77777), "amount.cap#1": Decimal("99999.5")})
    assert after.amount is not None
    assert "1000000000" not in after.amount
    assert "2000000" not in after.amount
    changed = rule(
        ["revenue > 0"],
        {**TIERED, "tiers": [{**TIERED["tiers"][0], "when": "revenue > 77777"}, TIERED["tiers"][1]], "cap": 99999.5},  # type: ignore[dict-item,index]
    )
    assert after == changed


def test_only_the_characters_of_the_number_change() -> None:
    text = "revenue /* 5 */ >=  5 AND staff_count - 3 > 5"
    after = with_values(rule([text]), {"when.1#1": Decimal("6.50"), "when.1#2": Decimal(-3)})
    assert after.criteria[0].text == "revenue /* 5 */ >=  6.50 AND staff_count - -3 > 5"


def test_a_negative_number_never_begins_a_comment() -> None:
    assert with_values(rule(["patents -5 > 0"]), {"when.1#1": Decimal(-2)}).criteria[0].text == "patents -(-2) > 0"


def test_limits_are_parameters() -> None:
    before = rule(["revenue > 0"], 5, limits={"total": 100, "per_year": 50})
    assert [p.path for p in parameters(before)] == ["when.1#1", "amount#1", "limits.per_year#1", "limits.total#1"]
    assert with_values(before, {"limits.total#1": Decimal(80)}).limits.total == 80
    with pytest.raises(RuleError):
        with_values(before, {"limits.total#1": Decimal("80.5")})


def test_derived_indicators_have_parameters_too() -> None:
    ruleset = load_rules(
        {"indicators": {"ratio": "rd_expense / revenue * 100"}, "rules": [{"id": "r", "when": "ratio > 3"}]}
    )
    assert [p.path for p in derived_parameters(ruleset)] == ["indicators.ratio#1"]
    assert with_derived_values(ruleset, {"indicators.ratio#1": Decimal(1000)}).derived["ratio"].endswith("* 1000")


@pytest.mark.parametrize(
    "values", [{"when.9#1": Decimal(1)}, {"when.1#1": Decimal("NaN")}, {"when.1#1": Decimal(10) ** 30}]
)
def test_what_cannot_be_is_refused(values: dict[str, Decimal]) -> None:
    with pytest.raises(RuleError):
        with_values(rule(["revenue > 0"]), values)


numbers = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)


@given(st.lists(numbers, min_size=5, max_size=5))
def test_what_was_set_is_what_is_read(values: list[Decimal]) -> None:
    before = rule(["staff_count -7 + revenue * 3 > -4", "CASE WHEN share > 0.5 THEN 1 ELSE -1 END > 0"], TIERED)
    paths = ["when.1#1", "when.1#3", "when.2#1", "amount.tiers.2.amount#2", "amount.cap#1"]
    wanted = dict(zip(paths, values, strict=True))
    after = {p.path: p.value for p in parameters(with_values(before, wanted))}
    assert {path: after[path] for path in paths if path != "when.1#1"} == {
        path: wanted[path] for path in paths if path != "when.1#1"
    }
    assert abs(after["when.1#1"]) == abs(wanted["when.1#1"])
    untouched = {p.path: p.value for p in parameters(before) if p.path not in paths}
    assert {path: after[path] for path in untouched} == untouched

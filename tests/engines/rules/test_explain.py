"""One subject: answers, missing facts and gaps, and that they are those of the batch."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from kechuang.engines.rules.evaluate import results
from kechuang.engines.rules.explain import Explainer, Explanation, what_if
from kechuang.engines.rules.facts import conform, needs
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import load_rules

DAY = date(2026, 6, 1)
DERIVED = {
    "rd_intensity": "rd_expense / revenue",
    "rd_years": "(rd_expense + rd_last) / (revenue + revenue_last)",
    "pass_mark": "CASE WHEN revenue <= 50000000 THEN 0.05 WHEN revenue <= 200000000 THEN 0.04 ELSE 0.03 END",
}


def program(*rules: dict[str, Any], derived: dict[str, str] | None = None) -> Program:
    named = [{"id": f"r{number}", **rule} for number, rule in enumerate(rules, 1)]
    return prepare(load_rules({"indicators": derived or DERIVED, "rules": named}), today=DAY)


def explained(condition: str, **facts: Any) -> Explanation:
    return Explainer(program({"when": [condition]})).explain(facts)[0]


@pytest.mark.parametrize(
    ("condition", "code", "answer"),
    [
        ("within(code, '411300')", "411302", True),
        ("within(code, '411300')", "410402", False),
        ("within(code, '411300')", "410000", None),
        ("within(code, '411302', '411303')", "411300", None),
        ("within(code, '410000', '411302')", "411300", True),
        ("within(code, 'C39')", "C3921", True),
        ("within(code, 'C39')", "C", None),
        ("NOT within(code, 'C16', 'H')", "C", None),
        ("NOT within(code, 'C16', 'H')", "I65", True),
    ],
)
def test_a_code_above_the_branch_leaves_it_open(condition: str, code: str, answer: bool | None) -> None:
    found = explained(condition, code=code)
    assert found.answer is answer
    assert found.missing == (("code",) if answer is None else ())


@pytest.mark.parametrize(
    ("condition", "facts", "missing"),
    [
        ("hnte AND staff >= 10", {"staff": 20.0}, ["hnte"]),
        ("hnte OR staff >= 10", {"staff": 5.0}, ["hnte"]),
        ("rd_intensity >= 0.05", {"revenue": 100.0}, ["rd_expense"]),
        ("rd_intensity >= 0.05", {"revenue": 0.0, "rd_expense": 1.0}, ["rd_intensity"]),
        ("rd_years >= pass_mark", {"revenue": 100.0}, ["rd_expense", "rd_last", "revenue_last"]),
        ("COALESCE(a, b) > 1", {}, ["a", "b"]),
        ("CASE WHEN a > 1 THEN b ELSE NULL END > 0", {"a": 2.0}, ["b"]),
        ("within(region, '411300')", {}, ["region"]),
    ],
)
def test_an_unknown_answer_names_what_is_missing(condition: str, facts: dict[str, Any], missing: list[str]) -> None:
    found = explained(condition, **facts)
    assert found.answer is None
    assert list(found.missing) == missing


def test_what_is_settled_asks_for_nothing() -> None:
    assert explained("hnte AND staff >= 10", staff=5.0).missing == ()
    assert explained("hnte OR staff >= 10", staff=50.0).missing == ()


def test_a_ratio_is_short_in_its_numerator_and_in_its_denominator() -> None:
    gaps = explained("rd_intensity >= 0.05", rd_expense=3.0, revenue=100.0).criteria[0].gaps
    told = {name: (gap.has, gap.needs, gap.short) for name, gap in gaps.items()}
    assert told["rd_expense"] == (3.0, pytest.approx(5.0), pytest.approx(2.0))
    assert told["revenue"] == (100.0, pytest.approx(60.0), pytest.approx(-40.0))
    assert told["rd_intensity"] == (0.03, 0.05, pytest.approx(0.02))


def test_a_sum_of_years_over_a_sum_of_years_is_short_in_each_year() -> None:
    facts = {"rd_expense": 3.0, "rd_last": 2.0, "revenue": 100.0, "revenue_last": 80.0}
    gaps = explained("rd_years >= pass_mark", **facts).criteria[0].gaps
    assert gaps["rd_expense"].needs == pytest.approx(7.0)
    assert gaps["rd_last"].needs == pytest.approx(6.0)
    assert gaps["revenue"].needs == pytest.approx(20.0)


def test_a_bound_that_must_be_exceeded_says_so() -> None:
    gap = explained("score > 70", score=70.0).criteria[0].gaps["score"]
    assert (gap.needs, gap.short, gap.strictly) == (70.0, 0.0, True)
    assert explained("staff <= 500", staff=600.0).criteria[0].gaps["staff"].short == -100.0


def test_of_alternatives_the_nearest_is_told() -> None:
    gaps = explained("revenue >= 1000 OR staff >= 10", revenue=100.0, staff=9.0).criteria[0].gaps
    assert set(gaps) == {"staff"}


def test_what_is_no_number_tells_what_it_would_have_to_be() -> None:
    found = explained("kind IN ('x', 'y')", kind="z").criteria[0].gaps["kind"]
    assert (found.has, found.needs, found.short) == ("z", ("x", "y"), None)
    assert explained("hnte", hnte=False).criteria[0].gaps["hnte"].needs is True
    assert explained("NOT offence", offence=True).criteria[0].gaps["offence"].needs is False


@pytest.mark.parametrize("short", [0.01, 1.0, 12_345.67])
def test_a_gap_that_is_closed_meets_the_condition(short: float) -> None:
    facts = {"rd_expense": 5_000_000.0 - short, "rd_last": 0.0, "revenue": 100_000_000.0, "revenue_last": 0.0}
    condition = "rd_intensity >= 0.05"
    needs_ = explained(condition, **facts).criteria[0].gaps["rd_expense"].needs
    assert explained(condition, **{**facts, "rd_expense": needs_}).answer is True


def test_what_if_tells_both_sides() -> None:
    ready = Explainer(program({"when": ["staff >= 10"], "amount": "100"}))
    before, after = what_if(ready, {"staff": 9.0}, {"staff": 10.0})
    assert (before[0].answer, after[0].answer, after[0].amount) == (False, True, 10_000)


def test_the_amount_names_what_it_lacks() -> None:
    ready = program({"when": ["staff >= 10"], "amount": {"rate": 0.1, "of": "rd_expense", "cap": 500}})
    found = Explainer(ready).explain({"staff": 10.0})[0]
    assert (found.answer, found.amount, found.missing) == (True, None, ("rd_expense",))


def test_a_rule_out_of_force_answers_no() -> None:
    ready = program({"when": ["staff >= 1"], "valid": ["2020-01-01", "2025-12-31"]})
    found = Explainer(ready).explain({"staff": 10.0})[0]
    assert (found.answer, found.in_force) == (False, False)


def test_limits_and_groups_are_those_of_the_batch() -> None:
    ready = program(
        {"when": ["a > 0"], "amount": "100", "group": "g", "limits": {"once": True}},
        {"when": ["a > 1"], "amount": "100", "group": "g"},
        {"when": ["a > 2"], "amount": "a * 60", "group": "g", "limits": {"per_year": 150, "total": 1000}},
        {"when": ["b"], "amount": "7.005"},
    )
    rows = [
        {"id": str(number), "a": float(a), "b": b, "r1.received": had, "r3.received_this_year": year}
        for number, (a, b, had, year) in enumerate(
            [(1, True, 0, 0), (2, None, 5, 0), (3, False, 0, 20), (4, True, 9, 149)]
        )
    ]
    frame = pl.DataFrame(rows).lazy()
    kept = ["id", "r1.received", "r3.received_this_year"]
    batch = results(conform(frame, needs(ready.kinds, ready.facts), kept), ready, "id").collect().to_dicts()
    explainer = Explainer(ready)
    for row, found in zip(rows, batch, strict=True):
        for each in explainer.explain(row):
            assert (each.answer, each.amount, each.payable) == (
                found[each.rule],
                found[f"{each.rule}.amount"],
                found[f"{each.rule}.payable"],
            ), (row, each.rule)

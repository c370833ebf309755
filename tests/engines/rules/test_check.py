"""What a rule set must not say, told with the place and the mend."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kechuang.engines.rules.check import Fact, Grade, Problem, check, units_of
from kechuang.engines.rules.expression import Both, RuleError, parse
from kechuang.engines.rules.feasibility import Box, possible
from kechuang.engines.rules.interpreter import compiled
from kechuang.engines.rules.kinds import Kind, Kinds
from kechuang.engines.rules.lowering import lower
from kechuang.engines.rules.ruleset import Criterion, Rule, RuleSet, load_rules
from kechuang.engines.rules.spans import Span

CATALOGUE = (
    Fact("revenue", Kind.NUMBER, "元", low=0),
    Fact("revenue_y1", Kind.NUMBER, "元", low=0),
    Fact("rd_expense", Kind.NUMBER, "元", low=0),
    Fact("staff_count", Kind.NUMBER, "人", low=0),
    Fact("patents", Kind.NUMBER, "件", low=0),
    Fact("share", Kind.NUMBER, None, low=0, high=1),
    Fact("hnte_valid", Kind.BOOLEAN),
    Fact("hnte_until", Kind.DATE),
    Fact("registered_on", Kind.DATE),
    Fact("region", Kind.TEXT),
    Fact("tier", Kind.TEXT, choices=("eagle", "gazelle", "giant", "leader")),
)
DERIVED = {"intensity": "rd_expense / revenue", "growth": "revenue / revenue_y1 - 1"}


def problems(
    *when: str, amount: object = None, derived: dict[str, str] = DERIVED, **rest: object
) -> tuple[Problem, ...]:
    entry = {"id": "r", "when": list(when), **rest} | ({} if amount is None else {"amount": amount})
    return check(load_rules({"indicators": derived, "rules": [entry]}), CATALOGUE)


def codes(found: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in found]


@pytest.mark.parametrize(
    "when",
    [
        ["revenue >= 20000000", "intensity >= 0.03", "growth > 0.2"],
        ["revenue BETWEEN 1 AND 2", "rd_expense >= 0.05 * revenue", "hnte_valid"],
        ["revenue > 5 OR staff_count > 5", "revenue < 5"],
        ["years_between(registered_on, CURRENT_DATE) >= 1", "hnte_until >= CURRENT_DATE"],
        ["tier IN ('eagle', 'gazelle')", "tier <> 'eagle'"],
        ["within(region, '411300')", "within(region, '411302')", "region <> '411303'"],
        ["NOT hnte_valid", "hnte_until IS NULL"],
        ["revenue / staff_count > 100000", "coalesce(patents, 0) = 0", "patents IS NULL"],
        ["share >= 0.6", "share <= 0.6", "share = intensity"],
        ["intensity >= CASE WHEN revenue <= 50000000 THEN 0.05 ELSE 0.03 END"],
        ["least(revenue, 5) >= 5", "greatest(revenue, 1) <= 6"],
    ],
)
def test_sound_rules_pass(when: list[str]) -> None:
    assert problems(*when) == ()


def test_an_unknown_indicator_is_told_with_the_nearest_name() -> None:
    (found,) = problems("hnte_valid", "revenu >= 5")
    assert (found.grade, found.code, found.place, found.rule) == (Grade.ERROR, "unknown", "rule r, condition 2", "r")
    assert "revenue" in found.mend
    assert codes(problems("revenue > 1", amount="rd_expence * 0.1")) == ["unknown"]
    (found,) = problems("x > 1", derived={"x": "revenuw * 2"})
    assert found.place == "indicators.x"


@pytest.mark.parametrize(
    "when",
    [
        "revenue > staff_count",
        "revenue + patents > 5",
        "intensity > revenue",
        "share >= rd_expense",
        "least(revenue, staff_count) > 5",
        "CASE WHEN hnte_valid THEN revenue ELSE staff_count END IS NOT NULL",
        "revenue / staff_count > revenue",
        "revenue * revenue > rd_expense",
    ],
)
def test_units_are_not_mixed(when: str) -> None:
    found = problems(when)
    assert "unit" in codes(found)
    assert {problem.grade for problem in found if problem.code == "unit"} == {Grade.ERROR}


def test_a_plain_factor_may_explain_a_mix() -> None:
    (found,) = problems("revenue >= 2000 * staff_count")
    assert (found.code, found.grade) == ("unit", Grade.WARNING)
    assert problems("hnte_valid", amount="20000 * patents + rd_expense * 0.1") == ()


def test_an_amount_is_in_yuan() -> None:
    assert codes(problems("hnte_valid", amount="patents")) == ["unit"]
    assert codes(problems("hnte_valid", amount="intensity")) == ["unit"]
    assert problems("hnte_valid", amount={"rate": 0.1, "of": "rd_expense", "cap": 500000}) == ()


@pytest.mark.parametrize(
    ("when", "place"),
    [
        (["revenue > 100", "hnte_valid", "revenue < 50"], "rule r, conditions 1 and 3"),
        (["hnte_valid", "NOT hnte_valid"], "rule r, conditions 1 and 2"),
        (["hnte_valid", "revenue < 0"], "rule r, condition 2"),
        (["share > 1"], "rule r, condition 1"),
        (["share * 100 > 100"], "rule r, condition 1"),
        (["revenue > 5 AND revenue <= 5"], "rule r, condition 1"),
        (["within(region, '411300')", "within(region, '410400')"], "rule r, conditions 1 and 2"),
        (["within(region, '411302')", "NOT within(region, '411300')"], "rule r, conditions 1 and 2"),
        (["region IN ('411302', '411303')", "within(region, '410400')"], "rule r, conditions 1 and 2"),
        (["tier IN ('eagle', 'giant')", "tier = 'leader'"], "rule r, conditions 1 and 2"),
        (["tier NOT IN ('eagle', 'gazelle', 'giant', 'leader')"], "rule r, condition 1"),
        (["revenue IS NULL", "intensity > 0.03"], "rule r, conditions 1 and 2"),
        (["revenue > revenue_y1", "revenue_y1 > revenue"], "rule r, conditions 1 and 2"),
        (["revenue > revenue"], "rule r, condition 1"),
        (["(revenue > 9 OR revenue < 2)", "revenue BETWEEN 3 AND 8"], "rule r, conditions 1 and 2"),
        (["revenue / 10000 >= 2000", "revenue < 100"], "rule r, conditions 1 and 2"),
        (["intensity >= 0.05", "rd_expense <= 1", "revenue >= 1000"], "rule r, conditions 1 and 2 and 3"),
        (["hnte_until < DATE '2020-01-01'", "hnte_until > DATE '2021-01-01'"], "rule r, conditions 1 and 2"),
        (["FALSE"], "rule r, condition 1"),
        (["1 = 2"], "rule r, condition 1"),
        (["patents = 3", "patents <> 3"], "rule r, conditions 1 and 2"),
        (["patents IN (1, 2)", "patents > 2"], "rule r, conditions 1 and 2"),
    ],
)
def test_what_can_never_hold_is_found_with_its_conditions(when: list[str], place: str) -> None:
    found = problems(*when)
    assert [(problem.code, problem.place) for problem in found] == [("never", place)]
    assert found[0].mend


def test_the_validity_bounds_today() -> None:
    found = problems("CURRENT_DATE < DATE '2020-01-01'", valid=["2022-01-01", None])
    assert codes(found) == ["never"]
    assert "validity" in found[0].mend
    assert problems("CURRENT_DATE < DATE '2023-01-01'", valid=["2022-01-01", None]) == ()


def test_the_catalogue_is_named_where_it_is_the_reason() -> None:
    assert "share is at least 0 and at most 1" in problems("share > 5")[0].mend


def test_null_is_not_compared() -> None:
    found = problems("revenue = NULL")
    assert codes(found) == ["null"]
    assert "IS NULL" in found[0].mend


def test_a_value_outside_the_choices() -> None:
    (found,) = problems("tier = 'gazele'")
    assert found.code == "choice"
    assert "gazelle" in found.mend
    assert codes(problems("tier <> 'x'")) == codes(problems("tier IN ('eagle', 'x')")) == ["choice"]


def test_kinds_come_with_their_place() -> None:
    (found,) = problems("hnte_valid", "region > 5")
    assert (found.code, found.place) == ("kind", "rule r, condition 2")


@pytest.mark.parametrize(
    ("expression", "facts"),
    [
        ("CASE WHEN revenue > 5 THEN 1 ELSE 2 END > 1", ["revenue"]),
        ("CASE WHEN revenue > 5 THEN 1 WHEN staff_count > 3 THEN 2 END > 1", ["revenue"]),
        ("CASE WHEN intensity > 0.05 THEN share ELSE 0 END >= 0", ["rd_expense", "revenue"]),
        ("CASE WHEN revenue > 5 THEN 1 WHEN revenue > 3 THEN 2 END > 1", []),
        ("CASE WHEN revenue IS NULL THEN NULL WHEN revenue > 5 THEN 1 ELSE 2 END > 1", []),
        ("CASE WHEN (revenue > 5) IS NULL THEN NULL WHEN revenue > 5 THEN 1 ELSE 2 END > 1", []),
        ("revenue * 2 > CASE WHEN revenue > 5 THEN revenue ELSE 2 END", []),
        ("CASE WHEN coalesce(revenue, 0) > 5 THEN 1 ELSE 2 END > 1", []),
        ("CASE WHEN revenue > 5 THEN rd_expense ELSE revenue END > 1", []),
    ],
)
def test_a_case_that_hides_what_is_unknown(expression: str, facts: list[str]) -> None:
    found = problems(expression)
    assert codes(found) == (["case"] if facts else [])
    for problem in found:
        assert problem.grade == Grade.WARNING
        assert all(fact in problem.problem for fact in facts)


def test_an_amount_may_rely_on_its_conditions() -> None:
    text = "CASE WHEN revenue > 100000000 THEN 500000 ELSE 200000 END"
    assert problems("revenue > 0", amount=text) == ()
    assert codes(problems("hnte_valid", amount=text)) == ["case"]
    tiers = {"tiers": [{"when": "revenue > 100000000", "amount": 500000}], "otherwise": 200000, "cap": 400000}
    assert problems("hnte_valid", amount=tiers) == ()


def test_groups_of_one() -> None:
    rules = [
        {"id": f"r{n}", "when": "hnte_valid", "amount": n, "group": g} for n, g in enumerate(["hnte", "hnte", "hntee"])
    ]
    (found,) = check(load_rules({"rules": rules}), CATALOGUE)
    assert (found.code, found.grade, found.rule) == ("group", Grade.WARNING, "r2")
    assert "hnte" in found.mend


def test_nothing_written_makes_it_raise() -> None:
    broken = Rule("r", "r", (Criterion("revenue >"), Criterion("(SELECT 1)"), Criterion("")), amount="); DROP")
    found = check(RuleSet({"a": "b", "b": "a", "c": "c"}, (broken,)), CATALOGUE)
    assert {"rule r, condition 1", "rule r, condition 2", "rule r, condition 3", "rule r, amount"} <= {
        problem.place for problem in found
    }
    assert {"indicators.a", "indicators.c"} <= {problem.place for problem in found}


def test_formulas_that_double_all_the_way_up_are_checked_in_time() -> None:
    derived = {"x0": "revenue"} | {f"x{n}": f"x{n - 1} + x{n - 1}" for n in range(1, 60)}
    assert problems("x59 > CASE WHEN x40 > 5 THEN 1 ELSE 2 END", derived=derived)


def test_units_of_derived_indicators() -> None:
    ruleset = load_rules(
        {"indicators": {**DERIVED, "per_head": "revenue / staff_count"}, "rules": [{"id": "r", "when": "TRUE"}]}
    )
    units = units_of(ruleset, CATALOGUE)
    assert (units["intensity"], units["per_head"], units["revenue"]) == (None, "元/人", "元")


NUMBERS = [
    "a",
    "b",
    "c * 2",
    "a / 3",
    "b - 1",
    "2 - c",
    "least(a, b)",
    "greatest(c, 1)",
    "coalesce(a, 0)",
    "abs(b)",
    "d",
    "a - b",
]
NUMBERS += [
    "floor(a / 2)",
    "round(c, 1)",
    "nullif(b, 2)",
    "CASE WHEN a > 1 THEN b ELSE 2 END",
    "3",
    "0",
    "year(day)",
    "b / c",
]
numbers = st.sampled_from(NUMBERS)
atoms = st.one_of(
    st.builds(
        "{} {} {}".format, numbers, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), numbers | st.integers(-3, 3)
    ),
    st.builds("{} {} (1, 2, -1)".format, numbers, st.sampled_from(["IN", "NOT IN"])),
    st.builds("{} {} NULL".format, numbers, st.sampled_from(["IS", "IS NOT"])),
    st.builds("{} BETWEEN {} AND {}".format, numbers, st.integers(-3, 3), st.integers(-3, 3)),
    st.sampled_from(
        ["flag", "NOT flag", "flag IS TRUE", "flag = FALSE", "TRUE", "day >= CURRENT_DATE", "day = DATE '2025-01-01'"]
    ),
    st.sampled_from(["code = '4113'", "code <> '411302'", "within(code, '411300')", "NOT within(code, '411302')"]),
    st.sampled_from(
        ["within(code, '411302', '4104')", "code IN ('4104', '411302')", "coalesce(code, '4113') = '4113'"]
    ),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
some = st.none() | st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0])
facts = st.fixed_dictionaries(
    {
        **dict.fromkeys("abc", some),
        "flag": st.none() | st.booleans(),
        "day": st.sampled_from([None, date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1)]),
        "code": st.sampled_from([None, "4113", "411302", "4104", "37"]),
    }
)


@settings(max_examples=200, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=4), st.lists(facts, min_size=20, max_size=20))
def test_what_somebody_meets_is_never_called_impossible(texts: list[str], subjects: list[dict[str, object]]) -> None:
    nodes = [parse(text) for text in texts]
    try:
        for node in nodes:
            Kinds().demand(node, Kind.BOOLEAN)
    except RuleError:
        return
    derived = parse("a + b / 2")
    today = date(2025, 6, 1)
    whole, under = compiled(lower(Both(tuple(nodes)), ["d"]), today), compiled(lower(derived), today)
    met = [subject for subject in subjects if whole({**subject, "d": under(subject)}) is True]  # type: ignore[arg-type,dict-item]
    if met:
        day = float(today.toordinal())
        assert possible(nodes, Box({}, {}, {"d": derived}, Span(day, day)))

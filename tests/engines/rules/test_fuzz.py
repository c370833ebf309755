"""Whatever an author types: a refusal, or a tree of the module's own nodes; and what is ready to run answers."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from datetime import date
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kechuang.engines.rules import expression
from kechuang.engines.rules.amounts import read_amount, sql_of
from kechuang.engines.rules.explain import Explainer
from kechuang.engines.rules.expression import FUNCTIONS, RuleError, parse
from kechuang.engines.rules.interpreter import compiled
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import Criterion, Rule, RuleSet, load_rules

NODES = get_args(expression.Node)
TODAY = date(2025, 6, 30)

FORBIDDEN = [
    "(SELECT 1)",
    "EXISTS (SELECT 1)",
    "a IN (SELECT 1)",
    "SELECT a FROM t",
    "TABLE t",
    "VALUES (1)",
    "(VALUES (1))",
    "a::text",
    "CAST(a AS int)",
    "TRY_CAST('2025-01-01' AS DATE)",
    "pg_sleep(1)",
    "pg_read_file('x')",
    "version()",
    "current_user",
    "session_user",
    "now()",
    "a; b",
    "1; DROP TABLE t",
    "a = 1;;b",
    "",
    "a LIKE 'x'",
    "a ~ 'x'",
    "a SIMILAR TO 'x'",
    "a ILIKE 'x'",
    "a.b",
    "s.t.a",
    "*",
    "t.*",
    "count(*)",
    "sum(a)",
    "max(a) OVER ()",
    "a AS b",
    "a b c",
    "ARRAY[1]",
    "ROW(1, 2)",
    "(1, 2)",
    "a[1]",
    "a -> 'b'",
    "a ->> 'b'",
    "a @> b",
    "$1",
    ":a",
    "?",
    "@a",
    "%s",
    "{a}",
    "{{ a }}",
    "${a}",
    "INTERVAL '1 day'",
    "a AT TIME ZONE 'x'",
    'a COLLATE "C"',
    "DATE 'x'",
    "TIMESTAMP '2025-01-01'",
    "current_timestamp",
    "CURRENT_DATE('UTC')",
    "a = ANY (b)",
    "a = ALL (ARRAY[1])",
    "a IS DISTINCT FROM b",
    "a % b",
    "a ^ b",
    "a & b",
    "a # b",
    "~a",
    "lambda: 1",
    "__import__('os')",
    "abs(DISTINCT a)",
    "abs(a) FILTER (WHERE b)",
    "floor(a TO day)",
    "round(a, 2, 1)",
    "round(a, b)",
    "round(a, 9)",
    "floor(a, 2)",
    "DELETE FROM t",
    "UPDATE t SET a = 1",
    "CREATE TABLE t (a int)",
    "COPY t FROM PROGRAM 'x'",
    "SET x = 1",
    "BEGIN",
    "GRANT ALL ON t TO x",
    "CALL f()",
    "EXPLAIN SELECT 1",
    "DO $$ x $$",
    "E'a\\n'",
    "U&'a'",
    "N'a'",
    "B'1'",
    "x'1f'",
    "0x1F",
    "1_000",
    "'a' 'b'",
    "a BETWEEN SYMMETRIC 1 AND 2",
    "IN (1)",
    "a IN ()",
    "a IN (b)",
    "a IN (NULL)",
    "within(a)",
    "within(a, b)",
    "within(a, '')",
    "within(a, 1)",
    "years_between(a)",
    "coalesce()",
    "least()",
    "CASE END",
    "CASE WHEN a THEN 1",
    "if(a, b, c)",
    "1e400",
    "9999999999999999999",
    "/* open",
    "'open",
    '"open',
    "((a)",
    "a)",
    "a >",
    "= 5",
    "NOT",
    "AND",
    "--",
    "/**/",
    ";",
    " ",
]


@pytest.mark.parametrize("text", [*FORBIDDEN, "a || b", "a | b"])
def test_what_is_outside_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text)


def closed(node: object) -> bool:
    """Made of the module's nodes, plain values and tuples of both, with operators and functions of the lists only."""
    if isinstance(node, tuple):
        return all(closed(part) for part in node)
    if type(node) in NODES:
        assert is_dataclass(node)
        if isinstance(node, expression.Call):
            assert node.function in FUNCTIONS
        if isinstance(node, expression.Comparison):
            assert node.operator in {"=", "<>", "<", "<=", ">", ">="}
        if isinstance(node, expression.Arithmetic):
            assert node.operator in {"+", "-", "*", "/"}
        return all(closed(getattr(node, part.name)) for part in fields(node))
    return node is None or type(node) in {str, float, bool, date}


def refused_or_closed(text: str) -> None:
    try:
        node = parse(text)
    except RuleError:
        return
    assert closed(node)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60))
@example("\x00")
@example("\ud800")
@example("“”‘’（）；")
@example("１２ ＞ ３")
def test_any_text(text: str) -> None:
    refused_or_closed(text)


WORDS = (
    "a revenue hnte_valid 1 0 -1 0.5 1e6 'x' '' DATE '2025-01-01' CURRENT_DATE TRUE FALSE NULL ( ) ( ) , , ; . :"
    " :: + - * / % ^ || = <> < <= > >= "
    "! ~ @ # $ $1 $$ ? [ ] { } -> AND OR NOT IN BETWEEN IS NULL LIKE CASE WHEN THEN ELSE END LEAST( GREATEST("
    " COALESCE( abs( floor( round( nullif( "
    "within( years_between( EXTRACT(YEAR FROM SELECT FROM WHERE UNION ALL EXISTS CAST( AS int DISTINCT OVER FILTER"
    " -- /* */ \n \" ' \\ 营业收入 ＞ "
    "INTERVAL ARRAY[ ROW( WITH VALUES LATERAL JOIN ON USING ANY SOME COLLATE SYMMETRIC TABLE DROP pg_sleep( lambda"
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=25).map(" ".join))
def test_any_heap_of_sql(text: str) -> None:
    refused_or_closed(text)


@pytest.mark.parametrize(
    "text",
    [
        *("(" * count + "a" + ")" * count for count in (50, 500, 1900)),
        *("NOT " * count + "a" for count in (50, 500, 990)),
        *("-" + " -" * count + "a" for count in (50, 500, 1900)),
        "+".join("a" * 1900),
        " AND ".join("a" * 660),
        " OR ".join("a" * 900),
        " AND ".join(["(a OR b)"] * 300),
        "CASE WHEN a THEN " * 180 + "1" + " END" * 180,
        "abs(" * 700 + "a" + ")" * 700,
        *("round(" * count + "x" + ")" * count + " > y" for count in (9, 25, 58)),
        *("ceil(" * count + "x * y" + ")" * count + " > y" for count in (9, 25, 58)),
        "x" + " > y) = (z > x" * 20,
        "(" * 20 + "x > y" + ") = (z > x)" * 20,
        "years_between(day, CURRENT_DATE) * " * 100 + "1 > 0",
        "a IN (" + ", ".join(["1"] * 1200) + ")",
        "[" * 3000,
        "{" * 3000,
        "'" * 3999,
        "/*" * 1900,
        "a" * 4000,
        "a" * 4001,
        "a.b" * 1300,
        "SELECT (" * 400 + ")" * 400,
        "a IS NULL " + "IS NULL " * 400,
    ],
    ids=range(34),
)
def test_large_and_deep_texts_end(text: str) -> None:
    refused_or_closed(text)
    rule = Rule("r", "r", (Criterion(text),))
    try:
        program = prepare(RuleSet({}, (rule,)), today=TODAY)
    except RuleError:
        return
    for node in program.rules[0].criteria:
        assert compiled(node, TODAY)({"a": True, "b": None}) in {True, False, None}


numbers = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["x", "y", "z", "d", "0", "1", "-2.5", "1e15", "0.1", "1e-9", "NULL"]),
        st.builds("({} {} {})".format, numbers, st.sampled_from("+-*/"), numbers),
        st.builds("{}({}, {})".format, st.sampled_from(["least", "greatest", "coalesce", "nullif"]), numbers, numbers),
        st.builds("{}({})".format, st.sampled_from(["abs", "floor", "ceil", "round", "-"]), numbers),
        st.builds("round({}, {})".format, numbers, st.integers(0, 6)),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, conditions, numbers, numbers),
        st.builds("year({})".format, days),
        st.builds("years_between({}, {})".format, days, days),
    )
)
days = st.sampled_from(
    ["day", "CURRENT_DATE", "DATE '2024-02-29'", "coalesce(day, CURRENT_DATE)", "nullif(day, CURRENT_DATE)"]
)
conditions = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            ["flag", "TRUE", "NULL", "within(code, '4113', 'C39')", "code IN ('a', '')", "code = code", "code IS NULL"]
        ),
        st.builds("{} {} {}".format, numbers, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), numbers),
        st.builds("{} {} {}".format, days, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), days),
        st.builds("({} {} {})".format, conditions, st.sampled_from(["AND", "OR", "=", "<>"]), conditions),
        st.builds("(NOT {})".format, conditions),
        st.builds("({}) IS {}".format, conditions, st.sampled_from(["NULL", "NOT NULL", "TRUE", "NOT TRUE", "FALSE"])),
        st.builds("{} BETWEEN {} AND {}".format, numbers, numbers, numbers),
        st.builds("{} NOT IN (1, -2.5, 0)".format, numbers),
    )
)
HUGE = " * ".join(["x"] * 25)


@pytest.mark.parametrize(
    "text", [HUGE, f"{HUGE} - {HUGE}", f"floor({HUGE})", f"round({HUGE}, 2)", f"x / ({HUGE})", f"-({HUGE})"]
)
@pytest.mark.parametrize("x", [1e15, -1e15, 1e-300])
def test_numbers_beyond_counting_answer_too(text: str, x: float) -> None:
    rules = [Rule("r", "r", (Criterion(f"{text} > 1"),)), Rule("s", "s", (Criterion("x <> 0"),), amount=text)]
    explainer = Explainer(prepare(RuleSet({}, tuple(rules)), today=TODAY))
    answered, paid = explainer.explain({"x": x})
    assert answered.answer in {True, False, None}
    assert paid.amount is None or paid.amount >= 0


values = st.none() | st.sampled_from([0.0, -0.0, 1.0, -1e15, 1e15, 1e-9, 0.1]) | st.floats(-1e15, 1e15)
subjects = st.fixed_dictionaries(
    {
        **dict.fromkeys("xyz", values),
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
        "code": st.none() | st.text(max_size=4) | st.sampled_from(["411302", "C3911"]),
    }
)


@settings(max_examples=150, deadline=None)
@given(conditions, numbers, st.lists(subjects, min_size=1, max_size=5))
def test_what_is_ready_to_run_always_answers(condition: str, amount: str, given_facts: list[dict[str, object]]) -> None:
    ruleset = RuleSet({"d": "x / y"}, (Rule("r", "r", (Criterion(condition),), amount=amount),))
    declared = {**dict.fromkeys("xyz", Kind.NUMBER), "flag": Kind.BOOLEAN, "day": Kind.DATE, "code": Kind.TEXT}
    try:
        program = prepare(ruleset, today=TODAY, declared=declared)
    except RuleError:
        return
    (ready,) = program.rules
    assert ready.amount is not None
    derived = {name: compiled(node, TODAY) for name, node in program.derived.items()}
    answer, money = compiled(ready.criteria[0], TODAY), compiled(ready.amount, TODAY)
    for facts in given_facts:
        complete = {**facts, **{name: evaluate(facts) for name, evaluate in derived.items()}}  # type: ignore[arg-type]
        assert answer(complete) in {True, False, None}  # type: ignore[arg-type]
        fen = money(complete)  # type: ignore[arg-type]
        assert fen is None or (isinstance(fen, int | float) and (fen >= 0 or math.isnan(fen)))


yaml_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(WORDS.split(" ")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                [
                    "id",
                    "when",
                    "amount",
                    "rate",
                    "of",
                    "cap",
                    "tiers",
                    "otherwise",
                    "valid",
                    "scope",
                    "limits",
                    "group",
                    "sql",
                    "title",
                    "source",
                    "rules",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
rule_entries = st.fixed_dictionaries(
    {"id": st.sampled_from(["r", "s"]), "when": st.just("a") | yaml_values},
    optional=dict.fromkeys(["amount", "valid", "scope", "limits", "group", "title", "source"], yaml_values),
)


@settings(max_examples=150, deadline=None)
@given(
    yaml_values
    | st.fixed_dictionaries({"rules": st.lists(rule_entries, max_size=2)}, optional={"indicators": yaml_values})
)
def test_any_rule_file(content: object) -> None:
    try:
        ruleset = load_rules(content)
    except RuleError:
        return
    for rule in ruleset.rules:
        assert all(closed(parse(criterion.text)) for criterion in rule.criteria)
        assert rule.amount is None or closed(parse(rule.amount))


@given(
    st.sampled_from(["rate", "of", "cap", "floor"]),
    st.lists(st.sampled_from(WORDS.split(" ")), max_size=6).map(" ".join),
)
def test_a_part_of_an_amount_stays_a_part(name: str, text: str) -> None:
    form = {"rate": "0.1", "of": "base", "cap": "5", "floor": "1", name: text}
    try:
        read = read_amount(form, "rule r")
    except RuleError:
        return
    assert closed(parse(sql_of(read)))

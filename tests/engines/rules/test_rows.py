"""Rows and SQL are the same thing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kechuang.engines.rules.expression import Column, Literal, RuleError, Today, parse
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.rows import Operator, Row, operators_for, row_of, text_of, value_of

names = st.sampled_from(
    ["revenue", "hnte_valid", "Region", "order", "current_date", "营业收入", "a b", 'q"q', "select"]
)
numbers = st.one_of(
    st.integers(-(10**15), 10**15).map(str), st.decimals(-1000, 1000, places=3).map(lambda value: f"{value:f}")
).map(lambda text: value_of(text, Kind.NUMBER))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(lambda t: Literal(t, f"'{t}'"))
days = st.dates(date(1950, 1, 1)).map(lambda day: value_of(day.isoformat(), Kind.DATE))
operands = st.one_of(numbers, texts, days, names.map(Column), st.just(Today()), st.just(value_of("true", Kind.BOOLEAN)))
compared = ["=", "<>", "<", "<=", ">", ">="]
rows = st.one_of(
    st.builds(Row, names, st.sampled_from(compared).map(Operator), st.tuples(operands)),
    st.builds(
        Row, names, st.sampled_from(["in", "not in"]).map(Operator), st.lists(numbers | texts, min_size=1).map(tuple)
    ),
    st.builds(Row, names, st.just(Operator.BETWEEN), st.tuples(operands, operands)),
    st.builds(
        Row,
        names,
        st.sampled_from(["within", "not within"]).map(Operator),
        st.lists(st.text("C39'0", min_size=1).map(lambda t: Literal(t, f"'{t}'")), min_size=1, max_size=4).map(tuple),
    ),
    st.builds(Row, names, st.sampled_from(["is known", "is unknown", "is true", "is false"]).map(Operator)),
)


@given(rows)
def test_a_row_comes_back_from_its_text(row: Row) -> None:
    assert row_of(text_of(row)) == row


WORDS = (
    "revenue region hnte_valid 5 -5 0.10 2e7 'C39' '' 'O''Brien' DATE'2025-12-31' CURRENT_DATE TRUE NULL = <> < <= >"
    " >= + - * / ( ) , AND OR NOT IN BETWEEN IS within( CASE WHEN THEN ELSE END -- /*x*/"
)
VALUES = "revenue region 5 -5 0.10 2e7 'C39' 'O''Brien' DATE'2025-12-31' CURRENT_DATE"
SHAPES = (
    "{} >= {}|({} = {})|NOT {}|{} IN ({}, {})|{} NOT BETWEEN {} AND {}|{} between {} and {}|within({}, {})|{} IS NULL"
    "|NOT {} IS NOT NULL|{} IS NOT NULL|NOT {} IN ({})|{} NOTNULL"
)
items = st.sampled_from(VALUES.split())
shapes = st.sampled_from(SHAPES.split("|"))
likely = st.builds(lambda shape, a, b, c: shape.format(a, b, c), shapes, items, items, items)
anything = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)


@given(likely | anything)
def test_whatever_has_a_row_keeps_its_meaning(text: str) -> None:
    row = row_of(text)
    if row is not None:
        assert parse(text_of(row)) == parse(text)


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("revenue >= 20000000", ">="),
        ("revenue <> revenue_y1", "<>"),
        ("revenue between 1 and 2e7", "between"),
        ("(hnte_valid)", "is true"),
        ("not hnte_valid", "is false"),
        ("region in ('411302', '411303')", "in"),
        ("region NOT IN ('411302')", "not in"),
        ("within(industry, 'C39')", "within"),
        ("NOT within(industry, 'C39')", "not within"),
        ("hnte_until is not null", "is known"),
        ("hnte_until is null", "is unknown"),
        ("hnte_until >= CURRENT_DATE", ">="),
    ],
)
def test_the_rows_of_texts_that_officers_write(text: str, operator: str) -> None:
    row = row_of(text)
    assert row is not None
    assert row.operator == operator
    assert parse(text_of(row)) == parse(text)


@pytest.mark.parametrize(
    "text", ["rd / revenue > 0.03", "a OR b", "20 <= revenue", "x IS TRUE", "revenue >", "", "x = -(-5)"]
)
def test_what_is_no_row_stays_sql(text: str) -> None:
    assert row_of(text) is None


def test_values_as_typed() -> None:
    assert value_of(" 20000000 ", Kind.NUMBER) == Literal(20000000.0, "20000000")
    assert value_of("current_date", Kind.DATE) == Today()
    assert value_of("O'Brien", Kind.TEXT).value == "O'Brien"  # type: ignore[union-attr]
    for text, kind in [
        ("abc", Kind.NUMBER),
        ("1) OR (1=1", Kind.NUMBER),
        ("2025-13-01", Kind.DATE),
        ("5", Kind.BOOLEAN),
    ]:
        with pytest.raises(RuleError):
            value_of(text, kind)


def test_a_row_with_a_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(RuleError):
        Row("revenue", Operator.BETWEEN, (Literal(1.0, "1"),))


def test_a_row_cannot_smuggle_sql() -> None:
    with pytest.raises(RuleError):
        text_of(Row("revenue", Operator.AT_LEAST, (Literal(1.0, "1 OR TRUE"),)))


def test_operators_fit_the_kind() -> None:
    assert Operator.WITHIN in operators_for(Kind.TEXT)
    assert Operator.WITHIN not in operators_for(Kind.NUMBER)
    assert all(Operator.UNKNOWN in operators_for(kind) for kind in Kind)

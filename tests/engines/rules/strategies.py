"""Random rule sets over fixed facts, with frames that hold every edge: NULL, zero, thresholds, neighbours of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import reject
from hypothesis import strategies as st

from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.facts import conform, needs
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import load_rules

TODAY = date(2025, 6, 30)
NUMBERS = ("revenue", "rd_expense", "staff_count")
FLAGS = ("hnte_valid", "abnormal_listing")
CODES = ("region", "industry")
DAYS = ("registered_on", "hnte_until")
DERIVED = ("intensity", "sum_of", "flag_of", "age")
KINDS = {
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
    **dict.fromkeys(FLAGS, Kind.BOOLEAN),
    **dict.fromkeys(CODES, Kind.TEXT),
    **dict.fromkeys(DAYS, Kind.DATE),
}

VALUES = st.one_of(
    st.sampled_from([0.0, 1.0, 3.0, 0.1, 0.2, 0.3, 0.03, 100.0, 5e7, 2e8, 199999.995, 1e15, -1e15, -2.5, 0.5, 1.005]),
    st.integers(-1000, 10**9).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)),
)
TEXTS = st.sampled_from(
    ["411300", "411302", "410400", "C39", "C3921", "C", "", "  ", "\\N", "a'b", "${x}", 'q"', "b\\", "南阳", "𝄞", "é"]
)
DATES = st.one_of(
    st.dates(date(1583, 1, 1), date(2100, 1, 1)),
    st.sampled_from([date(2024, 2, 29), date(2022, 6, 30), date(2022, 7, 1), date(1500, 3, 1), TODAY]),
)


def literal(value: float) -> str:
    return f"({value!r})" if value < 0 else repr(value)


@st.composite
def number(draw: st.DrawFn, depth: int = 2, derived: tuple[str, ...] = ()) -> str:
    """A numeric expression. It stays within double precision: products are shallow."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        own = [name for name in derived if name in ("intensity", "sum_of", "age")]
        leaf = st.one_of(st.sampled_from([*NUMBERS, *own]), VALUES.map(literal))
        return "NULL" if draw(st.integers(0, 30)) == 0 else draw(leaf)
    inner = number(depth=depth - 1, derived=derived)
    form = draw(st.integers(0, 8))
    if form <= 2:
        return f"({draw(inner)} {draw(st.sampled_from('+-*/'))} {draw(inner)})"
    if form == 3:
        name = draw(st.sampled_from(["least", "greatest", "coalesce"]))
        return f"{name}({', '.join(draw(st.lists(inner, min_size=1, max_size=3)))})"
    if form == 4:
        return f"{draw(st.sampled_from(['abs', 'floor', 'ceil', 'round', '-']))}({draw(inner)})"
    if form == 5:
        return f"round({draw(inner)}, {draw(st.integers(0, 4))})"
    if form == 6:
        return f"nullif({draw(inner)}, {draw(inner)})"
    if form == 7:
        return draw(time())
    whens = draw(st.lists(st.tuples(condition(depth=depth - 1, derived=derived), inner), min_size=1, max_size=2))
    parts = " ".join(f"WHEN {test} THEN {value}" for test, value in whens)
    last = f" ELSE {draw(inner)}" if draw(st.booleans()) else ""
    return f"(CASE {parts}{last} END)"


@st.composite
def day(draw: st.DrawFn) -> str:
    form = draw(st.integers(0, 5))
    if form <= 2:
        return draw(st.sampled_from([*DAYS, "CURRENT_DATE"]))
    if form == 3:
        return f"DATE '{draw(DATES).isoformat()}'"
    name = draw(st.sampled_from(["coalesce", "least", "greatest", "nullif"]))
    return f"{name}({draw(st.sampled_from(DAYS))}, {draw(st.sampled_from(['CURRENT_DATE', *DAYS]))})"


@st.composite
def time(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        return f"EXTRACT(YEAR FROM {draw(day())})"
    return f"years_between({draw(day())}, {draw(day())})"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def code(draw: st.DrawFn) -> str:
    one, other = draw(st.permutations(CODES))
    return draw(
        st.one_of(
            st.sampled_from(CODES),
            st.just(f"coalesce({one}, {other})"),
            st.just(f"CASE WHEN hnte_valid THEN {one} ELSE {other} END"),
            st.just(f"nullif({one}, {other})"),
        )
    )


@st.composite
def condition(draw: st.DrawFn, depth: int = 2, derived: tuple[str, ...] = ()) -> str:
    """A condition of any construct."""
    flags = [*FLAGS, *(name for name in derived if name == "flag_of")]
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([*flags, *flags, "TRUE", "FALSE", "NULL"]))
    inner = condition(depth=depth - 1, derived=derived)
    amount = number(depth=depth - 1, derived=derived)
    compare = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
    listed = st.lists(TEXTS.map(quoted), min_size=1, max_size=3).map(", ".join)
    match draw(st.integers(0, 10)):
        case 0 | 1:
            word = draw(st.sampled_from([" AND ", " OR "]))
            return f"({word.join(draw(st.lists(inner, min_size=2, max_size=3)))})"
        case 2:
            return f"(NOT {draw(inner)})"
        case 3 | 4:
            return f"({draw(amount)} {draw(compare)} {draw(amount)})"
        case 5:
            return f"({draw(amount)} BETWEEN {draw(amount)} AND {draw(amount)})"
        case 6:
            return f"({draw(amount)} IN ({', '.join(draw(st.lists(VALUES.map(literal), min_size=1, max_size=3)))}))"
        case 7:
            within = draw(st.lists(TEXTS.filter(bool).map(quoted), min_size=1, max_size=3))
            return f"within({draw(code())}, {', '.join(within)})"
        case 8:
            form = draw(st.sampled_from(["IN (%s)", "NOT IN (%s)"]))
            return f"({draw(code())} {form % draw(listed)})"
        case 9:
            return f"({draw(day())} {draw(compare)} {draw(day())})"
        case _:
            tested = draw(st.one_of(inner, amount, code(), day()))
            ending = draw(st.sampled_from(["IS NULL", "IS NOT NULL"]))
            return f"(({tested}) {ending})"


@st.composite
def rule(draw: st.DrawFn, position: int) -> dict[str, Any]:
    forms = [
        st.none(),
        VALUES.map(lambda value: value),
        number(depth=2, derived=DERIVED),
        st.builds(lambda of, cap: {"rate": 0.1, "of": of, "cap": cap}, st.sampled_from(NUMBERS), st.just(500000)),
        st.builds(
            lambda when, of: {"tiers": [{"when": when, "amount": 1000}, {"when": "hnte_valid", "amount": of}]},
            condition(depth=1, derived=DERIVED),
            number(depth=1, derived=DERIVED),
        ),
    ]
    entry: dict[str, Any] = {
        # Rules are now and then called what a fact or a derived indicator is called.
        "id": draw(st.sampled_from([f"rule-{position}", ("revenue", "intensity", "REVENUE", "region")[position % 4]])),
        "when": draw(st.lists(condition(depth=2, derived=DERIVED), min_size=1, max_size=3)),
        "amount": draw(st.one_of(forms)),
        "group": draw(st.sampled_from([None, "a", "a", "b"])),
    }
    if draw(st.integers(0, 5)) == 0:
        entry["valid"] = draw(st.sampled_from([["2022-08-26", None], [None, "2025-06-30"], [None, "2024-12-31"]]))
    if draw(st.integers(0, 2)) == 0:
        entry["limits"] = draw(
            st.fixed_dictionaries(
                {}, optional={"once": st.booleans(), "per_year": st.integers(0, 3000), "total": st.integers(0, 10**6)}
            )
        )
    return entry


@st.composite
def rule_file(draw: st.DrawFn) -> dict[str, Any]:
    rules = [draw(rule(position)) for position in range(draw(st.integers(1, 4)))]
    return {
        "indicators": {
            "intensity": "rd_expense / revenue",
            "sum_of": draw(number(depth=2, derived=("intensity",))),
            "flag_of": draw(condition(depth=2, derived=("intensity", "sum_of"))),
            "age": "years_between(registered_on, CURRENT_DATE)",
        },
        "rules": rules,
    }


@st.composite
def facts(draw: st.DrawFn, rules: list[str], rows: int = 12) -> pl.DataFrame:
    """A frame with the facts, some columns of what was received, and NULLs anywhere."""

    def column(values: st.SearchStrategy[Any], dtype: Any) -> pl.Series:
        cells = draw(st.lists(st.one_of(st.none(), values, values, values), min_size=rows, max_size=rows))
        return pl.Series(cells, dtype=dtype)

    money = st.sampled_from([0.0, 0.01, 500.0, 1000.005, 1e6])
    given = {"subject": pl.Series([f"s{i}" for i in range(rows)])}
    given |= {name: column(VALUES, pl.Float64) for name in NUMBERS}
    given |= {name: column(st.booleans(), pl.Boolean) for name in FLAGS}
    given |= {name: column(TEXTS, pl.String) for name in CODES}
    given |= {name: column(DATES, pl.Date) for name in DAYS}
    for name in rules:
        for part in ("received", "received_this_year"):
            if draw(st.booleans()):
                given[f"{name}.{part}"] = column(money, pl.Float64)
    # The anniversary and the days around it.
    given["registered_on"] = given["registered_on"].fill_null(TODAY - timedelta(days=draw(st.integers(0, 800))))
    return pl.DataFrame(given).with_columns(
        pl.when(pl.int_range(pl.len()) != 3).then(pl.col("registered_on")).alias("registered_on")
    )


def prepared(content: dict[str, Any]) -> Program:
    return prepare(load_rules(content), today=TODAY, declared=KINDS)


def conformed(frame: pl.DataFrame, program: Program) -> pl.LazyFrame:
    received = [name for pair in program.limited.values() for name in pair]
    return conform(frame.lazy(), needs(program.kinds, program.facts), ["subject", *received])


@st.composite
def contents(draw: st.DrawFn) -> tuple[dict[str, Any], pl.DataFrame]:
    """A rule file that is in order, and facts for it."""
    content = draw(rule_file())
    content["rules"] = list({entry["id"]: entry for entry in content["rules"]}.values())
    try:
        program = prepared(content)
    except RuleError:
        reject()
    return content, draw(facts([ready.rule.id for ready in program.rules]))

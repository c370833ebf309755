"""Batches on PostgreSQL: the facts go into a temporary table by COPY, one SELECT answers all rules.

The results are those of :func:`~.evaluate.results`, in the order of the frame. One difference is known: a product
or quotient beyond the range of double precision (10³⁰⁸) is an error here; facts and constants end at 10¹⁵.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.plan import Plan, plan
from kechuang.engines.rules.program import Program, ReadyRule
from kechuang.engines.rules.sql import Postgres, Script, script

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

ROWS_AT_ONCE = 100_000
RULES_AT_ONCE = 120
"""A SELECT of PostgreSQL gives at most 1,664 columns, and a rule takes up to ten; rules of one group stay together."""

_TABLE = "pg_temp.kechuang_facts"
_NO_VALUE = "\\N"


def results(frame: pl.LazyFrame, program: Program, subject: str, *, connection: Connection[Any]) -> pl.LazyFrame:
    """The results of all rules for the conformed facts of ``frame``, shaped as the default engine shapes them.

    ``connection`` is left open, and nothing stays behind in its database. Raises psycopg's errors where the server
    refuses.
    """
    names = frame.collect_schema().names()
    inputs = plan(program, names).inputs
    loaded = {name: f"c{position}" for position, name in enumerate(inputs)}
    brought = frame.select(
        pl.col(subject).alias("subject"), *(pl.col(name).alias(short) for name, short in loaded.items())
    ).collect(engine="streaming")
    parts = [brought.select(pl.col("subject").alias(subject))]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SET LOCAL standard_conforming_strings = on")
        cursor.execute("SET LOCAL client_encoding = 'UTF8'")
        cursor.execute("SET LOCAL datestyle = 'ISO, YMD'")
        _load(cursor, brought, list(inputs.values()))
        parts += [_asked(cursor, plan(part, names), loaded) for part in _portions(program)]
        cursor.execute(f"DROP TABLE {_TABLE}")
    wanted = [f"{ready.rule.id}{part}" for ready in program.rules for part in ("", ".amount", ".payable")]
    return pl.concat(parts, how="horizontal").lazy().select(subject, *wanted)


def _portions(program: Program) -> Iterator[Program]:
    """The program in as many parts as its number of columns asks for."""
    together: dict[str, list[ReadyRule]] = {}
    for ready in program.rules:
        together.setdefault(f"group {ready.rule.group}" if ready.rule.group else f"rule {ready.rule.id}", []).append(
            ready
        )
    portion: list[ReadyRule] = []
    for rules in together.values():
        if portion and len(portion) + len(rules) > RULES_AT_ONCE:
            yield replace(program, rules=tuple(portion))
            portion = []
        portion += rules
    yield replace(program, rules=tuple(portion))


def _load(cursor: Cursor[Any], brought: pl.DataFrame, kinds: list[Kind]) -> None:
    """The facts, row by row in their order, as columns ``c0``, ``c1``, …"""
    columns = ", ".join(["row bigint", *(f"c{at} {Postgres.types[kind]}" for at, kind in enumerate(kinds))])
    cursor.execute(f"CREATE TEMPORARY TABLE kechuang_facts ({columns}) ON COMMIT DROP".encode())
    cells = [_written(f"c{position}", kind) for position, kind in enumerate(kinds)]
    rows = brought.lazy().select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), *cells).collect()
    with cursor.copy(f"COPY {_TABLE} FROM STDIN (FORMAT csv, NULL '{_NO_VALUE}')") as copy:
        for chunk in rows.iter_slices(ROWS_AT_ONCE):
            # Texts stand in quotes whatever they hold: neither an empty one nor the sign for NULL is mistaken.
            text = io.BytesIO()
            chunk.write_csv(text, include_header=False, null_value=_NO_VALUE, quote_style="non_numeric")
            copy.write(text.getvalue())


def _written(name: str, kind: Kind) -> pl.Expr:
    """A column in the form that COPY reads back without loss."""
    column = pl.col(name)
    match kind:
        case Kind.NUMBER:
            return column.cast(pl.Float64)
        case Kind.TEXT:
            return column.cast(pl.String).str.replace_all("\0", "\ufffd", literal=True)
        case Kind.DATE:
            return column.dt.strftime("%Y-%m-%d")
    return column


def _asked(cursor: Cursor[Any], found: Plan, loaded: Mapping[str, str]) -> pl.DataFrame:
    """One SELECT over the loaded facts: a stage per level, so that nothing is computed twice."""
    steps = script(found, Postgres())
    query = _select(steps, loaded)
    answers = {f"{outcome.rule}" for outcome in found.outcomes}
    schema = {name: pl.Int8 if name in answers else pl.Int64 for _, name in steps.results}
    text = io.BytesIO()
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode()) as copy:
        for chunk in copy:
            text.write(chunk)
    text.seek(0)
    rows = pl.read_csv(text, has_header=False, new_columns=list(schema), schema_overrides=schema)
    return rows.with_columns(pl.col(name).cast(pl.Boolean) for name in answers)


def _select(steps: Script, loaded: Mapping[str, str]) -> str:
    """The text of the SELECT. ``OFFSET 0`` keeps each level by itself: merged, they would repeat every expression."""
    columns = ["row", *(f"{loaded[name]} AS {short}" for short, name in steps.inputs.items())]
    query = f"SELECT {', '.join(columns)} FROM {_TABLE}"  # noqa: S608
    for stage in steps.stages:
        added = ", ".join(f"{text} AS {short}" for short, text in stage)
        query = f"SELECT *, {added} FROM ({query} OFFSET 0) AS facts"  # noqa: S608
    wanted = ", ".join(
        f"CAST({short} AS integer)" if position % 3 == 0 else short for position, (short, _) in enumerate(steps.results)
    )
    return f"SELECT {wanted} FROM ({query} OFFSET 0) AS facts ORDER BY row"  # noqa: S608

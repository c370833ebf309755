"""Every engine says the same: answers, amounts and payables of random rule sets over random facts with NULLs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from kechuang.engines.rules import evaluate, postgres_engine
from kechuang.engines.rules.facts import coded
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.plan import plan, runner
from kechuang.engines.rules.program import Program
from tests.engines.rules.strategies import conformed, contents, prepared


def interpreted(frame: pl.LazyFrame, program: Program, like: pl.DataFrame) -> pl.DataFrame:
    run = runner(plan(program, frame.collect_schema().names()))
    rows = [{"subject": row["subject"], **run(row)} for row in frame.collect().to_dicts()]
    return pl.DataFrame(rows, schema=like.schema)


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as opened:
        yield opened


@settings(
    max_examples=int(os.environ.get("DIFFERENTIAL_EXAMPLES", "80")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(situation=contents())
def test_polars_with_texts_and_with_codes_postgres_and_python_agree(
    connection: psycopg.Connection[Any], situation: tuple[dict[str, Any], pl.DataFrame]
) -> None:
    content, given_facts = situation
    program = prepared(content)
    frame = conformed(given_facts, program)
    ours = evaluate.results(frame, program, "subject").collect()
    python = interpreted(frame, program, ours)
    assert ours.rows() == python.rows()
    codes = coded(frame, [name for name, kind in program.kinds.items() if kind == Kind.TEXT and name in program.facts])
    assert evaluate.results(codes, program, "subject").collect().rows() == ours.rows()
    theirs = postgres_engine.results(frame, program, "subject", connection=connection).collect()
    assert theirs.schema == ours.schema
    assert theirs.rows() == ours.rows()

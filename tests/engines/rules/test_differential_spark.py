"""Spark says what the default engine says: random rule sets over random facts, ANSI mode on and off."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from kechuang.engines.rules import evaluate, spark_engine
from kechuang.engines.rules.program import Program
from tests.engines.rules.strategies import DERIVED, conformed, contents, prepared

SETS = 15


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    pytest.importorskip("pyspark", reason="the extra kechuang[spark] is not installed")
    if spark_engine.java_home() is None:
        pytest.skip("Spark needs a Java runtime, and there is none")
    started = spark_engine.local_session()
    yield started
    started.stop()


def batch() -> tuple[Program, pl.DataFrame]:
    """Many random rule sets as one, over one frame: a job of Spark takes a second whatever it computes."""
    found: list[tuple[dict[str, Any], pl.DataFrame]] = []

    @settings(
        max_examples=SETS, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(situation=contents())
    def collect(situation: tuple[dict[str, Any], pl.DataFrame]) -> None:
        found.append(situation)

    collect()
    merged: dict[str, Any] = {"indicators": {}, "rules": []}
    frames = []
    for number, (content, frame) in enumerate(found):
        merged["indicators"] |= numbered(content["indicators"], number)
        merged["rules"] += [
            {**numbered(entry, number), "group": entry["group"] and f"{entry['group']}-{number}"}
            for entry in content["rules"]
        ]
        frames.append(frame.rename(lambda name, number=number: f"r{number}-{name}" if "." in name else name))
    return prepared(merged), pl.concat(frames, how="diagonal")


def numbered(part: Any, number: int) -> Any:
    """The same rules with names of their own for rules and derived indicators."""
    match part:
        case dict():
            return {
                numbered(key, number): f"r{number}-{value}" if key == "id" else numbered(value, number)
                for key, value in part.items()
            }
        case list():
            return [numbered(item, number) for item in part]
        case str():
            return re.sub(rf"\b({'|'.join(DERIVED)})\b", rf"\1_{number}", part)
    return part


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_spark_agrees(session: Any, ansi: str) -> None:
    program, frame = batch()
    assert len(program.rules) >= SETS
    session.conf.set("spark.sql.ansi.enabled", ansi)
    given_facts = conformed(frame, program)
    ours = evaluate.results(given_facts, program, "subject").collect()
    theirs = spark_engine.results(given_facts, program, "subject", session=session).collect()
    assert theirs.schema == ours.schema
    different = [name for name in ours.columns if ours[name].to_list() != theirs[name].to_list()]
    assert not different


def test_without_spark_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(spark_engine.NoSpark, match=r"pip install kechuang\[spark\]"):
        spark_engine.local_session()

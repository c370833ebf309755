"""The stages of cultivation (微成长、小升高、高变强): how many enterprises the published rules count among each."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db.models import QuerySet

from kechuang.apps.cultivation.domain.queries.scope import enterprises
from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.facts import active_kinds
from kechuang.apps.indicators.domain.queries.frames import SUBJECT, portions_of, schema_of
from kechuang.engines.rules.evaluate import results
from kechuang.engines.rules.facts import conform
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import Rule, RuleSet
from kechuang.kit.permissions import Actor
from kechuang.kit.rulebook import PublishedRule, Rulebook


@dataclass(frozen=True, slots=True)
class Stage:
    """A group of enterprises to be served. ``unknown``: those of whom too little is known to tell."""

    rule: PublishedRule
    members: int
    unknown: int


def stages(actor: Actor, book: Rulebook) -> list[Stage]:
    """How many enterprises of the actor's regions each stage holds today.

    A stage is a rule that gives the standing of one to be served: kind ``status``, form ``service``.
    """
    rules = [rule for rule in book.rules.values() if (rule.kind, rule.form) == ("status", "service")]
    if not rules:
        return []
    own = {ready.rule.id: ready.rule for ready in book.explainer.program.rules}
    program = sub_program(book, tuple(own[rule.code] for rule in rules))
    counted = answers(facts_for(program, enterprises(actor)), program).select(
        *(pl.col(rule.code).fill_null(False).sum().alias(f"{rule.code}.yes") for rule in rules),
        *(pl.col(rule.code).is_null().sum().alias(f"{rule.code}.unknown") for rule in rules),
    )
    row = counted.collect().row(0, named=True)
    return [Stage(rule, row[f"{rule.code}.yes"], row[f"{rule.code}.unknown"]) for rule in rules]


def sub_program(book: Rulebook, rules: tuple[Rule, ...]) -> Program:
    """Rules over the facts and derived figures of a book, made ready for its day."""
    program = book.explainer.program
    facts = {code: kind for code, kind in program.kinds.items() if code not in program.derived}
    return prepare(RuleSet(program.ruleset.derived, rules), today=book.day, declared=facts)


def facts_for(program: Program, rows: QuerySet[Organisation], *also: str) -> pl.DataFrame:
    """What the program rests on, and the facts named besides, of these enterprises: a row for each."""
    wanted = {*program.facts, *also}
    kinds = [kind for kind in active_kinds() if kind.code in wanted]
    portions = list(portions_of(None, rows, kinds=kinds))
    return pl.concat(portions) if portions else pl.DataFrame(schema=schema_of(kinds))


def answers(frame: pl.DataFrame, program: Program) -> pl.LazyFrame:
    """The answers of a program for every enterprise of a frame."""
    kinds = {code: program.kinds[code] for code in program.facts}
    return results(conform(frame.lazy(), kinds, [SUBJECT]), program, SUBJECT)

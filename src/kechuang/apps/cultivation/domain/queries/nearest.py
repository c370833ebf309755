"""Which verified enterprises are nearest to a rung that they do not hold: suggestions for the reserve library."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db.models import Exists, OuterRef

from kechuang.apps.cultivation.domain.queries.scope import enterprises
from kechuang.apps.cultivation.domain.queries.stages import answers, facts_for, sub_program
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import in_force
from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.frames import SUBJECT
from kechuang.engines.rules.program import Program
from kechuang.engines.rules.ruleset import Rule
from kechuang.kit.permissions import Actor
from kechuang.kit.rulebook import PublishedRule, Rulebook


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enterprise with how many conditions it meets, misses, and of how many nothing can be said.

    ``short``: the places of the conditions that it misses, in the order of the rule.
    """

    organisation: Organisation
    met: int
    short: int
    unknown: int
    missed: tuple[int, ...]


def nearest(
    actor: Actor, tier: str, book: Rulebook, rule: PublishedRule, *, limit: int = 50
) -> tuple[list[Candidate], int]:
    """The enterprises nearest to what ``rule`` of the book asks for, and the number of all who could be suggested:
    those that do not hold the rung and are not in the library for it.

    Every condition of the rung is asked of all of them at once, as a rule of its own. Those of whom nothing is known
    are not near: at least half of the conditions must be known.
    """
    holding = Certification.objects.filter(in_force(), organisation=OuterRef("pk"), tier=tier)
    listed = ReserveEntry.objects.filter(organisation=OuterRef("pk"), tier=tier, left_on=None)
    rows = enterprises(actor).filter(~Exists(holding), ~Exists(listed))
    program = _by_condition(book, rule)
    frame = facts_for(program, rows, "hnte_valid")
    if not frame.height:
        return [], 0
    if tier == "hnte" and "hnte_valid" in frame.columns:  # what is stated without a record here counts, too
        frame = frame.filter(~pl.col("hnte_valid").fill_null(False))
    names = [ready.rule.id for ready in program.rules]
    scored = answers(frame, program).select(
        SUBJECT,
        *names,
        pl.sum_horizontal(pl.col(names).fill_null(False)).alias("met"),
        pl.sum_horizontal((~pl.col(names)).fill_null(False)).alias("short"),
        pl.sum_horizontal(pl.col(names).is_null()).alias("unknown"),
    )
    known = scored.filter(pl.col("unknown") * 2 <= len(names)).sort("short", "unknown", SUBJECT)
    best = known.head(limit).collect()
    found = Organisation.objects.select_related("region").in_bulk(best[SUBJECT].to_list())
    return [
        Candidate(
            found[row[SUBJECT]], row["met"], row["short"], row["unknown"],
            tuple(number for number, name in enumerate(names) if row[name] is False),
        )
        for row in best.iter_rows(named=True)
    ], frame.height  # fmt: skip


def _by_condition(book: Rulebook, rule: PublishedRule) -> Program:
    """The conditions of a rule, each made a rule of its own."""
    criteria = next(ready.rule.criteria for ready in book.explainer.program.rules if ready.rule.id == rule.code)
    return sub_program(
        book, tuple(Rule(id=f"c{number}", title="", criteria=(each,)) for number, each in enumerate(criteria))
    )

"""Which verified enterprises are nearest to a rung that they do not hold: suggestions for the reserve library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from django.db.models import Exists, OuterRef

from kechuang.apps.cultivation.domain.queries.ladder import tier_rules
from kechuang.apps.cultivation.domain.queries.scope import enterprises
from kechuang.apps.cultivation.ladder import pack
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import in_force
from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.frames import SUBJECT, snapshot
from kechuang.engines.rules.evaluate import results
from kechuang.engines.rules.facts import conform
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import Rule, RuleSet
from kechuang.kit.permissions import Actor


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


def nearest(actor: Actor, tier: str, day: date, *, limit: int = 50) -> tuple[list[Candidate], int]:
    """The nearest candidates and the number of all who do not hold the rung and are not in the library for it.

    Every condition of the rung is asked of all of them at once, as a rule of its own. Those of whom nothing is known
    are not near: at least half of the conditions must be known.
    """
    rule = tier_rules().get(tier)
    if rule is None:
        return [], 0
    holding = Certification.objects.filter(in_force(), organisation=OuterRef("pk"), tier=tier)
    listed = ReserveEntry.objects.filter(organisation=OuterRef("pk"), tier=tier, left_on=None)
    rows = enterprises(actor).filter(~Exists(holding), ~Exists(listed))
    criteria = rule.rule.criteria
    rules = tuple(Rule(id=f"c{number}", title="", criteria=(each,)) for number, each in enumerate(criteria))
    program = prepare(RuleSet(pack().ruleset.derived, rules), today=day, declared=pack().fact_kinds)
    frame = snapshot(organisations=rows)
    if not frame.height:
        return [], 0
    if tier == "hnte" and "hnte_valid" in frame.columns:  # what is stated without a record here counts, too
        frame = frame.filter(~pl.col("hnte_valid").fill_null(False))
    kinds = {code: program.kinds[code] for code in program.facts}
    answers = results(conform(frame.lazy(), kinds, [SUBJECT]), program, SUBJECT)
    names = [rule.id for rule in rules]
    scored = answers.select(
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

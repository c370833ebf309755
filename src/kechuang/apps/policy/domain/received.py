"""What organisations were granted before, as limits and groups look at it.

Whatever was confirmed and not withdrawn counts as received. ``ID.received`` is what was had under a right in any year,
``ID.received_this_year`` what was granted for the year that is asked about (both in yuan). What was had under one right
of a group (就高不重复) counts for the others too: for the same year always, for good where they are granted once only.
A right that is granted for a year is settled: nothing more of it, or of its group, is payable for that year.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl
from django.utils import timezone

from kechuang.apps.indicators.domain.queries.frames import SUBJECT
from kechuang.apps.policy.domain.queries.rulebook import RuleBook
from kechuang.apps.policy.models.award import Award, AwardState
from kechuang.engines.rules.ruleset import Rule

COUNTED = (AwardState.CONFIRMED, AwardState.PUBLIC_NOTICE, AwardState.PAYABLE, AwardState.PAID)
"""What counts as received: whatever was confirmed and not withdrawn."""
EVER, THIS_YEAR = ".received", ".received_this_year"


@dataclass(frozen=True, slots=True)
class Grant:
    """An award that stands. ``code``: its right; ``day``: when it was paid, or confirmed where it is not paid yet."""

    award: int
    organisation: int
    code: str
    year: int
    fen: int
    day: date
    paid: bool

    @property
    def url(self) -> str:
        return Award(pk=self.award).get_absolute_url()


def grants_under(book: RuleBook, organisations: Collection[int] | None = None) -> list[Grant]:
    """The awards under the rights of a book that stand, of these organisations or of all, oldest first; one query."""
    codes = {version.rule_id: code for code, version in book.versions.items()}
    rows = Award.objects.filter(rule__in=list(codes), state__in=COUNTED)
    if organisations is not None:
        rows = rows.filter(organisation__in=organisations)
    listed = rows.order_by("organisation", "year", "pk").values_list(
        "pk", "organisation", "rule", "year", "payable", "created_at", "paid_on"
    )
    return [
        Grant(key, organisation, codes[rule], year, fen, paid or timezone.localdate(made), paid is not None)
        for key, organisation, rule, year, fen, made, paid in listed
    ]


class Counting:
    """Which columns an award counts in, under the rules of a book."""

    def __init__(self, book: RuleBook) -> None:
        self.rules = {ready.rule.id: ready.rule for ready in book.explainer.program.rules}

    @cached_property
    def groups(self) -> Mapping[str, list[Rule]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules.values():
            if rule.group:
                found.setdefault(rule.group, []).append(rule)
        return found

    def columns(self, grant: Grant, year: int) -> list[str]:
        """``ID.received`` and ``ID.received_this_year`` of the rights for which this award counts."""
        own = self.rules[grant.code]
        alike = [rule for rule in self.groups.get(own.group or "", ()) if rule.id != own.id]
        found = [own.id + EVER, *(rule.id + EVER for rule in alike if rule.limits.once)]
        if grant.year == year:
            found += [rule.id + THIS_YEAR for rule in (own, *alike)]
        return found

    def settling(self, grants: Iterable[Grant], year: int) -> dict[str, Grant]:
        """Code → the award of one organisation after which nothing more of the right is payable; its own first."""
        found: dict[str, Grant] = {}
        for grant in grants:
            for column in self.columns(grant, year):
                code, part = column.rsplit(".", 1)
                settles = part == THIS_YEAR[1:] or self.rules[code].limits.once
                if settles and (code not in found or found[code].code != code):
                    found[code] = grant
        return found


def sums_of(book: RuleBook, grants: Iterable[Grant], year: int) -> dict[int, dict[str, float]]:
    """Organisation → what it received by column, in yuan."""
    counting = Counting(book)
    fen: dict[int, dict[str, int]] = {}
    for grant in grants:
        row = fen.setdefault(grant.organisation, {})
        for column in counting.columns(grant, year):
            row[column] = row.get(column, 0) + grant.fen
    return {key: {column: amount / 100 for column, amount in row.items()} for key, row in fen.items()}


def frame_of(sums: Mapping[int, Mapping[str, float]]) -> pl.DataFrame | None:
    """The same as a frame with a row for each organisation that received anything; None where nobody did."""
    if not sums:
        return None
    names = sorted({name for each in sums.values() for name in each})
    rows = [{SUBJECT: key, **dict.fromkeys(names), **each} for key, each in sums.items()]
    return pl.DataFrame(rows, schema={SUBJECT: pl.Int64, **dict.fromkeys(names, pl.Float64)})


def is_received(column: str) -> bool:
    """The column of a run tells what had been received."""
    return column.endswith((EVER, THIS_YEAR))

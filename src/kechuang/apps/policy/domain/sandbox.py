"""The sandbox: other numbers in a rule, tried on a frozen snapshot; kept, shared, written as a clause."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.domain.batches import SUBJECT, frozen_program, ruleset_of, scan
from kechuang.apps.policy.domain.clauses import clause_of
from kechuang.apps.policy.domain.queries.rulebook import RuleBook, program_for
from kechuang.apps.policy.models import Rule, RuleVersion
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules import scenarios
from kechuang.engines.rules.check import Fact, units_of
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.parameters import Parameter
from kechuang.engines.rules.scenarios import Base, Changes, Comparison, Family, Row
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise

KEPT = 1 << 30
"""Bytes of worked-out bases that a process keeps; the one in use is kept whatever it takes."""
_bases: OrderedDict[tuple[Any, ...], Base] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Case:
    """A rule on the bench: its version in force, its family for the engine, the numbers that can be turned."""

    version: RuleVersion
    book: RuleBook
    family: Family
    numbers: tuple[Parameter, ...]


@dataclass(frozen=True)
class Tried:
    """The answer to a try, with both tables for whoever asks on. ``clause`` is empty where nothing is changed."""

    case: Case
    comparison: Comparison
    clause: str
    base: Base
    new: pl.DataFrame

    def movers(self, move: str) -> pl.DataFrame:
        """Subject, payable before and after in fen."""
        return scenarios.movers(self.base, self.new, move)


def case_of(rule: Rule, day: date | None = None) -> Case:
    """Raises DomainError where the rule concerns no organisations or does not hold."""
    code = rule.code
    book = program_for(rule.region, day or timezone.localdate())
    frozen = frozen_program(book)
    declared = {name: Kind(kind) for name, kind in frozen["kinds"].items()}
    try:
        family = scenarios.family_of(ruleset_of(frozen), code, today=book.day, declared=declared)
        facts = [Fact(name, declared[name], kind.unit or None) for name, kind in book.kinds.items() if name in declared]
        numbers = scenarios.numbers_of(family, units_of(family.ruleset, facts))
    except RuleError:
        raise DomainError(_("This right concerns no organisations, so there is nothing to try out.")) from None
    return Case(book.versions[code], book, family, numbers)


def try_changes(actor: Actor, *, snapshot: Snapshot, rule: Rule, changes: Changes, day: date | None = None) -> Tried:
    """What the changes would do; nothing is kept. Raises DomainError with what is at fault."""
    authorise(actor, "view", Scenario)
    authorise(actor, "view", snapshot)
    case = case_of(rule, day)
    frame = scan(snapshot)
    base = base_for(snapshot, frame, case.family)
    if not changes:
        return Tried(case, scenarios.compare(base, base.result), "", base, base.result)
    try:
        new = scenarios.outcome(frame, base, scenarios.changed(case.family, changes))
    except RuleError as error:
        raise DomainError(str(error), field=error.place or None) from None
    except pl.exceptions.PolarsError:
        message = _("This condition cannot be computed. Compare numbers with numbers and days with days.")
        raise DomainError(message) from None
    comparison = scenarios.compare(base, new)
    return Tried(case, comparison, clause_of(case, changes, comparison), base, new)


def base_for(snapshot: Snapshot, frame: pl.LazyFrame, family: Family) -> Base:
    """The family as it stands; kept for the next try."""
    key = (snapshot.pk, family.code, family.today, repr(family.ruleset))
    with _lock:
        if key in _bases:
            _bases.move_to_end(key)
            return _bases[key]
    found = scenarios.base_of(frame, family, SUBJECT)
    with _lock:
        _bases[key] = found
        while len(_bases) > 1 and sum(each.size for each in _bases.values()) > KEPT:
            _bases.popitem(last=False)
    return found


@transaction.atomic
def save_scenario(actor: Actor, *, snapshot: Snapshot, rule: Rule, changes: Changes, title: str) -> Scenario:
    """Keep a try with its outcome."""
    authorise(actor, "add", Scenario)
    if not changes:
        raise DomainError(_("Nothing is changed yet: turn a number first."))
    tried = try_changes(actor, snapshot=snapshot, rule=rule, changes=changes)
    today = timezone.localdate()
    return Scenario.objects.create(
        title=title.strip()[:120] or _("Scenario of %(day)s") % {"day": today.isoformat()},
        region=rule.region, rule=rule, snapshot=snapshot, day=today, changes=changes.plain(),
        result=tried.comparison.plain(), clause=tried.clause, owner_id=actor.user_id, synthetic=snapshot.synthetic,
    )  # fmt: skip


@transaction.atomic
def share_scenario(actor: Actor, *, scenario: Scenario, shared: bool) -> None:
    """Let the bureau and the auditors of the region read it by its address, or no longer."""
    authorise(actor, "change", scenario)
    row = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    row.shared = shared
    row.save(update_fields=["shared", "updated_at"])


def totals(rows: Sequence[Row]) -> tuple[int, int, int, int]:
    """The sums of a dimension's columns: they are the rule's own figures."""
    first, second, third, fourth = (sum(row[place] or 0 for row in rows) for place in range(1, 5))  # type: ignore[misc]
    return first, second, third, fourth

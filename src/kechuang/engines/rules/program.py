"""A rule set made ready to run: kinds settled, expressions lowered, derived indicators in order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from kechuang.engines.rules.exactness import is_exact
from kechuang.engines.rules.expression import Column, Node, RuleError, columns, parse
from kechuang.engines.rules.kinds import Kind, Kinds
from kechuang.engines.rules.lowering import fen, lower, weight
from kechuang.engines.rules.ruleset import Rule, RuleSet
from kechuang.engines.rules.simplify import floors

MAX_WEIGHT = 20_000
"""Parts of one expression after lowering: enough for every table of points, too few to keep an engine busy."""


@dataclass(frozen=True)
class ReadyRule:
    """``criteria`` lowered; ``amount`` gives whole fen."""

    rule: Rule
    criteria: tuple[Node, ...]
    amount: Node | None
    in_force: bool


@dataclass(frozen=True)
class Program:
    """What an engine runs. ``kinds`` covers the facts and the derived indicators that the rules rest on."""

    ruleset: RuleSet
    today: date
    kinds: Mapping[str, Kind]
    derived: Mapping[str, Node]
    rules: tuple[ReadyRule, ...]
    drifting: frozenset[str]

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The columns that the subjects' frame has to bring, in the order of use."""
        return self.ruleset.facts_needed()

    @cached_property
    def limited(self) -> dict[str, tuple[str, str]]:
        """Rule → columns with what the subject has received, in all and this year (yuan); used where present."""
        return {
            ready.rule.id: (f"{ready.rule.id}.received", f"{ready.rule.id}.received_this_year")
            for ready in self.rules
            if ready.rule.limits.once or ready.rule.limits.per_year is not None or ready.rule.limits.total is not None
        }


def prepare(ruleset: RuleSet, *, today: date, declared: Mapping[str, Kind] | None = None) -> Program:
    """Check a rule set's kinds and make it ready for a day. Raises :class:`RuleError` naming rule and condition."""
    kinds = Kinds(declared)
    needed = _derived_needed(ruleset)
    parsed = {name: parse(ruleset.derived[name]) for name in needed}
    places: list[tuple[str, Node, Kind | None]] = [(f"indicators.{name}", node, None) for name, node in parsed.items()]
    for rule in ruleset.rules:
        places += [(f"rule {rule.id}, condition {n}", c.node, Kind.BOOLEAN) for n, c in enumerate(rule.criteria, 1)]
        if rule.amount is not None:
            places.append((f"rule {rule.id}, amount", parse(rule.amount), Kind.NUMBER))
    _settle(kinds, places, parsed)
    drifting: set[str] = set()
    derived: dict[str, Node] = {}
    for name, node in parsed.items():
        derived[name] = lower(node, drifting)
        if not is_exact(node, drifting):
            drifting.add(name)
    for place, node, _ in places:
        if weight(lower(node, drifting)) > MAX_WEIGHT:
            raise RuleError(
                "there is too much in one expression", place=place, mend="Divide it into derived indicators"
            )
    ready = tuple(
        ReadyRule(
            rule,
            _lowered(rule, drifting),
            None if rule.amount is None else fen(parse(rule.amount), drifting, floors(_lowered(rule, drifting))),
            rule.in_force(today),
        )
        for rule in ruleset.rules
    )
    return Program(ruleset, today, kinds.of_column, derived, ready, frozenset(drifting))


def _lowered(rule: Rule, drifting: Collection[str]) -> tuple[Node, ...]:
    return tuple(lower(criterion.node, drifting) for criterion in rule.criteria)


def _settle(kinds: Kinds, places: list[tuple[str, Node, Kind | None]], derived: Mapping[str, Node]) -> None:
    """Kinds spread from every use to the columns and on to what these are derived from, until nothing is new."""
    uses = [*places, *(("", Column(name), None) for name in derived)]
    for round_ in range(len(derived) + 2):
        before = dict(kinds.of_column)
        for place, node, expected in uses:
            name = place.removeprefix("indicators.")
            try:
                kinds.demand(node, kinds.of_column.get(name) if name in derived else expected)
            except RuleError as error:
                raise error.at(place) from None
            if name in derived and (found := kinds.kind(node)):
                kinds.of_column.setdefault(name, found)
        if kinds.of_column == before and round_:
            break
    kinds.finish(node for _, node, _ in uses)


def _derived_needed(ruleset: RuleSet) -> list[str]:
    """The derived indicators that some rule rests on, in the order in which they can be computed."""
    needed: set[str] = set()
    for rule in ruleset.rules:
        for criterion in rule.criteria:
            needed.update(columns(criterion.node))
        if rule.amount is not None:
            needed.update(columns(parse(rule.amount)))
    for name in reversed(list(ruleset.derived)):
        if name in needed:
            needed.update(columns(parse(ruleset.derived[name])))
    return [name for name in ruleset.derived if name in needed]

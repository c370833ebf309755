"""Checking a rule set before anybody relies on it: every problem with its place and the mend.

Errors are what makes a rule unusable or meaningless: indicators that nobody knows, kinds that do not fit, units mixed,
conditions that can never hold together. Warnings are what is legal and rarely meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum

from kechuang.engines.rules.expression import (
    Column,
    Comparison,
    Literal,
    Membership,
    Node,
    RuleError,
    Within,
    branch_of,
    columns,
    parse,
    walk,
)
from kechuang.engines.rules.feasibility import Box, possible
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.knowledge import known_where, silent_falls
from kechuang.engines.rules.program import MAX_WEIGHT, prepare
from kechuang.engines.rules.ruleset import Rule, RuleSet
from kechuang.engines.rules.spans import Span, Words, number_of
from kechuang.engines.rules.units import YUAN, Mix, Units, dimension


class Grade(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fact:
    """An indicator as the catalogue declares it. ``unit`` None: a ratio or no number. ``low`` and ``high`` are the
    least and the greatest value there can be (numbers or days), ``choices`` all values there can be; empty: any."""

    code: str
    kind: Kind
    unit: str | None = None
    low: Decimal | int | float | date | None = None
    high: Decimal | int | float | date | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """``rule`` is the id, None for what belongs to a derived indicator; ``place`` reads “rule ID, condition 2”.

    ``code``: expression, kind, unknown, null, choice, unit, never, form, case, group.
    """

    grade: Grade
    code: str
    place: str
    problem: str
    mend: str = ""
    rule: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" + (f". {self.mend}" if self.mend else "")


@dataclass(frozen=True, slots=True)
class _Part:
    """An expression of a rule set: where it stands, and what is known wherever it matters."""

    place: str
    text: str
    rule: str | None
    is_amount: bool = False


def check(ruleset: RuleSet, catalogue: Iterable[Fact]) -> tuple[Problem, ...]:
    """All problems of a rule set, errors and warnings, in the order of the rules; whatever is written, it answers."""
    facts = {fact.code: fact for fact in catalogue}
    checker = _Checker(ruleset, facts)
    return tuple(dict.fromkeys(checker.problems()))


def units_of(ruleset: RuleSet, catalogue: Iterable[Fact]) -> dict[str, str | None]:
    """The unit of every number indicator, derived ones by their formula; None for ratios and for plain numbers."""
    measured = _units(ruleset, {fact.code: fact for fact in catalogue})
    return {name: str(found) if found.powers else None for name, found in measured.of_column.items()}


def _units(ruleset: RuleSet, facts: Mapping[str, Fact]) -> Units:
    units = Units({code: dimension(fact.unit) for code, fact in facts.items() if fact.kind == Kind.NUMBER})
    for name, text in ruleset.derived.items():
        try:
            found = units.measure(parse(text), [])
        except RuleError:
            continue
        if found is not None:
            units.of_column.setdefault(name, found)
    return units


class _Checker:
    def __init__(self, ruleset: RuleSet, facts: Mapping[str, Fact]) -> None:
        self.ruleset = ruleset
        self.facts = facts
        self.units = _units(ruleset, facts)
        self.derived: dict[str, Node] = {}

    def problems(self) -> Iterator[Problem]:
        weights: dict[str, int] = {}
        for name, text in self.ruleset.derived.items():
            part = _Part(f"indicators.{name}", text, None)
            node, found = self._parsed(part)
            yield from found
            if node is None:
                continue
            yield from self._expression(part, node)
            later = [used for used in columns(node) if used in self.ruleset.derived and used not in weights]
            if later:
                yield _problem(part, "form", f"it uses “{later[0]}”, which stands below it or is itself", "Move it up")
                continue
            weights[name] = sum(weights.get(below.name, 1) if isinstance(below, Column) else 1 for below in walk(node))
            if weights[name] <= MAX_WEIGHT:
                # Beyond that a formula is taken as a figure of its own, so that looking through it ends.
                self.derived[name] = node
        for rule in self.ruleset.rules:
            yield from self._rule(rule)
        yield from self._falls()
        yield from self._groups()

    def _parsed(self, part: _Part) -> tuple[Node | None, list[Problem]]:
        try:
            return parse(part.text), []
        except RuleError as error:
            return None, [_problem(part, error.code, error.problem, error.mend)]

    def _expression(self, part: _Part, node: Node) -> Iterator[Problem]:
        """What is wrong with an expression by itself."""
        known = [*self.facts, *self.ruleset.derived]
        for name in columns(node):
            if name not in known:
                near = get_close_matches(name, known, n=3, cutoff=0.6)
                mend = f"Did you mean {' or '.join(near)}?" if near else "Add it to the catalogue, or name another"
                yield _problem(part, "unknown", f"there is no indicator “{name}”", mend)
        for below in walk(node):
            if isinstance(below, Comparison) and Literal(None, "NULL") in (below.left, below.right):
                mend = "Write IS NULL or IS NOT NULL"
                said = "nothing is equal to NULL, nor unequal: the answer is always unknown"
                yield _problem(part, "null", said, mend)
            yield from self._choices(part, below)
        mixes: list[Mix] = []
        measured = self.units.measure(node, mixes)
        yield from self._mixes(part, mixes)
        if part.is_amount and measured is not None and not measured.loose and measured != dimension(YUAN):
            yield _problem(part, "unit", f"an amount is in {YUAN}, this is in {measured}", "Multiply by a sum per unit")

    def _mixes(self, part: _Part, mixes: list[Mix]) -> Iterator[Problem]:
        for mix in mixes:
            said = f"{mix.first} and {mix.second} are mixed in one sum or comparison"
            if mix.sure:
                yield _problem(part, "unit", said, "Compare like with like, or divide one by the other")
            elif not part.is_amount:
                yield _problem(part, "unit", said, "Check what the factor stands for", Grade.WARNING)

    def _choices(self, part: _Part, node: Node) -> Iterator[Problem]:
        match node:
            case Comparison("=" | "<>", Column(name), Literal(str() as value)):
                values: tuple[str, ...] = (value,)
            case Comparison("=" | "<>", Literal(str() as value), Column(name)):
                values = (value,)
            case Membership(Column(name), choices):
                values = tuple(choice.value for choice in choices if isinstance(choice.value, str))
            case Within(Column(name), codes):
                values = codes
            case _:
                return
        fact = self.facts.get(name)
        if fact is None or not fact.choices:
            return
        for value in values:
            stem = branch_of(value)
            fits = value in fact.choices
            if isinstance(node, Within):
                fits = any(choice.startswith(stem) for choice in fact.choices)
            if not fits:
                near = get_close_matches(value, fact.choices, n=3, cutoff=0.5) or list(fact.choices[:8])
                yield _problem(part, "choice", f"“{value}” is no value of {name}", f"There are: {', '.join(near)}")

    def _rule(self, rule: Rule) -> Iterator[Problem]:
        nodes: list[Node] = []
        found: list[Problem] = []
        for part in _parts(rule):
            node, problems = self._parsed(part)
            found += problems
            if node is not None:
                found += self._expression(part, node)
                if not part.is_amount:
                    nodes.append(node)
        if len(nodes) == len(rule.criteria) and not any(problem.code == "expression" for problem in found):
            found += self._kinds(rule)
        yield from found
        if not any(problem.grade == Grade.ERROR and problem.code != "unit" for problem in found):
            yield from self._never(rule, nodes)

    def _kinds(self, rule: Rule) -> Iterator[Problem]:
        declared = {code: fact.kind for code, fact in self.facts.items()}
        try:
            prepare(RuleSet(self.ruleset.derived, (rule,)), today=date(2000, 1, 1), declared=declared)
        except RuleError as error:
            place = error.place or f"rule {rule.id}"
            owner = rule.id if place.startswith("rule ") else None
            yield Problem(Grade.ERROR, error.code, place, error.problem, error.mend, owner)

    # Conditions that can never hold.

    def _never(self, rule: Rule, nodes: list[Node]) -> Iterator[Problem]:
        days = _span(rule.valid_from, rule.valid_to)
        box = Box(*self._ranges(), self.derived, days)
        for number, node in enumerate(nodes, 1):
            if not possible([node], box):
                place = f"rule {rule.id}, condition {number}"
                said = "this can never hold"
                yield Problem(Grade.ERROR, "never", place, said, self._reason([node], days), rule.id)
                return
        if possible(nodes, box):
            return
        numbers = list(range(len(nodes)))
        for number in list(numbers):
            rest = [other for other in numbers if other != number]
            if not possible([nodes[other] for other in rest], box):
                numbers = rest
        told = " and ".join(str(number + 1) for number in numbers)
        texts = " and ".join(f"“{rule.criteria[number].text}”" for number in numbers)
        mend = self._reason([nodes[number] for number in numbers], days)
        place = f"rule {rule.id}, conditions {told}"
        yield Problem(Grade.ERROR, "never", place, f"{texts} can never hold together", mend, rule.id)

    def _ranges(self) -> tuple[dict[str, Words], dict[str, Span]]:
        words, spans = {}, {}
        for code, fact in self.facts.items():
            if fact.kind == Kind.BOOLEAN:
                words[code] = Words(frozenset({True, False}))
            elif fact.kind == Kind.TEXT and fact.choices:
                words[code] = Words(frozenset(fact.choices))
            spans[code] = _span(fact.low, fact.high)
        return words, spans

    def _reason(self, nodes: list[Node], days: Span) -> str:
        """Which side is to be mended: the conditions themselves, or their relation to what the catalogue allows."""
        if not possible(nodes, Box({}, {}, self.derived, Span())):
            return "Change or remove one of them" if len(nodes) > 1 else "Change the condition"
        if possible(nodes, Box(*self._ranges(), self.derived, Span())) and days != Span():
            return "It does, though, on days when the rule is not valid: check the validity"
        rest = self.ruleset.facts_of([_quoted(name) for node in nodes for name in columns(node)])
        bounds = [said for name in rest if (said := _bounds(self.facts.get(name)))]
        return f"By the catalogue {'; '.join(bounds)}" if bounds else "Change the condition"

    # Warnings.

    def _falls(self) -> Iterator[Problem]:
        for name, node in self.derived.items():
            yield from self._falls_of(_Part(f"indicators.{name}", "", None), node, frozenset())
        for rule in self.ruleset.rules:
            known: frozenset[str] = frozenset()
            for part in _parts(rule):
                parsed, _ = self._parsed(part)
                if parsed is None:
                    continue
                # An amount matters only where all conditions hold, a condition whatever the others say.
                yield from self._falls_of(part, parsed, known if part.is_amount else frozenset())
                if not part.is_amount:
                    known |= known_where(parsed, self.derived)

    def _falls_of(self, part: _Part, node: Node, known: frozenset[str]) -> Iterator[Problem]:
        facts: dict[str, None] = {}
        for _, fact in silent_falls(node, self.derived, known):
            facts[fact] = None
        if facts:
            said = f"without {', '.join(facts)} CASE goes on to the next value as if the condition were false"
            mend = f"Begin with WHEN {next(iter(facts))} IS NULL THEN NULL, or use the form with tiers"
            yield _problem(part, "case", said, mend, Grade.WARNING)

    def _groups(self) -> Iterator[Problem]:
        members: dict[str, list[Rule]] = {}
        for rule in self.ruleset.rules:
            if rule.group:
                members.setdefault(rule.group, []).append(rule)
        for name, rules in members.items():
            if len(rules) == 1:
                near = get_close_matches(name, [other for other in members if other != name], n=1)
                mend = f"Did you mean the group “{near[0]}”?" if near else "Leave the group out, or add the others"
                said = f"the group “{name}” has this one member, so nothing is held against it"
                place = f"rule {rules[0].id}, group"
                yield Problem(Grade.WARNING, "group", place, said, mend, rules[0].id)


def _parts(rule: Rule) -> Iterator[_Part]:
    for number, criterion in enumerate(rule.criteria, 1):
        yield _Part(f"rule {rule.id}, condition {number}", criterion.text, rule.id)
    if rule.amount is not None:
        yield _Part(f"rule {rule.id}, amount", rule.amount, rule.id, is_amount=True)


def _problem(part: _Part, code: str, problem: str, mend: str, grade: Grade = Grade.ERROR) -> Problem:
    return Problem(grade, code, part.place, problem, mend, part.rule)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _span(low: object, high: object) -> Span:
    bottom, top = number_of(low), number_of(high)
    whole = Span()
    return Span(whole.low if bottom is None else bottom, whole.high if top is None else top)


def _bounds(fact: Fact | None) -> str:
    if fact is None:
        return ""
    if fact.choices:
        return f"{fact.code} is one of {', '.join(fact.choices[:8])}" + (", …" if len(fact.choices) > 8 else "")
    ends = [("at least", fact.low), ("at most", fact.high)]
    told = [f"{word} {end}" for word, end in ends if end is not None]
    return f"{fact.code} is {' and '.join(told)}" if told else ""

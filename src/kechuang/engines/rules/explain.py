"""One subject: every rule's answer, its amount, and for each condition why, what is missing and how much is short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kechuang.engines.rules.expression import Column, Comparison, Literal, Node, columns, parse
from kechuang.engines.rules.gaps import Gap, Situation, gaps_of, unknown_in
from kechuang.engines.rules.interpreter import Evaluator, Facts, Value, compiled
from kechuang.engines.rules.lowering import lower
from kechuang.engines.rules.plan import plan, runner
from kechuang.engines.rules.program import Program, ReadyRule
from kechuang.engines.rules.ruleset import Criterion


@dataclass(frozen=True, slots=True)
class ExplainedCriterion:
    """``values``: what the condition reads, derived indicators with the facts beneath them; NULL where unknown."""

    text: str
    label: str
    answer: bool | None
    values: Mapping[str, Value]
    missing: tuple[str, ...]
    gaps: Mapping[str, Gap]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``amount`` and ``payable`` in fen, None unless the answer is yes and the amount known."""

    rule: str
    answer: bool | None
    amount: int | None
    payable: int | None
    in_force: bool
    criteria: tuple[ExplainedCriterion, ...]
    missing: tuple[str, ...]
    """What is missing for an answer and, where the answer is yes, for the amount."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    ready: ReadyRule
    nodes: tuple[Node, ...]
    criteria: tuple[Evaluator, ...]


class Explainer:
    """A program compiled for single subjects. Make one and keep it: compiling takes longer than explaining."""

    def __init__(self, program: Program) -> None:
        self.program = program
        found = plan(program, [column for pair in program.limited.values() for column in pair])
        self._run = runner(found)
        self._unknown: dict[str, Value] = dict.fromkeys(found.inputs)
        self._derived = [(name, compiled(node, program.today)) for name, node in program.derived.items()]
        self._derivations = {name: parse(program.ruleset.derived[name]) for name in program.derived}
        self._rules = {
            ready.rule.id: _Compiled(
                ready,
                tuple(criterion.node for criterion in ready.rule.criteria),
                tuple(compiled(node, program.today) for node in ready.criteria),
            )
            for ready in program.rules
        }
        self._amounts = {ready.rule.id: parse(ready.rule.amount) for ready in program.rules if ready.rule.amount}
        # The parts of rules live as long as this object: an id of theirs is never given to another.
        self._evaluators: dict[int, Evaluator] = {}
        self._grounds: dict[int, tuple[str, ...]] = {}
        self._trials: dict[tuple[str, int, int], tuple[list[tuple[str, Evaluator]], Evaluator]] = {}
        self._read = {c.text: self._read_by(c.node) for ready in program.rules for c in ready.rule.criteria}

    def _read_by(self, node: Node) -> tuple[str, ...]:
        """What a condition reads, and beneath its derived indicators the facts that they rest on."""
        names = columns(node)
        beneath = [self.program.ruleset.facts_of([name]) for name in names if name in self._derivations]
        return tuple(dict.fromkeys([*names, *(fact for facts in beneath for fact in facts)]))

    def explain(self, facts: Facts, rules: Iterable[str] | None = None) -> tuple[Explanation, ...]:
        """The answers of all rules, or of those named; ``facts`` by code, absent or None where unknown.

        Amounts are held against the others of their group whichever rules are asked for.
        """
        known = self.complete(facts)
        wanted = set(self._rules) if rules is None else set(rules)
        results = self._run(known)
        return tuple(self._explained(rule, known, results) for name, rule in self._rules.items() if name in wanted)

    def complete(self, facts: Facts) -> dict[str, Value]:
        """The facts with the derived indicators beside them; what nobody brought is unknown."""
        known = {**self._unknown, **facts}
        for name, evaluate in self._derived:
            known[name] = evaluate(known)
        return known

    def _explained(self, rule: _Compiled, known: Facts, results: Mapping[str, Any]) -> Explanation:
        name = rule.ready.rule.id
        answer, amount = results[name], results[f"{name}.amount"]
        situation = Situation(known, self._value, self._tried, self._derivations, self._ground)
        criteria = tuple(
            self._criterion(criterion, node, evaluate(known), situation)  # type: ignore[arg-type]
            for criterion, node, evaluate in zip(rule.ready.rule.criteria, rule.nodes, rule.criteria, strict=True)
        )
        missing = [name for each in criteria if answer is None for name in each.missing]
        if answer is True and amount is None and name in self._amounts:
            missing += unknown_in(self._amounts[name], situation)
        payable = results[f"{name}.payable"]
        return Explanation(name, answer, amount, payable, rule.ready.in_force, criteria, tuple(dict.fromkeys(missing)))

    def _criterion(
        self, criterion: Criterion, node: Node, answer: bool | None, situation: Situation
    ) -> ExplainedCriterion:
        names = self._read[criterion.text]
        values = {name: situation.facts.get(name) for name in names}
        missing: tuple[str, ...] = ()
        if answer is None:
            missing = unknown_in(node, situation) or columns(node)
        gaps = gaps_of(node, situation) if answer is False else {}
        return ExplainedCriterion(criterion.text, criterion.label, answer, values, missing, gaps)

    def _value(self, node: Node, facts: Facts) -> Value:
        """What a part of an expression comes to."""
        if isinstance(node, Column):
            return facts.get(node.name)
        if isinstance(node, Literal):
            return node.value
        held = self._evaluators.get(id(node))
        if held is None:
            held = self._evaluators[id(node)] = compiled(lower(node, self.program.drifting), self.program.today)
        return held(facts)

    def _tried(self, wish: Comparison, facts: Facts) -> Value:
        """The same for a new comparison and changed facts, which reach the derived indicators that it reads."""
        key = wish.operator, id(wish.left), id(wish.right)
        held = self._trials.get(key)
        if held is None:
            evaluator = compiled(lower(wish, self.program.drifting), self.program.today)
            held = self._trials[key] = self._derived_beneath(columns(wish)), evaluator
        changed = dict(facts)
        for name, evaluate in held[0]:
            changed[name] = evaluate(changed)
        return held[1](changed)

    def _ground(self, node: Node) -> tuple[str, ...]:
        held = self._grounds.get(id(node))
        if held is None:
            read = self._read_by(node)
            held = self._grounds[id(node)] = tuple(name for name in read if name not in self._derivations)
        return held

    def _derived_beneath(self, read: tuple[str, ...]) -> list[tuple[str, Evaluator]]:
        needed = set(read)
        for name, node in reversed(self._derivations.items()):
            if name in needed:
                needed.update(columns(node))
        return [(name, evaluate) for name, evaluate in self._derived if name in needed]


def what_if(explainer: Explainer, facts: Facts, changes: Facts, rules: Iterable[str] | None = None) -> Any:
    """The explanations before and after changing some facts, as a pair."""
    return explainer.explain(facts, rules), explainer.explain({**facts, **changes}, rules)


def record(explanation: Explanation, number: Callable[[Value], Any]) -> dict[str, Any]:
    """The explanation as the command prints it; ``number`` shapes single values."""
    return {
        "rule": explanation.rule,
        "answer": explanation.answer,
        "amount": None if explanation.amount is None else number(explanation.amount / 100),
        "payable": None if explanation.payable is None else number(explanation.payable / 100),
        "in_force": explanation.in_force,
        "missing": list(explanation.missing),
        "criteria": [
            {
                "text": criterion.text,
                "answer": criterion.answer,
                "values": {name: number(value) for name, value in criterion.values.items()},
                "missing": list(criterion.missing),
                "gap": {name: _gap(gap, number) for name, gap in criterion.gaps.items()},
            }
            for criterion in explanation.criteria
        ],
    }


def _gap(gap: Gap, number: Callable[[Value], Any]) -> dict[str, Any]:
    needs = [number(value) for value in gap.needs] if isinstance(gap.needs, tuple) else number(gap.needs)
    told = {"has": number(gap.has), "needs": needs, "short": number(gap.short)}
    return {**told, "strictly": True} if gap.strictly else told


def plain(value: Value) -> Any:
    """A value for JSON: whole numbers without a fraction, other numbers to 15 digits, days as text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else float(f"{value:.15g}")
    return value

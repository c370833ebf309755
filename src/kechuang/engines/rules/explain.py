"""One subject: every rule's answer, its amount, and for each condition why, what is missing and how much is short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kechuang.engines.rules.expression import Column, Literal, Node, columns, parse
from kechuang.engines.rules.gaps import Gap, Situation, gaps_of, unknown_in
from kechuang.engines.rules.interpreter import Evaluator, Facts, Value, compiled
from kechuang.engines.rules.lowering import lower
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
    amount: Evaluator | None


class Explainer:
    """A program compiled for single subjects. Make one and keep it: compiling takes longer than explaining."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._derived = [(name, compiled(node, program.today)) for name, node in program.derived.items()]
        self._ground = {name: parse(program.ruleset.derived[name]) for name in program.derived}
        self._rules = {
            ready.rule.id: _Compiled(
                ready,
                tuple(criterion.node for criterion in ready.rule.criteria),
                tuple(compiled(node, program.today) for node in ready.criteria),
                None if ready.amount is None else compiled(ready.amount, program.today),
            )
            for ready in program.rules
        }
        self._amounts = {ready.rule.id: parse(ready.rule.amount) for ready in program.rules if ready.rule.amount}
        self._evaluators: dict[int, Evaluator] = {}
        self._beneath: dict[tuple[str, ...], list[tuple[str, Evaluator]]] = {}
        self._read = {c.text: self._read_by(c.node) for ready in program.rules for c in ready.rule.criteria}

    def _read_by(self, node: Node) -> tuple[str, ...]:
        """What a condition reads, and beneath its derived indicators the facts that they rest on."""
        names = columns(node)
        beneath = [self.program.ruleset.facts_of([name]) for name in names if name in self._ground]
        return tuple(dict.fromkeys([*names, *(fact for facts in beneath for fact in facts)]))

    def explain(self, facts: Facts, rules: Iterable[str] | None = None) -> tuple[Explanation, ...]:
        """The answers of all rules, or of those named; ``facts`` by code, absent or None where unknown.

        Amounts are held against the others of their group whichever rules are asked for.
        """
        known = self.complete(facts)
        wanted = set(self._rules) if rules is None else set(rules)
        answers = {name: self._answer(rule, known) for name, rule in self._rules.items()}
        payable = self._payable(answers, known)
        return tuple(
            self._explained(self._rules[name], known, *answers[name], payable[name])
            for name in self._rules
            if name in wanted
        )

    def complete(self, facts: Facts) -> dict[str, Value]:
        """The facts with the derived indicators beside them."""
        known = dict(facts)
        for name, evaluate in self._derived:
            known[name] = evaluate(known)
        return known

    def _answer(self, rule: _Compiled, known: Facts) -> tuple[bool | None, int | None, tuple[bool | None, ...]]:
        answers = tuple(evaluate(known) for evaluate in rule.criteria)
        if not rule.ready.in_force or False in answers:
            return False, None, answers  # type: ignore[return-value]
        if None in answers:
            return None, None, answers  # type: ignore[return-value]
        value = None if rule.amount is None else rule.amount(known)
        return True, None if value is None else int(value), answers  # type: ignore[arg-type,return-value]

    def _payable(self, answers: Mapping[str, Any], known: Facts) -> dict[str, int | None]:
        """As :mod:`evaluate` does for batches: limits first, then the highest of each group."""
        payable = {name: self._limited(name, amount, known) for name, (_, amount, _) in answers.items()}
        groups: dict[str, list[str]] = {}
        for name, rule in self._rules.items():
            if rule.ready.rule.group:
                groups.setdefault(rule.ready.rule.group, []).append(name)
        for members in groups.values():
            amounts = [amount for name in members if (amount := payable[name]) is not None]
            if not amounts:
                continue
            winner = next(name for name in members if payable[name] == max(amounts))
            payable.update({name: 0 for name in members if name != winner and payable[name] is not None})
        return payable

    def _limited(self, name: str, amount: int | None, known: Facts) -> int | None:
        if amount is None or name not in self.program.limited:
            return amount
        limits = self._rules[name].ready.rule.limits
        ever, this_year = (round(float(known.get(column) or 0) * 100) for column in self.program.limited[name])  # type: ignore[arg-type]
        rooms = [amount]
        if limits.once and ever > 0:
            rooms.append(0)
        if limits.total is not None:
            rooms.append(max(limits.total * 100 - ever, 0))
        if limits.per_year is not None:
            rooms.append(max(limits.per_year * 100 - this_year, 0))
        return min(rooms)

    def _explained(
        self,
        rule: _Compiled,
        known: Facts,
        answer: bool | None,
        amount: int | None,
        answers: tuple[bool | None, ...],
        payable: int | None,
    ) -> Explanation:
        situation = Situation(known, self._value, self._tried, self._ground)
        criteria = tuple(
            self._criterion(criterion, node, given, situation)
            for criterion, node, given in zip(rule.ready.rule.criteria, rule.nodes, answers, strict=True)
        )
        missing = [name for each in criteria if answer is None for name in each.missing]
        if answer is True and amount is None and rule.ready.rule.id in self._amounts:
            missing += unknown_in(self._amounts[rule.ready.rule.id], situation)
        return Explanation(
            rule.ready.rule.id, answer, amount, payable, rule.ready.in_force, criteria, tuple(dict.fromkeys(missing))
        )

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
            # The parts live as long as the rules that this object holds: an id is never given to another.
            held = self._evaluators[id(node)] = compiled(lower(node, self.program.drifting), self.program.today)
        return held(facts)

    def _tried(self, node: Node, facts: Facts) -> Value:
        """The same for a new expression and changed facts, which reach the derived indicators that it reads."""
        changed = dict(facts)
        read = columns(node)
        if read not in self._beneath:
            self._beneath[read] = self._derived_beneath(read)
        for name, evaluate in self._beneath[read]:
            changed[name] = evaluate(changed)
        return compiled(lower(node, self.program.drifting), self.program.today)(changed)

    def _derived_beneath(self, read: tuple[str, ...]) -> list[tuple[str, Evaluator]]:
        needed = set(read)
        for name, node in reversed(self._ground.items()):
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

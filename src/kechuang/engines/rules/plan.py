"""What has to be computed, in stages of lowered expressions, said once for every engine.

Each stage adds columns that rest on the facts and on the stages before: derived indicators, answers, amounts in fen,
what limits leave of them, and what is payable where only the highest of a group is (就高不重复). An engine only
translates the expressions. Money is whole numbers: a :class:`~.expression.Literal` that holds an ``int`` is in fen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from kechuang.engines.rules.expression import (
    Arithmetic,
    Both,
    Call,
    Case,
    Column,
    Comparison,
    Either,
    Known,
    Literal,
    Membership,
    Negation,
    Node,
    Today,
    Within,
    columns,
)
from kechuang.engines.rules.interpreter import Evaluator, Facts, Value, compiled
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.lowering import fen
from kechuang.engines.rules.program import Program, ReadyRule
from kechuang.engines.rules.simplify import simplified

NO_MONEY = Call("whole", (Literal(None, Kind.NUMBER.value),))
"""An amount that is not there."""

PAIRWISE = 8
"""In groups up to this size each two are compared."""

KINDS = {kind.value: kind for kind in Kind}

Stage = tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The columns in which a rule's answer, amount and payable amount stand; some may be one and the same."""

    rule: str
    answer: str
    amount: str
    payable: str


@dataclass(frozen=True)
class Plan:
    """``inputs``: column → kind, what the frame brings; ``received`` are those of them that limits look at.

    Of ``stages``, in their order, each needs the inputs and the stages before it.
    """

    today: date
    inputs: Mapping[str, Kind]
    received: tuple[str, ...]
    stages: tuple[Stage, ...]
    outcomes: tuple[Outcome, ...]

    def results(self) -> tuple[tuple[str, str], ...]:
        """Name in the result → column of the plan: ``ID``, ``ID.amount`` and ``ID.payable`` of every rule."""
        return tuple(
            pair
            for outcome in self.outcomes
            for pair in (
                (outcome.rule, outcome.answer),
                (f"{outcome.rule}.amount", outcome.amount),
                (f"{outcome.rule}.payable", outcome.payable),
            )
        )


def plan(program: Program, brought: Collection[str] = ()) -> Plan:
    """The stages of a program. ``brought``: the columns of the frame, which tell whether it knows what was received.

    A rule may be called what a fact is called: inside a plan their columns are kept apart.
    """
    return _Planner(program, set(brought)).plan()


class _Planner:
    def __init__(self, program: Program, brought: set[str]) -> None:
        self.program = program
        self.brought = brought
        self.mark = "="
        while any(name.startswith(self.mark) for name in program.kinds):
            self.mark += "="
        self.received: dict[str, Kind] = {}
        self.fixed = {
            ready.rule.id: ready.amount.value
            for ready in program.rules
            if isinstance(ready.amount, Literal)
            and isinstance(ready.amount.value, int)
            and ready.rule.id not in program.limited
        }

    def plan(self) -> Plan:
        program = self.program
        outcomes: dict[str, Outcome] = {}
        for ready in program.rules:
            amount = self._own(ready.rule.id, "amount")
            outcomes[ready.rule.id] = Outcome(ready.rule.id, self._own(ready.rule.id, "answer"), amount, amount)
        answers = tuple((outcomes[ready.rule.id].answer, self._answer(ready)) for ready in program.rules)
        amounts = tuple(
            (outcomes[ready.rule.id].amount, self._amount(ready, outcomes[ready.rule.id])) for ready in program.rules
        )
        had, limited = self._limited(outcomes)
        pairs, ranked = self._ranked(outcomes)
        stages = [*self._derived(), answers, amounts, had, limited, pairs, ranked]
        facts = {name: program.kinds[name] for name in program.facts}
        return Plan(
            program.today,
            {**facts, **self.received},
            tuple(self.received),
            tuple(filter(None, stages)),
            tuple(outcomes.values()),
        )

    def _own(self, rule: str, part: str) -> str:
        return f"{self.mark}{rule}.{part}"

    def _derived(self) -> list[Stage]:
        """Derived indicators that rest on none of each other share a stage."""
        level: dict[str, int] = {}
        for name, node in self.program.derived.items():
            level[name] = 1 + max((level.get(used, 0) for used in columns(node)), default=0)
        return [
            tuple(
                (name, self._ready(node, self.program.kinds[name]))
                for name, node in self.program.derived.items()
                if level[name] == step
            )
            for step in range(1, max(level.values(), default=0) + 1)
        ]

    def _answer(self, ready: ReadyRule) -> Node:
        if not ready.in_force:
            return Literal(False, "FALSE")
        items = tuple(self._ready(item, Kind.BOOLEAN) for item in ready.criteria)
        return items[0] if len(items) == 1 else Both(items)

    def _amount(self, ready: ReadyRule, outcome: Outcome) -> Node:
        if ready.amount is None or not ready.in_force:
            return NO_MONEY
        amount = self._ready(ready.amount, Kind.NUMBER)
        match amount:
            case Case(((Negation(Known()) as unknown, nothing), *others), otherwise) if nothing == NO_MONEY:
                # What is unknown without a fact is asked only of those who have it.
                rest = Case(tuple(others), otherwise) if others else otherwise
                return Case(((Both((Column(outcome.answer), unknown.item)), rest),), NO_MONEY)
        return Case(((Column(outcome.answer), amount),), NO_MONEY)

    def _ready(self, node: Node, kind: Kind) -> Node:
        return simplified(typed(node, self.program.kinds, kind), self.program.today)

    def _limited(self, outcomes: dict[str, Outcome]) -> tuple[Stage, Stage]:
        """What the subject has had already, and the amount that the rule's limits leave; only where there are any."""
        had: list[tuple[str, Node]] = []
        left: list[tuple[str, Node]] = []
        for ready in self.program.rules:
            name, limits = ready.rule.id, ready.rule.limits
            if name not in self.program.limited or ready.amount is None or not ready.in_force:
                continue
            amount = Column(outcomes[name].amount)
            ever, this_year = (
                self._had(column, self._own(name, part), had)
                for column, part in zip(self.program.limited[name], ("ever", "year"), strict=True)
            )
            rooms: list[Node] = [amount]
            if limits.once:
                rooms.append(Case(((Comparison(">", ever, _whole(0)), _whole(0)),), amount))
            for limit, used in ((limits.total, ever), (limits.per_year, this_year)):
                if limit is not None:
                    rooms.append(_room(limit * 100, used))
            outcomes[name] = replace(outcomes[name], payable=self._own(name, "limited"))
            least = Call("least", tuple(rooms))
            left.append((outcomes[name].payable, Case(((Known(amount), least),), NO_MONEY)))
        return tuple(had), tuple(left)

    def _had(self, column: str, name: str, stage: list[tuple[str, Node]]) -> Node:
        if column not in self.brought:
            return _whole(0)
        self.received[column] = Kind.NUMBER
        stage.append((name, Call("coalesce", (fen(Column(column)), _whole(0)))))
        return Column(name)

    def _ranked(self, outcomes: dict[str, Outcome]) -> tuple[Stage, Stage]:
        """Of each group the highest is payable; of equals, the one that stands first. The others get nothing."""
        groups: dict[str, list[str]] = {}
        for ready in self.program.rules:
            if ready.rule.group and ready.amount is not None and ready.in_force:
                groups.setdefault(ready.rule.group, []).append(ready.rule.id)
        pairs: list[tuple[str, Node]] = []
        stage: list[tuple[str, Node]] = []
        for members in groups.values():
            allowed = {name: Column(outcomes[name].payable) for name in members}
            beaten = self._pairwise(allowed, pairs) if len(members) <= PAIRWISE else _against_best(allowed)
            for name, reasons in beaten.items():
                if reasons:
                    outcomes[name] = replace(outcomes[name], payable=self._own(name, "payable"))
                    outranked = reasons[0] if len(reasons) == 1 else Either(tuple(reasons))
                    stage.append((outcomes[name].payable, Case(((outranked, _whole(0)),), allowed[name])))
        return tuple(pairs), tuple(stage)

    def _pairwise(self, allowed: Mapping[str, Column], pairs: list[tuple[str, Node]]) -> dict[str, list[Node]]:
        """Rule → what outranks it. Each two are compared once; two fixed amounts need no comparing."""
        beaten: dict[str, list[Node]] = {name: [] for name in allowed}
        for (name, own), (later, other) in combinations(allowed.items(), 2):
            mine, its = self.fixed.get(name), self.fixed.get(later)
            if mine is None or its is None:
                pair = self._own(name, f"less.{len(pairs)}")
                pairs.append((pair, Comparison("<", own, other)))
                beaten[name].append(Column(pair))
                beaten[later].append(Negation(Column(pair)))
            elif mine < its:
                beaten[name].append(Known(other))
            else:
                beaten[later].append(Known(own))
        return beaten


def _against_best(allowed: Mapping[str, Column]) -> dict[str, list[Node]]:
    """The same for large groups: each is compared with the best before and the best after it."""
    columns = list(allowed.values())
    return {
        name: [
            Comparison(operator, own, Call("greatest", tuple(others)))
            for operator, others in (("<=", columns[:place]), ("<", columns[place + 1 :]))
            if others
        ]
        for place, (name, own) in enumerate(allowed.items())
    }


def _whole(value: int) -> Literal:
    return Literal(value, str(value))


def _room(limit: int, used: Node) -> Node:
    """What a limit leaves; never below zero."""
    return Case(((Comparison(">", used, _whole(limit)), _whole(0)),), Arithmetic("-", _whole(limit), used))


def kind_of(node: Node, kinds: Mapping[str, Kind]) -> Kind | None:
    """The kind of a lowered expression; None for NULL alone."""
    match node:
        case Literal(bool()) | Both() | Either() | Negation() | Comparison() | Membership() | Within() | Known():
            return Kind.BOOLEAN
        case Literal(None, text):
            return KINDS.get(text)
        case Literal(str()):
            return Kind.TEXT
        case Literal(date()) | Today():
            return Kind.DATE
        case Column(name):
            return kinds.get(name)
        case Call("least" | "greatest" | "coalesce" | "nullif", arguments):
            return _first(arguments, kinds)
        case Case(branches, otherwise):
            return _first([*(value for _, value in branches), otherwise], kinds)
        case _:
            return Kind.NUMBER


def _first(parts: Iterable[Node], kinds: Mapping[str, Kind]) -> Kind | None:
    return next((found for part in parts if (found := kind_of(part, kinds))), None)


def typed(node: Node, kinds: Mapping[str, Kind], expected: Kind) -> Node:
    """The same expression with every NULL told its kind, as the text of its literal: engines need to know."""

    def alike(parts: Iterable[Node], wanted: Kind | None) -> tuple[Node, ...]:
        parts = tuple(parts)
        kind = wanted or _first(parts, kinds) or Kind.NUMBER
        return tuple(typed(part, kinds, kind) for part in parts)

    match node:
        case Literal(None):
            return Literal(None, expected.value)
        case Both(items):
            return Both(alike(items, Kind.BOOLEAN))
        case Either(items):
            return Either(alike(items, Kind.BOOLEAN))
        case Negation(item):
            return Negation(typed(item, kinds, Kind.BOOLEAN))
        case Known(item):
            return Known(*alike([item], None))
        case Membership(item, choices):
            return Membership(typed(item, kinds, kind_of(choices[0], kinds) or Kind.NUMBER), choices)
        case Within(item, codes):
            return Within(typed(item, kinds, Kind.TEXT), codes)
        case Comparison(operator, left, right):
            return Comparison(operator, *alike([left, right], None))
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, *alike([left, right], Kind.NUMBER))
        case Call("year" | "monthday" as function, arguments):
            return Call(function, alike(arguments, Kind.DATE))
        case Call(function, arguments):
            return Call(function, alike(arguments, expected))
        case Case(branches, otherwise):
            values = alike([*(value for _, value in branches), otherwise], expected)
            conditions = alike([condition for condition, _ in branches], Kind.BOOLEAN)
            return Case(tuple(zip(conditions, values[:-1], strict=True)), values[-1])
        case _:
            return node


def runner(found: Plan) -> Callable[[Facts], dict[str, Value]]:
    """A function from one subject's facts to its row of results, money in fen: the plan in plain Python."""
    stages: list[list[tuple[str, Evaluator]]] = [
        [(name, compiled(node, found.today)) for name, node in stage] for stage in found.stages
    ]

    def run(facts: Facts) -> dict[str, Value]:
        known: dict[str, Value] = dict(facts)
        for stage in stages:
            known.update([(name, evaluator(known)) for name, evaluator in stage])
        return {name: known[column] for name, column in found.results()}

    return run

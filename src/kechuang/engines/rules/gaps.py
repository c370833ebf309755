"""How much of which indicator is short: what each fact alone, the others fixed, would have to be for a rule to hold.

A numeric comparison is an equation in one fact at a time. Sums, products and quotients of facts make it a quotient of
two polynomials; where it is linear in the fact, the fact's needed value is the root, for a ratio's numerator and its
denominator alike. Each root is tried out before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

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
    Within,
    columns,
)
from kechuang.engines.rules.interpreter import Value

_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Gap:
    """``short`` is ``needs − has`` (below zero: so much too much), None where it is no number. ``strictly``: more (or
    less) than ``needs`` is needed, not just as much."""

    indicator: str
    has: Value
    needs: Value | tuple[Value, ...]
    short: float | None = None
    strictly: bool = False

    @property
    def weight(self) -> float:
        """How far, as a share of what is needed; what is no number weighs one."""
        if self.short is None or not isinstance(self.needs, float):
            return 1.0
        return abs(self.short) / max(abs(self.needs), 1e-9)


@dataclass(frozen=True)
class Situation:
    """One subject's values, derived ones beside the facts; ``evaluate`` says what a part of a rule comes to, ``tried``
    what a comparison of such parts would come to with other facts. ``derived``: what the derived indicators are made
    of; ``ground``: the facts, not the derived indicators, that a part of a rule rests on."""

    facts: Mapping[str, Value]
    evaluate: Callable[[Node, Mapping[str, Value]], Value]
    tried: Callable[[Comparison, Mapping[str, Value]], Value]
    derived: Mapping[str, Node]
    ground: Callable[[Node], tuple[str, ...]]

    def value(self, node: Node) -> Value:
        return self.evaluate(node, self.facts)


def gaps_of(criterion: Node, situation: Situation) -> dict[str, Gap]:
    """The gaps of a condition that does not hold, by indicator; of alternatives the nearest one's."""
    found = _gaps(criterion, situation, wanted=True)
    return {gap.indicator: gap for gap in reversed(found)} if found else {}


def _gaps(node: Node, situation: Situation, *, wanted: bool) -> list[Gap]:
    match node:
        case Negation(item):
            return _gaps(item, situation, wanted=not wanted)
        case Both(items) | Either(items):
            failing = [item for item in items if situation.value(item) is (not wanted)]
            lists = [_gaps(item, situation, wanted=wanted) for item in failing]
            if isinstance(node, Both) is wanted:
                return [gap for gaps in lists for gap in gaps]
            return min((gaps for gaps in lists if gaps), key=_distance, default=[])
        case Column(name):
            inner = situation.derived.get(name)
            if inner is not None:
                return _gaps(inner, situation, wanted=wanted)
            return [Gap(name, situation.facts.get(name), wanted)]
        case Comparison():
            return _compared(node, situation, wanted=wanted)
        case Membership(Column(name), choices) if wanted:
            return [Gap(name, situation.facts.get(name), tuple(choice.value for choice in choices))]
        case Within(Column(name), codes) if wanted:
            return [Gap(name, situation.facts.get(name), codes)]
        case Case(branches, otherwise):
            active = next((value for condition, value in branches if situation.value(condition) is True), otherwise)
            return _gaps(active, situation, wanted=wanted)
        case _:
            return []


def _distance(gaps: list[Gap]) -> float:
    return min(gap.weight for gap in gaps)


def _compared(node: Comparison, situation: Situation, *, wanted: bool) -> list[Gap]:
    operator = node.operator if wanted else _OPPOSITE[node.operator]
    left, right = situation.value(node.left), situation.value(node.right)
    if isinstance(left, date) or isinstance(right, date) or not _are_numbers(left, right):
        if isinstance(node.left, Column) and isinstance(node.right, Literal) and operator != "<>":
            return [Gap(node.left.name, left, right)]
        return []
    if operator == "<>":
        return []
    wish = Comparison(operator, node.left, node.right)
    gaps = _derived_gaps(wish, left, right, situation)  # type: ignore[arg-type]
    for name in dict.fromkeys([*situation.ground(wish.left), *situation.ground(wish.right)]):
        gap = _solved(wish, name, situation)
        if gap is not None:
            gaps.append(gap)
    return gaps


def _are_numbers(*values: Value) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _derived_gaps(wish: Comparison, left: float, right: float, situation: Situation) -> list[Gap]:
    """A derived indicator that is compared by itself is told too: the ratio beside its parts."""
    for side, own, other in ((wish.left, left, right), (wish.right, right, left)):
        if isinstance(side, Column) and side.name in situation.derived:
            return [Gap(side.name, own, other, other - own, wish.operator in "<>")]
    return []


def _solved(wish: Comparison, name: str, situation: Situation) -> Gap | None:
    has = situation.facts.get(name)
    if not _are_numbers(has):
        return None
    left, right = _rational(wish.left, name, situation), _rational(wish.right, name, situation)
    if left is None or right is None:
        return None
    equation = _minus(_times(left[0], right[1]), _times(right[0], left[1]))
    while equation and abs(equation[-1]) <= 1e-12 * max(map(abs, equation)):
        equation = equation[:-1]
    if len(equation) != 2:
        return None
    needs = -equation[0] / equation[1]
    if needs < 0 <= has:  # type: ignore[operator]
        return None
    strictly = wish.operator in {"<", ">"}
    step = max(abs(needs), 1.0) * 1e-9
    # Just beyond the root on the side away from what the subject has: where the wish must come true.
    beyond = needs + step if needs >= has else needs - step  # type: ignore[operator]
    if situation.tried(wish, {**situation.facts, name: beyond}) is not True:
        return None
    return Gap(name, has, needs, needs - has, strictly)  # type: ignore[operator]


Polynomial = list[float]


def _rational(node: Node, name: str, situation: Situation) -> tuple[Polynomial, Polynomial] | None:
    """The value as numerator and denominator, polynomials in one fact, constant coefficient first."""
    if name not in situation.ground(node):
        value = situation.value(node)
        return ([float(value)], [1.0]) if _are_numbers(value) else None  # type: ignore[arg-type]
    match node:
        case Column(own):
            return ([0.0, 1.0], [1.0]) if own == name else _rational(situation.derived[own], name, situation)
        case Arithmetic(operator, left, right):
            one, other = _rational(left, name, situation), _rational(right, name, situation)
            return _combined(operator, one, other) if one and other else None
        case Call("least" | "greatest" | "coalesce", arguments):
            value = situation.value(node)
            active = next((part for part in arguments if situation.value(part) == value), None)
            return _rational(active, name, situation) if active is not None and value is not None else None
        case Case(branches, otherwise):
            active = next((then for condition, then in branches if situation.value(condition) is True), otherwise)
            return _rational(active, name, situation)
        case _:
            return None


def _combined(
    operator: str, one: tuple[Polynomial, Polynomial], other: tuple[Polynomial, Polynomial]
) -> tuple[Polynomial, Polynomial]:
    match operator:
        case "*":
            return _times(one[0], other[0]), _times(one[1], other[1])
        case "/":
            return _times(one[0], other[1]), _times(one[1], other[0])
    left, right = _times(one[0], other[1]), _times(other[0], one[1])
    if operator == "-":
        right = [-part for part in right]
    return _plus(left, right), _times(one[1], other[1])


def _plus(one: Polynomial, other: Polynomial) -> Polynomial:
    length = max(len(one), len(other))
    pad = [0.0] * length
    return [left + right for left, right in zip((one + pad)[:length], (other + pad)[:length], strict=True)]


def _minus(one: Polynomial, other: Polynomial) -> Polynomial:
    return _plus(one, [-part for part in other])


def _times(one: Polynomial, other: Polynomial) -> Polynomial:
    result = [0.0] * (len(one) + len(other) - 1)
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            result[i + j] += left * right
    return result


def unknown_in(node: Node, situation: Situation) -> tuple[str, ...]:
    """The facts whose absence leaves an expression without a value; each once. The expression has no value."""
    return tuple(dict.fromkeys(_blamed(node, situation)))


def _blamed(node: Node, situation: Situation) -> list[str]:
    match node:
        case Column(name):
            if situation.facts.get(name) is not None:
                return []
            inner = situation.derived.get(name)
            # A quotient by zero has all its facts and still no value: then the indicator itself is what lacks.
            return [name] if inner is None else _blamed(inner, situation) or [name]
        case Known(item):
            return _blamed(item, situation) if situation.value(item) is None else []
        case Negation(item) | Membership(item, _) | Within(item, _):
            return _blamed(item, situation)
        case Both(items) | Either(items) | Call(_, items):
            return [name for item in items if situation.value(item) is None for name in _blamed(item, situation)]
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return [n for part in (left, right) if situation.value(part) is None for n in _blamed(part, situation)]
        case Case(branches, otherwise):
            return _blamed_case(branches, otherwise, situation)
        case _:
            return []


def _blamed_case(branches: tuple[tuple[Node, Node], ...], otherwise: Node, situation: Situation) -> list[str]:
    found: list[str] = []
    for condition, value in branches:
        holds = situation.value(condition)
        if holds is None:
            found += _blamed(condition, situation)
        elif holds is True:
            # “WHEN x IS NULL THEN NULL”: what lacks is what the condition asks about.
            return found + (_blamed(value, situation) or _asked_about(condition, situation))
    return found + (_blamed(otherwise, situation) if situation.value(otherwise) is None else [])


def _asked_about(condition: Node, situation: Situation) -> list[str]:
    return [n for n in columns(condition) if situation.facts.get(n) is None for n in _blamed(Column(n), situation)]

"""Whether conditions can hold together at all: values are narrowed to what each condition leaves, until nothing moves.

“No” is certain: every narrowing keeps all values that could meet the conditions. “Yes” only means that no
contradiction was found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

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
    branch_of,
)
from kechuang.engines.rules.knowledge import Definitions, needs
from kechuang.engines.rules.spans import Span, Word, Words, at, number_of

ROUNDS = 6
BRANCHES = 200
_INVERSE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NOTHING = Words()
Atom = tuple[Node, bool]


class Impossible(Exception):
    """No value is left somewhere."""


class Box:
    """The values that are left, by column and by any other part of an expression that was compared."""

    def __init__(self, words: Mapping[str, Words], spans: Mapping[str, Span], derived: Definitions, days: Span) -> None:
        self.spans: dict[Node, Span] = {Column(name): span for name, span in spans.items()}
        self.words: dict[Node, Words] = {Column(name): each for name, each in words.items()}
        self.known: set[Node] = set()
        self.unknown: set[Node] = set()
        self.derived = derived
        self.days = days

    def copy(self) -> Box:
        other = Box({}, {}, self.derived, self.days)
        other.spans, other.words = dict(self.spans), dict(self.words)
        other.known, other.unknown = set(self.known), set(self.unknown)
        return other

    # What an expression can come to, given what is left.

    def span(self, node: Node) -> Span:
        found = self._computed(node)
        return found.meet(self.spans[node]) if node in self.spans else found

    def _computed(self, node: Node) -> Span:
        match node:
            case Literal(value, text):
                number = number_of(value, text if isinstance(value, float) else "")
                return Span() if number is None else at(number)
            case Today():
                return self.days
            case Column(name):
                return self.span(self.derived[name]) if name in self.derived else Span()
            case Arithmetic(operator, left, right):
                return self._arithmetic(operator, self.span(left), self.span(right))
            case Call(function, arguments):
                return self._call(function, arguments)
            case Case(branches, otherwise):
                return self._hull([*(value for _, value in branches), otherwise])
        return Span()

    @staticmethod
    def _arithmetic(operator: str, left: Span, right: Span) -> Span:
        match operator:
            case "+":
                return left + right
            case "-":
                return left + -right
            case "*":
                return left.times(right)
        return left.over(right)

    def _hull(self, parts: Sequence[Node]) -> Span:
        found = [self.span(part) for part in parts if part != Literal(None, "NULL")]
        hull = found[0] if found else Span()
        for span in found[1:]:
            hull = hull.join(span)
        return hull

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Span:
        first = self.span(arguments[0])
        match function:
            case "least" | "greatest":
                # An unknown value is passed over, so only what is certainly known bounds the result.
                hull = self._hull(arguments)
                for part in arguments:
                    if part in self.known or (isinstance(part, Literal) and part.value is not None):
                        own = self.span(part)
                        bound = (
                            Span(high=own.high, below=own.below)
                            if function == "least"
                            else Span(own.low, above=own.above)
                        )
                        hull = hull.meet(bound)
                return hull
            case "coalesce":
                return self._hull(arguments)
            case "nullif":
                return first
            case "abs":
                return first.size
            case "floor" | "ceil" | "round":
                return Span(first.low - 1, first.high + 1)
            case "year":
                return Span(_year(first.low), _year(first.high))
        return Span()

    # Leaving less.

    def narrow(self, node: Node, span: Span) -> None:
        found = self.span(node).meet(span)
        if found.empty or not self.words.get(node, _NOTHING).possible(found):
            raise Impossible
        if isinstance(node, Literal | Today):
            return
        self.spans[node] = found
        match node:
            case Column(name) if name in self.derived:
                self.narrow(self.derived[name], found)
            case Arithmetic("+", part, Literal(float() as value, text)) | Arithmetic(
                "+", Literal(float() as value, text), part
            ):
                self.narrow(part, found + at(-_exact(value, text)))
            case Arithmetic("-", part, Literal(float() as value, text)):
                self.narrow(part, found + at(_exact(value, text)))
            case Arithmetic("-", Literal(float() as value, text), part):
                self.narrow(part, -(found + at(-_exact(value, text))))
            case Arithmetic("*", part, Literal(float() as value, text)) | Arithmetic(
                "*", Literal(float() as value, text), part
            ):
                if value:
                    self.narrow(part, found.scaled(1 / _exact(value, text)))
            case Arithmetic("/", part, Literal(float() as value, text)):
                if value:
                    self.narrow(part, found.scaled(_exact(value, text)))

    def leave(self, node: Node, words: Words) -> None:
        if not words.possible(self.span(node)):
            raise Impossible
        self.words[node] = words

    def know(self, node: Node) -> None:
        self.known.add(node)
        self.known.update(Column(name) for name in needs(node, self.derived))
        if self.known & self.unknown:
            raise Impossible

    def miss(self, node: Node) -> None:
        if isinstance(node, Literal | Today | Known) and node != Literal(None, "NULL"):
            raise Impossible
        self.unknown.add(node)
        if self.known & self.unknown:
            raise Impossible


def _exact(value: float, text: str) -> Fraction:
    found = number_of(value, text)
    return Fraction(0) if found is None else found


def _year(ordinal: float | Fraction) -> float | Fraction:
    if math.isinf(ordinal):
        return ordinal
    return Fraction(date.fromordinal(min(max(math.floor(ordinal), 1), date.max.toordinal())).year)


def possible(conditions: Sequence[Node], box: Box) -> bool:
    """Whether no contradiction is found in all conditions holding at once."""
    try:
        return _possible([(node, True) for node in conditions], box.copy(), [BRANCHES])
    except (OverflowError, RecursionError):
        return True


def _possible(atoms: list[Atom], box: Box, budget: list[int]) -> bool:
    plain, choices = _flattened(atoms)
    if plain is None:
        return False
    try:
        for _ in range(ROUNDS):
            before = (dict(box.spans), dict(box.words))
            for node, positive in plain:
                _apply(node, positive, box)
            if (box.spans, box.words) == before:
                break
    except Impossible:
        return False
    if not choices:
        return True
    first, *rest = choices
    later: list[Atom] = [(Either(tuple(_signed(atom) for atom in choice)), True) for choice in rest]
    for atom in first:
        budget[0] -= 1
        if budget[0] < 0 or _possible([atom, *later, *plain], box.copy(), budget):
            return True
    return False


def _signed(atom: Atom) -> Node:
    node, positive = atom
    return node if positive else Negation(node)


def _flattened(atoms: list[Atom]) -> tuple[list[Atom] | None, list[list[Atom]]]:
    """Single conditions, and lists of which one has to hold. None where a constant already says no."""
    plain: list[Atom] = []
    choices: list[list[Atom]] = []
    waiting = list(reversed(atoms))
    while waiting:
        node, positive = waiting.pop()
        match node:
            case Negation(item):
                waiting.append((item, not positive))
            case Literal(value):
                if value is not positive:
                    return None, []
            case Both(items) | Either(items):
                parts = [(item, positive) for item in items]
                if isinstance(node, Both) is positive:
                    waiting.extend(reversed(parts))
                else:
                    choices.append(parts)
            case _:
                plain.append((node, positive))
    return plain, choices


def _apply(node: Node, positive: bool, box: Box) -> None:
    match node:
        case Comparison(operator, left, right):
            box.know(left)
            box.know(right)
            _compare(operator if positive else _INVERSE[operator], left, right, box)
        case Membership(item, choices):
            box.know(item)
            _among(item, frozenset(_word(choice) for choice in choices), positive, box)
        case Within(item, codes):
            box.know(item)
            stems = frozenset(branch_of(code) for code in codes)
            words = box.words.get(item, _NOTHING)
            box.leave(item, words.under(stems) if positive else words.outside(stems))
        case Known(item):
            box.know(item) if positive else box.miss(item)
        case Column():
            box.know(node)
            box.leave(node, box.words.get(node, _NOTHING).only(frozenset({positive})))
        case _:
            box.know(node)


def _word(literal: Literal) -> Word:
    number = number_of(literal.value, literal.text if isinstance(literal.value, float) else "")
    return literal.value if number is None else number  # type: ignore[return-value]


def _among(item: Node, values: frozenset[Word], positive: bool, box: Box) -> None:
    words = box.words.get(item, _NOTHING)
    box.leave(item, words.only(values) if positive else words.without(values))
    numbers = [value for value in values if isinstance(value, Fraction)]
    if positive and numbers:
        box.narrow(item, Span(min(numbers), max(numbers)))
    if isinstance(item, Literal) and (_word(item) in values) is not positive:
        raise Impossible


def _compare(operator: str, left: Node, right: Node, box: Box) -> None:
    if isinstance(left, Literal) and not isinstance(right, Literal):
        operator, left, right = _FLIPPED[operator], right, left
    if Literal(None, "NULL") in (left, right):
        raise Impossible
    if isinstance(right, Literal) and operator in {"=", "<>"}:
        _among(left, frozenset({_word(right)}), operator == "=", box)
    if isinstance(right, Literal) and isinstance(right.value, str | bool):
        return
    ours, theirs = box.span(left), box.span(right)
    if operator in {"<", "<="}:
        box.narrow(left, Span(high=theirs.high, below=theirs.below or operator == "<"))
        box.narrow(right, Span(ours.low, above=ours.above or operator == "<"))
    elif operator in {">", ">="}:
        box.narrow(left, Span(theirs.low, above=theirs.above or operator == ">"))
        box.narrow(right, Span(high=ours.high, below=ours.below or operator == ">"))
    elif operator == "=":
        box.narrow(left, theirs)
        box.narrow(right, ours)
    if not isinstance(left, Literal) and not isinstance(right, Literal):
        _difference(operator, left, right, box)


def _difference(operator: str, left: Node, right: Node, box: Box) -> None:
    """Two values held against each other: what is known of their difference, one way round for both orders."""
    if left == right:
        if operator in {"<", ">", "<>"}:
            raise Impossible
        return
    if repr(left) > repr(right):
        operator, left, right = _FLIPPED[operator], right, left
    term = Call("coalesce", (Arithmetic("-", left, right),))
    zero = Fraction(0)
    match operator:
        case "<" | "<=":
            box.narrow(term, Span(high=zero, below=operator == "<"))
        case ">" | ">=":
            box.narrow(term, Span(zero, above=operator == ">"))
        case "=":
            box.narrow(term, at(zero))
        case _:
            box.leave(term, box.words.get(term, _NOTHING).without(frozenset({zero})))

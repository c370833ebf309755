"""Expressions spelled out in the few operations that every engine has, so that no engine decides anything by itself.

After lowering there is left: constants, columns, today, AND, OR, NOT, comparisons of doubles as they are, IN, within,
IS NOT NULL, ``+ - * /`` (by zero: NULL), CASE, and the calls of :data:`PRIMITIVES`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from kechuang.engines.rules.exactness import TOLERANCE, is_exact, slack
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
    children,
    vaguer_than,
)

PRIMITIVES = {"least", "greatest", "coalesce", "nullif", "abs", "floor", "year", "monthday", "whole"}
"""``monthday`` is month × 100 + day; ``whole`` takes a double without fraction as an integer of 64 bits."""

MOST = 1e15
"""Yuan; no amount is higher."""

FEN = 100.0 * (1.0 + TOLERANCE)
"""Fen to the yuan, and a little more, so that what is half a fen but for the drift of doubles is half a fen."""

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def number(value: float) -> Literal:
    return Literal(value, repr(value))


def lower(node: Node, drifting: Collection[str] = ()) -> Node:
    """The same meaning in primitives. ``drifting``: derived columns whose doubles may be off by a few units."""
    match node:
        case Both(items):
            return Both(tuple(lower(item, drifting) for item in items))
        case Either(items):
            return Either(tuple(lower(item, drifting) for item in items))
        case Negation(item):
            return Negation(lower(item, drifting))
        case Known(item):
            return Known(lower(item, drifting))
        case Membership(item, choices):
            return Membership(lower(item, drifting), choices)
        case Within(item, codes):
            return _within(lower(item, drifting), codes)
        case Comparison():
            return _comparison(node, drifting)
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, lower(left, drifting), lower(right, drifting))
        case Call():
            return _call(node, drifting)
        case Case(branches, otherwise):
            lowered = tuple((lower(condition, drifting), lower(value, drifting)) for condition, value in branches)
            return Case(lowered, lower(otherwise, drifting))
        case Literal() | Column() | Today():
            return node
    raise TypeError(node)


def _within(item: Node, codes: tuple[str, ...]) -> Node:
    """A code above the branch asked for leaves open whether the subject lies in it."""
    vague = vaguer_than(codes)
    inside = Within(item, codes)
    if not vague:
        return inside
    choices = tuple(Literal(code, f"'{code}'") for code in vague)
    return Case(((Membership(item, choices), Literal(None, "NULL")),), inside)


def weight(node: Node) -> int:
    """How many parts an expression has when each is counted wherever it stands. Lowering says some parts twice (a
    rounded value, the sides of a comparison with tolerance), so that nesting multiplies; parts that are one object are
    counted in one go, whatever the sum."""
    held: dict[int, int] = {}

    def count(part: Node) -> int:
        if id(part) not in held:
            held[id(part)] = 1 + sum(count(child) for child in children(part))
        return held[id(part)]

    return count(node)


def fen(amount: Node, drifting: Collection[str] = (), lowest: Mapping[str, float] | None = None) -> Node:
    """An amount in yuan as whole fen, half up; what is below zero is nothing, what is beyond all counting unknown.

    ``lowest``: column → what it is at least wherever the amount is asked for.
    """
    yuan = lower(amount, drifting)
    if isinstance(yuan, Literal) and isinstance(yuan.value, float):
        return _fixed(yuan.value)
    low, high = _bounds(yuan, lowest or {})
    cuts: list[tuple[Node, Node]] = []
    if low < 0:
        cuts.append((Comparison("<", yuan, number(0.0)), number(0.0)))
    if high > MOST:
        cuts.append((Comparison(">", yuan, number(MOST)), Literal(None, "NULL")))
    positive = Case(tuple(cuts), yuan) if cuts else yuan
    return Call("whole", (_scaled(positive),))


def _fixed(yuan: float) -> Literal:
    """The same arithmetic, done once."""
    value = math.floor(min(max(yuan, 0.0), MOST) * FEN + 0.5)
    return Literal(value, str(value))


def _scaled(yuan: Node) -> Node:
    return Call("floor", (Arithmetic("+", Arithmetic("*", yuan, number(FEN)), number(0.5)),))


def _bounds(node: Node, lowest: Mapping[str, float]) -> tuple[float, float]:
    """Between which numbers a value certainly lies where it is known."""
    match node:
        case Literal(float() as value):
            return value, value
        case Literal(None):
            return math.inf, -math.inf
        case Column(name):
            return lowest.get(name, -math.inf), math.inf
        case Arithmetic("*", left, Literal(float() as factor)) if factor > 0:
            low, high = _bounds(left, lowest)
            return low * factor, high * factor
        case Case(branches, otherwise):
            ends = [_bounds(part, lowest) for part in [*(value for _, value in branches), otherwise]]
            return min(low for low, _ in ends), max(high for _, high in ends)
        case Call("least" | "greatest" as function, arguments):
            ends = [_bounds(part, lowest) for part in arguments]
            fixed = [part.value for part in arguments if isinstance(part, Literal) and isinstance(part.value, float)]
            low, high = min(low for low, _ in ends), max(high for _, high in ends)
            if fixed and function == "least":
                return low, min(high, *fixed)
            return (max(low, *fixed), high) if fixed else (low, high)
    return -math.inf, math.inf


def _comparison(node: Comparison, drifting: Collection[str]) -> Node:
    left, right = lower(node.left, drifting), lower(node.right, drifting)
    if is_exact(node.left, drifting) and is_exact(node.right, drifting):
        return Comparison(node.operator, left, right)
    if isinstance(right, Literal) and isinstance(right.value, float):
        return _against(node.operator, left, right.value)
    if isinstance(left, Literal) and isinstance(left.value, float):
        return _against(_FLIPPED[node.operator], right, left.value)
    margin = Arithmetic("*", Call("greatest", (Call("abs", (left,)), Call("abs", (right,)))), number(TOLERANCE))
    return _with_margin(node.operator, Arithmetic("-", left, right), margin)


def _against(operator: str, value: Node, threshold: float) -> Node:
    low, high = number(threshold - slack(threshold)), number(threshold + slack(threshold))
    match operator:
        case "=":
            return Both((Comparison(">=", value, low), Comparison("<=", value, high)))
        case "<>":
            return Either((Comparison("<", value, low), Comparison(">", value, high)))
        case ">=" | "<":
            return Comparison(operator, value, low)
        case _:
            return Comparison(operator, value, high)


def _with_margin(operator: str, difference: Node, margin: Node) -> Node:
    under = Arithmetic("-", number(0.0), margin)
    match operator:
        case "=":
            return Comparison("<=", Call("abs", (difference,)), margin)
        case "<>":
            return Comparison(">", Call("abs", (difference,)), margin)
        case ">=" | "<":
            return Comparison(operator, difference, under)
        case _:
            return Comparison(operator, difference, margin)


def _call(node: Call, drifting: Collection[str]) -> Node:
    arguments = tuple(lower(argument, drifting) for argument in node.arguments)
    match node.function:
        case "floor":
            return _floor(arguments[0], exact=is_exact(node.arguments[0], drifting))
        case "ceil":
            inner = _floor(Arithmetic("-", number(0.0), arguments[0]), exact=is_exact(node.arguments[0], drifting))
            return Arithmetic("-", number(0.0), inner)
        case "round":
            return _round(arguments)
        case "years_between":
            return _years(*arguments)
        case _:
            return Call(node.function, arguments)


def _floor(value: Node, *, exact: bool) -> Node:
    if not exact:
        value = Arithmetic("+", value, Arithmetic("*", Call("abs", (value,)), number(TOLERANCE)))
    return Call("floor", (value,))


def _nearest(value: Node) -> Node:
    """The whole number nearest to a value that is not negative; halves go up."""
    scaled = Arithmetic("*", value, number(1.0 + TOLERANCE))
    return Call("floor", (Arithmetic("+", scaled, number(0.5)),))


def _round(arguments: tuple[Node, ...]) -> Node:
    value = arguments[0]
    places = arguments[1].value if len(arguments) == 2 and isinstance(arguments[1], Literal) else 0
    factor = number(10.0 ** int(places or 0))  # type: ignore[arg-type]
    size = Arithmetic("/", _nearest(Arithmetic("*", Call("abs", (value,)), factor)), factor)
    return Case(((Comparison("<", value, number(0.0)), Arithmetic("-", number(0.0), size)),), size)


def _years(start: Node, end: Node) -> Node:
    difference = Arithmetic("-", Call("year", (end,)), Call("year", (start,)))
    early = Comparison("<", Call("monthday", (end,)), Call("monthday", (start,)))
    return Arithmetic("-", difference, Case(((early, number(1.0)),), number(0.0)))

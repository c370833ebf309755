"""The same meaning with less to compute. Every rewriting holds for NULL too, and for every engine alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
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
    Today,
    Within,
)


def simplified(node: Node, today: date) -> Node:
    """A lowered expression in a shorter form."""
    match node:
        case Both(items) | Either(items):
            parts = tuple(dict.fromkeys(simplified(item, today) for item in items))
            return parts[0] if len(parts) == 1 else type(node)(parts)
        case Negation(item):
            inner = simplified(item, today)
            return inner.item if isinstance(inner, Negation) else Negation(inner)
        case Known(item):
            return _known(simplified(item, today))
        case Comparison(operator, left, right):
            short = Comparison(operator, simplified(left, today), simplified(right, today))
            return _anniversary(short, today) or short
        case Membership(item, _) | Within(item, _):
            return replace(node, item=simplified(item, today))
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, simplified(left, today), simplified(right, today))
        case Call(function, arguments):
            return _call(Call(function, tuple(simplified(part, today) for part in arguments)))
        case Case(branches, otherwise):
            return _case(
                [(simplified(condition, today), simplified(value, today)) for condition, value in branches],
                simplified(otherwise, today),
            )
        case _:
            return node


def _known(item: Node) -> Node:
    """What has a value exactly where all its parts have one is asked part by part, each once."""
    parts = tuple(dict.fromkeys(_strict_parts(item)))
    if not parts:
        return Literal(True, "TRUE")
    return Known(parts[0]) if len(parts) == 1 else Both(tuple(Known(part) for part in parts))


def _strict_parts(item: Node) -> list[Node]:
    match item:
        case Comparison(_, left, right) | Arithmetic("+" | "-" | "*", left, right):
            return [*_strict_parts(left), *_strict_parts(right)]
        case Negation(inner) | Membership(inner, _) | Within(inner, _):
            return _strict_parts(inner)
        case Call("abs" | "floor" | "year" | "monthday", (inner,)):
            return _strict_parts(inner)
        case Literal(value) if value is not None:
            return []
        case Today():
            return []
    return [item]


def _case(branches: list[tuple[Node, Node]], otherwise: Node) -> Node:
    """Branches that an earlier one has decided already go."""
    kept: dict[Node, Node] = {}
    for condition, value in branches:
        if isinstance(condition, Literal) and condition.value is not True:
            continue
        kept.setdefault(condition, value)
    return Case(tuple(kept.items()), otherwise) if kept else otherwise


def _call(node: Call) -> Node:
    """Fixed amounts are worked out once: the whole of a CASE is the CASE of its wholes."""
    match node:
        case Call("whole", (Call("floor", (Arithmetic("+", Arithmetic("*", inner, factor), half),)),)):
            if isinstance(inner, Case) and all(isinstance(v, Literal) for v in (*_values(inner), factor, half)):
                return _wholes(inner, factor.value, half.value)  # type: ignore[union-attr,arg-type]
    return node


def _values(node: Case) -> list[Node]:
    return [*(value for _, value in node.branches), node.otherwise]


def _wholes(node: Case, factor: float, half: float) -> Node:
    def whole(value: Node) -> Node:
        number = value.value if isinstance(value, Literal) else None
        if not isinstance(number, float):
            return Call("whole", (value,))
        fen = math.floor(number * factor + half)
        return Literal(fen, str(fen))

    return Case(tuple((condition, whole(value)) for condition, value in node.branches), whole(node.otherwise))


def _anniversary(node: Comparison, today: date) -> Node | None:
    """“At least so many full years old today” is a day of birth not later than one day: no calendar is needed."""
    match node:
        case Comparison(
            operator,
            Arithmetic(
                "-",
                Arithmetic("-", Call("year", (Today(),)), Call("year", (start,))),
                Case(((Comparison("<", Call("monthday", (Today(),)), Call("monthday", (same,))), _),), _),
            ),
            Literal(float() as years),
        ) if same == start:
            pass
        case _:
            return None
    full = math.ceil(years) if operator in {">=", "<"} else math.floor(years) + 1
    if operator in {"=", "<>"} or not 1 <= today.year - full <= 9999:
        return None
    latest = _years_before(today, full)
    return Comparison("<=" if operator in {">=", ">"} else ">", start, Literal(latest, f"DATE '{latest}'"))


def _years_before(today: date, years: int) -> date:
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def floors(criteria: tuple[Node, ...]) -> Mapping[str, float]:
    """Column → what it is at least, where all the criteria hold."""
    found: dict[str, float] = {}
    for node in criteria:
        match node:
            case Comparison(">" | ">=" | "=", Column(name), Literal(float() as value)):
                found[name] = max(value, found.get(name, -math.inf))
    return found

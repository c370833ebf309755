"""Expressions in plain Python: one subject at a time, for explanations, in microseconds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
    branch_of,
)

Value = float | str | bool | date | None
Facts = Mapping[str, Value]
Evaluator = Callable[[Facts], Value]

_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,  # type: ignore[operator]
    "<=": lambda left, right: left <= right,  # type: ignore[operator]
    ">": lambda left, right: left > right,  # type: ignore[operator]
    ">=": lambda left, right: left >= right,  # type: ignore[operator]
}


def compiled(node: Node, today: date) -> Evaluator:
    """A function from facts (None or absent: unknown) to the value of a lowered expression."""
    match node:
        case Literal(value):
            return lambda facts: value
        case Column(name):
            return lambda facts: facts.get(name)
        case Today():
            return lambda facts: today
        case Both(items):
            return _junction([compiled(item, today) for item in items], decisive=False)
        case Either(items):
            return _junction([compiled(item, today) for item in items], decisive=True)
        case Negation(item):
            return _strict(compiled(item, today), lambda value: not value)
        case Known(item):
            inner = compiled(item, today)
            return lambda facts: inner(facts) is not None
        case Membership(item, choices):
            allowed = frozenset(choice.value for choice in choices)
            return _strict(compiled(item, today), lambda value: value in allowed)
        case Within(item, codes):
            stems = tuple(branch_of(code) for code in codes)
            return _strict(compiled(item, today), lambda value: str(value).startswith(stems))
        case Comparison(operator, left, right):
            return _binary(compiled(left, today), compiled(right, today), _COMPARE[operator])
        case Arithmetic(operator, left, right):
            return _binary(compiled(left, today), compiled(right, today), _ARITHMETIC[operator])
        case Call(function, arguments):
            return _called(function, [compiled(argument, today) for argument in arguments])
        case Case(branches, otherwise):
            return _case(
                [(compiled(condition, today), compiled(value, today)) for condition, value in branches],
                compiled(otherwise, today),
            )
    raise TypeError(node)


def _divided(left: Value, right: Value) -> Value:
    return None if right == 0 else left / right  # type: ignore[operator]


_ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda left, right: left + right,  # type: ignore[operator]
    "-": lambda left, right: left - right,  # type: ignore[operator,dict-item,return-value]
    "*": lambda left, right: left * right,  # type: ignore[operator]
    "/": _divided,
}


def _junction(items: list[Evaluator], *, decisive: bool) -> Evaluator:
    def evaluate(facts: Facts) -> Value:
        unknown = False
        for item in items:
            value = item(facts)
            if value is None:
                unknown = True
            elif value is decisive:
                return decisive
        return None if unknown else not decisive

    return evaluate


def _strict(inner: Evaluator, apply: Callable[[Value], Value]) -> Evaluator:
    def evaluate(facts: Facts) -> Value:
        value = inner(facts)
        return None if value is None else apply(value)

    return evaluate


def _binary(left: Evaluator, right: Evaluator, apply: Callable[[Value, Value], Value]) -> Evaluator:
    def evaluate(facts: Facts) -> Value:
        one = left(facts)
        if one is None:
            return None
        other = right(facts)
        return None if other is None else apply(one, other)

    return evaluate


def _case(branches: list[tuple[Evaluator, Evaluator]], otherwise: Evaluator) -> Evaluator:
    def evaluate(facts: Facts) -> Value:
        for condition, value in branches:
            if condition(facts) is True:
                return value(facts)
        return otherwise(facts)

    return evaluate


def _called(function: str, arguments: list[Evaluator]) -> Evaluator:
    first = arguments[0]
    match function:
        case "least" | "greatest":
            choose = min if function == "least" else max
            return lambda facts: choose(known, default=None) if (known := _known(arguments, facts)) else None
        case "coalesce":
            return lambda facts: next((value for part in arguments if (value := part(facts)) is not None), None)
        case "nullif":
            other = arguments[1]
            return lambda facts: None if (value := first(facts)) == other(facts) else value
        case "abs":
            return _strict(first, lambda value: abs(value))  # type: ignore[arg-type]
        case "floor":
            return _strict(first, lambda value: float(math.floor(value)) if math.isfinite(value) else value)  # type: ignore[arg-type]
        case "whole":
            return _strict(first, lambda value: int(value) if math.isfinite(value) else None)  # type: ignore[arg-type]
        case "year":
            return _strict(first, lambda value: float(value.year))  # type: ignore[union-attr]
        case "monthday":
            return _strict(first, lambda value: value.month * 100.0 + value.day)  # type: ignore[union-attr]
    raise ValueError(function)


def _known(arguments: list[Evaluator], facts: Facts) -> list[float]:
    return [value for part in arguments if (value := part(facts)) is not None]  # type: ignore[misc]

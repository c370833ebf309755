"""Expressions on Polars: batches of any size, one expression tree for the whole rule set."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import and_, or_

import polars as pl

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
from kechuang.engines.rules.kinds import Kind

DTYPES: dict[Kind, pl.DataType] = {
    Kind.NUMBER: pl.Float64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.TEXT: pl.String(),
    Kind.DATE: pl.Date(),
}

_KINDS = {kind.value: kind for kind in Kind}


def translate(node: Node, today: date, kind: Kind | None = None) -> pl.Expr:
    """A lowered expression as a Polars one. ``kind`` types a NULL that stands alone."""
    match node:
        case Literal(None, text):
            return pl.lit(None, dtype=DTYPES[_KINDS.get(text) or kind or Kind.NUMBER])
        case Literal(int(value)) if not isinstance(value, bool):
            return pl.lit(value, dtype=pl.Int64)
        case Literal(value):
            return pl.lit(value)
        case Column(name):
            return pl.col(name)
        case Today():
            return pl.lit(today)
        case Both(items):
            return reduce(and_, (translate(item, today, Kind.BOOLEAN) for item in items))
        case Either(items):
            return reduce(or_, (translate(item, today, Kind.BOOLEAN) for item in items))
        case Negation(item):
            return ~translate(item, today, Kind.BOOLEAN)
        case Known(item):
            return translate(item, today).is_not_null()
        case Membership(item, choices):
            return translate(item, today).is_in([choice.value for choice in choices])
        case Within(item, codes):
            code = translate(item, today, Kind.TEXT)
            return reduce(or_, (code.str.starts_with(branch_of(wanted)) for wanted in codes))
        case Comparison(operator, left, right):
            return _compared(operator, translate(left, today), translate(right, today))
        case Arithmetic(operator, left, right):
            return _calculated(operator, node, translate(left, today), translate(right, today))
        case Call("whole", (Call("floor", (value,)),)):
            # Amounts are not negative: the cast cuts off what the floor would.
            return translate(value, today).cast(pl.Int64, wrap_numerical=True)
        case Call(function, arguments):
            return _called(function, [translate(argument, today, kind) for argument in arguments])
        case Case(((Negation(Known(value)), nothing),), otherwise) if (
            _is_nothing(nothing) and (capped := _capped(value, otherwise, today)) is not None
        ):
            return capped
        case Case(branches, otherwise):
            if len(branches) == 1 and _is_nothing(otherwise):
                condition, then = branches[0]
                return pl.when(translate(condition, today, Kind.BOOLEAN)).then(translate(then, today, kind))
            result = translate(otherwise, today, kind)
            for condition, then in reversed(branches):
                result = (
                    pl.when(translate(condition, today, Kind.BOOLEAN))
                    .then(translate(then, today, kind))
                    .otherwise(result)
                )
            return result
    raise TypeError(node)


def _is_nothing(node: Node) -> bool:
    """NULL, of whatever kind: what a CASE without ELSE gives."""
    match node:
        case Literal(None) | Call("whole", (Literal(None),)):
            return True
    return False


def _capped(value: Node, otherwise: Node, today: date) -> pl.Expr | None:
    """``CASE WHEN value IS NULL THEN NULL ELSE LEAST(value, constant) END`` in one comparison; None for all else."""
    match otherwise:
        case Call("least" | "greatest" as function, (inner, Literal(float() as limit))) if inner == value:
            own = translate(value, today)
            beyond = own > limit if function == "least" else own < limit
            return pl.when(beyond).then(limit).otherwise(own)
    return None


def _smaller(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when((left <= right) | right.is_null()).then(left).otherwise(right)


def _larger(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when((left >= right) | right.is_null()).then(left).otherwise(right)


def _compared(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _calculated(operator: str, node: Arithmetic, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if isinstance(node.right, Literal) and node.right.value:
        return left / right
    return pl.when(right != 0.0).then(left / right)


def _called(function: str, arguments: list[pl.Expr]) -> pl.Expr:
    first = arguments[0]
    match function:
        case "least":
            return reduce(_smaller, arguments)
        case "greatest":
            return reduce(_larger, arguments)
        case "coalesce":
            return pl.coalesce(arguments)
        case "nullif":
            return pl.when((first == arguments[1]).fill_null(value=False)).then(None).otherwise(first)
        case "abs":
            return first.abs()
        case "floor":
            return first.floor()
        case "whole":
            return first.cast(pl.Int64, wrap_numerical=True)
        case "year":
            return first.dt.year().cast(pl.Float64)
        case "monthday":
            return (first.dt.month().cast(pl.Float64) * 100.0) + first.dt.day().cast(pl.Float64)
    raise ValueError(function)

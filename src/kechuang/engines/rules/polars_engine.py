"""Expressions on Polars: batches of any size, one expression tree for the whole rule set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


def translate(
    node: Node, today: date, kind: Kind | None = None, codes: Mapping[str, Sequence[str]] | None = None
) -> pl.Expr:
    """A lowered expression as a Polars one. ``kind`` types a NULL that stands alone; ``codes``: the columns that are
    Enums, with their categories."""
    return _Translation(today, codes or {}).of(node, kind)


def categories(schema: Mapping[str, pl.DataType]) -> dict[str, Sequence[str]]:
    """The Enum columns of a frame with their categories, as :func:`translate` wants them."""
    return {name: dtype.categories.to_list() for name, dtype in schema.items() if isinstance(dtype, pl.Enum)}


@dataclass(frozen=True, slots=True)
class _Translation:
    today: date
    codes: Mapping[str, Sequence[str]]

    def of(self, node: Node, kind: Kind | None = None) -> pl.Expr:
        match node:
            case Literal(None, text):
                return pl.lit(None, dtype=DTYPES[_KINDS.get(text) or kind or Kind.NUMBER])
            case Literal(int(value)) if not isinstance(value, bool):
                return pl.lit(value, dtype=pl.Int64)
            case Literal(value):
                return pl.lit(value)
            case Column(name):
                return pl.col(name).cast(pl.String) if name in self.codes else pl.col(name)
            case Today():
                return pl.lit(self.today)
            case Both(items):
                return reduce(and_, (self.of(item, Kind.BOOLEAN) for item in items))
            case Either(items):
                return reduce(or_, (self.of(item, Kind.BOOLEAN) for item in items))
            case Negation(item):
                return ~self.of(item, Kind.BOOLEAN)
            case Known(Column(name)):
                return pl.col(name).is_not_null()
            case Known(item):
                return self.of(item).is_not_null()
            case Membership() | Within() | Comparison():
                return self._condition(node)
            case Arithmetic(operator, left, right):
                return _calculated(operator, node, self.of(left), self.of(right))
            case Call("whole", (Call("floor", (value,)),)):
                # Amounts are not negative: the cast cuts off what the floor would.
                return self.of(value).cast(pl.Int64, wrap_numerical=True)
            case Call(function, arguments):
                return _called(function, [self.of(argument, kind) for argument in arguments])
            case Case():
                return self._case(node, kind)
        raise TypeError(node)

    def _condition(self, node: Membership | Within | Comparison) -> pl.Expr:
        match node:
            case Membership(Column(name), choices) if name in self.codes:
                wanted = {choice.value for choice in choices}
                return self._among(name, lambda code: code in wanted)
            case Membership(item, choices):
                return self.of(item).is_in([choice.value for choice in choices])
            case Within(Column(name), codes) if name in self.codes:
                branches = tuple(branch_of(wanted) for wanted in codes)
                return self._among(name, lambda code: code.startswith(branches))
            case Within(item, codes):
                code = self.of(item, Kind.TEXT)
                return reduce(or_, (code.str.starts_with(branch_of(wanted)) for wanted in codes))
            case Comparison("=" | "<>" as operator, Column(name), Literal(str() as text)) if name in self.codes:
                return self._among(name, lambda code: (code == text) is (operator == "="))
        return _compared(node.operator, self.of(node.left), self.of(node.right))

    def _among(self, name: str, wanted: Callable[[str], bool]) -> pl.Expr:
        """Whether a code is one of those wanted: a comparison of numbers, where the categories are in order one or
        two. Asked of the categories once and not of every row."""
        places = [place for place, code in enumerate(self.codes[name]) if wanted(code)]
        number = pl.col(name).to_physical()
        if not places:
            return number < 0
        first, last = places[0], places[-1]
        if len(places) == last - first + 1:
            return number == first if first == last else (number >= first) & (number <= last)
        return number.is_in(places)

    def _is_never(self, name: str, choices: tuple[Literal, ...]) -> bool:
        """No subject has one of these codes."""
        return name in self.codes and not {choice.value for choice in choices}.intersection(self.codes[name])

    def _case(self, node: Case, kind: Kind | None) -> pl.Expr:
        match node:
            case Case(((Negation(Known(value)), nothing),), otherwise) if _is_nothing(nothing):
                if (capped := self._capped(value, otherwise)) is not None:
                    return capped
            case Case(((Membership(Column(name), choices), _),), otherwise) if self._is_never(name, choices):
                return self.of(otherwise, kind)
            case Case(((condition, then),), otherwise) if _is_nothing(otherwise):
                return pl.when(self.of(condition, Kind.BOOLEAN)).then(self.of(then, kind))
        result = self.of(node.otherwise, kind)
        for condition, then in reversed(node.branches):
            result = pl.when(self.of(condition, Kind.BOOLEAN)).then(self.of(then, kind)).otherwise(result)
        return result

    def _capped(self, value: Node, otherwise: Node) -> pl.Expr | None:
        """``CASE WHEN value IS NULL THEN NULL ELSE LEAST(value, constant) END`` in one comparison; None for all
        else."""
        match otherwise:
            case Call("least" | "greatest" as function, (inner, Literal(float() as limit))) if inner == value:
                own = self.of(value)
                beyond = own > limit if function == "least" else own < limit
                return pl.when(beyond).then(limit).otherwise(own)
        return None


def _is_nothing(node: Node) -> bool:
    """NULL, of whatever kind: what a CASE without ELSE gives."""
    match node:
        case Literal(None) | Call("whole", (Literal(None),)):
            return True
    return False


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

"""Which kind of value each part of an expression has, and which kind it demands of the columns it reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

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
    RuleError,
    Today,
    Within,
    columns,
)


class Kind(StrEnum):
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"


_WORDS = {Kind.NUMBER: "a number", Kind.BOOLEAN: "yes or no", Kind.TEXT: "a text", Kind.DATE: "a day"}


class Kinds:
    """The kinds of columns, as declared and as expressions use them: :meth:`demand` of each, then :meth:`finish`."""

    def __init__(self, declared: Mapping[str, Kind] | None = None) -> None:
        self.of_column: dict[str, Kind] = dict(declared or {})

    def demand(self, node: Node, expected: Kind | None) -> None:
        """Spread what is known so far through one expression. Raises :class:`RuleError` on a contradiction."""
        self._demand(node, expected)

    def finish(self, expressions: Iterable[Node]) -> None:
        """Whatever is still open is only compared with its like, or only asked whether it is known: numbers."""
        for node in expressions:
            for name in columns(node):
                self.of_column.setdefault(name, Kind.NUMBER)

    def kind(self, node: Node) -> Kind | None:
        """The kind of a settled expression; None for NULL alone."""
        return self._known(node)

    def _known(self, node: Node) -> Kind | None:
        match node:
            case Literal(value):
                return _kind_of_value(value)
            case Column(name):
                return self.of_column.get(name)
            case Today():
                return Kind.DATE
            case Both() | Either() | Negation() | Comparison() | Membership() | Within() | Known():
                return Kind.BOOLEAN
            case Arithmetic() | Call(function="abs" | "floor" | "ceil" | "round" | "year" | "years_between"):
                return Kind.NUMBER
            case Call(_, arguments):
                return next((known for part in arguments if (known := self._known(part))), None)
            case Case(branches, otherwise):
                values = [*(value for _, value in branches), otherwise]
                return next((known for part in values if (known := self._known(part))), None)
        raise TypeError(node)

    def _demand(self, node: Node, expected: Kind | None) -> None:
        known = self._known(node)
        if expected and known and known != expected:
            raise RuleError(
                f"{_said(node)} is {_WORDS[known]}, and {_WORDS[expected]} is needed",
                mend="Compare numbers with numbers, codes with codes in quotes, days with DATE '2025-12-31'",
                code="kind",
            )
        if isinstance(node, Column) and expected:
            self.of_column[node.name] = expected
        self._demand_below(node, expected)

    def _demand_below(self, node: Node, expected: Kind | None) -> None:
        match node:
            case Both(items) | Either(items):
                for item in items:
                    self._demand(item, Kind.BOOLEAN)
            case Negation(item):
                self._demand(item, Kind.BOOLEAN)
            case Known(item):
                self._demand(item, None)
            case Within(item, _):
                self._demand(item, Kind.TEXT)
            case Membership(item, choices):
                self._alike([item, *choices], None)
            case Comparison(operator, left, right):
                self._alike([left, right], None)
                if operator not in {"=", "<>"} and Kind.TEXT in {self._known(left), self._known(right)}:
                    raise RuleError("texts have no order", mend="Use =, <> or IN with texts", code="kind")
            case Arithmetic(_, left, right):
                self._demand(left, Kind.NUMBER)
                self._demand(right, Kind.NUMBER)
            case Call(function, arguments):
                self._call(function, arguments, expected)
            case Case(branches, otherwise):
                for condition, _ in branches:
                    self._demand(condition, Kind.BOOLEAN)
                self._alike([*(value for _, value in branches), otherwise], expected)

    def _call(self, function: str, arguments: tuple[Node, ...], expected: Kind | None) -> None:
        if function in {"least", "greatest", "coalesce", "nullif"}:
            self._alike(list(arguments), expected)
            return
        wanted = Kind.DATE if function in {"year", "years_between"} else Kind.NUMBER
        for argument in arguments:
            self._demand(argument, wanted)

    def _alike(self, parts: list[Node], expected: Kind | None) -> None:
        known = expected or next((found for part in parts if (found := self._known(part))), None)
        for part in parts:
            self._demand(part, known)


def _kind_of_value(value: float | str | bool | date | None) -> Kind | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.DATE if isinstance(value, date) else Kind.NUMBER


def _said(node: Node) -> str:
    if isinstance(node, Column):
        return node.name
    return node.text if isinstance(node, Literal) else "this part"

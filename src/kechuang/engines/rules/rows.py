"""Conditions as rows of a table: indicator, operator, value. A row is the SQL text in another dress, both ways.

What has no such row (arithmetic, OR, functions) stays SQL: :func:`row_of` answers None and never approximates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kechuang.engines.rules.expression import (
    Both,
    Column,
    Comparison,
    Known,
    Literal,
    Membership,
    Negation,
    Node,
    RuleError,
    Today,
    Within,
    parse,
)
from kechuang.engines.rules.kinds import Kind

Operand = Literal | Column | Today
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Operator(StrEnum):
    """What a row can say; the value is what stands in files and forms."""

    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    NOT_IN = "not in"
    BETWEEN = "between"
    KNOWN = "is known"
    UNKNOWN = "is unknown"
    TRUE = "is true"
    FALSE = "is false"
    WITHIN = "within"
    NOT_WITHIN = "not within"


_COMPARE = {Operator.EQUAL, Operator.UNEQUAL, Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST}
_BARE_WORDS = {
    Operator.KNOWN: "{} IS NOT NULL",
    Operator.UNKNOWN: "{} IS NULL",
    Operator.TRUE: "{}",
    Operator.FALSE: "NOT {}",
}
_FITTING: dict[Kind, tuple[Operator, ...]] = {
    Kind.NUMBER: (*(op for op in Operator if op in _COMPARE), Operator.BETWEEN, Operator.IN, Operator.NOT_IN),
    Kind.DATE: (*(op for op in Operator if op in _COMPARE), Operator.BETWEEN),
    Kind.TEXT: (
        Operator.EQUAL,
        Operator.UNEQUAL,
        Operator.IN,
        Operator.NOT_IN,
        Operator.WITHIN,
        Operator.NOT_WITHIN,
    ),
    Kind.BOOLEAN: (Operator.TRUE, Operator.FALSE),
}


@dataclass(frozen=True, slots=True)
class Row:
    """``values``: none for is known … is false, two for between, one or more for in and within, else one.

    “is true” and “is false” leave an unknown unknown, as the bare indicator and its NOT do.
    """

    indicator: str
    operator: Operator
    values: tuple[Operand, ...] = ()

    def __post_init__(self) -> None:
        wanted = _COUNTS.get(self.operator, (1, 1))
        if not wanted[0] <= len(self.values) <= wanted[1]:
            raise RuleError(
                f"“{self.operator}” does not go with {len(self.values)} values",
                place=self.indicator,
                mend=f"Give {wanted[0]}" if wanted[0] == wanted[1] else "Give at least one",
                code="form",
            )


_COUNTS = {
    **dict.fromkeys(_BARE_WORDS, (0, 0)),
    Operator.BETWEEN: (2, 2),
    **dict.fromkeys((Operator.IN, Operator.NOT_IN, Operator.WITHIN, Operator.NOT_WITHIN), (1, 10_000)),
}


def operators_for(kind: Kind) -> tuple[Operator, ...]:
    """The operators that an editor offers for an indicator of a kind."""
    return (*_FITTING[kind], Operator.KNOWN, Operator.UNKNOWN)


def row_of(text: str) -> Row | None:
    """The row of a condition; None where it has none, or where it is no expression at all.

    What comes back says exactly the same: the row's text has the very syntax tree of ``text``.
    """
    try:
        node = parse(text)
        row = _row(node)
        return row if row is not None and parse(text_of(row)) == node else None
    except RuleError:
        return None


def text_of(row: Row) -> str:
    """The SQL of a row. Raises :class:`RuleError` where the row says something that no rule may say."""
    text = _text(row)
    node = parse(text)
    if _row(node) != row:
        raise RuleError(f"“{text}” does not say what the row says", place=row.indicator, mend="Check the value")
    return text


def value_of(text: str, kind: Kind) -> Operand:
    """A value as typed into a form: ``20000000``, ``-0.5``, ``C39``, ``2025-12-31``, ``CURRENT_DATE``, ``true``.

    Raises :class:`RuleError` where it is not of the kind.
    """
    text = text.strip()
    if kind == Kind.TEXT:
        return Literal(text, f"'{text}'")
    if kind == Kind.DATE and text.upper() != "CURRENT_DATE":
        return _day(text)
    wanted = {Kind.NUMBER: "a number", Kind.BOOLEAN: "yes or no", Kind.DATE: "a day"}[kind]
    try:
        node = parse(text)
    except RuleError:
        node = None
    if isinstance(node, Today) and kind == Kind.DATE:
        return node
    if isinstance(node, Literal) and isinstance(node.value, bool if kind == Kind.BOOLEAN else float):
        return node
    raise RuleError(f"“{text}” is not {wanted}", code="kind")


def _day(text: str) -> Literal:
    try:
        return Literal(date.fromisoformat(text), f"DATE '{text}'")
    except ValueError:
        raise RuleError(f"“{text}” is not a day", mend="Write 2025-12-31", code="kind") from None


def _row(node: Node) -> Row | None:
    match node:
        case Column(name):
            return Row(name, Operator.TRUE)
        case Comparison(operator, Column(name), Literal() | Column() | Today() as value):
            return Row(name, Operator(operator), (value,))
        case Membership(Column(name), choices):
            return Row(name, Operator.IN, choices)
        case Within(Column(name), codes):
            return Row(name, Operator.WITHIN, _quoted(codes))
        case Both((Comparison(">=", Column(name), low), Comparison("<=", Column(other), high))) if name == other:
            if isinstance(low, Operand) and isinstance(high, Operand):
                return Row(name, Operator.BETWEEN, (low, high))
        case Known(Column(name)):
            return Row(name, Operator.KNOWN)
        case Negation(Known(Column(name))):
            return Row(name, Operator.UNKNOWN)
        case Negation(Column(name)):
            return Row(name, Operator.FALSE)
        case Negation(Membership(Column(name), choices)):
            return Row(name, Operator.NOT_IN, choices)
        case Negation(Within(Column(name), codes)):
            return Row(name, Operator.NOT_WITHIN, _quoted(codes))
    return None


def _quoted(codes: tuple[str, ...]) -> tuple[Literal, ...]:
    return tuple(Literal(code, f"'{code}'") for code in codes)


def _text(row: Row) -> str:
    name, values = _name(row.indicator), [_operand(value) for value in row.values]
    match row.operator:
        case Operator.KNOWN | Operator.UNKNOWN | Operator.TRUE | Operator.FALSE:
            return _BARE_WORDS[row.operator].format(name)
        case Operator.IN | Operator.NOT_IN:
            return f"{name} {row.operator.upper()} ({', '.join(values)})"
        case Operator.BETWEEN:
            return f"{name} BETWEEN {values[0]} AND {values[1]}"
        case Operator.WITHIN:
            return f"within({name}, {', '.join(values)})"
        case Operator.NOT_WITHIN:
            return f"NOT within({name}, {', '.join(values)})"
        case _:
            return f"{name} {row.operator} {values[0]}"


def _operand(value: Operand) -> str:
    match value:
        case Today():
            return "CURRENT_DATE"
        case Column(name):
            return _name(name)
        case Literal(bool() as truth):
            return str(truth).upper()
        case Literal(str() as text):
            return "'" + text.replace("'", "''") + "'"
        case Literal(date() as day):
            return f"DATE '{day.isoformat()}'"
        case Literal(None):
            return "NULL"
        case Literal(_, text):
            return text
    raise TypeError(value)


def _name(code: str) -> str:
    if _BARE.fullmatch(code) and _reads(code, code):
        return code
    return '"' + code.replace('"', '""') + '"'


def _reads(text: str, code: str) -> bool:
    try:
        # A word that SQL keeps for itself may read well alone and badly in company.
        return parse(text) == Column(code) and parse(f"NOT {text} AND {text} >= {text}") == Both(
            (Negation(Column(code)), Comparison(">=", Column(code), Column(code)))
        )
    except RuleError:
        return False

"""Lowered expressions as the SQL of PostgreSQL or of Spark.

The text holds nothing that an author typed but constants, quoted; columns go by names that this module's caller gives
out. A NULL has to carry its kind (see :func:`~.plan.typed`), and every number its type, so that neither database
infers anything by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

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
from kechuang.engines.rules.plan import KINDS, Plan, Stage, kind_of

FRACTIONS_END = 2.0**52
"""Doubles from here on have no fraction."""


class Dialect(Protocol):
    """What the two databases write differently."""

    types: Mapping[Kind, str]
    whole: str

    def name(self, name: str) -> str:
        """A column's name, quoted."""

    def text(self, value: str) -> str:
        """A text constant."""

    def double(self, value: float) -> str:
        """A number constant of double precision."""

    def starts(self, value: str, prefix: str) -> str:
        """That a text begins with another."""

    def floor(self, value: str) -> str:
        """The whole number below, in double precision."""

    def ordered(self, value: str, kind: Kind | None) -> str:
        """A value as LEAST and GREATEST compare it: texts by code point."""


class Postgres:
    """PostgreSQL 12 and later, with ``standard_conforming_strings`` on."""

    types: Mapping[Kind, str] = {
        Kind.NUMBER: "double precision",
        Kind.BOOLEAN: "boolean",
        Kind.TEXT: "text",
        Kind.DATE: "date",
    }
    whole = "bigint"

    def name(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        # PostgreSQL holds no NUL; facts lose it on their way in (see postgres_engine), and so do constants.
        return "'" + value.replace("\0", "\ufffd").replace("'", "''") + "'"

    def double(self, value: float) -> str:
        return f"CAST('{value!r}' AS double precision)"

    def starts(self, value: str, prefix: str) -> str:
        return f"starts_with({value}, {prefix})"

    def floor(self, value: str) -> str:
        return f"floor({value})"

    def ordered(self, value: str, kind: Kind | None) -> str:
        return f'({value} COLLATE "C")' if kind is Kind.TEXT else value


class Spark:
    """Spark SQL 3.4 and later, whether ``spark.sql.ansi.enabled`` is on or off."""

    types: Mapping[Kind, str] = {
        Kind.NUMBER: "DOUBLE",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.TEXT: "STRING",
        Kind.DATE: "DATE",
    }
    whole = "BIGINT"

    def name(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def text(self, value: str) -> str:
        # Whatever is not a plain letter or digit is written by its number: no escape, no ${variable} is left to read.
        units = value.encode("utf-16-be")
        pairs = (units[i : i + 2] for i in range(0, len(units), 2))
        return "'" + "".join(_spark_character(int.from_bytes(pair, "big")) for pair in pairs) + "'"

    def double(self, value: float) -> str:
        return f"CAST('{value!r}' AS DOUBLE)"

    def starts(self, value: str, prefix: str) -> str:
        return f"startswith({value}, {prefix})"

    def floor(self, value: str) -> str:
        # Spark's floor gives a BIGINT, which holds no double beyond 2⁶³.
        beyond = f"abs({value}) >= {self.double(FRACTIONS_END)}"
        return f"CASE WHEN {beyond} THEN {value} ELSE CAST(floor({value}) AS DOUBLE) END"

    def ordered(self, value: str, kind: Kind | None) -> str:
        return value


def _spark_character(unit: int) -> str:
    character = chr(unit)
    return character if character.isascii() and character.isalnum() else f"\\u{unit:04X}"


@dataclass(frozen=True)
class Translator:
    """``names``: column of the plan → its name in the database. ``kinds``: the kinds of the columns."""

    dialect: Dialect
    today: date
    names: Mapping[str, str]
    kinds: Mapping[str, Kind]

    def sql(self, node: Node) -> str:
        """A lowered, typed expression; always in brackets or a single term. Raises TypeError on any other."""
        match node:
            case Literal():
                return self._literal(node)
            case Column(name):
                return self.dialect.name(self.names[name])
            case Today():
                return f"DATE '{self.today.isoformat()}'"
            case Both(items):
                return f"({' AND '.join(map(self.sql, items))})"
            case Either(items):
                return f"({' OR '.join(map(self.sql, items))})"
            case Negation(item):
                return f"(NOT {self.sql(item)})"
            case Known(item):
                return f"({self.sql(item)} IS NOT NULL)"
            case Membership(item, choices):
                return f"({self.sql(item)} IN ({', '.join(map(self.sql, choices))}))"
            case Within(item, codes):
                return self._within(self.sql(item), codes)
            case Comparison(operator, left, right):
                return f"({self.sql(left)} {operator} {self.sql(right)})"
            case Arithmetic("/", left, right):
                return f"({self.sql(left)} / NULLIF({self.sql(right)}, {self.dialect.double(0.0)}))"
            case Arithmetic(operator, left, right):
                return f"({self.sql(left)} {operator} {self.sql(right)})"
            case Call(function, arguments):
                return self._call(function, arguments)
            case Case(branches, otherwise):
                parts = (f"WHEN {self.sql(condition)} THEN {self.sql(value)}" for condition, value in branches)
                return f"(CASE {' '.join(parts)} ELSE {self.sql(otherwise)} END)"
        raise TypeError(node)

    def _literal(self, literal: Literal) -> str:
        value = literal.value
        match value:
            case None:
                return f"CAST(NULL AS {self.dialect.types[KINDS.get(literal.text, Kind.NUMBER)]})"
            case bool():
                return "TRUE" if value else "FALSE"
            case int():
                return f"CAST({value} AS {self.dialect.whole})"
            case float():
                return self.dialect.double(value)
            case str():
                return self.dialect.text(value)
        return f"DATE '{value.isoformat()}'"

    def _within(self, code: str, codes: tuple[str, ...]) -> str:
        parts = (self.dialect.starts(code, self.dialect.text(branch_of(wanted))) for wanted in codes)
        return f"({' OR '.join(parts)})"

    def _call(self, function: str, arguments: tuple[Node, ...]) -> str:
        parts = [self.sql(argument) for argument in arguments]
        first = parts[0]
        match function:
            case "least" | "greatest" | "coalesce" if len(parts) == 1:
                return first
            case "least" | "greatest":
                kind = next((found for part in arguments if (found := kind_of(part, self.kinds))), None)
                return f"{function.upper()}({', '.join(self.dialect.ordered(part, kind) for part in parts)})"
            case "coalesce" | "nullif":
                return f"{function.upper()}({', '.join(parts)})"
            case "abs":
                return f"abs({first})"
            case "floor":
                return f"({self.dialect.floor(first)})"
            case "whole":
                return f"CAST({first} AS {self.dialect.whole})"
        double = self.dialect.types[Kind.NUMBER]
        if function == "year":
            return f"CAST(EXTRACT(YEAR FROM {first}) AS {double})"
        if function == "monthday":
            return f"CAST(EXTRACT(MONTH FROM {first}) * 100 + EXTRACT(DAY FROM {first}) AS {double})"
        raise ValueError(function)


@dataclass(frozen=True)
class Script:
    """A plan in SQL. ``inputs``: name in the database → column of the frame; ``types`` of these in that order.

    ``stages``: for each, (name, expression) pairs. ``results``: (name in the database, name in the result).
    """

    inputs: Mapping[str, str]
    types: Mapping[str, str]
    stages: tuple[tuple[tuple[str, str], ...], ...]
    results: tuple[tuple[str, str], ...]


def script(plan: Plan, dialect: Dialect) -> Script:
    """The expressions of a plan with short names for its columns: databases cut long ones and may fold their case."""
    names: dict[str, str] = {}
    kinds = dict(plan.inputs)
    for name in (*plan.inputs, *(name for stage in plan.stages for name, _ in stage)):
        names[name] = f"c{len(names)}"
    translator = Translator(dialect, plan.today, names, kinds)
    stages: list[tuple[tuple[str, str], ...]] = []
    for stage in plan.stages:
        stages.append(tuple((names[name], translator.sql(node)) for name, node in stage))
        kinds.update(_kinds(stage, kinds))
    return Script(
        {names[name]: name for name in plan.inputs},
        {names[name]: dialect.types[kind] for name, kind in plan.inputs.items()},
        tuple(stages),
        tuple((names[column], name) for name, column in plan.results()),
    )


def _kinds(stage: Stage, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    return {name: kind_of(node, kinds) or Kind.NUMBER for name, node in stage}

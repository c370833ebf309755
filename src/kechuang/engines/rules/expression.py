"""The expressions that rules are written in: a small, closed subset of SQL as PostgreSQL reads it.

``parse`` turns a text into nodes of this module and into nothing else, so that what an author types can reach a column
or a constant and nothing beyond. The text is read by sqlglot; every node that has no counterpart here is refused with
its place. Numbers are IEEE double precision in every engine; the literal keeps the decimal as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MAX_LENGTH = 4000
MAX_DEPTH = 60


class RuleError(Exception):
    """A rule that cannot be used. ``place`` names rule and part, ``mend`` says what would help."""

    def __init__(self, problem: str, *, place: str = "", mend: str = "", code: str = "expression") -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.mend = mend
        self.code = code

    def __str__(self) -> str:
        said = f"{self.place}: {self.problem}" if self.place else self.problem
        return f"{said}. {self.mend}" if self.mend else said

    def at(self, place: str) -> RuleError:
        """The same error, told where it stands."""
        return RuleError(self.problem, place=place, mend=self.mend, code=self.code)


@dataclass(frozen=True, slots=True)
class Literal:
    """A number (float), text, truth (bool), day (date) or NULL (None). ``text`` is as written."""

    value: float | str | bool | date | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A fact or a derived indicator of the subject."""

    name: str


@dataclass(frozen=True, slots=True)
class Today:
    """The day that the rules are asked about: ``CURRENT_DATE``."""


@dataclass(frozen=True, slots=True)
class Both:
    """All of the items (AND)."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the items (OR)."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """NOT."""

    item: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """``operator`` is one of ``= <> < <= > >=``."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership:
    """``item IN (choices)``; the choices are constants."""

    item: Node
    choices: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A code of a national tree (GB/T 2260, GB/T 4754, GB/T 13745) that lies in or under one of the codes."""

    item: Node
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """``item IS NOT NULL``: never unknown itself."""

    item: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``operator`` is one of ``+ - * /``; division by zero is unknown."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """One of :data:`FUNCTIONS`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The value of the first condition that holds, else ``otherwise``. An unknown condition does not hold."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


Node = (
    Literal
    | Column
    | Today
    | Both
    | Either
    | Negation
    | Comparison
    | Membership
    | Within
    | Known
    | Arithmetic
    | Call
    | Case
)

FUNCTIONS = {
    "least": "the smallest of the known values",
    "greatest": "the largest of the known values",
    "coalesce": "the first known value",
    "abs": "the amount without its sign",
    "floor": "the whole number below",
    "ceil": "the whole number above",
    "round": "rounded, half away from zero; a second argument gives the decimals",
    "nullif": "unknown where both are equal, else the first",
    "year": "the year of a day",
    "years_between": "full years from the first day to the second",
}
"""Function → what it gives. ``within(code, 'C39', …)`` is a condition, see :class:`Within`."""

_ARITY = {"abs": (1, 1), "floor": (1, 1), "ceil": (1, 1), "round": (1, 2), "nullif": (2, 2), "year": (1, 1)}
_ARITY["years_between"] = (2, 2)

_COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expression], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_CALLS: dict[type[exp.Expression], str] = {
    exp.Least: "least",
    exp.Greatest: "greatest",
    exp.Coalesce: "coalesce",
    exp.Abs: "abs",
    exp.Floor: "floor",
    exp.Ceil: "ceil",
    exp.Round: "round",
    exp.Nullif: "nullif",
    exp.Year: "year",
}


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The expression of a text. Raises :class:`RuleError` where it is not SQL or leaves the subset."""
    if not text.strip():
        raise RuleError("nothing is written here", mend="Write a condition such as revenue >= 20000000")
    if len(text) > MAX_LENGTH:
        raise RuleError(f"the expression has {len(text)} characters", mend=f"At most {MAX_LENGTH}; divide it")
    try:
        statements = sqlglot.parse(text, dialect="postgres")
    except RecursionError:
        raise RuleError("the expression is nested too deeply", mend="Divide it into derived indicators") from None
    except (SqlglotError, ValueError) as error:
        raise RuleError(f"“{text}” is not an expression", mend=_first_line(error)) from None
    if len(statements) != 1 or statements[0] is None:
        raise RuleError(f"“{text}” is more than one expression", mend="Leave out the semicolon")
    try:
        return _node(statements[0], 0)  # type: ignore[arg-type]
    except RecursionError:
        raise RuleError("the expression is nested too deeply", mend="Divide it into derived indicators") from None


def _first_line(error: Exception) -> str:
    detail = getattr(error, "errors", None)
    if detail:
        first = detail[0]
        return f"Look at “{first.get('highlight') or '…'}” (line {first.get('line')}, column {first.get('col')})"
    return "Check quotes and brackets"


def _node(found: exp.Expression, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise RuleError("the expression is nested too deeply", mend="Divide it into derived indicators")
    reader = _READERS.get(type(found))
    if reader is None or any(found.args[part] for part in found.args.keys() - _READ):
        raise _refused(found)
    return reader(found, depth + 1)


def _refused(found: exp.Expression) -> RuleError:
    said = found.sql(dialect="postgres")
    if isinstance(found, exp.Query | exp.Subquery):
        problem = "a rule cannot look anything up"
    elif isinstance(found, exp.Func):
        problem = f"“{said}” calls a function that rules do not know"
    else:
        problem = f"“{said}” is outside what rules may say"
    return RuleError(problem, mend=f"Functions: {', '.join(sorted([*FUNCTIONS, 'within']))}", code="not-allowed")


def _paren(found: exp.Expression, depth: int) -> Node:
    return _node(found.this, depth)


def _literal(found: exp.Expression, depth: int) -> Node:
    if found.args["is_string"]:
        return Literal(str(found.this), f"'{found.this}'")
    try:
        value = float(found.this)
    except ValueError:
        raise RuleError(f"“{found.this}” is not a number") from None
    if abs(value) > 1e15:
        raise RuleError(f"{found.this} is larger than anything a rule counts", mend="At most 1e15")
    return Literal(value, str(found.this))


def _column(found: exp.Expression, depth: int) -> Node:
    if found.args.get("table") is not None or not isinstance(found.this, exp.Identifier):
        raise RuleError(
            f"“{found.sql(dialect='postgres')}” is not the name of an indicator", mend="Write its code only"
        )
    return Column(found.name)


def _comparison(found: exp.Expression, depth: int) -> Node:
    return Comparison(_COMPARISONS[type(found)], _node(found.this, depth), _node(found.expression, depth))


def _arithmetic(found: exp.Expression, depth: int) -> Node:
    return Arithmetic(_ARITHMETIC[type(found)], _node(found.this, depth), _node(found.expression, depth))


def _negative(found: exp.Expression, depth: int) -> Node:
    inner = _node(found.this, depth)
    if isinstance(inner, Literal) and isinstance(inner.value, float):
        return Literal(-inner.value, f"-{inner.text}")
    return Arithmetic("-", Literal(0.0, "0"), inner)


def _joined(kind: type[Both] | type[Either], connector: type[exp.Connector]) -> Callable[[exp.Expression, int], Node]:
    def read(found: exp.Expression, depth: int) -> Node:
        # A chain of ANDs leans to the left: it is walked, not recursed into, so that its length is no depth.
        parts: list[exp.Expression] = []
        rest: exp.Expression = found
        while isinstance(rest, connector):
            parts.append(rest.expression)
            rest = rest.this
        parts.append(rest)
        return kind(tuple(_node(part, depth) for part in reversed(parts)))

    return read


def _not(found: exp.Expression, depth: int) -> Node:
    return Negation(_node(found.this, depth))


def _between(found: exp.Expression, depth: int) -> Node:
    item = _node(found.this, depth)
    low, high = _node(found.args["low"], depth), _node(found.args["high"], depth)
    if found.args.get("symmetric"):
        raise _refused(found)
    return Both((Comparison(">=", item, low), Comparison("<=", item, high)))


def _in(found: exp.Expression, depth: int) -> Node:
    choices = tuple(_node(choice, depth) for choice in found.expressions)
    if found.args.get("query") or found.args.get("unnest") or found.args.get("field") or not choices:
        raise RuleError("IN takes a list of constants", mend="Write IN ('411302', '411303')", code="not-allowed")
    constants = tuple(choice for choice in choices if isinstance(choice, Literal) and choice.value is not None)
    if len(constants) != len(choices):
        raise RuleError("IN takes constants only", mend="Compare with OR instead", code="not-allowed")
    return Membership(_node(found.this, depth), constants)


def _is(found: exp.Expression, depth: int) -> Node:
    item, wanted = _node(found.this, depth), found.expression
    if isinstance(wanted, exp.Null):
        return Known(item) if found.args.get("negate") else Negation(Known(item))
    if isinstance(wanted, exp.Boolean) and not found.args.get("negate"):
        return Both((Known(item), item if wanted.this else Negation(item)))
    raise _refused(found)


def _case(found: exp.Expression, depth: int) -> Node:
    subject = found.args.get("this")
    branches = []
    for branch in found.args["ifs"]:
        condition = _node(branch.this, depth)
        if subject is not None:
            condition = Comparison("=", _node(subject, depth), condition)
        branches.append((condition, _node(branch.args["true"], depth)))
    default = found.args.get("default")
    return Case(tuple(branches), _node(default, depth) if default is not None else Literal(None, "NULL"))


def _call(found: exp.Expression, depth: int) -> Node:
    name = _CALLS[type(found)]
    if found.args.get("to"):
        raise _refused(found)
    given = [found.this, found.args.get("expression"), found.args.get("decimals"), *found.expressions]
    return _checked(name, tuple(_node(part, depth) for part in given if isinstance(part, exp.Expression)))


def _extract(found: exp.Expression, depth: int) -> Node:
    if found.name.upper() != "YEAR":
        raise _refused(found)
    return Call("year", (_node(found.expression, depth),))


def _named(found: exp.Expression, depth: int) -> Node:
    name = str(found.this).lower()
    arguments = tuple(_node(part, depth) for part in found.expressions)
    if name == "within":
        return _within(arguments)
    if name not in FUNCTIONS:
        raise _refused(found)
    return _checked(name, arguments)


def _within(arguments: tuple[Node, ...]) -> Node:
    codes = tuple(code.value for code in arguments[1:] if isinstance(code, Literal) and isinstance(code.value, str))
    if len(arguments) < 2 or len(codes) != len(arguments) - 1 or not all(codes):
        raise RuleError("within takes a code indicator and codes in quotes", mend="Write within(industry, 'C39')")
    return Within(arguments[0], codes)


def _checked(name: str, arguments: tuple[Node, ...]) -> Node:
    low, high = _ARITY.get(name, (1, 20))
    if not low <= len(arguments) <= high:
        raise RuleError(f"{name} takes {low if low == high else f'{low} to {high}'} values, here are {len(arguments)}")
    if name == "round" and len(arguments) == 2:
        places = arguments[1]
        if not (isinstance(places, Literal) and isinstance(places.value, float) and places.value in range(7)):
            raise RuleError("round takes 0 to 6 decimals")
    return Call(name, arguments)


def _date(found: exp.Expression, depth: int) -> Node:
    to = found.args["to"]
    if to.this != exp.DataType.Type.DATE or not (isinstance(found.this, exp.Literal) and found.this.is_string):
        raise _refused(found)
    try:
        return Literal(date.fromisoformat(found.this.this), f"DATE '{found.this.this}'")
    except ValueError:
        raise RuleError(f"“{found.this.this}” is not a day", mend="Write DATE '2025-12-31'") from None


def _today(found: exp.Expression, depth: int) -> Node:
    if found.this:
        raise _refused(found)
    return Today()


_READ = {"this", "expression", "expressions", "is_string", "table", "negate", "low", "high", "symmetric", "query"}
_READ |= {"unnest", "field", "ifs", "default", "decimals", "to", "typed", "safe", "ignore_nulls"}
"""The parts of sqlglot's nodes that the readers look at; a node that says anything more is refused, not understood
in part. (``typed``, ``safe`` and ``ignore_nulls`` tell sqlglot what its dialect means by the node.)"""

_READERS: dict[type[exp.Expression], Callable[[exp.Expression, int], Node]] = {
    exp.Paren: _paren,
    exp.Literal: _literal,
    exp.Boolean: lambda found, depth: Literal(bool(found.this), str(found.this).upper()),
    exp.Null: lambda found, depth: Literal(None, "NULL"),
    exp.Column: _column,
    exp.CurrentDate: _today,
    exp.Neg: _negative,
    exp.And: _joined(Both, exp.And),
    exp.Or: _joined(Either, exp.Or),
    exp.Not: _not,
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Case: _case,
    exp.Extract: _extract,
    exp.Anonymous: _named,
    exp.Cast: _date,
    **dict.fromkeys(_COMPARISONS, _comparison),
    **dict.fromkeys(_ARITHMETIC, _arithmetic),
    **dict.fromkeys(_CALLS, _call),
}


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case Both(items) | Either(items):
            return items
        case Negation(item) | Known(item) | Membership(item, _) | Within(item, _):
            return (item,)
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case Case(branches, otherwise):
            return (*(part for branch in branches for part in branch), otherwise)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    yield node
    for child in children(node):
        yield from walk(child)


def columns(node: Node) -> tuple[str, ...]:
    """The indicators that an expression reads, each once, in the order of the text."""
    return tuple(dict.fromkeys(part.name for part in walk(node) if isinstance(part, Column)))


def branch_of(code: str) -> str:
    """The prefix that a code's descendants share: 411300 → 4113, C39 → C39 (trailing pairs of zeros name no level)."""
    stem = code.strip()
    while len(stem) > 2 and stem.endswith("00") and stem.isdigit() and len(stem) % 2 == 0:
        stem = stem[:-2]
    return stem


def vaguer_than(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that say too little to tell whether a subject lies in one of these branches: those above all of them
    that they are in (410000 above 411300, C above C39), however many zeros they are written with."""
    branches = tuple(branch_of(code) for code in codes)
    found: dict[str, None] = {}
    for branch in branches:
        for length in range(1, len(branch)):
            stem = branch[:length]
            if (stem.isdigit() and length % 2) or stem.startswith(branches):
                continue
            written = range(length, 7, 2) if stem.isdigit() else [length]
            found.update(dict.fromkeys(stem.ljust(width, "0") for width in written))
    return tuple(found)

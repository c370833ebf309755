"""What has to be known: which columns make an expression unknown, and which are known wherever it holds."""

from __future__ import annotations

from collections.abc import Mapping

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

Definitions = Mapping[str, Node]
"""Derived indicators."""

Names = frozenset[str]
_NONE: Names = frozenset()
_SKIPPING = {"least", "greatest", "coalesce"}


def needs(node: Node, derived: Definitions) -> Names:
    """The columns each of which, when unknown, makes the expression unknown for certain."""
    match node:
        case Literal() | Today() | Known():
            return _NONE
        case Column(name):
            return frozenset({name}) | (needs(derived[name], derived) if name in derived else _NONE)
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return needs(left, derived) | needs(right, derived)
        case Negation(item) | Membership(item, _) | Within(item, _):
            return needs(item, derived)
        case Both(items) | Either(items):
            return frozenset.intersection(*(needs(item, derived) for item in items))
        case Call(function, arguments):
            if function == "nullif":
                return needs(arguments[0], derived)
            found = [needs(argument, derived) for argument in arguments if argument != Literal(None, "NULL")]
            if function in _SKIPPING:
                return frozenset.intersection(*found) if found else _NONE
            return frozenset().union(*found)
        case Case(branches, otherwise):
            values = [*(value for _, value in branches), otherwise]
            found = [needs(value, derived) for value in values if value != Literal(None, "NULL")]
            return frozenset.intersection(*found) if found else _NONE
    raise TypeError(node)


def may_miss(node: Node, derived: Definitions) -> Names:
    """The facts whose being unknown can make the expression unknown."""
    match node:
        case Literal() | Today() | Known():
            return _NONE
        case Column(name):
            return may_miss(derived[name], derived) if name in derived else frozenset({name})
        case Call(function, arguments) if function in _SKIPPING:
            found = [may_miss(argument, derived) for argument in arguments]
            return frozenset().union(*found) if all(found) else _NONE
        case Case(branches, otherwise):
            return frozenset().union(*(may_miss(value, derived) for value in [*(v for _, v in branches), otherwise]))
        case Membership(item, _) | Within(item, _) | Negation(item):
            return may_miss(item, derived)
        case Both(items) | Either(items) | Call(_, items):
            return frozenset().union(*(may_miss(item, derived) for item in items))
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return may_miss(left, derived) | may_miss(right, derived)
    raise TypeError(node)


def known_where(node: Node, derived: Definitions, *, holds: bool = True) -> Names:
    """The columns that are certainly known wherever the condition holds (with ``holds`` off: wherever it is false)."""
    match node:
        case Negation(item):
            return known_where(item, derived, holds=not holds)
        case Both(items) | Either(items):
            found = [known_where(item, derived, holds=holds) for item in items]
            together = isinstance(node, Both) is holds
            return frozenset().union(*found) if together else frozenset.intersection(*found)
        case Known(item):
            return needs(item, derived) if holds else _NONE
        case _:
            return needs(node, derived)


def silent_falls(node: Node, derived: Definitions, known: Names) -> list[tuple[Node, str]]:
    """Conditions of CASE that an unknown fact lets fall through to a value that does not depend on it, with that fact.

    ``known``: facts that are known wherever the expression matters.
    """
    match node:
        case Case(branches, otherwise):
            return _falls_of_case(branches, otherwise, derived, known)
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return [
                *silent_falls(left, derived, known | needs(right, derived)),
                *silent_falls(right, derived, known | needs(left, derived)),
            ]
        case Both(items) | Either(items):
            return [fall for item in items for fall in silent_falls(item, derived, known)]
        case Negation(item) | Membership(item, _) | Within(item, _) | Known(item):
            return silent_falls(item, derived, known)
        case Call(function, arguments):
            found = []
            for position, argument in enumerate(arguments):
                others = arguments[:position] + arguments[position + 1 :] if function not in _SKIPPING else ()
                beside = frozenset().union(*(needs(other, derived) for other in others))
                found += silent_falls(argument, derived, known | beside)
            return found
    return []


def _falls_of_case(
    branches: tuple[tuple[Node, Node], ...], otherwise: Node, derived: Definitions, known: Names
) -> list[tuple[Node, str]]:
    found: list[tuple[Node, str]] = []
    settled: set[Node] = set()
    for position, (condition, value) in enumerate(branches):
        match condition:
            case Negation(Known(item)):
                # From here on the item is known: whoever lacks it has left by this branch.
                settled.add(item)
                known = known | needs(item, derived)
                continue
        if condition not in settled:
            for fact in sorted(may_miss(condition, derived) - known):
                later = [*branches[position + 1 :], (Literal(True, "TRUE"), otherwise)]
                if not _ends_unknown(fact, later, derived):
                    found.append((condition, fact))
        found += silent_falls(value, derived, known | known_where(condition, derived))
    return [*found, *silent_falls(otherwise, derived, known)]


def _ends_unknown(fact: str, later: list[tuple[Node, Node]], derived: Definitions) -> bool:
    """Without the fact, whatever comes after is unknown as well."""
    for condition, value in later:
        if fact in known_where(condition, derived):
            continue
        if value != Literal(None, "NULL") and fact not in needs(value, derived):
            return False
    return True

"""Comparing doubles as the decimals they stand for.

A fact, a constant and the quotient of two of them are the doubles nearest to their true values, so comparing them is
exact. Sums and products drift by a few parts in 10¹⁶; they are compared with a tolerance of one part in 10¹⁴, which is
finer than a fen in a trillion yuan. Every engine applies the same formulas, so that every engine says the same.
"""

from __future__ import annotations

from collections.abc import Collection

from kechuang.engines.rules.expression import Arithmetic, Call, Case, Column, Literal, Node, children

TOLERANCE = 1e-14


def is_exact(node: Node, drifting: Collection[str] = ()) -> bool:
    """The value is the double nearest to the true one. ``drifting``: derived columns that are not."""
    match node:
        case Literal():
            return True
        case Column(name):
            return name not in drifting
        case Arithmetic("/", left, right):
            return all(isinstance(part, Literal | Column) and is_exact(part, drifting) for part in (left, right))
        case Arithmetic():
            return False
        case Call("floor" | "ceil" | "year" | "years_between"):
            return True
        case Call(_, arguments):
            return all(is_exact(part, drifting) for part in arguments)
        case Case(branches, otherwise):
            return all(is_exact(part, drifting) for part in [*(value for _, value in branches), otherwise])
        case _:
            return all(is_exact(part, drifting) for part in children(node))


def slack(threshold: float) -> float:
    """How far from a constant threshold a drifting value may lie and still meet it."""
    return abs(threshold) * TOLERANCE

"""Units of measure in expressions: sums and comparisons want one unit, products and quotients make new ones.

A plain number fits anywhere. A product with one is *loose*: 200000 × patents may well be yuan, so a mix that only such
a factor could explain is worth a warning and no refusal; in amounts it is what tariffs look like.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kechuang.engines.rules.expression import (
    Arithmetic,
    Call,
    Case,
    Column,
    Comparison,
    Literal,
    Membership,
    Node,
    children,
)

YUAN = "元"
YEARS = "年"
_PURE_WORDS = {"", "1", "%", "‰", "倍", "比率", "比例"}
_ALIKE = {"least", "greatest", "coalesce", "nullif"}


@dataclass(frozen=True, slots=True)
class Dimension:
    """Powers of units, such as 元¹ 人⁻¹; none: a ratio. ``loose``: a plain factor may carry a unit of its own."""

    powers: tuple[tuple[str, int], ...] = ()
    loose: bool = False

    def __str__(self) -> str:
        over = "·".join(_power(unit, power) for unit, power in self.powers if power > 0)
        under = "·".join(_power(unit, -power) for unit, power in self.powers if power < 0)
        return (f"{over or '1'}/{under}" if under else over) or "a ratio without unit"


def _power(unit: str, power: int) -> str:
    return unit if power == 1 else f"{unit}^{power}"


@dataclass(frozen=True, slots=True)
class Mix:
    """Two units in one sum or comparison. ``sure``: no plain factor could explain it."""

    first: str
    second: str
    sure: bool


def dimension(unit: str | None) -> Dimension:
    """The dimension of a unit as the catalogue writes it: ``元``, ``人``, ``元/人``; none and % are ratios."""
    text = (unit or "").strip()
    if text in _PURE_WORDS:
        return Dimension()
    powers: dict[str, int] = {}
    for position, part in enumerate(text.split("/")):
        for name in re.split("[·*]", part):
            if name.strip() not in _PURE_WORDS:
                powers[name.strip()] = powers.get(name.strip(), 0) + (-1 if position else 1)
    return Dimension(_sorted(powers))


def _sorted(powers: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((unit, power) for unit, power in powers.items() if power))


class Units:
    """Dimensions of the number columns; columns of other kinds, and those nobody declared, are left out."""

    def __init__(self, of_column: Mapping[str, Dimension]) -> None:
        self.of_column = dict(of_column)

    def measure(self, node: Node, mixes: list[Mix]) -> Dimension | None:
        """The dimension of an expression; None where it is a plain number or no number. Mixes found are appended."""
        match node:
            case Column(name):
                return self.of_column.get(name)
            case Comparison(_, left, right):
                self._alike([left, right], mixes)
                return None
            case Arithmetic("+" | "-", left, right):
                return self._alike([left, right], mixes)
            case Arithmetic(operator, left, right):
                return _product(self.measure(left, mixes), self.measure(right, mixes), 1 if operator == "*" else -1)
            case Call(function, arguments):
                return self._call(function, arguments, mixes)
            case Case(branches, otherwise):
                for condition, _ in branches:
                    self.measure(condition, mixes)
                return self._alike([*(value for _, value in branches), otherwise], mixes)
            case _:
                for child in children(node):
                    self.measure(child, mixes)
                return None

    def _call(self, function: str, arguments: Sequence[Node], mixes: list[Mix]) -> Dimension | None:
        if function in _ALIKE:
            return self._alike(arguments, mixes)
        found = [self.measure(argument, mixes) for argument in arguments]
        return dimension(YEARS) if function in {"year", "years_between"} else found[0]

    def _alike(self, parts: Sequence[Node], mixes: list[Mix]) -> Dimension | None:
        first: Dimension | None = None
        for part in parts:
            found = self.measure(part, mixes)
            if found is None:
                continue
            if first is None:
                first = found
            elif found.powers != first.powers:
                mixes.append(Mix(str(first), str(found), sure=not (first.loose or found.loose)))
                first = replace(first, loose=True)
            else:
                first = replace(first, loose=first.loose or found.loose)
        return first

    def unit_at(self, node: Node, text: str, expected: Dimension | None = None) -> Dimension | None:
        """The dimension that a number written as ``text`` has by what it is compared with or added to."""
        match node:
            case Literal():
                return expected if node.text == text else None
            case Comparison(_, left, right):
                return self._beside([left, right], text, None)
            case Arithmetic("+" | "-", left, right):
                return self._beside([left, right], text, expected)
            case Arithmetic(_, left, right):
                return self.unit_at(left, text) or self.unit_at(right, text)
            case Call(function, arguments) if function in _ALIKE:
                return self._beside(arguments, text, expected)
            case Case(branches, otherwise):
                inside = [found for condition, _ in branches if (found := self.unit_at(condition, text))]
                return next(iter(inside), self._beside([*(value for _, value in branches), otherwise], text, expected))
            case Membership(item, choices):
                return self._beside([item, *choices], text, None)
            case _:
                return next((found for part in children(node) if (found := self.unit_at(part, text))), None)

    def _beside(self, parts: Sequence[Node], text: str, expected: Dimension | None) -> Dimension | None:
        measured = [found for part in parts if (found := self.measure(part, []))]
        given = next((found for found in measured if not found.loose), expected)
        return next((found for part in parts if (found := self.unit_at(part, text, given))), None)


def _product(left: Dimension | None, right: Dimension | None, sign: int) -> Dimension | None:
    if left is None and right is None:
        return None
    powers = dict(left.powers) if left else {}
    for unit, power in right.powers if right else ():
        powers[unit] = powers.get(unit, 0) + sign * power
    loose = left is None or right is None or left.loose or right.loose
    return Dimension(_sorted(powers), loose)

"""Sets of values: stretches of numbers or days, and what is left of texts, codes and yes/no. Exact, never rounded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

End = Fraction | float
"""A number, or an infinity as float."""


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from ``low`` to ``high``; ``above``, ``below``: without the end itself. Days are their ordinals."""

    low: End = -math.inf
    high: End = math.inf
    above: bool = False
    below: bool = False

    @property
    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.above or self.below))

    @property
    def point(self) -> End | None:
        """The only number, where there is only one."""
        return self.low if self.low == self.high and not self.empty else None

    @property
    def size(self) -> Span:
        """All numbers without their sign."""
        if 0 in self:
            return self.join(-self).meet(Span(Fraction(0)))
        return self if self.low >= 0 else -self

    def __contains__(self, value: End) -> bool:
        over = value > self.low or (value == self.low and not self.above)
        return over and (value < self.high or (value == self.high and not self.below))

    def meet(self, other: Span) -> Span:
        """What both have."""
        low, above = max((self.low, self.above), (other.low, other.above))
        high, inside = min((self.high, not self.below), (other.high, not other.below))
        return Span(low, high, above, not inside)

    def join(self, other: Span) -> Span:
        """The shortest stretch that has both."""
        low, above = min((self.low, self.above), (other.low, other.above))
        high, inside = max((self.high, not self.below), (other.high, not other.below))
        return Span(low, high, above, not inside)

    def __neg__(self) -> Span:
        return Span(-self.high, -self.low, self.below, self.above)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high, self.above or other.above, self.below or other.below)

    def times(self, other: Span) -> Span:
        """All products; ends that an open end makes unreachable are kept, which only makes the stretch longer."""
        ends = [_product(one, two) for one in (self.low, self.high) for two in (other.low, other.high)]
        return Span(min(ends), max(ends))

    def over(self, other: Span) -> Span:
        """All quotients, without those by zero."""
        if other.low > 0 or other.high < 0:
            return self.times(Span(_inverse(other.high), _inverse(other.low)))
        if other.low == 0 and self.low >= 0:
            return Span(Fraction(0))
        return Span()

    def scaled(self, factor: Fraction) -> Span:
        """The stretch times a number other than zero, ends as they are."""
        low, high = _product(self.low, factor), _product(self.high, factor)
        return Span(low, high, self.above, self.below) if factor > 0 else Span(high, low, self.below, self.above)


def _product(one: End, two: End) -> End:
    return Fraction(0) if one == 0 or two == 0 else one * two


def _inverse(end: End) -> End:
    return Fraction(0) if math.isinf(end) else 1 / end


def at(value: End) -> Span:
    """A single number."""
    return Span(value, value)


def number_of(value: object, text: str = "") -> Fraction | None:
    """A number as it was written, or a day as its ordinal; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, date):
        return Fraction(value.toordinal())
    if isinstance(value, int | float | Decimal):
        try:
            return Fraction(Decimal(text)) if text else Fraction(value)
        except (ArithmeticError, ValueError):
            return Fraction(value)
    return None


Word = str | bool | Fraction


@dataclass(frozen=True, slots=True)
class Words:
    """What is left of single values: ``allowed`` (None: all), without ``barred``; codes under one of ``stems``
    (None: all) and under none of ``closed``."""

    allowed: frozenset[Word] | None = None
    barred: frozenset[Word] = frozenset()
    stems: frozenset[str] | None = None
    closed: frozenset[str] = frozenset()

    def only(self, values: frozenset[Word]) -> Words:
        return replace(self, allowed=values if self.allowed is None else self.allowed & values)

    def without(self, values: frozenset[Word]) -> Words:
        return replace(self, barred=self.barred | values)

    def under(self, stems: frozenset[str]) -> Words:
        """Codes in or under one of the branches: of two branches the longer stays where one lies in the other."""
        if self.stems is None:
            return replace(self, stems=stems)
        pairs = [(one, two) for one in self.stems for two in stems]
        kept = {max(one, two, key=len) for one, two in pairs if one.startswith(two) or two.startswith(one)}
        return replace(self, stems=frozenset(kept))

    def outside(self, stems: frozenset[str]) -> Words:
        return replace(self, closed=self.closed | stems)

    def possible(self, span: Span) -> bool:
        """Whether any value is left; numbers have to lie in ``span``."""
        if self.allowed is None:
            if self.stems is not None:
                return any(not _lies(stem, self.closed) for stem in self.stems)
            point = span.point
            return point is None or point not in self.barred
        return any(self._has(value, span) for value in self.allowed)

    def _has(self, value: Word, span: Span) -> bool:
        if value in self.barred:
            return False
        if isinstance(value, str):
            return (self.stems is None or _lies(value, self.stems)) and not _lies(value, self.closed)
        return isinstance(value, bool) or value in span


def _lies(code: str, stems: frozenset[str]) -> bool:
    return code.startswith(tuple(stems)) if stems else False

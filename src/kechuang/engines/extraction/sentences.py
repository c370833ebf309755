"""Sentences that hold numbers, cut at ；and ，so that each number is read among its own words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from kechuang.engines.extraction.quantities import Quantity, quantities
from kechuang.engines.extraction.view import MARKER

_SENTENCE_END = re.compile(r"[。！？\n\t]")
# A run of text without any full stop is cut here, so that its length cannot cost more than it holds.
_LONGEST = 1000
_SEMICOLON = re.compile(r"；")
# A colon between two digits is a ratio (1：1), no end of a clause.
_CLAUSE_END = re.compile(r"，|(?<!\d)：|：(?!\d)")
_BRACKET = re.compile(r"（[^（）\n]*(?:（[^（）\n]*）[^（）\n]*)*）|“[^“”\n]{0,60}”|《[^《》\n]*》")


@dataclass(slots=True)
class Sentence:
    """``start:end`` in the view; ``parts`` are the pieces between semicolons; ``numbers`` its quantities.

    ``asides`` are the quantities inside brackets and quotation marks.
    """

    start: int
    end: int
    numbers: list[Quantity] = field(default_factory=list)
    parts: list[tuple[int, int]] = field(default_factory=list)
    clauses: list[tuple[int, int]] = field(default_factory=list)
    asides: list[Quantity] = field(default_factory=list)

    def part(self, position: int) -> tuple[int, int]:
        return _holding(self.parts, position)

    def clause(self, position: int) -> tuple[int, int]:
        return _holding(self.clauses, position)


def _holding(pieces: list[tuple[int, int]], position: int) -> tuple[int, int]:
    return pieces[max(0, bisect_right(pieces, (position, 1 << 60)) - 1)]


def numbered_sentences(text: str) -> Iterator[Sentence]:
    """Every sentence that holds at least one quantity, cut into parts and clauses."""
    current: Sentence | None = None
    for quantity in quantities(text):
        if current is None or quantity.start >= current.end:
            if current is not None:
                yield _cut(text, current)
            current = _around(text, current.end if current else 0, quantity.start)
        current.numbers.append(quantity)
    if current is not None:
        yield _cut(text, current)


def _around(text: str, floor: int, position: int) -> Sentence:
    start = max(floor - 1, *(text.rfind(mark, floor, position) for mark in "。！？\n\t")) + 1
    numbering = MARKER.match(text, start, position)
    if numbering:
        start = numbering.end()
    start = max(start, position - _LONGEST)
    end = _SENTENCE_END.search(text, position, position + _LONGEST)
    return Sentence(start, end.start() if end else min(len(text), position + _LONGEST))


def _cut(text: str, sentence: Sentence) -> Sentence:
    """Cut at ；and ，but not inside brackets or quotation marks, whose numbers are names or asides."""
    start, end = sentence.start, sentence.end
    covered = [match.span() for match in _BRACKET.finditer(text, start, end)]
    inside = [any(first <= n.start < last for first, last in covered) for n in sentence.numbers]
    sentence.asides = [n for n, aside in zip(sentence.numbers, inside, strict=True) if aside]
    sentence.numbers = [n for n, aside in zip(sentence.numbers, inside, strict=True) if not aside]
    sentence.parts = _pieces(_SEMICOLON, text, start, end, covered)
    sentence.clauses = [clause for part in sentence.parts for clause in _pieces(_CLAUSE_END, text, *part, covered)]
    return sentence


def _pieces(
    mark: re.Pattern[str], text: str, start: int, end: int, covered: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    pieces = []
    for match in mark.finditer(text, start, end):
        if not any(first <= match.start() < last for first, last in covered):
            pieces.append((start, match.start()))
            start = match.end()
    pieces.append((start, end))
    return pieces

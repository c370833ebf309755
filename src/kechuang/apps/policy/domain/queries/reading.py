"""A document's text as a page shows it: headings, paragraphs and tables, cut where findings begin and end.

Every piece knows where it stands in the text, so that a selection in the page becomes offsets again, and
which findings cover it, so that marks may overlap.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# Mark-up left over from conversion: kept in the text, because offsets count it, and not shown.
_DEBRIS = re.compile(r"\*+|</?[A-Za-z][^<>\n]{0,60}>|[\u200b-\u200f\ufeff]+")
_BREAK = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")


# How far into a text its title may stand.
HEAD = 2000


class Placed(Protocol):
    """A passage as it is stored."""

    seq: int
    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Span:
    """A finding to be marked."""

    id: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with the same findings over it; the first of ``spans`` is the shortest."""

    text: str
    start: int
    spans: tuple[Span, ...] = ()
    highlighted: bool = False
    opens: bool = False
    """Here the highlighted stretch begins: the anchor ``at``."""

    @property
    def ids(self) -> str:
        return " ".join(str(span.id) for span in self.spans)

    @property
    def kind(self) -> str:
        """The kind of the innermost finding."""
        return self.spans[0].kind if self.spans else ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One passage: anchor ``p-<seq>``; a table row has several cells, running text one.

    ``leads``: a run-in heading, on one line with the text that it heads.
    """

    seq: int
    cells: tuple[tuple[Piece, ...], ...]
    leads: bool = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for cell in self.cells for piece in cell)


@dataclass(slots=True)
class Block:
    """A title, a heading (``level`` > 0), a paragraph, or a table."""

    form: str
    level: int = 0
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def tag(self) -> str:
        """The HTML heading; the page's own title is h1."""
        return f"h{min(self.level + 1, 6)}"


def layout(
    text: str,
    passages: Iterable[Placed],
    spans: Sequence[Span] = (),
    highlight: tuple[int, int] | None = None,
    title: str = "",
) -> list[Block]:
    """The blocks of a page. ``highlight`` is the stretch that a link asked to show; ``title`` is set as a title."""
    cutter = _Cutter(text, spans, highlight)
    blocks: list[Block] = []
    previous_end = 0
    for passage in passages:
        content = text[passage.start : passage.end]
        leads = passage.level > 0 and _runs_in(text, passage.end)
        form = "table" if "\t" in content else "heading" if passage.level and not leads else "paragraph"
        if title and form == "paragraph" and passage.start < HEAD and _bare(content) == _bare(title):
            form = "title"
        new_line = leads or bool(_BREAK.search(text, previous_end, passage.start))
        joins = blocks and blocks[-1].form == form and (form == "table" or (form == "paragraph" and not new_line))
        if not joins:
            blocks.append(Block(form, passage.level))
        blocks[-1].sentences.append(Sentence(passage.seq, tuple(cutter.cells(passage.start, passage.end)), leads))
        previous_end = passage.end
    return blocks


def _runs_in(text: str, end: int) -> bool:
    """Does text follow on the same line?"""
    line_end = _BREAK.search(text, end)
    return bool(text[end : line_end.start() if line_end else len(text)].strip())


def _bare(text: str) -> str:
    return re.sub(r"\s|\*", "", text)


class _Cutter:
    """Cuts stretches of the text at the edges of the spans."""

    def __init__(self, text: str, spans: Sequence[Span], highlight: tuple[int, int] | None) -> None:
        self.text = text
        self.highlight = highlight
        self.opened = False
        self.spans = sorted(spans, key=lambda span: span.start)
        self.starts = [span.start for span in self.spans]
        self.longest = max((span.end - span.start for span in self.spans), default=0)
        edges = {edge for span in self.spans for edge in (span.start, span.end)} | set(highlight or ())
        self.edges = sorted(edges)

    def cells(self, start: int, end: int) -> Iterator[tuple[Piece, ...]]:
        """The pieces of a passage, cell by cell."""
        position = start
        for cell in self.text[start:end].split("\t"):
            yield tuple(self._pieces(position, position + len(cell)))
            position += len(cell) + 1

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        position = start
        for debris in _DEBRIS.finditer(self.text, start, end):
            yield from self._cut(position, debris.start())
            position = debris.end()
        yield from self._cut(position, end)

    def _cut(self, start: int, end: int) -> Iterator[Piece]:
        if start >= end:
            return
        inside = self.edges[bisect_right(self.edges, start) : bisect_left(self.edges, end)]
        for left, right in zip([start, *inside], [*inside, end], strict=True):
            lit = self._is_highlighted(left, right)
            opens = lit and not self.opened
            self.opened = self.opened or lit
            yield Piece(self.text[left:right], left, self._over(left, right), lit, opens)

    def _over(self, left: int, right: int) -> tuple[Span, ...]:
        candidates = self.spans[bisect_left(self.starts, left - self.longest) : bisect_right(self.starts, left)]
        over = [span for span in candidates if span.end >= right]
        return tuple(sorted(over, key=lambda span: (span.end - span.start, span.start)))

    def _is_highlighted(self, left: int, right: int) -> bool:
        return self.highlight is not None and self.highlight[0] <= left and right <= self.highlight[1]


def tidy(text: str) -> str:
    """A stretch of text in one line, without left-over mark-up: for outlines, snippets and lists."""
    return " ".join(_DEBRIS.sub("", text).split())


def parse_span(value: str, length: int) -> tuple[int, int] | None:
    """``?at=start-end`` as offsets into a text of that length; None where it is nonsense."""
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", value)
    if match is None:
        return None
    start, end = int(match[1]), int(match[2])
    return (start, end) if start < end <= length else None

"""The text of a document as a page shows it: pieces that cover it exactly, marks that overlap, anchors."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.policy.domain.queries.reading import Span, layout, parse_span


@dataclass
class Passage:
    seq: int
    start: int
    end: int
    level: int = 0


TEXT = "一、目标\n到2026年达到800家。同时新增60家。\n1.培育企业。给予10万元。\n序号\t任务\n"
PASSAGES = [
    Passage(1, 0, 4, 1),
    Passage(2, 5, 18),
    Passage(3, 18, 26),
    Passage(4, 27, 34, 2),
    Passage(5, 34, 41),
    Passage(6, 42, 47),
]


def test_passages_become_headings_paragraphs_and_tables() -> None:
    blocks = layout(TEXT, PASSAGES)
    assert [block.form for block in blocks] == ["heading", "paragraph", "paragraph", "table"]
    assert blocks[0].tag == "h2"
    assert [sentence.seq for sentence in blocks[1].sentences] == [2, 3]
    assert blocks[2].sentences[0].leads
    assert [len(sentence.cells) for sentence in blocks[3].sentences] == [2]


def test_overlapping_findings_share_pieces_and_the_shortest_gives_the_look() -> None:
    spans = [Span(1, "task", 27, 41), Span(2, "benefit", 34, 40)]
    pieces = [piece for block in layout(TEXT, PASSAGES, spans) for s in block.sentences for piece in s.pieces]
    inner = next(piece for piece in pieces if piece.text == "给予10万元")
    assert inner.ids == "2 1"
    assert inner.kind == "benefit"
    assert all(piece.kind == "task" for piece in pieces if piece.text == "1.培育企业。")


def test_the_highlight_opens_once() -> None:
    pieces = [piece for block in layout(TEXT, PASSAGES, [], (20, 30)) for s in block.sentences for piece in s.pieces]
    assert sum(piece.opens for piece in pieces) == 1
    assert "".join(piece.text for piece in pieces if piece.highlighted) == TEXT[20:30].replace("\n", "")


def test_marks_left_over_from_conversion_are_not_shown_and_still_counted() -> None:
    text = "一是**实施专项**。投入<b>10</b>万元"
    (block,) = layout(text, [Passage(1, 0, len(text))], [Span(1, "task", 4, 8)])
    pieces = block.sentences[0].pieces
    assert "".join(piece.text for piece in pieces) == "一是实施专项。投入10万元"
    assert all(text[piece.start : piece.start + len(piece.text)] == piece.text for piece in pieces)


def test_the_title_is_set_as_a_title() -> None:
    text = "市政府办公室\n关于支持创新的意见\n各县："
    blocks = layout(text, [Passage(1, 0, 6), Passage(2, 7, 16), Passage(3, 17, 20)], title="关于支持创新 的意见")
    assert [block.form for block in blocks] == ["paragraph", "title", "paragraph"]


@given(
    st.text(alphabet="一二三10万元，。\n\t*家", min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), max_size=8),
)
def test_pieces_always_quote_the_text_in_order(text: str, raw: list[tuple[int, int]]) -> None:
    spans = [
        Span(n, "task", start, min(len(text), start + length))
        for n, (start, length) in enumerate(raw)
        if start < len(text)
    ]
    position = 0
    for block in layout(text, [Passage(1, 0, len(text))], spans):
        for piece in block.sentences[0].pieces:
            assert piece.start >= position
            assert text[piece.start : piece.start + len(piece.text)] == piece.text
            covering = {span.id for span in spans if span.start <= piece.start < span.end}
            assert {span.id for span in piece.spans} == covering
            position = piece.start + len(piece.text)


def test_spans_in_addresses_are_checked() -> None:
    assert parse_span("3-8", 10) == (3, 8)
    for nonsense in ("", "8-3", "3-11", "a-b", "3", "-1-4", "3-8-9", "99999999999-3"):
        assert parse_span(nonsense, 10) is None

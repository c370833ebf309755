"""The reading view: a document's text as a careful reader takes it in, with a way back to the original.

Widths are folded, blanks inside words and numbers dropped, mark-up debris removed, and a paragraph that a page or a
line end cut in two is joined again.  ``View.offsets`` maps every character of the view to its place in the original.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import dataclass

from kechuang.engines.extraction.lexicon import NUMERAL, UNIT_LABEL, UNIT_TAIL

# Traditional forms that character recognition slips into simplified text; deliberately only the unambiguous ones.
_TRADITIONAL = "會会縣县區区與与產产業业創创術术學学實实驗验單单責责關关發发開开國国際际萬万億亿個个項项達达"
_TRADITIONAL += "機机構构導导團团隊队務务標标準准轉转類类數数據据庫库資资貼贴補补獎奖勵励給给額额處处員员勞劳動动"
_TRADITIONAL += "農农業业廳厅黨党辦办經经濟济財财稅税統统計计監监環环衛卫體体設设課课題题園园廣广東东龍龙頭头領领"
_PAIRED = "，,；;：:（(）)！!？?〔[〕]〔【〕】〔﹝〕﹞。｡“「”」“『”』"


def _fold_table() -> dict[str, str]:
    table = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    for wanted, found in zip(_PAIRED[::2], _PAIRED[1::2], strict=True):
        table[found] = wanted
        if "!" <= found <= "~":
            table[chr(ord(found) + 0xFEE0)] = wanted
    table.update(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True))
    return {found: wanted for found, wanted in table.items() if found != wanted}


_FOLD = _fold_table()
_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_JUNK = re.compile(
    r"[^\S\t\n\r\x0b\x0c\x85\u2028\u2029]*\t[^\S\n\r\x0b\x0c\x85\u2028\u2029]*"  # a cell border and the blanks about it
    r"|[^\S\n\r\x0b\x0c\x85\u2028\u2029]+"
    r"|[^\S\n\r\x0b\x0c\x85\u2028\u2029]*[|｜│][^\S\n\r\x0b\x0c\x85\u2028\u2029]*"  # a cell border drawn
    r"|\*+|</?[A-Za-z][^<>\n]{0,60}>|[\u200b-\u200f\u2060\ufeff\x00-\x08]+"
    r"|(?<=\d)[,，](?=\d{3}(?!\d))"
)
_DRAWN = re.compile("[|｜│]")
_PAGE_NUMBER = re.compile(r"[-—–─·]+\d{1,4}[-—–─·]+|第\d+页(?:[，/]?共\d+页)?|\d{1,3}/\d{1,3}")
_DATE_LINE = (
    r"[★☆\-—–─]*(?:\d{4}|[〇零○Oo二一三四五六七八九]{4})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]"
    r"{1,3}日"
)
MARKER = re.compile(
    rf"{NUMERAL}{{1,3}}[、.]|（{NUMERAL}{{1,3}}）|\d{{1,2}}[.、](?!\d)|（\d{{1,2}}）|[①-⑳⑴-⒇]"
    rf"|第{NUMERAL}{{1,4}}[章节条编篇]|{NUMERAL}{{1,2}}是"
)
# The line that a collection puts over a document: its title, where it is from, whether it is whole.
COVER = re.compile(
    r"(?:来源|出处|完整[性度]?|数据来源|原文链接|source|completeness|url)】?[：=]|https?：//|【(?:来源|完整性|标题)】|^#|）$"
    r"|(?:完整|节选|摘录|残缺|不全|片段|全文|部分)】?$",
    re.I,
)
_STARTER = re.compile(
    rf"{MARKER.pattern}|（?{UNIT_LABEL}：|附件|附表|附录|抄送|主办|督办|主题词|相关文件|"
    rf"序号|——|{_DATE_LINE}(?:印发)?$"
)
_LABELLED = re.compile(rf"（?{UNIT_LABEL}：")
_ENDED = re.compile(
    r"[。！？；：!?;][”’）》〕]*$|[。；]$|（[^（）]*(?:单位|部门|负责)[^（）]*(?:（[^（）]*）[^（）]*)"
    r"*）$"
)
_UNIT_END = re.compile(rf"(?:{UNIT_TAIL})(?:（[^（）]*）)?[。；]?$")
_OFFICE_END = "局委办厅部会府院行司"
_LISTS_OFFICES = re.compile(r".{0,8}(?:单位|部门)[：:]|[^\n]{0,300}\t")
# A numeral that a line end may have cut off from its sentence: 三是…, 一、二、三等奖.
_ENUMERATION = re.compile(rf"{NUMERAL}{{1,2}}(?:是|、{NUMERAL}[、等])")
_PROSE = re.compile(r"[，。；]")


@dataclass(frozen=True, slots=True)
class View:
    """``text`` is the reading text, one paragraph a line; ``offsets[i]`` is where ``text[i]`` stands in ``source``."""

    source: str
    text: str
    offsets: array[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of the non-empty piece ``text[start:end]``."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def quote(self, start: int, end: int) -> dict[str, str | int]:
        """The keyword arguments ``quote``, ``start`` and ``end`` of an item read from ``text[start:end]``."""
        first, last = self.span(start, end)
        return {"quote": self.source[first:last], "start": first, "end": last}


def read(source: str) -> View:
    """Build the reading view of ``source``."""
    folded = _fold(source)
    cleaned = (_clean(source, folded, match.start(), match.end()) for match in _LINE.finditer(source))
    lines = [line for line in cleaned if line[0]]
    lines = [line for line in lines if not _PAGE_NUMBER.fullmatch(line[0])]
    width = _wrap_width([text for text, _ in lines])
    pieces: list[str] = []
    offsets = array("l")
    paragraph, last = "", ""
    for text, places in lines:
        full = bool(width) and len(last) >= width
        if not pieces:
            paragraph = text
        elif not (last is lines[0][0] and COVER.search(last)) and _continues(
            paragraph, text, full, full and _blank_line(source, offsets[-1] + 1, places[0])
        ):
            # Only the tail decides whether the next line goes on; the head says what kind of line it is.
            paragraph = paragraph[:200] + paragraph[200:][-200:] + text
        else:
            pieces.append("\n")
            offsets.append(offsets[-1])
            paragraph = text
        last = text
        pieces.append(text)
        offsets.extend(places)
    return View(source, _pair_quotes("".join(pieces)), offsets)


def _blank_line(source: str, start: int, end: int) -> bool:
    return source.count("\n", start, end) > 1


def _fold(source: str) -> str:
    """The same text in one width; only the characters that occur are replaced, which is quicker than a table."""
    for character in set(source) & _FOLD.keys():
        source = source.replace(character, _FOLD[character])
    return source


def _clean(source: str, folded: str, start: int, end: int) -> tuple[str, array[int] | range]:
    """One line without blanks and debris, folded, and the places of its characters."""
    kept: list[str] = []
    places = array("l")
    last = start
    for junk in _JUNK.finditer(source, start, end):
        kept.append(folded[last : junk.start()])
        places.extend(range(last, junk.start()))
        last = junk.end()
        blank = _blank_kept(source, junk.start(), last, start, end)
        if blank:
            kept.append(blank)
            places.append(junk.start())
    if last == start:
        return folded[start:end], range(start, end)
    kept.append(folded[last:end])
    places.extend(range(last, end))
    text = "".join(kept)
    return (text, places) if text.strip("\t") else ("", places)


def _blank_kept(source: str, start: int, end: int, line_start: int, line_end: int) -> str:
    """A cell border stays a tab, a blank between two Latin words stays, one between two offices is 、, others go."""
    if start == line_start or end == line_end:
        return ""
    if "\t" in source[start:end]:
        return "\t"
    if border := _DRAWN.search(source, start, end):
        return "\t" if len(_DRAWN.findall(source, line_start, line_end)) >= 3 else border.group()
    sides = source[start - 1] + source[end]
    if sides[0] in _OFFICE_END and sides[1] > "\u4dff" and _LISTS_OFFICES.match(source, line_start, line_end):
        return "、"
    return " " if source[start].isspace() and sides.isascii() and sides.isalpha() else ""


def _wrap_width(lines: list[str]) -> int:
    """The width at which the text was broken into lines, or 0 where a line is a whole paragraph."""
    lengths = Counter(len(line) for line in lines if len(line) >= 15)
    total = sum(lengths.values())
    if total < 8:
        return 0
    width = max(lengths, key=lambda size: lengths[size - 1] + lengths[size] + lengths[size + 1])
    near = sum(lengths[size] for size in range(width - 2, width + 3))
    return width - 3 if near >= 0.4 * total and width <= 60 else 0


def _continues(line: str, following: str, full: bool, gap: bool) -> bool:
    """Whether ``following`` is the rest of the paragraph ``line``.

    ``full``: its last line reaches the width at which the text is broken; ``gap``: a blank line stands between.
    """
    if "\t" in line or "\t" in following:
        return False
    if following[0] in "、，。；：）》”":
        return True
    ended = _ENDED.search(line[-60:]) is not None
    if _STARTER.match(following):
        return full and not ended and _ENUMERATION.match(following) is not None
    if ended:
        return full and not gap
    if line[-1] in "，、" or _open(line) or full:
        return True
    if _LABELLED.match(line):
        return not _UNIT_END.search(line[-20:])
    if MARKER.match(line):
        return "。" in line
    return len(line) >= 12 and _PROSE.search(line) is not None


def _open(line: str) -> bool:
    tail = line[-80:]
    return any(tail.rfind(left) > tail.rfind(right) for left, right in ("（）", "《》", "〔〕"))


def _pair_quotes(text: str) -> str:
    """Straight quotation marks become opening and closing ones, in turn within a paragraph."""
    if '"' not in text:
        return text
    paragraphs = text.split("\n")
    for number, paragraph in enumerate(paragraphs):
        if '"' in paragraph:
            pieces = paragraph.split('"')
            paragraphs[number] = "".join(
                piece if index == 0 else ("“" if index % 2 else "”") + piece for index, piece in enumerate(pieces)
            )
    return "\n".join(paragraphs)

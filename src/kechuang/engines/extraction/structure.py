"""The heading tree, and the passages a reader can be sent to.

Headings are recognised by their numbering, whose kinds have a fixed rank in official documents:
第一章 › 第一节 › 一、 › 第一条 › （一） › 1. › （1） › ① › 一是.  A heading stands on its own line, or runs into its
text and then ends at the first full stop.  Where a section has no numbered parts, short verb-led sentences are its
run-in titles.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from kechuang.engines.extraction.lexicon import NUMERAL
from kechuang.engines.extraction.model import Heading, Passage
from kechuang.engines.extraction.view import View

CHAPTER, SECTION, TOP, ARTICLE, PART, ITEM, POINT, CIRCLE, ENUMERATED, RUN_IN = range(1, 11)

_MARK = re.compile(
    rf"(?:^|(?<=[。；：\n\t）”]))(?:(?P<chapter>第{NUMERAL}{{1,4}}[章编篇])|(?P<section>第{NUMERAL}{{1,3}}节)"
    rf"|(?P<article>第{NUMERAL}{{1,4}}条)"
    rf"|(?P<top>{NUMERAL}{{1,3}}[、.])|(?P<part>（{NUMERAL}{{1,3}}）)|(?P<item>\d{{1,2}}[.、](?![\d）]))"
    rf"|(?P<point>（\d{{1,2}}）|\d{{1,2}}）)|(?P<circle>[①-⑳⑴-⒇])|(?P<enumerated>{NUMERAL}{{1,2}}(?:是|要)))",
    re.M,
)
_RANK = {
    "chapter": CHAPTER, "section": SECTION, "top": TOP, "article": ARTICLE, "part": PART, "item": ITEM, "point": POINT,
    "circle": CIRCLE, "enumerated": ENUMERATED,
}  # fmt: skip
# Ranks that may begin inside a paragraph, right after a sentence or a colon.
_INLINE = frozenset({PART, ITEM, POINT, CIRCLE, ENUMERATED})
_SENTENCE = re.compile(r"[^。！？；\n]*(?:[。！？；][”’）》〕]*|\n|$)")
_STOP = re.compile(r"[。\n\t；]|(?<!\d)：|：(?!\d)")
# Headings that name a side of their parent's matter (支持标准, 申报条件), not a matter of their own.
FACET = re.compile(
    r"^(?:支持|奖补|奖励|补助|资助|申报|扶持|补贴|实施|认定|政策|适用|兑现)(?:标准|方式|方向|对象|条件|内容|额度|范围|要求|政策|比例|措施|程序|材料|主体|限额|依据|时间|说明)"
    r"(?:及|和|与|、|$)"
)
_ANNEX = re.compile(r"^附(?:件|表|录)(?:[一二三四五六七八九十\d]{1,2})?[：:.]?(?P<title>[^\n]{0,60})$", re.M)
_RUN_IN_TITLE = re.compile(
    r"(?:(?<=。)|(?<=\n)|^)(?P<title>(?:大力|积极|着力|加快|全面|深入|持续|切实|进一步|"
    r"精准|统筹|高水平|高标准|高质量|扎实|有序|稳步|不断|充分)?"
    r"(?:实施|实行|加强|加快|加大|推进|推动|推广|支持|壮大|发展壮大|发展|实现|营造|"
    r"深化|完善|健全|强化|优化|提升|提高|建设|建立|打造|培育|培养|引进|引育|拓展|拓宽"
    r"|用足|用活|落实|促进|开展|构建|创新|激发|保障|做大|做强|做优|布局|创建|争创|"
    r"组建|鼓励|引导|搭建|扩大|畅通|突出|聚焦|攻克|突破|集聚|厚植|抢占|谋划|改革|规范)"
    r"[^。，；：、\n\d等]{3,20})。(?=[^\n]{12})",
    re.M,
)


@dataclass(slots=True)
class Node:
    """A heading in the view: its own text is ``start:end``, its content ``end:stop`` (children included)."""

    rank: int
    number: str | None
    title: str
    start: int
    end: int
    stop: int
    own_line: bool
    parent: Node | None
    has_children: bool = False

    @property
    def label(self) -> str:
        number = self.number or ""
        return f"{number}{self.title}" if self.rank != ITEM else f"{number}. {self.title}"

    def ancestors(self) -> list[Node]:
        """From the outermost parent down to the parent."""
        chain: list[Node] = []
        node = self.parent
        while node is not None:
            chain.append(node)
            node = node.parent
        return chain[::-1]

    @property
    def path(self) -> str:
        return "/".join(node.label for node in (*self.ancestors(), self))

    @property
    def parent_path(self) -> str:
        return "/".join(node.label for node in self.ancestors())


def outline(view: View) -> list[Node]:
    """Every heading in the order of the text, with parents and extents."""
    text = view.text
    found = (_node(text, match) for match in _MARK.finditer(text))
    # （1） and ① number the measures of a task, not headings; a bare number is no heading either.
    nodes = [node for node in found if node and node.rank not in (POINT, CIRCLE) and (node.title or node.rank == TOP)]
    nodes.extend(_annexes(text, nodes))
    nodes.sort(key=lambda node: node.start)
    _nest(nodes, len(text))
    run_in = [title for node in nodes if not node.has_children for title in _run_in_titles(text, node)]
    if run_in:
        nodes = sorted([*nodes, *run_in], key=lambda node: node.start)
        _nest(nodes, len(text))
    return nodes


def _node(text: str, match: re.Match[str]) -> Node | None:
    kind = match.lastgroup or ""
    rank = _RANK[kind]
    start, body = match.start(), match.end()
    at_line_start = start == 0 or text[start - 1] == "\n"
    if not at_line_start and not _begins_inline(rank, text[start - 1]):
        return None
    stop = _STOP.search(text, body, body + 200)
    end = stop.start() if stop else min(len(text), body + 200)
    own_line = at_line_start and (end == len(text) or (stop is not None and stop.group() == "\n"))
    if stop is not None and stop.group() == "\t":
        return None
    if rank == ENUMERATED and (own_line or not _titled(text, body, end, stop)):
        return None
    number = match.group(kind)
    number = number.rstrip("、.") if rank in (ITEM,) else number
    return Node(rank, number, text[body:end], start, end, 0, own_line, None)


def _begins_inline(rank: int, before: str) -> bool:
    """Whether a heading of this rank may begin inside a paragraph behind this character."""
    if rank not in _INLINE or before in "\t”":
        return False
    return not (rank == ITEM and before == "）") and not (before == "；" and rank < POINT)


def _titled(text: str, body: int, end: int, stop: re.Match[str] | None) -> bool:
    """Whether an 一是 item opens with a title: a short sentence with more sentences of its own after it."""
    if stop is None or stop.group() != "。" or end - body > 40:
        return False
    following = text[end + 1 : end + 4]
    return bool(following) and following[0] != "\n" and not re.match(rf"{NUMERAL}{{1,2}}[是要]", following)


def _annexes(text: str, nodes: Sequence[Node]) -> list[Node]:
    """An annex that begins (not one that is announced) is a heading of the highest rank."""
    found = []
    for match in _ANNEX.finditer(text):
        title = match["title"].strip("：")
        if nodes and match.start() > nodes[-1].start and "\n" in text[match.end() : match.end() + 1]:
            following = text[match.end() + 1 : text.find("\n", match.end() + 1)]
            label = title or following[:60]
            found.append(Node(0, "附件：", label, match.start(), match.end(), 0, True, None))
    return found


def _nest(nodes: list[Node], length: int) -> None:
    """Give every heading its parent and the end of its content."""
    stack: list[Node] = []
    for node in nodes:
        node.parent, node.has_children = None, False
    for node in nodes:
        while stack and stack[-1].rank >= node.rank:
            stack.pop().stop = node.start
        if stack:
            node.parent = stack[-1]
            stack[-1].has_children = True
        stack.append(node)
    while stack:
        stack.pop().stop = length


def _run_in_titles(text: str, node: Node) -> list[Node]:
    """The unnumbered titles inside a section whose heading stands on a line of its own."""
    if not node.own_line or node.rank not in (TOP, PART, ITEM) or node.stop - node.end < 40:
        return []
    titles = list(_RUN_IN_TITLE.finditer(text, node.end, node.stop))
    if len(titles) < 2:
        return []
    return [Node(RUN_IN, None, m["title"], m.start("title"), m.end("title"), 0, False, None) for m in titles]


_HEADED = re.compile(
    r"^(?:组织|重点|大力|积极|加快|加强|推动|推进|深入|扎实)*(?:实施|支持|开展|设立|建设|培育|引进)(?P<name>[^，。“”]{3,16})"
)


class Outline:
    """Looks up which heading a place of the view belongs to."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self._starts = [node.start for node in nodes]

    def at(self, position: int) -> Node | None:
        """The innermost heading whose text or content holds ``position``."""
        index = bisect_right(self._starts, position) - 1
        return self.nodes[index] if index >= 0 else None

    def named_at(self, position: int) -> str:
        """What the heading above ``position`` brings about: 重点研发专项 of 实施重点研发专项; else nothing."""
        node = self.at(position)
        match = _HEADED.match(node.title) if node is not None else None
        return match["name"] if match else ""


def headings(view: View, nodes: list[Node]) -> tuple[Heading, ...]:
    """The public form of the outline; ``level`` counts the ancestors."""
    found = []
    for node in nodes:
        start, end = view.span(node.start, max(node.end, node.start + 1))
        level = len(node.ancestors()) + 1
        found.append(Heading(level=level, number=node.number, title=node.title, path=node.path, start=start, end=end))
    return tuple(found)


def passages(view: View, lookup: Outline) -> tuple[Passage, ...]:
    """The reading text cut into sentences, in order and without gaps other than line ends."""
    found: list[Passage] = []
    node: Node | None = None
    path = ""
    for match in _SENTENCE.finditer(view.text):
        start, end = match.span()
        while end > start and view.text[end - 1] == "\n":
            end -= 1
        if end == start:
            continue
        current = lookup.at(start)
        if current is not node:
            node, path = current, current.path if current else ""
        first, last = view.span(start, end)
        found.append(Passage(start=first, end=last, path=path))
    return tuple(found)

"""What a document says of itself: title, number, issuers, date; and the other documents it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kechuang.engines.extraction.model import Meta, Reference
from kechuang.engines.extraction.quantities import chinese_number
from kechuang.engines.extraction.structure import Node
from kechuang.engines.extraction.view import COVER, View

_KIND = (
    "通知|意见|方案|办法|措施|规定|计划|规划|要点|细则|决定|公告|通告|条例|纲要|台账|"
    "指南|政策|举措|清单|分解表|任务表|任务书|责任状|行动|若干|章程|批复|报告|函|十条|[一二三四五六七八九十\\d]+条"
)
DOC_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}(?:〔|（)(?:19|20)\d\d(?:〕|）)(?:第)?\d{1,5}号")
_NUMBER_LABEL = re.compile(rf"(?:文号|文字号|文件编号|发文字号)〕?[：|\]]*(?P<number>{DOC_NUMBER.pattern})")
_TITLE_LABEL = re.compile(r"^(?:发文标题|文件名称|标题|名称)〕?[：|]+")
_LABELLED_DATE = re.compile(
    r"(?:成文日期|发文日期|发文时间|印发日期|发布日期|发布时间)〕?[：|]*(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})"
)
_DATE = re.compile(
    r"(\d{4}|[〇零○Oo一二三四五六七八九]{4})年([\d一二三四五六七八九十]{1,3})月([\d一二三四五六七八九十]"
    r"{1,3})日"
)
_DATE_LINE = re.compile(rf"[★☆\-—–─（]*{_DATE.pattern}[★☆\-—–─）]*")
_TITLE = re.compile(rf"[^。；\t]{{3,79}}(?:{_KIND})”?(?:的通知)?(?:（[^（）]{{2,20}}）)*(?:（[^（）]{{2,12}}）)?")
_ADDRESSEES = re.compile(r"^(?:各|市|省|县|区|有关|机关|局)[^\n]*：$")
_ISSUES = re.compile(r"(?:印发|转发|发布|公布)(?:《(?P<quoted>[^》]+)》|(?P<plain>.+?)的通知)")
_ISSUER = re.compile(
    r"(?:中共)?[\u4e00-\u9fff]{2,18}?(?:人民政府办公[室厅]|人民政府|党委办公[室厅]|"
    r"委员会办公[室厅]|委办公[室厅]|办公[室厅]|委员会|管委会|领导小组|厅|局|委)"
)
_HEADER_LINE = re.compile(r"https?|www\.|来源|转载|发布时间|浏览次数|索引号|^#|字体|打印|关闭")
_COVER_LABEL = re.compile(r"^(?:#+|[【〔]?(?:标题|题名|文件名|title)[】〕]?[：=]?)+", re.I)
_COVER_TITLE = re.compile(
    rf"《?(?P<title>[^|\t；;《》【]{{3,79}}?(?:{_KIND})(?:（[^（）]{{2,30}}）)*)(?=$|[》|\t；;，。【〔（—-]|（?(?:来源|出处|完整|节选|不完整|网页|source|http))",
    re.I,
)
_COVER_NOTE = re.compile(r"（(?:完整|节选|摘录|全文|部分|不完整|残缺)[^（）]{0,20}）$")
_SIGNATURE_TAIL = re.compile(r"(?:人民政府|办公室|办公厅|委员会|局|委|厅|管委会|领导小组)$")


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    start: int


def read_meta(view: View, nodes: Sequence[Node]) -> Meta:
    """Title, number, issuers and date; of a notice that issues a plan, the title is the plan's."""
    lines = _lines(view.text)
    first_heading = next((node.start for node in nodes if node.rank != 0), len(view.text))
    head = [line for line in lines if line.start < first_heading][:40]
    notice, at = _notice_title(head)
    title = (_issued_title(head, notice, at) if notice and _ISSUES.search(notice) else None) or notice
    title = title or _cover_title(lines[:1])
    return Meta(
        title=title,
        doc_number=_doc_number(head),
        issuer=_issuers(head, lines, notice),
        date=_date(lines, len(head)),
    )


def _lines(text: str) -> list[_Line]:
    found, start = [], 0
    for line in text.split("\n"):
        if line:
            found.append(_Line(line, start))
        start += len(line) + 1
    return found


def _notice_title(head: Sequence[_Line]) -> tuple[str | None, int]:
    """The first title in the head, put together where it runs over two or three lines, and where it ends."""
    for index, line in enumerate(head):
        if _unfit(line.text):
            continue
        joined = ""
        for extra in range(index, min(index + 4, len(head))):
            if _unfit(head[extra].text):
                break
            joined += _TITLE_LABEL.sub("", head[extra].text)
            if _TITLE.fullmatch(joined) and "关于" not in (head[extra + 1].text[:2] if extra + 1 < len(head) else ""):
                return _COVER_NOTE.sub("", joined) if index == 0 else joined, extra
    return None, 0


def _cover_title(lines: Sequence[_Line]) -> str | None:
    """The title that a collection's own first line gives, for a document that begins without one."""
    if not lines or not COVER.search(lines[0].text):
        return None
    named = _COVER_TITLE.match(_COVER_LABEL.sub("", lines[0].text))
    return named["title"] if named else None


def _unfit(text: str) -> bool:
    return (
        len(text) > 80
        or _HEADER_LINE.search(text) is not None
        or text.endswith("文件")
        or DOC_NUMBER.fullmatch(text) is not None
        or _ADDRESSEES.match(text) is not None
        or _DATE_LINE.fullmatch(text) is not None
        or text[-1] in "。；，"
        or (text[0] == "（" and text[-1] == "）")
    )


def _issued_title(head: Sequence[_Line], notice: str, at: int) -> str | None:
    """The title that stands over the issued plan itself; else the one the notice quotes."""
    rest = head[at + 1 :]
    body = next((index for index, line in enumerate(rest) if len(line.text) > 12 and line.text.endswith("。")), None)
    if body is not None:
        title, _ = _notice_title(rest[body + 1 :])
        if title and title != notice:
            return title
    match = _ISSUES.search(notice)
    return (match["quoted"] or match["plain"]) if match else None


def _doc_number(head: Sequence[_Line]) -> str | None:
    for line in head[:25]:
        match = _NUMBER_LABEL.search(line.text)
        if match:
            return re.sub("[（]", "〔", re.sub("[）]", "〕", match["number"]))
        match = DOC_NUMBER.search(line.text)
        if match and (len(line.text) <= len(match.group()) + 12 and "《" not in line.text):
            return re.sub("[（]", "〔", re.sub("[）]", "〕", match.group()))
    return None


def _issuers(head: Sequence[_Line], lines: Sequence[_Line], notice: str | None) -> tuple[str, ...]:
    for line in head[:6]:
        if line.text.endswith("文件") and len(line.text) < 40:
            found = _names(line.text.removesuffix("文件"))
            break
    else:
        found = ()
    if notice and "关于" in notice:
        signed = _names(notice.split("关于")[0])
        found = signed if len(signed) >= len(found) else found
    if found:
        return found
    for previous, line in pairwise(lines):
        if _DATE_LINE.fullmatch(line.text) and len(previous.text) < 30 and _SIGNATURE_TAIL.search(previous.text):
            return _names(previous.text)
    return ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.group() for match in _ISSUER.finditer(text)))


def _date(lines: Sequence[_Line], head: int) -> str | None:
    """The date of signature: a line of its own, in the head or at the end; else the date of printing."""
    for line in lines:
        if _DATE_LINE.fullmatch(line.text):
            return _iso(_DATE.search(line.text))
    for line in lines[::-1]:
        match = _DATE.search(line.text)
        if match and line.text.endswith("印发") and len(line.text) < 40:
            return _iso(match)
    for line in lines[: max(head, 10)]:
        if match := _LABELLED_DATE.search(line.text):
            return _iso(match)
    return None


def _iso(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    numbers = [int(part) if part.isdigit() else chinese_number(re.sub("[○Oo]", "〇", part)) for part in match.groups()]
    year, month, day = numbers
    if year is None or month is None or day is None or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"


_CITED = re.compile(
    rf"《(?P<title>[^《》\n]{{4,90}}(?:《[^》]{{2,60}}》[^《》\n]{{0,60}})?)》(?:（(?P<number>{DOC_NUMBER.pattern})"
    r"）)?"
)
_BASED = re.compile(r"(?:根据|依据|按照|参照|贯彻|落实|执行|遵照|结合)[^。；\n]{0,60}$")
_REPEALED = re.compile(r"^[^。\n]{0,60}(?:同时废止|予以废止|废止|不再执行|停止执行|失效)")
_ISSUED = re.compile(
    r"(?:印发|发布|公布|下发)(?:了)?$|^[^。\n]{0,40}(?:印发给你们|印发给|已经.{2,20}(?:同意|"
    r"通过|审议))"
)


def find_references(view: View) -> list[Reference]:
    """The documents named in 《》, each with how this one relates to it."""
    found = []
    for match in _CITED.finditer(view.text):
        before = view.text[max(0, match.start() - 80) : match.start()]
        after = view.text[match.end() : match.end() + 80]
        after = re.sub(r"^(?:、?《[^》]*》)*", "", after)
        if _REPEALED.search(after):
            relation = "repeals"
        elif re.search(_ISSUED.pattern.split("|^")[0], before) or _ISSUED.search(after):
            relation = "issues"
        elif _BASED.search(before.split("\n")[-1]):
            relation = "based_on"
        else:
            relation = "cites"
        quote = view.quote(match.start(), match.end())
        found.append(Reference(relation=relation, title=match["title"], doc_number=match["number"], **quote))  # type: ignore[arg-type]
    return found

"""Time expressions: what period a target holds for, and when a task is due."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

# The last year of every five-year plan.
PLAN_END = {"十一五": 2010, "十二五": 2015, "十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}
_PLAN = r"“?(?P<plan>[一二三四五六七八九十]{1,2}五)”?(?:规划)?(?P<edge>末|期末|期间|时期|期内)"
_YEARS = r"(?:到|至|自)?(?P<from>20\d\d)(?:年)?[-—–─~～至到]{1,2}(?P<to>20\d\d)年(?:期间)?"
_YEAR = (
    r"(?<![较比从由])(?:到|至|截至|力争)?(?P<year>20\d\d)年(?P<month>\d{1,2}月)?(?P<day>\d{1,2}日)?(?P<tail>年底|"
    r"年末|底|末|初|上半年|下半年)?(?:之?前|以前)?(?!底?的?基础)"
)
PERIOD = re.compile(
    rf"{_YEARS}|{_YEAR}|{_PLAN}|(?P<annual>每年度?|逐年|年度新增|年新增)|(?P<this>今年|"
    r"本年度|全年|年内|当年底|年底前)"
    r"|(?P<span>(?:通过|用|未来|力争|今后)?[一二三四五两]年(?:内|时间|左右))"
)
# Begins with plain characters only, so that a whole document is scanned quickly.
_HINT = re.compile(
    r"20\d\d|五”?(?:规划)?(?:末|期|时期)|每年|逐年|年度新增|年新增|今年|本年度|全年|"
    r"年内|当年底|年底前|年(?:时间|左右)"
)
_STATED = re.compile(r"(?:完成(?:时限|时间|期限)|时限要求|时间节点)：(?P<label>[^\n；。（）]{2,24})")
_DEADLINE = re.compile(rf"{_YEARS}|{_YEAR}|{_PLAN}|(?P<span>(?:通过|用|未来|今后)[一二三四五两]年(?:内|时间))")


@dataclass(frozen=True, slots=True)
class Period:
    """A period named at ``start:end`` of the view, in the contract's form."""

    start: int
    end: int
    value: str


class Periods:
    """All periods named in a text, and the last one before a given place."""

    def __init__(self, text: str, default_year: str | None) -> None:
        self._found: list[Period] = []
        last = 0
        for match in _scan(PERIOD, text, 0, len(text)):
            value = _value(match, default_year)
            if value is not None and match.end() > last:
                self._found.append(Period(match.start(), match.end(), value))
                last = match.end()
        self._starts = [period.start for period in self._found]

    def last_between(self, start: int, end: int) -> Period | None:
        """The last period that begins in ``start:end``."""
        index = bisect_right(self._starts, end - 1) - 1
        return self._found[index] if index >= 0 and self._starts[index] >= start else None


def _scan(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The matches of ``pattern`` that lie about a hint."""
    position = start
    for hint in _HINT.finditer(text, start, end):
        if hint.start() < position:
            continue
        match = pattern.search(text, max(position, hint.start() - 4), min(end, hint.end() + 16))
        if match is not None:
            position = match.end()
            yield match


def _value(match: re.Match[str], default_year: str | None) -> str | None:
    if match["to"]:
        return f"{match['from']}-{match['to']}"
    if match["year"]:
        return match["year"]
    if match["plan"]:
        return match["plan"] + ("末" if match["edge"] in ("末", "期末") else "期间")
    if match["annual"]:
        return "annual"
    return default_year if match["this"] else None


def labelled_deadline(text: str, start: int, end: int) -> str | None:
    """What stands behind 完成时限： in ``start:end``."""
    match = _STATED.search(text, start, end)
    return re.sub("[“”]", "", match["label"]) if match else None


def find_deadline(text: str, start: int, end: int) -> str | None:
    """The label of the last due time stated in ``start:end``; a plain mention of a past year is none."""
    label = None
    for match in _scan(_DEADLINE, text, start, end):
        if match["plan"]:
            label = match["plan"] + ("末" if match["edge"] in ("末", "期末") else "期间")
        elif match["to"] or match["span"]:
            continue
        elif re.match("到|至|截至|力争", match.group()) or re.search("前$", match.group()) or match["tail"]:
            label = re.sub("^(?:到|至|截至|力争)", "", match.group())
    return label

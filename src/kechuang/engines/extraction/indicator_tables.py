"""Targets in tables of indicators: a row names the indicator, a column the year (专栏 主要指标: 2020年, 2025年)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kechuang.engines.extraction.ledger import cells_of, tabbed_lines
from kechuang.engines.extraction.model import Number, Target
from kechuang.engines.extraction.quantities import number
from kechuang.engines.extraction.view import View

_NAME = re.compile(r"^(?:主要|具体|核心|考核|评价|二级|三级)?指标(?:名称|内容)?$|^指标项$|^目标指标$")
_UNIT = re.compile(r"^(?:计量|指标)?单位$")
_YEAR = re.compile(r"^到?(?P<year>20\d\d)年?(?:底|末)?(?:预期)?(?:(?:目标|规划|预期|指标)值?)?(?:（[^（）]{1,6}）)?$")
_VALUE = re.compile(
    r"(?P<op>[>≥<≤~约]|大于|超过|突破|不低于|达到|左右)?=?[\[〔]?(?P<low>\d+(?:\.\d+)?)(?:[-—–~至](?P<high>\d+(?:\.\d+)?))?[\]〕]?"
    r"(?P<scale>[万亿]*)(?P<unit>元|%|‰|个百分点|[家个项名人位件件处台套座场次户户篇])?(?P<post>以上|左右|以内|以下)?"
)
_IN_NAME = re.compile(r"[（(](?P<unit>[^（）()\d]{1,6})[）)]$")
_MONEY = re.compile(r"^(?P<scale>[十百千万亿]*)元$")
_COUNTED = re.compile(
    r"^(?P<scale>[万亿]*)(?P<unit>个百分点|%|‰|[家个项名人位件处台套座场次户篇]|人次|平方米|平方公里|人年|吨)$"
)
_COMPARATORS = {">": "> 大于 超过 突破", ">=": "≥ 不低于 达到 以上", "<": "<", "<=": "≤ 以内 以下", "~": "~ 约 左右"}
_COMPARATOR = {word: sign for sign, words in _COMPARATORS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class _Header:
    """Which column holds the names, which the units, which the last year's values, and that year."""

    name: int
    unit: int | None
    value: int
    year: str


def find_table_targets(view: View, scope: str | None) -> Iterator[Target]:
    """One target for every row of a table of indicators: the value of its last year."""
    header: _Header | None = None
    last_end = -1
    for start, end in tabbed_lines(view.text):
        cells = list(cells_of(view.text, start, end))
        texts = [view.text[first:last] for first, last in cells]
        found = _header(texts)
        if found is not None:
            header = found
        elif header is not None and start - last_end < 120:
            target = _target(view, header, cells, texts, scope)
            if target is not None:
                yield target
        else:
            header = None
        last_end = end


def _header(texts: Sequence[str]) -> _Header | None:
    names = [index for index, text in enumerate(texts) if _NAME.match(text)]
    years = [(match["year"], index) for index, text in enumerate(texts) if (match := _YEAR.match(text))]
    if len(texts) < 3 or not names or not years:
        return None
    units = [index for index, text in enumerate(texts) if _UNIT.match(text)]
    year, value = max(years)
    return _Header(names[-1], units[0] if units else None, value, year)


def _target(
    view: View, header: _Header, cells: Sequence[tuple[int, int]], texts: Sequence[str], scope: str | None
) -> Target | None:
    # A cell that several rows share (the class of the indicators) is left out of all but the first of them.
    if header.value >= len(cells) or header.name >= len(cells):
        return None
    match = _VALUE.fullmatch(texts[header.value])
    name = texts[header.name]
    if match is None or len(name) < 2:
        return None
    written = texts[header.unit] if header.unit is not None else ""
    in_name = _IN_NAME.search(name)
    value, top, unit = _measured(match, written or (in_name["unit"] if in_name else ""))
    if value is None:
        return None
    first, last = sorted((header.name, header.value))
    return Target(
        indicator=_IN_NAME.sub("", name) if in_name and _known(in_name["unit"]) else name,
        comparator=_COMPARATOR.get(match["op"] or match["post"] or "", "="),
        value=value,
        value_max=top,
        unit=unit,
        period=header.year,
        scope=scope,
        change="增长" if re.search("增长|增速|增幅", name) else None,
        **view.quote(cells[first][0], cells[last][1]),  # type: ignore[arg-type]
    )


def _known(unit: str) -> bool:
    return _MONEY.match(unit) is not None or _COUNTED.match(unit) is not None


def _measured(match: re.Match[str], written: str) -> tuple[Number | None, Number | None, str | None]:
    """The value and its unit, in yuan where it is money; the cell's own unit goes before that of its column."""
    unit: str | None = match["unit"]
    scale = match["scale"]
    if unit is None:
        money, counted = _MONEY.match(written), _COUNTED.match(written)
        if money:
            unit, scale = "元", scale + money["scale"]
        elif counted:
            unit, scale = counted["unit"], scale + counted["scale"]
        else:
            unit = written or None
    top = number(match["high"], scale) if match["high"] else None
    return number(match["low"], scale), top, unit

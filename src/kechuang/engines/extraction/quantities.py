"""Numbers with their units: 10—15家, 1.5亿元, 百分之十五, 二百名, 1350以上."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kechuang.engines.extraction.model import Number

_DIGIT = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALE = {"十": 10, "百": 100, "千": 1000}
_MAGNITUDE = {"万": 10_000, "亿": 100_000_000} | _SCALE

_COUNT = (
    r"平方公里|平方米|公顷|公里|人次|家次|人（次）|个百分点|百分点|千瓦时|千瓦|兆瓦|吨|亩|倍|番"
    r"|个(?!工作日|自然日|月|小时|学期|季度|年度|星期|体|人(?!才)|税|方面|环节|层次|维度|阶段|百分)"
    r"|家(?!级|庭|长)|项(?!目)|名(?!称|单|牌|额)|人(?![才民工员均员次])|位(?![次于置])|"
    r"件|处(?![理于罚置])|支(?![持撑付出])|条(?!件|例|款)|台|套"
    r"|座|所(?![有在需属得])|场次|场(?![景地所])|次(?!性|全会|报送|递交)|户|款|种|门|篇|辆|部(?![门分署级委])|"
    r"株|间|份|只(?!有)|组(?![织建成合])|期(?![间限])|单|张|村"
)
UNIT = rf"(?:元|%|‰|{_COUNT})"
_ARABIC = r"\d+(?:\.\d+)?"
_CHINESE = r"[零〇一二两三四五六七八九十](?:[零〇一二两三四五六七八九十百千万亿]*)"
_DASH = r"(?:[-—–─―~～]{1,2}|至|到)"
QUANTITY = re.compile(
    rf"(?<![第\d.A-Za-z+〔/一二三四五六七八九十百千])(?:百分之(?P<percent>{_ARABIC}|"
    rf"{_CHINESE})(?:{_DASH}(?:百分之)?(?P<percent_to>{_ARABIC}|{_CHINESE}))?"
    rf"|(?P<low>{_ARABIC}|{_CHINESE})(?P<low_scale>[十百千万亿]*)"
    rf"(?:(?P<low_unit>{UNIT})?{_DASH}(?P<high>{_ARABIC}|{_CHINESE})(?P<high_scale>[十百千万亿]*))?"
    rf"(?P<over>余|多)?(?P<scale>[万亿]*)(?P<unit>{UNIT}|(?<=\d)(?=以上|左右|以内))?)"
    r"(?P<post>(?:（含[^（）]{0,6}）|（不含）|（[个家项名人位]）)?(?:（?及?以上）?|以内|以下|左右|上下|之间|封顶|为上限|为限)?)"
)
# The same, but only where a unit can follow soon: keeps the scan from trying at every 一 of running text.
_CANDIDATE = re.compile(
    r"\d|百分之|[零〇一二两三四五六七八九十](?=[零〇一二两三四五六七八九十百千万亿至到\-—–─―~～点]{0,8}[元%家个项名人位件处支条台套座所场次户款种门篇辆部倍余多平公吨亩]"
    r")"
)
_LISTED_SUMS = re.compile(r"(?:[、和或及]\d+(?:\.\d+)?[百千]?[万亿])*[、和或及]\d+(?:\.\d+)?[百千]?[万亿]?元")
_GRANTING = frozenset(("最高", "奖励", "补助", "补贴", "给予", "资助", "奖补"))
# 2022期, 2023届: behind these a number of four digits is a year.
_YEARLY = frozenset(("期", "款", "部", "门"))
_YEAR = re.compile(r"(?:19|20)\d\d")


# 由40%提高到45%: the words about the first of the two, which only says where things stood.
FROM = re.compile("[由从](?:目前|当前|现在|20\\d\\d年?(?:底|末)?)?的?$")
RISES = re.compile("(?:提高|提升|增加|增长|扩大|上升|降低|下降|降|升|增)[到至]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in the view: ``start:end`` covers it with its unit, ``stop`` also its trailing 以上, 左右 …"""

    start: int
    end: int
    stop: int
    value: Number
    value_max: Number | None
    unit: str
    post: str
    over: bool
    chinese: bool

    @property
    def money(self) -> bool:
        return self.unit == "元"

    @property
    def percent(self) -> bool:
        return self.unit in ("%", "‰")


def chinese_number(text: str) -> int | None:
    """十五 → 15, 一千二百万 → 12000000, 二〇二五 → 2025; None where it is no number."""
    if not text or any(c not in _DIGIT and c not in _MAGNITUDE for c in text):
        return None
    if all(c in _DIGIT for c in text):
        return int("".join(str(_DIGIT[c]) for c in text))
    total = section = digit = 0
    for c in text:
        if c in _DIGIT:
            digit = _DIGIT[c]
        elif c in _SCALE:
            section += (digit or 1) * _SCALE[c]
            digit = 0
        else:
            total = (total + section + digit or 1) * _MAGNITUDE[c]
            section = digit = 0
    return total + section + digit


def number(text: str, scale: str = "") -> Number | None:
    """The value of an Arabic or Chinese numeral followed by 十百千万亿; whole values are int."""
    value: Number | None = float(text) if text[:1].isdigit() and text[:1].isascii() else chinese_number(text)
    if value is None:
        return None
    for character in scale:
        value *= _MAGNITUDE[character]
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def quantities(text: str) -> Iterator[Quantity]:
    """Every number with a unit, left to right; years, ordinals and bare numbers are none."""
    position = 0
    while candidate := _CANDIDATE.search(text, position):
        match = QUANTITY.match(text, candidate.start())
        if match is None:
            position = candidate.end()
            # A run of digits that is no quantity here is none a digit further on either.
            while position < len(text) and text[position].isdigit():
                position += 1
            continue
        position = max(match.end(), candidate.end())
        if (found := _quantity(match)) is not None:
            yield found


def _quantity(match: re.Match[str]) -> Quantity | None:
    percent = match["percent"]
    if percent is not None:
        unit: str | None = "%"
        low, high = number(percent), number(match["percent_to"]) if match["percent_to"] else None
        numeral = percent
    else:
        unit = match["unit"] or _implied_unit(match)
        if unit is None:
            return None
        numeral = match["low"]
        low, high = _bounds(match)
        unit = {"百分点": "个百分点", "人（次）": "人次"}.get(unit, unit)
    if low is None or unit is None or (_YEAR.fullmatch(numeral) and not match["low_scale"] and unit in _YEARLY):
        return None
    return Quantity(
        start=match.start(),
        end=match.start("post"),
        stop=match.end(),
        value=low,
        value_max=high or None,
        unit=unit,
        post=match["post"] or "",
        over=percent is None and match["over"] is not None,
        chinese=not numeral[0].isdigit() and percent is None,
    )


def _implied_unit(match: re.Match[str]) -> str | None:
    """元 left out: in a row whose last sum has it (200万、50万元), or right behind a granting word (最高200万)."""
    if match["unit"] is not None:
        return match["unit"]
    scale = match["low_scale"] + match["scale"]
    if not scale or scale[-1] not in "万亿":
        return None
    listed = _LISTED_SUMS.match(match.string, match.end())
    return "元" if listed or match.string[match.start() - 2 : match.start()] in _GRANTING else None


def _bounds(match: re.Match[str]) -> tuple[Number | None, Number | None]:
    """Both ends of a range; the lower one borrows the scale of the upper: 200—300万元, 1—2亿元."""
    tail = match["scale"]
    if match["high"] is None:
        return number(match["low"], match["low_scale"] + tail), None
    scale = match["high_scale"] + tail
    high = number(match["high"], scale)
    low = number(match["low"], match["low_scale"] or ("" if match["low_unit"] else scale))
    if low is not None and high is not None and low > high:
        return None, None
    return low, high

"""Funds: pots that are set up and yearly budgets that are set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kechuang.engines.extraction.lexicon import TREASURY
from kechuang.engines.extraction.model import Fund
from kechuang.engines.extraction.quantities import Quantity
from kechuang.engines.extraction.sentences import Sentence
from kechuang.engines.extraction.view import View

_POT = (
    r"(?:引导基金|投资基金|产业基金|发展基金|母基金|子基金|种子基金|天使基金|基金|"
    r"准备金|风险补偿金|风险补偿资金|补偿资金池|资金池|专项资金|专项经费|扶持资金|"
    r"引导资金|专项|资金|经费|预算)"
)
_SET_UP = r"(?:新?设立了?|组建|发起设立|发起|建立|成立|整合设立|筹建)"
_SET_ASIDE = r"(?:安排|列支|统筹|筹集|筹措|投入|预算|整合|出资|拿出|落实|划拨)"
_BEFORE = re.compile(
    rf"[、和及]总?规模(?:为|达到?|不低于)?$|{_SET_UP}[^，]{{0,24}}$|{_SET_ASIDE}[^，]{{0,24}}$|{_POT}(?:总)?(?:规模|额度)[^，]{{0,8}}$"
)
_TREASURER = re.compile(rf"^(?:每年|今年|年度|全年)?(?:计划|拟)?安排$|{TREASURY}|财政|省市|市里|县里|政府出资|{_POT}")
_NAME_AFTER = re.compile(rf"^的?(?P<name>[^，。；的]{{0,40}}?{_POT})(?![\u4e00-\u9fff]{{0,3}}支持)")
_NAME_BEFORE = re.compile(
    rf"[、和及]总?规模(?:为|达到?|不低于)?$|(?P<name>[^，。；、]{{0,40}}?{_POT})(?:总?规模)?(?:[^，。；]{{0,8}})$"
)
_GENERIC_NAME = re.compile(r"^(?:专项)?(?:资金|经费|专项|预算|基金)$")
_CLEAN = re.compile(
    rf"^(?:(?:力争|争取|到)?“?[一二三四五六七八九十]{{1,2}}五”?(?:期间|末)?|.*(?:{_SET_UP}|{_SET_ASIDE}|组织实施|总规模|规模|不低于|不少于|每年|\d+(?:\.\d+)?[万亿]*[元个项家]"
    r"(?:以上|左右)?)(?:的|为)?)"
)
_PURPOSE = re.compile(
    r"^，?(?:主要|专项|重点)?(?:用于|重启实施|启动实施|实施|支持|组织实施|组织开展|"
    r"开展)+(?P<name>[^，。；]{2,30})"
)
_PURPOSE_AFTER = re.compile(
    r"^(?:以上|左右)?(?:的[^，。；]{0,6}资金)?(?:用于|组织实施|实施|支持|开展|组织开展)(?:\d+(?:\.\d+)?[个项家](?:以上|左右)?)?(?P<name>[^，。；]"
    r"{2,30})"
)
_PAYER = re.compile(
    rf"(?P<payer>{TREASURY}|省市(?=共同|联合)|财政)(?=(?:资金|部门|预算|科技)?[^，]{{0,8}}(?:安排|"
    r"列支|投入|出资|统筹|设立|每年|拟|拿出|整合|落实|新))"
)
_UNQUANTIFIED = re.compile(
    r"(?:设立|组建|发起设立|建立)(?!总规模)(?P<name>[^，。；：、\n\t\d“”]{2,24}?(?:基金|"
    r"准备金|风险补偿金|资金池|专项资金))(?![\u4e00-\u9fff]{0,4}\d)"
)
# 研发经费投入突破50亿元 is an aim, however much money it speaks of.
_REACHES = re.compile(
    r"(?:投入|支出|经费|强度)(?:总?[量额])?(?:力争|预计)?(?:突破|达到?|超过?|增至|完成|实现)$|(?:研发|发展|R&D)经?费?(?:投入|支出)(?:总量)?$"
)
_SPENT_ON = re.compile(r"^(?:以上|左右)?(?:的[^，。；]{0,6}资金)?，?(?:专项|重点|主要)?(?:用于|支持|实施|组织实施)")
_STATE_MONEY = re.compile(r"^(?:以上|左右)?的?(?:市级|本级|省级|县级|区级)?财政[^，；。]{0,8}资金")
_COUNT_LEAD = re.compile(r"^[^，。；]{0,12}?\d[\d.\-—–~万亿]*[个项家名批](?:以上|左右)?")
_BENEFIT_TAIL = re.compile(r"^(?:的)?(?:一次性)?[^，]{0,12}?(?:奖励|奖补|补助|补贴|资助|支持|扶持|贴息)")


def find_funds(view: View, sentence: Sentence) -> Iterator[tuple[Quantity, Fund]]:
    """The funds with an amount among a sentence's numbers."""
    floor = sentence.start
    for quantity in sentence.numbers:
        first, last = sentence.clause(quantity.start)
        begin = max(first, floor)
        floor = quantity.stop
        if not quantity.money:
            continue
        left, right = view.text[begin : quantity.start], view.text[quantity.stop : last]
        if not _BEFORE.search(left) or re.search(r"给予|予以|奖励|补助", left) or _REACHES.search(left):
            continue
        after = _NAME_AFTER.match(right)
        given = _BENEFIT_TAIL.match(right) and not (after or _SPENT_ON.match(right))
        if not (after or _TREASURER.search(left) or _STATE_MONEY.match(right)) or given:
            continue
        name = _name(left, right, view.text[last : min(last + 40, sentence.end)])
        payer = _PAYER.search(left)
        yield (
            quantity,
            Fund(
                name=name,
                amount=int(quantity.value),
                per="年" if re.search("每年|年度|逐年", left) else None,
                payer=payer["payer"] if payer else None,
                **view.quote(begin, max(quantity.stop, quantity.stop + (after.end() if after else 0))),  # type: ignore[arg-type]
            ),
        )


def _name(left: str, right: str, beyond: str) -> str:
    for match in (_NAME_AFTER.match(right), _PURPOSE_AFTER.match(right), _NAME_BEFORE.search(left)):
        if match:
            name = _CLEAN.sub("", match["name"]).strip("的为")
            if name and not _GENERIC_NAME.match(name):
                return name
    purpose = _PURPOSE.match(beyond)
    return _COUNT_LEAD.sub("", purpose["name"]) or purpose["name"] if purpose else "专项资金"


def find_unquantified_funds(view: View, taken: set[int]) -> Iterator[Fund]:
    """Funds set up without a stated amount; ``taken`` holds the starts of the quotes already given."""
    for match in _UNQUANTIFIED.finditer(view.text):
        if any(character in match["name"] for character in "各类等") and "等" in match["name"]:
            continue
        quote = view.quote(match.start(), match.end())
        if quote["start"] not in taken:
            yield Fund(name=match["name"], **quote)  # type: ignore[arg-type]

"""Lists of responsible units: 市财政局、发展改革委 → 市财政局, 市发展改革委; classes of units stay whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kechuang.engines.extraction.lexicon import DUTY_LABEL, LEAD_LABEL, UNIT_TAIL

_LABEL = re.compile(rf"(?P<lead>{LEAD_LABEL})|(?P<duty>{DUTY_LABEL})|(?P<both>牵头及配合单位)")
# "责任单位：…" on a line or in brackets, or "（市科技局牵头，市财政局配合）".  Scanned by what all of them hold.
_HINT = re.compile(r"单位：|部门：|单位和部门：|（(?![^（）\n]{0,14}(?:单位|部门)：)[^（）\n]{2,30}[局委办厅部会府]")
_LABELLED = re.compile(rf"[（〔]?(?P<label>{LEAD_LABEL}|{DUTY_LABEL}|牵头及配合单位)：")
_LISTED = re.compile(r"[^\n\t。]*")
_BARE = re.compile(
    r"（(?P<bare>(?:[^（）\n]|（[^（）\n]{0,20}）){2,200}?(?:牵头|负责|配合|分工负责|参与|落实|组织实施))）"
)
_IN_SENTENCE = re.compile(
    r"由(?P<lead>[^，。；]{2,30}?)牵头[，、](?P<units>[^。；]{2,200}?)(?:等(?:有关|相关)?(?:部门|单位))?(?:共同)?(?:参与|配合|参加)"
)
_BRACKETS = re.compile(r"（[^（）]*）|〔[^〔〕]*〕")
_SPLIT = re.compile(
    r"[、，；]|(?<=[局委办部会院厅])(?:和|及|与|以及|会同)(?=[市省县区各州国])|(?<=[局委厅])(?=[市省县区州]"
    rf"[^、，；]{{1,12}}(?:{UNIT_TAIL}))"
)
_NOTE = re.compile(
    r"[，,]?下同|^(?:由|主要由|并|会同|以及|及|和)|等(?:有关|相关|单位|部门|部门和单位)*$|"
    r"(?:按照?(?:各自)?(?:职责|职能)(?:分工)?)?(?:分别|共同|分工|具体)?(?:牵头|负责|"
    r"配合|参与|落实|组织实施|实施)+$"
)
_SHARED = re.compile(r"市(?!场)|省|县(?!域)|区(?!域)|州|盟|旗")
_OWN_PLACE = re.compile(
    r"^(?:各|中国|国家|全[市省国]|人行|人民银行|国网|中央|中共|驻|有关|相关|其他|涉及|"
    r"受益)|^.{2,4}[市省县区州]|分局$|支行$|分行$|公司$|集团$|大学$|学院$|银行$|管委会|"
    r"政府|开发区|高新区|示范区"
)
_UNIT = re.compile(rf"(?:{UNIT_TAIL}|组|局委|联|[县市区]|园区|开发区|街道|乡镇|企业|高校|院所)$")
_ROLE = re.compile(
    r"(?P<units>(?:[^，；]|，(?!.{0,30}(?:牵头|配合|负责|参与)))+?)(?P<role>牵头(?:负责)?|"
    r"按.{0,8}负责|负责|配合|参与|落实|组织实施)(?=[，；、]|$)"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who leads and who else answers, as written in one place of the text (``start:end`` of the view)."""

    lead: tuple[str, ...]
    units: tuple[str, ...]
    start: int
    end: int


def find_duties(text: str) -> list[Duty]:
    """Every statement of responsibility; adjoining ones (牵头单位 above 责任单位) are one."""
    found: list[Duty] = []
    position = 0
    for hint in _HINT.finditer(text):
        if hint.start() < position:
            continue
        duty = _duty(text, hint, position)
        if duty is None:
            continue
        position = duty.end
        if found and not text[found[-1].end : duty.start].strip("\n；，。"):
            last = found.pop()
            duty = Duty(_merge(last.lead, duty.lead), _merge(last.units, duty.units), last.start, duty.end)
        found.append(duty)
    return found


def _duty(text: str, hint: re.Match[str], position: int) -> Duty | None:
    """The statement that ``hint`` belongs to, not reaching back before ``position``."""
    if hint.group()[0] == "（":
        match = _BARE.match(text, hint.start())
        lead, units = _bare(match["bare"]) if match else ((), ())
        start, end = match.span() if match else (0, 0)
    else:
        match = _LABELLED.search(text, max(position, hint.start() - 12), hint.end())
        if match is None:
            return None
        listed = _LISTED.match(text, match.end(), match.end() + 800)
        start, end = match.start(), listed.end() if listed else match.end()
        lead, units = _labelled(text[start:end])
    return Duty(lead, units, start, end) if lead or units else None


def duty_in_sentence(text: str, start: int, end: int) -> Duty | None:
    """由市科协牵头，市科技局、财政局等部门参与的…工作组: a statement of duty inside running text."""
    match = _IN_SENTENCE.search(text, start, end)
    if match is None:
        return None
    lead = split_units(match["lead"])
    units = split_units(f"{match['lead']}、{match['units']}")
    if not all(_UNIT.search(_BRACKETS.sub("", name)) for name in units):
        return None
    return Duty(lead, tuple(unit for unit in units if unit not in lead), match.start(), match.end())


def _merge(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _labelled(statement: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """牵头单位：A；责任单位：B、C in one line or one pair of brackets."""
    lead: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    labels = [label for label in _LABEL.finditer(statement) if statement[label.end() : label.end() + 1] == "："]
    for label, following in zip(labels, [*labels[1:], None], strict=True):
        listed = statement[label.end() + 1 : following.start() if following else len(statement)]
        names = split_units(_close(listed))
        if label.lastgroup == "lead":
            lead = _merge(lead, names)
        else:
            units = _merge(units, names)
    return lead, units


def _close(listed: str) -> str:
    """Drop the bracket that closes the whole statement, but not one that belongs to a unit."""
    for left, right in ("（）", "〔〕"):
        if listed.count(right) > listed.count(left):
            listed = listed[: listed.rindex(right)]
    return listed


def _bare(statement: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """市科技局牵头，市财政局、市发改委配合."""
    lead: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    for part in _ROLE.finditer(statement):
        names = split_units(part["units"])
        if not all(_UNIT.search(_BRACKETS.sub("", name)) for name in names):
            return (), ()
        if part["role"].startswith("牵头"):
            lead = _merge(lead, names)
        else:
            units = _merge(units, names)
    return lead, units


def split_units(listed: str) -> tuple[str, ...]:
    """The units of a list, in order, each once, with the shared 市 (or 市委) put back."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match.group().replace("，下同", "").replace("下同", ""))
        return chr(0xE000 + len(held) - 1)

    masked = _BRACKETS.sub(hold, listed[:4000]) if len(listed) < 4000 else listed[:4000]
    names = [_NOTE.sub("", name.strip("。 ：、")) for name in _SPLIT.split(masked)]
    names = [name for name in names if name]
    restored = _restore(names)
    for index, bracket in enumerate(held):
        kept = "" if bracket in ("（）", "〔〕") else bracket
        restored = [name.replace(chr(0xE000 + index), kept) for name in restored]
    return tuple(dict.fromkeys(restored))


def _restore(names: list[str]) -> list[str]:
    level = next((name[0] for name in names if _SHARED.match(name) and len(name) > 2), "")
    restored: list[str] = []
    committee = False
    for name in names:
        if level and not _SHARED.match(name) and not _OWN_PLACE.search(name) and _UNIT.search(name):
            name = (f"{level}委" if committee and name.endswith("部") else level) + name
        committee = name.startswith(f"{level}委") and bool(level)
        restored.append(name)
    return restored

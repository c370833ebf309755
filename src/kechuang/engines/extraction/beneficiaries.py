"""Who a benefit is for, and how several sums are shared out over several classes."""

from __future__ import annotations

import re

from kechuang.engines.extraction.lexicon import TREASURY

PREPOSITION = r"(?<![针面应核绝比反配相派])(?:对于|对(?![接外标口照应象比抗冲称策]))"
_PREDICATE = (
    rf"(?:由[^，；]{{1,16}}?(?:财政|资金|部门|政府)|{TREASURY}(?:资金)?(?:按|给|予|"
    rf"一次性|最高|分别|奖|补|每)|采取|按照?[^，；]{{0,50}}(?:%|标准|比例|给予)|分别|"
    r"一次性|最高|给予|予以|给与"
    r"|每[个家人项年户台名次月件篇场套门]|(?:每年)?(?:最高)?可?(?:申领|申请)(?:最高|不超过|\d)|，(?:奖励|补助|补贴|资助|支持|市|优先|可|其|再|另|"
    r"享受|经)|(?:奖励|补助|补贴|资助|奖补|支持|发放)(?:资金)?(?:最高|不超过|一次性|"
    r"每|\d)|(?:奖励|补助|资助|补贴|支持)(?:额度|金额)|享受|\d+(?:\.\d+)?%的?(?:补|奖|资助|贴|给))"
)
_FOR = re.compile(rf"{PREPOSITION}(?P<who>[^；。]{{2,160}}?)(?:的)?[，、]?(?={_PREDICATE})")
_WHO_DOES = re.compile(rf"(?P<who>[^；。]{{2,140}}?)的?[，]?(?={_PREDICATE})")
_INNER = re.compile(
    r"(?:给予|奖励|补助|补贴|资助|支持)(?!最高|一次性|不超过|每)(?P<who>[\u4e00-\u9fff（）“”、]{2,16}?)"
    r"(?:每[年月]|最高|一次性|不超过|不低于|至少|分别|$)"
)
_EACH = re.compile(
    r"(?:每一?[个家名项支户位次件篇场台套门]?|单[个项家笔户])(?P<who>[\u4e00-\u9fff]{1,10}?)(?:给予|"
    r"支持|奖励|补助|资助|补贴|最高|不超过|一次性|安排|每[年月]|$)"
)
_COUNTED = re.compile(r"\d+(?:[-—–~至]\d+)?[个家项名支户位](?:以上|左右|以内)?(?P<who>[^，；。]{2,30})[，]")
_LEADING = re.compile(
    r"^(?:[，、：]|支持(?=企业|单位|机构|高校|各类)|鼓励(?=企业|单位|机构|高校|各类)|"
    r"其中|同时|此外|另外|并且?|（[^（）]*）|\d+[.、]|鼓励|凡|对于?(?!外[^资商籍地])|给予)+"
)
_ADVERB = re.compile("(?:再|另|还|可|将|额外|另外|另行|叠加|优先|择优)+$")
_DURATION = re.compile(r"，(?:连续)?[\d一二三四五]年内?$")
_EMPTY = re.compile("^(?:[人年月次个]|分别.*|可.*|最.*)$")
_GENERIC = re.compile(
    r"^(?:项目|企业|团队|个|家|人|单位|机构|平台|产品|品种|建设单位|依托单位|课题|"
    r"人才|额|额度|标准|金额|最高|资金|补贴|年)$"
)
_NOT_WHO = re.compile(
    r"^(?:额外|另外|同时|再|可.*|[其该]中.*|分别.*|一次性.*|最高.*|给予.*|[^的]{0,12}(?:资金|财政|费用|比例|标准|部分)|"
    r"每.*|按.*|择优|连续.*|\d.*|.{0,4}给予|经[^的]{0,12}的?|经费|一定|单[个项家户].*|最终|"
    r"适当|相应|采[取用].*|(?:连续)?.{1,2}年内?|.*(?:额度|标准|比例|金额|方式)为?|[资补]助|奖[励补]|补贴|支持)$"
)

_OWN = re.compile(rf"(?P<who>[^，；。]{{2,40}}?)(?P<elliptic>的)?[，]?(?={_PREDICATE}|$)")
_GIVES = re.compile("给予|予以|奖励|补助|补贴|资助|支持")
_GIVING = re.compile("补|奖|资助|支持|给予|由")
_HANDED_TO = re.compile(r"(?:奖励|分配)给(?P<who>[^，。；]{2,40}?)的比例")
# A clause of its own that only names another class: …，高校牵头的，
_ELLIPTIC = re.compile(r"，(?P<who>[^，；。\d]{2,20})的，$")
_STEP = re.compile(r"(?P<step>(?:超过|达到?|不足|低于|高于|满|在)?\d[^，；。]{1,30}?)的?，?(?=" + _PREDICATE + ")")
_FIRST_STEP = re.compile(r"(?:超过|达到?|不足|低于|高于|满|在)?\d")
_CLASS_NOTE = re.compile("（[^（）]{1,6}[级类奖档等]）$")
_NO_NAME = re.compile(r"\d|财政|资金|累计|合计|总")
_ITS_RATE = re.compile("的(?:补助|补贴|奖励|资助|支持|奖补)(?:比例|标准|额度|金额).*$")
_ITS_CLASS = re.compile("的，([^，、]{1,6}[级类奖档等])$")

_LEVEL = r"(?:国家|国|省|市|县|区|部|州)(?:部)?(?:级)?"
_LEVELS = re.compile(rf"(?P<list>{_LEVEL}(?:(?:、|和|或|及|与|，){_LEVEL})+)(?:科学技术|级)?")
_THRESHOLD = r"\d+(?:\.\d+)?[百千万亿]*(?:元|%|[家个项人名件次])(?:（含[^）]*）)?(?:及?以上)?"
_THRESHOLDS = re.compile(rf"(?P<list>{_THRESHOLD}(?:(?:、|和|或|及|与){_THRESHOLD})+)")
_GRADE = r"(?:[特一二三四](?:等|级|类)?奖?|[金银铜]奖?|优秀?奖?|良好?|合格|[甲乙丙ABCD][级类等]?)"
_GRADES = re.compile(rf"(?P<list>{_GRADE}(?:(?:、|和|或|及){_GRADE})+)")


def find_beneficiary(text: str, start: int, position: int, clause: tuple[int, int]) -> str:
    """The class that the sum at ``position`` goes to, read in the part of the sentence that begins at ``start``."""
    scope = text[start : clause[1]]
    cut = position - start
    if handed := _HANDED_TO.search(text, clause[0], position):
        return handed["who"]
    spoken = [match for match in _FOR.finditer(scope) if match.start() < cut and match.end("who") <= cut]
    if spoken:
        who = _clean(spoken[-1]["who"])
        offset = clause[0] - start
        elliptic = _ELLIPTIC.search(scope, spoken[-1].end("who"), max(offset, 0))
        if elliptic is not None:
            who = _own_class(elliptic["who"] + "的", len(elliptic.group()), who)
        return _own_class(scope[offset:], cut - offset, who) if spoken[-1].end("who") < offset else who
    each = _EACH.search(text, clause[0], position)
    if each is not None and not _EMPTY.match(each["who"]) and not _GIVES.match(each["who"]):
        counted = next(iter([*_COUNTED.finditer(text, start, clause[0])][::-1]), None)
        who = each["who"]
        if counted:
            noun = counted["who"]
            return noun if noun.endswith(who) or not _GENERIC.match(who) else noun + who
        return who
    for offset in dict.fromkeys((clause[0] - start, 0)):
        doer = _WHO_DOES.match(scope, offset)
        who = _clean(doer["who"]) if doer and doer.end("who") <= cut else ""
        if len(who) >= 2 and not _NOT_WHO.match(who):
            return who
    inner = _INNER.search(text, clause[0], position)
    return inner["who"] if inner and not _NOT_WHO.match(inner["who"]) else ""


def _own_class(clause: str, cut: int, who: str) -> str:
    """A later clause may name another class by its difference only: 重新认定的给予… is of the same noun."""
    own = _OWN.match(clause)
    if own and _GIVES.match(own["who"]):
        return who
    name = _clean(own["who"]) if own and own.end("who") <= cut else ""
    if len(name) < 2 or _NOT_WHO.match(name) or _GENERIC.match(name) or _GIVING.search(name):
        return who
    if own is not None and own["elliptic"] and "的" in who:
        return f"{name}的{who.split('的', 1)[1]}"
    if own is not None and own["elliptic"]:
        return name
    base = _CLASS_NOTE.sub("", who)
    return f"{base}（{name}）" if len(name) <= 12 and not _NO_NAME.search(name) else who


def next_step(text: str, start: int, earlier: str) -> str:
    """研发费用1000万元以上的补助10万元；5000万元以上的补助20万元: the next step of the scale, under its full name."""
    step, first = _STEP.match(text, start), _FIRST_STEP.search(earlier)
    if step is None or first is None or not first.start():
        return ""
    return earlier[: first.start()] + step["step"]


def _clean(who: str) -> str:
    who = _LEADING.sub("", who)
    who = _ADVERB.sub("", _DURATION.sub("", who).strip("，、的")).strip("，、的")
    who = _ITS_RATE.sub("", who)
    return _ITS_CLASS.sub(r"（\1）", who)


def share_out(who: str, named: list[str], separately: bool) -> list[str]:
    """One name for each of the sums: by the class named beside each sum, else by the list inside ``who``."""
    count = len(named)
    if sum(map(bool, named)) >= max(1, count - 1) and (count > 1 or named[0]):
        return [_qualified(who, name) for name in named]
    if count == 1:
        return _coordinates(who) if separately else [who]
    for pattern in (_LEVELS, _GRADES, _THRESHOLDS):
        for match in pattern.finditer(who):
            members = _members(match["list"])
            if len(members) == count:
                return [who[: match.start("list")] + member + who[match.end("list") :] for member in members]
    members = split_list(who)
    if len(members) != count:
        return [who]
    shared = re.match(r"(?:首次|新|重新|当年|年度)[^的、]{1,8}的", members[0])
    return [member if shared is None or "的" in member else shared.group() + member for member in members]


def _qualified(who: str, name: str) -> str:
    if not name or name in who or name in who.replace("的", ""):
        return name if name and re.search("[、和及或与]", who) else who
    if len(who) >= len(name) >= 2 and who[-1] == name[-1]:
        # 硕士…、博士…: the other member of the same kind takes its place.
        return who[: -len(name)] + name
    return f"{who}（{name}）" if who else name


def by_tariff(base: str, own: str) -> str:
    """国家级、省级中心的奖励标准为：国家级100万元: the class of one line of a tariff."""
    for match in _LEVELS.finditer(base):
        if own in _members(match["list"]):
            return base[: match.start("list")] + own + base[match.end("list") :]
    return _qualified(base, own)


def _members(listed: str) -> list[str]:
    """国家、省级 → 国家级, 省级; 一、二等奖 → 一等奖, 二等奖."""
    members = re.split("[、和或及与，]", listed)
    tail = re.search(r"[级等类奖]+$", members[-1])
    if tail:
        members = [member if member.endswith(tail.group()) else member + tail.group() for member in members]
    return members


def split_list(who: str) -> list[str]:
    """Split at the list marks outside brackets and quotation marks."""
    members, depth, last = [], 0, 0
    for index, character in enumerate(who):
        if character in "（“《〔":
            depth += 1
        elif character in "）”》〕":
            depth -= 1
        elif depth == 0 and character in "、和或及，":
            members.append(who[last:index])
            last = index + 1
    members.append(who[last:])
    return [member.strip("的") for member in members if member]


def _coordinates(who: str) -> list[str]:
    """One sum "separately" for several full classes: each of them gets it."""
    for match in _LEVELS.finditer(who):
        return [who[: match.start("list")] + member + who[match.end("list") :] for member in _members(match["list"])]
    members = split_list(who)
    full = [member for member in members if "的" in member or len(member) >= 4]
    return members if len(members) > 1 and len(full) == len(members) else [who]

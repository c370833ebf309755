"""Targets: indicator, comparator, number and unit in any order.

Three shapes cover the genre.  The noun stands before the number (高新技术企业达到500家以上), or after it behind a verb
that brings it about (组织实施10个以上重大科技专项), or it was named a clause earlier (每个县要达到3亿元以上,
年均增长不低于8%).  A number that merely qualifies a noun (聚焦21个产业链, 营收超过1亿元的企业) is no target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kechuang.engines.extraction.beneficiaries import split_list
from kechuang.engines.extraction.lexicon import ACHIEVE, ADDING, HEDGE, PLACE_SCOPE
from kechuang.engines.extraction.model import Meta, Target
from kechuang.engines.extraction.periods import PERIOD, PLAN_END, Periods
from kechuang.engines.extraction.quantities import FROM, RISES, Quantity
from kechuang.engines.extraction.sentences import Sentence
from kechuang.engines.extraction.structure import Outline
from kechuang.engines.extraction.view import View

_TAIL = re.compile(
    r"(?:(?P<no_less>(?:不得?(?:低于|少于|小于)|达到?(?!成)|至少(?:要|应)?|最少|最低|"
    r"(?:增长|增加|提高|提升|扩大|上升|发展|壮大|拓展|攀升|增|升)(?:到|至)|(?<=规模)[到至]|(?<=[额量数])[到至]))"
    r"|(?P<more>不止|超过?|突破|大于|高于|逾|多于|跨过|迈过)"
    r"|(?P<no_more>不得?(?:超过|高于|多于|大于)|控制在|(?:下降|降低|降|压缩|缩短|减少)(?:到|"
    r"至)|最高|最多|至多|低于|少于)"
    r"|(?P<about>约|大约|大概|近|接近)"
    rf"|(?P<hedge>{HEDGE})"
    r"|(?P<plain>动态保持在|动态保持|保持在|保持|稳定在|维持在|为|是|共计|累计|总计|"
    r"合计|共|各|均|都|要|应|将|需|再|还|可|分别|每年|年均|全年|其中|了))$"
)
_COMPARATOR = {"no_less": ">=", "more": ">", "no_more": "<=", "about": "~"}
_ACHIEVE_TAIL = re.compile(rf"(?P<verb>(?:{ACHIEVE})(?:一批|省级|市级|推动|和|并)?)$")
_PREDICATE_LEAD = re.compile(r"^(?:力争|争取|确保|全年|累计|新?实现|完成|达成|推动|促进|登记)+(?=.{2})")
_KEEPS = re.compile("^(?:保持|实现|确保)+(?=年均|同比|增[长速幅])")
_GROWTH = re.compile(
    r"(?:^|[、，和及])(?:(?:较|比)[^，]{1,8}?)?(?P<growth>年均增长率|年均增[长速幅]|年均复合增长率?|"
    r"同比增[长速]|年增[长速]|增[长速幅]率?|年均|同比|提高|提升|增加|下降|降低)$"
)
_TOTAL = re.compile(r"^(?:总数|总量|总额|数量|规模|总规模|占比|比重|比例|总数量|总计|合计|保有量)$")
_SUBJECT_END = re.compile(
    r"(?:高于|低于|不低于|不高于|达到?|超过|突破|实现|保持|位居|位列|进入|力争|争取|"
    r"稳步|持续|大幅|明显|显著|不断|年均|同比|增长|提高|提升|增加|翻一番|翻番|\d|[、和及]年均)"
)
_FOCUS = re.compile(
    r"(?:聚焦|围绕|引导|面向|针对|依托|涉及|按照|结合|对标|对照|深化|立足|瞄准|根据|"
    r"利用|发挥|整合|运用|作为|选择|对|在|以|将|把|从|由|与|向|跨|的|前|近|内|外|上述|"
    r"全部|这|该|各|首批|现有|入选|等)$"
)
_GIVEN_THERE = re.compile(r"(?<=.{2})(?:给予|予以|提供|进行(?:重点)?(?:支持|扶持|培育))")
_LIST_MARK = re.compile(r"^(?:[、，；。）]|和(?!谐)|及|以及|并|且|同时|较|比|同比|，|用于|以支持|或)")
_LEAD = re.compile(
    r"^(?:[、，；：和及与或且并]|以及|其中|同时|此外|另外|再|还|要|应|将|需|拟|均|"
    rf"都|新增(?=新)|{HEDGE}|总体目标是?|主要目标是?|目标是|即|分别|[一二三四五两]年累计)+"
)
_GENERIC = re.compile(
    r"^(?:.*(?:明确|提出|要求)(?=.{4})|)(?:重点支持|跨年度|谋划|择优支持|组织实施|"
    r"重点实施|组织|举办|承办|实施|建设|打造|建立|完成|实现|争取|推动|促进|支持|开展|推进|加快|"
    r"力争|确保|保持|全年|形成|使|推动实现|全面|有效|新布局建设|布局建设)+(?=.{2})"
)
_SCOPE = re.compile(
    rf"^(?:在|使|推动|实现|确保|力争)?(?P<scope>{PLACE_SCOPE}|(?:每个|每家|每(?=[市县区镇乡企])|"
    rf"各|单个)[^，。要应都需至少均建培引设]{{1,14}})(?:范围内|内|都|均|要|应|至少|"
    r"需|原则上)*"
)
_SCOPE_SHORT = re.compile(
    r"(?P<scope>每[个家]?[^，。]{0,8}?(?:园区|开发区|县（市、区）|县市区|县区|[市县区]|产业链?|企业|单位|平台))(?=.{2})"
)
# A report: 目前 colours its whole sentence, 现有 and 已 only what is counted in the same breath.
_PAST = re.compile(
    r"目前(?!正)|截至目前|截止目前|上年(?:度|末)?(?=全|我)"
    r"|(?:现有|已(?:经)?(?:建成|建立|建有|认定|累计|达|有|培育|引进|拥有|形成|实现|突破|完成))[^，。；]*\d"
)
_ABSTRACT = re.compile(
    r"^(?:大|新|重点|以上|左右)*(?:方面|领域|环节|突破|转变|提升|跨越|结合|并重|统筹|"
    r"飞跃|台阶|目标|层次|维度|阶段|清单|重点|方向|原则|要素|链条|百分点|机制|体系|"
    r"能力|全覆盖|行动$|工程$|产业链$|台阶)"
)
_THING = re.compile(
    r"(?:平台|中心|实验室|基地|园区?|企业|机构|团队|研究院|联盟|站|库|项目|人才|院士|"
    r"孵化器|众创空间|空间|载体|产品|标准|专利|技术|课题|专项|活动|成果)[^，]{0,8}$"
)
_COUNTED = re.compile(r"(?:数量?|总[数量额]|额|率|量|规模|比重|占比|比例|强度|投入|收入|产值|增加值|面积|利润|税收)$")
_BACKGROUND = re.compile(r"现状|基础$|回顾|成效|形势|发展环境|主要成就|取得的|背景|存在问题")
# Sections and list heads that say who may apply: their figures are thresholds.
_THRESHOLD = re.compile(
    r"(?:申报|申请|认定|备案|支持|入库|准入|推荐|评选|立项|基本|资格|评审|必备|具体)(?:条件|资格|门槛)"
    r"|(?:下列|以下|如下|相关|相应)(?:基本)?(?:条件|要求|标准)$|^条件$|(?:申报|认定|申请)(?:要求|对象|标准|范围|主体|程序|流程|材料|时间)|适用[范对]"
)
_REQUIRES = re.compile(r"(?:下列|以下|如下)(?:基本)?(?:条件|要求|标准)(?:之一)?(?:的)?：")
# Figures that rule, cap, share out or punish, which nobody is to reach.
_NO_AIM = re.compile(
    r"^(?:省|国家)[^，]{1,8}[厅部委局]|加计扣除|税率|扣除比例|减按|罚款|罚金|注册资[本金]|实缴资本|年龄|周岁|年薪|面额|一式|每次评估|出资比例|持股比例|"
    r"(?:承担|分担|负担|拨付|列支|计提|计入|限报|限推|借款|赔偿|自筹|安排|出资)(?:比例|资金)?$|补[贴助]面积|^最[多高]补[贴助]"
)
_NO_AIM_BEFORE = re.compile(r"(?:最高可?达?到?|最多|至多|处以?|限报|仅限|不满|未满|未达到?|不足)$")
_NO_AIM_AFTER = re.compile(r"的?(?:罚款|罚金|借款|免息|无息|加收)")
_ADDS = re.compile(ADDING)
_MARKS = re.compile(r"[、，；：和及]+")
_COMPARED = re.compile(r"在(?:20\d\d|[一二]〇|上)[^，]{0,8}基础上.*$|(?:较|比|与)(?:上年|去年|20\d\d年).*$")
_GROWS = re.compile(r"增长|增速|增幅|提高|提升|增加")
_FALLS = re.compile(r"下降|降低")
_BRINGS = re.compile(ACHIEVE)
_ADDED = re.compile(rf"(?:柔性)?(?:{ADDING})")
_ADDED_TWICE = re.compile(rf"(?:柔性)?(?:{ADDING})(?:[和与、]?(?:{ADDING}))?")
# 建成1个实验室、组建1个联盟: the verb of the next number ends the noun of this one.
_NEXT_VERB = re.compile(rf"[、，和及并](?:{ACHIEVE})(?:不少于|不低于|至少|约|超过)?$")
_WORDS = re.compile(r"[的\u4e00-\u9fff]{2,}")
_OF_YEAR = re.compile(r"(?<=[到至为])20\d\d年(?:底|末)?的$")
_GOAL = re.compile(r"目标|指标")
_ROW_YEARS = re.compile(r"20\d\d年?(?:[、和]20\d\d年?)+")
_ROW_LINK = re.compile(r"[、和及，]|以及")
# 组织实施10个项目: the noun alone says nothing, the heading says which.
_BARE = re.compile(r"(?:项目|课题|企业|平台|人才|团队|机构)(?:数量|数|总数)?")


# The documents that plan one named year: what they say without a date, they say of that year.
_YEARLY = re.compile(
    r"(?P<year>20\d\d)年(?:度|年度)*(?:[^，。年]{0,30})(?:工作计划|工作要点|工作安排|重点工作|行动计划|工作打算|实施方案|工作方案"
    r"|任务清单|工作清单|任务分解|责任分解|任务台账|工作任务|目标任务|重点任务|责任目标|工作目标|推进方案)"
)


@dataclass(slots=True)
class _Reading:
    """What the words before a number say: the noun, the verb at its end, the comparator, hedge and scope."""

    head: str
    verb: str = ""
    comparator: str = ""
    hedge: bool = False
    scope: str | None = None


@dataclass(slots=True)
class _Row:
    """A、B分别达到60家、150家: the names still waiting for their number, and the comparator they share."""

    names: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)
    comparator: str = ""

    def next(self, subject: str, reading: _Reading, length: int, before: str) -> str:
        """The name that the number being read belongs to; empty where no list of names or years fits the row."""
        if not self.names:
            members, years = split_list(subject), _ROW_YEARS.search(before)
            self.years = re.findall(r"20\d\d", years.group()) if years else []
            if len(self.years) == length >= 2:
                members = [subject] * length
            elif len(members) != length or length < 2:
                return ""
            self.names, self.comparator = members, reading.comparator
        reading.comparator = reading.comparator or self.comparator
        return self.names.pop(0)


def _row_length(text: str, sentence: Sentence, index: int, last: int) -> int:
    """How many numbers follow each other from ``index`` on with nothing but list marks between them."""
    length = 1
    for before, after in pairwise(sentence.numbers[index:]):
        if after.start >= last or before.unit != after.unit or not _ROW_LINK.fullmatch(text, before.stop, after.start):
            break
        length += 1
    return length


class TargetParser:
    """Reads the targets of one document, sentence by sentence."""

    def __init__(self, view: View, lookup: Outline, meta: Meta) -> None:
        self.view, self.text, self.lookup = view, view.text, lookup
        yearly = _YEARLY.search(meta.title or "")
        self.year = yearly["year"] if yearly else None
        self.issued = meta.date[:4] if meta.date else self.year
        self.scope = document_scope(meta.issuer, meta.title)
        self.periods = Periods(view.text, self.year or self.issued)

    def parse(self, sentence: Sentence, taken: set[int]) -> Iterator[Target]:
        """The targets among the sentence's numbers other than those ``taken`` (by their start)."""
        if self._sets_no_aim(sentence):
            return
        previous: Target | None = None
        shape_verb = ""
        floor = sentence.start
        held = ""
        row = _Row()
        for index, quantity in enumerate(sentence.numbers):
            first, last = sentence.clause(quantity.start)
            begin = max(first, floor)
            floor = quantity.stop
            if quantity.start in taken:
                continue
            following = sentence.numbers[index + 1] if index + 1 < len(sentence.numbers) else None
            right = self.text[quantity.stop : min(last, following.start if following else last)]
            if following_verb := _NEXT_VERB.search(right):
                right = right[: following_verb.start()]
                floor = quantity.stop + len(right)
            reading = _read_head(self.text[begin : quantity.start])
            if begin > first and not reading.head and not reading.verb:
                reading.verb = shape_verb
            if FROM.search(self.text[begin : quantity.start]) and RISES.match(right):
                held = FROM.sub("", reading.head)
                continue
            if held:
                reading.head, reading.verb, held = held, "", ""
            noun = self._noun(sentence, first, reading, quantity, right, previous)
            if row.names or "分别" in self.text[begin : quantity.start]:
                subject = noun or self._earlier_subject(sentence, first)
                length = _row_length(self.text, sentence, index, last)
                noun = row.next(subject, reading, length, self.text[sentence.start : quantity.start]) or noun
            shape_verb = reading.verb
            past = _PAST.search(self.text, sentence.start, quantity.end)
            if not noun or past or _NO_AIM.search(noun) or not _plausible(quantity, reading, right):
                continue
            if _NO_AIM_BEFORE.search(self.text[begin : quantity.start]) or _NO_AIM_AFTER.match(right):
                continue
            target = self._target(sentence, begin, last, quantity, reading, noun, right, previous)
            if row.years:
                target = replace(target, period=row.years.pop(0))
            if self._over(target.period):
                continue
            previous = target
            yield previous

    def _sets_no_aim(self, sentence: Sentence) -> bool:
        """Whether the sentence stands in a section on the present state or on who may apply."""
        node = self.lookup.at(sentence.start)
        if node is None:
            return False
        titles = [part.title for part in (*node.ancestors(), node)]
        if any(_BACKGROUND.search(title) or _THRESHOLD.search(title) for title in titles):
            return True
        return _REQUIRES.search(self.text, node.start, sentence.start) is not None

    def _over(self, period: str | None) -> bool:
        """Whether a period had ended before the document was issued: such a figure is a report, not a target."""
        if not self.issued or not period or period == "annual":
            return False
        plan = PLAN_END.get(period[:3])
        end = str(plan) if plan else period[-4:]
        return end.isdigit() and end < self.issued

    def _noun(
        self, sentence: Sentence, first: int, reading: _Reading, quantity: Quantity, right: str, previous: Target | None
    ) -> str:
        """What is counted; empty where the number is no target."""
        if reading.head.endswith("每"):
            return ""
        stated = bool(reading.comparator or quantity.post or reading.hedge)
        if reading.verb and right and not _LIST_MARK.match(right):
            return "" if quantity.percent else _after(right)
        if right.startswith("的") and not right.startswith("的目标"):
            return ""
        if reading.head.startswith("占"):
            return self._earlier_subject(sentence, first) + reading.head
        reading.head = _KEEPS.sub("", reading.head)
        growth = _GROWTH.search(reading.head)
        if growth:
            subject = _subject(reading.head[: growth.start()]) or self._earlier_subject(sentence, first)
            return subject + growth["growth"] if subject else ""
        if _TOTAL.match(reading.head):
            subject = self._earlier_subject(sentence, first).removesuffix("建设").removesuffix("工作")
            if not subject and previous is not None:
                subject = previous.indicator.removesuffix("数量")
            return _ADDED.sub("", subject, count=1) + reading.head
        if not reading.head:
            if right and not _LIST_MARK.match(right):
                return _after(right) if stated or reading.scope else ""
            return previous.indicator.removesuffix("数量") if previous is not None and (stated or reading.verb) else ""
        if right and not _LIST_MARK.match(right):
            return reading.head if reading.comparator and not _looks_like_noun(right) else ""
        if _FOCUS.search(reading.head) and not reading.comparator:
            return ""
        # A verbal noun at the end is part of the indicator: 科技成果落地转化500项.
        return reading.head + reading.verb

    def _earlier_subject(self, sentence: Sentence, first: int) -> str:
        """The subject of the nearest clause before the one that starts at ``first``."""
        earlier = [clause for clause in sentence.clauses if clause[1] < first]
        for start, end in reversed(earlier[-2:]):
            subject = _subject(_read_head(self.text[start:end]).head)
            if len(subject) >= 2:
                return subject
        return ""

    def _target(
        self, sentence: Sentence, begin: int, last: int, quantity: Quantity, reading: _Reading, noun: str, right: str,
        previous: Target | None,
    ) -> Target:  # fmt: skip
        verb = reading.verb if _ADDS.match(reading.verb) else ""
        after = bool(right) and not _LIST_MARK.match(right) and noun == _after(right)
        noun = _GENERIC.sub("", noun)
        if _BARE.fullmatch(noun):
            noun = self._by_heading(noun, quantity.start)
        name = noun if noun.endswith(verb) else verb + noun
        counted = not (quantity.money or quantity.percent or quantity.unit in ("个百分点", "倍", "番"))
        if counted and not _COUNTED.search(name):
            name += "数量"
        if not verb and self.text[begin] in "、和及" and previous is not None:
            name = _shared_verb(previous.indicator, noun) + name
        start = begin + _leading_marks(self.text[begin : quantity.start])
        end = quantity.stop + (len(right.rstrip("、和及")) if after else 0)
        scope = reading.scope or self._inherited_scope(sentence, reading, previous)
        return Target(
            indicator=name,
            comparator=_post_comparator(quantity) or reading.comparator or "=",
            value=quantity.value,
            value_max=quantity.value_max,
            unit=quantity.unit or None,
            period=self._period(sentence, begin, quantity.start, name.endswith(("总数", "总量", "总额"))),
            scope=scope or self.scope,
            change=_change(name, reading),
            hedge=reading.hedge,
            **self.view.quote(start, min(end, last)),  # type: ignore[arg-type]
        )

    def _by_heading(self, noun: str, position: int) -> str:
        """A bare 项目 under 实施重点研发专项 is a 重点研发专项项目."""
        name = self.lookup.named_at(position)
        return name if name.endswith(noun) else name + noun

    def _inherited_scope(self, sentence: Sentence, reading: _Reading, previous: Target | None) -> str | None:
        """每个 … carries over to following clauses that begin with their verb."""
        carried = previous.scope if previous is not None and previous.scope else None
        return carried if carried and carried.startswith("每") and reading.verb and not reading.head else None

    def _period(self, sentence: Sentence, begin: int, position: int, stock: bool) -> str | None:
        if "年均" in self.text[begin:position]:
            return "annual"
        found = self.periods.last_between(sentence.start, position)
        if found is not None and not (stock and found.value == "annual" and found.end <= begin):
            return found.value
        node = self.lookup.at(position)
        paragraph = self.text.rfind("\n", 0, position) + 1
        if node is not None and any(_GOAL.search(part.title) for part in (*node.ancestors(), node)):
            paragraph = node.start
        elif not _GOAL.search(self.text, paragraph, sentence.start):
            return self.year
        found = self.periods.last_between(paragraph, position)
        return found.value if found is not None and found.value != "annual" else self.year


def _read_head(head: str) -> _Reading:
    reading = _Reading(_OF_YEAR.sub("", head))
    _strip_tail(reading)
    match = _ACHIEVE_TAIL.search(reading.head)
    if match:
        reading.verb, reading.head = match["verb"], reading.head[: match.start()]
        _strip_tail(reading)
    _strip_lead(reading)
    if reading.verb and reading.head and not _FOCUS.search(reading.head) and reading.head[-1] in "并和、":
        reading.head = ""
    return reading


def _strip_tail(reading: _Reading) -> None:
    """Take comparators, hedges and fillers off the end, the one nearest the number deciding."""
    for _ in range(6):
        match = _TAIL.search(reading.head)
        if match is None:
            return
        kind = match.lastgroup or ""
        if kind == "hedge":
            reading.hedge = True
        elif kind in _COMPARATOR and not reading.comparator:
            reading.comparator = _COMPARATOR[kind]
        if match.group() in ("年均", "全年", "每年") and not match.start():
            reading.head = ""
            return
        if match.group() in ("年均", "近"):
            return
        reading.head = reading.head[: match.start()]


def _strip_lead(reading: _Reading) -> None:
    """Take periods, hedges, connectives and the scope off the beginning."""
    for _ in range(8):
        head = reading.head
        lead = _LEAD.match(head)
        if lead:
            reading.hedge = reading.hedge or re.search(HEDGE, lead.group()) is not None
            head = head[lead.end() :]
        period = PERIOD.match(head)
        if period:
            head = head[period.end() :].lstrip("，期间")
        scope = _SCOPE.match(head)
        if scope and scope.end() == len(head) and _COUNTED.search(scope["scope"]):
            scope = _SCOPE_SHORT.match(head)
        if scope and reading.scope is None:
            reading.scope = re.sub("^我", "全", scope["scope"])
            head = head[scope.end() :]
        if head == reading.head:
            return
        reading.head = head


def _leading_marks(text: str) -> int:
    match = _MARKS.match(text)
    return match.end() if match and match.end() < len(text) else 0


def _after(right: str) -> str:
    """The noun that follows a number, up to the next list mark that ends it."""
    noun = _GIVEN_THERE.split(right.removeprefix("的"), maxsplit=1)[0].rstrip("、和及与并")
    return noun if 2 <= len(noun) <= 60 else ""


def _looks_like_noun(right: str) -> bool:
    return _WORDS.match(right) is not None and _THING.search(right) is not None


def _subject(clause: str) -> str:
    """What a clause is about: its words up to its first predicate."""
    clause = _PREDICATE_LEAD.sub("", _COMPARED.sub("", clause))
    match = _SUBJECT_END.search(clause)
    return (clause[: match.start()] if match else clause).strip("、和及与")


def _shared_verb(earlier: str, noun: str) -> str:
    """引进人才20名、团队5个: the verb that brings about the first of a row brings about the others too."""
    match = _ADDED_TWICE.match(earlier)
    if noun.endswith(("总数", "总量", "总额")):
        return ""
    return match.group() if match is not None and not _BRINGS.match(noun) else ""


def _post_comparator(quantity: Quantity) -> str:
    if "以上" in quantity.post or quantity.post.startswith("（含"):
        return ">="
    if quantity.post in ("左右", "上下"):
        return "~"
    if quantity.post in ("以内", "以下", "封顶", "为上限", "为限"):
        return "<="
    return ">" if quantity.over else ""


def _plausible(quantity: Quantity, reading: _Reading, right: str) -> bool:
    """Small numbers written as words are mostly phrases (三个方面, 一个平台); they must be clearly stated ones."""
    if not quantity.chinese:
        return True
    if _ABSTRACT.match(right):
        return False
    firm = reading.comparator or quantity.post or (reading.scope or "").startswith("每")
    if quantity.value >= 10:
        return bool(firm or reading.verb or (reading.head and not right))
    if quantity.value == 1:
        return reading.comparator == ">=" or (reading.scope or "").startswith("每")
    return bool(firm or (_ADDS.match(reading.verb) and _THING.search(right)))


def _change(name: str, reading: _Reading) -> str | None:
    if _GROWS.search(name):
        return "增长"
    if _FALLS.search(name):
        return "下降"
    return "新增" if _ADDED.match(reading.verb or name) else None


def document_scope(issuers: Sequence[str], title: str | None) -> str | None:
    """Whom a target without a stated scope binds: 全省, 全市, 全县 or 全区, by who issues the document."""
    name = "".join(issuers) or title or ""
    match = re.search(r"[省市县区](?!场)", name)
    return f"全{match.group()}" if match else None

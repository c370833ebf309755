"""Benefits: who gets how much, of whom, under which condition.

A sentence is read part by part (between semicolons).  Each sum or percentage is given its role by the words next to it:
a grant (behind 给予, before 奖励), the ceiling of a percentage (最高不超过…), a condition (获得1000万元以上投资的企业),
or none of these.  Sums that stand in a row are shared out over the classes that stand in a row:
国家级、省级…分别给予100万元、30万元.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kechuang.engines.extraction.beneficiaries import by_tariff, find_beneficiary, next_step, share_out
from kechuang.engines.extraction.lexicon import ACHIEVE, GRANT_FORM, GRANT_VERB, TREASURY
from kechuang.engines.extraction.model import Benefit, Number
from kechuang.engines.extraction.quantities import FROM, RISES, Quantity
from kechuang.engines.extraction.sentences import Sentence
from kechuang.engines.extraction.structure import FACET, Outline
from kechuang.engines.extraction.view import View

_GRANT = re.compile(rf"(?:{GRANT_VERB}|创新券|贴息)")
_FILL = (
    r"(?:一次性|现金|财政|专项|科研|研发|项目|配套|建设|运营|创新|创业|科技|人才|引才|"
    r"事后|市级|省级|县级|区级|启动|工作|生活|住房|购房|租房|安家|培育|认定|资金|经费|"
    r"补充|综合|等额|相应|的|最高|团队|平台|费用|年度|奖补|股权|贷款|资格)"
)
_AFTER = re.compile(
    r"^(?:（[^（）]*）)?(?:的)?(?:比例|标准|额度)?(?:[，、]?(?:给予|予以|进行|享受|"
    rf"安排|提供|发放|拨付|实施|实行|兑付|兑现))?{_FILL}{{0,5}}(?P<form>{GRANT_FORM})(?![^，；、]{{0,4}}\d)"
)
_BEFORE = re.compile(rf"(?:{GRANT_VERB})(?P<between>[^，]{{0,36}})$")
_FORM_BEFORE = re.compile(rf"(?P<form>{GRANT_FORM})[^，]{{0,20}}$")
_FORM_LATER = re.compile(rf"(?P<form>{GRANT_FORM})")
_QUALIFIES = re.compile(
    r"^(?:（含[^）]*）)?的(?!(?:标准|比例|额度|给予|一次性|资金|经费|财政|奖|补|资助|"
    r"支持|配套|创新券|启动|安家|科研|贴息|扶持|生活|专项|项目(?:经费|资金|资助|补助|支持|奖)|研发|购房|"
    r"住房|无偿|创业|人才|建设|运营|工作|后补助|股权|风险|认定|培育|研究|费用|贷款|"
    r"信用|引才|投资|创投|租金|保费|房租|奖金|后补))"
)
_MEASURE = re.compile(
    r"(?:收入|产值|投资额?|成交额|交易额|到账|注册资本|销售额?|营收|投入|融资|利润|"
    r"税收|贡献|贷款|额度?|支出|经费|费用|合同额|面积|总额|资金)(?:累计|首次|达|到|"
    r"均|为|在|总?额|合计)*(?:达到?|超过?|突破|不低于|不少于|满|高于|大于|在|为)$"
)
_ACCORDING = re.compile(r"(?:按照?|依照?|参照|以(?![上下内外及来])|分别按)[^，；]{0,50}$")
_CEILING = re.compile(r"(?:最高|最多|不超过|不高于|不得超过|上限|封顶|限额|累计|总额|单笔|限)(?:[^，；]{0,14})$")
_CEILING_LEAD = re.compile(
    r"^(?:且|但|并|、|和|，|每|单个|单家|单户|单项|同一|每家|每个|每户|每项|每人|每年|"
    r"年度|当年|全年|累计|合计|总计|总额|金额|额度|补助|补贴|奖励|资助|支持|奖补|贴息|"
    r"资金|企业|项目|单位|机构|个人|平台|法人|最高|给予|予以|原则上|为|一次性|的|期限|"
    r"年|该|同年|申请|可|最终|拨付|标准|对|法人单位|主体)*(?:最高|最多|不超过|不高于|"
    r"不得超过|上限|封顶|限额|累计|总额|限)"
)
_SHARE_CAP = re.compile(
    r"^[，、]?(?:且|但|并)?(?:单个|每个|每家)?(?:企业|项目)?(?:累计|年度)?(?:资助|补助|奖励|支持|补贴|奖补|扶持)?(?:金额|总额|额度|资金)?(?:原则上|最高|均)*(?:不超过|不高于|不得超过|不得高于)[^，；]{0,24}$"
)
_SIZE = re.compile(rf"(?:{GRANT_VERB})(?:额度|金额|总额|标准|资金)[为达]?(?:到|不超过|不低于)?$")
_BARE = re.compile(r"(?:项目|课题|平台|团队)")
_ANYBODY = re.compile(r"[\u4e00-\u9fff]{0,4}(?<![按照以给予])(?:企业|单位|机构|团队|人才|平台|个人)")
_COVERAGE = re.compile("率(?:达到?|超过|不低于|保持在|提高到|提升至)?$")
_CLASS_END = re.compile(r"的[^，的]{0,14}$")
# 奖励标准为：国家级100万元，省级50万元: a tariff, in which each class stands before its sum.
_TARIFF = re.compile(rf"(?:{GRANT_VERB})(?:资金)?(?:标准|额度|金额)(?:[为是]?[：，]|(?:如下|分别为)[：，]?)")
_LESS = re.compile(r"最高|不超过|不高于|不得超过|上限|至多|最多|以内|封顶|限额")
_MORE = re.compile(r"不低于|不少于|至少|最低")
_PER_UNIT = re.compile(r"/(?P<unit>人·?年|人·?月|平方米|[家个人名项年月户台套件次支篇场吨])")
_PER = re.compile(
    r"每(?P<unit>人每月|人每年|个月|平方米|[个家人名项年月户台套件次支例张篇场户件亩吨条]|"
    r"团队|项目|企业|平台)"
)
_PAYER = re.compile(rf"(?:由)?(?P<payer>{TREASURY})(?!支出|收入|投入|贡献|承担|分担|负担)")
_BORNE = re.compile(
    rf"(?:资金|经费|费用|补[助贴]|奖[励补])[^，；。]{{0,6}}由(?P<payer>{TREASURY}|[^，；。由]{{2,16}}(?:专项资金|财政))[^，；。]{{0,20}}(?:承担|分担|负担|安排|列支|解决)"
)
_PAYER_FUND = re.compile(r"由(?P<payer>[^，；由的]{1,14}?(?:专项资金|基金))")
_ACHIEVING = re.compile(rf"(?:{ACHIEVE})(?:不超过|不少于|不低于|约|一批)?$")
_MORE_SUMS = re.compile(r"(?:[、和或及][^，；。]{0,12}?\d+(?:\.\d+)?[百千万亿]*(?:元|%)){1,8}(?P<rest>.*)")
_PER_MADE = re.compile(rf"每(?:{ACHIEVE})$")
_FOR = re.compile(r"(?<![针面])对(?![接标外口])")
_AIMING = re.compile(rf"(?:每年|年均|全年|到20|计划|力争|三年).*(?:{ACHIEVE})")
_CONDITIONAL = re.compile(r"(?<![针面])对(?![接标外])|凡")
_ONCE = "一次性"
# Percentages that divide what is given already: who bears it, when it is paid, what it may be spent on.
_DIVIDES = re.compile(
    r"(?:承担|分担|负担|拨付(?:剩余)?|拨付至|首期(?:拨付)?|剩余(?:的)?|尾款|预拨"
    r"|用于[^，；]{0,20}(?:比例)?(?:不得|不)?(?:超过|低于|高于|少于)"
    r"|(?:间接|管理|直接)费用?(?:比例)?(?:不得|不)?(?:超过|高于)|自筹[^，；]{0,12}"
    r"|配套比例[^，；]{0,8}|减按|税率[^，；]{0,6}|出资比例[^，；]{0,8})$"
)
_DIVIDED = re.compile(
    r"^(?:的?(?:资金|部分|经费)?(?:用于|可用于)|由[^，；]{2,14}(?:承担|负担)|计入|的比例(?:承担|分担|负担)|加计扣除)"
)
# 发放贷款50亿元 lends, it does not grant.
_LENDS = re.compile(
    r"(?:发放|投放|新增|累计|贷款余额)[^，；]{0,24}(?:贷款?|授信|信贷|余额)(?:达到?|超过|突破|规模)?$|无息借款$"
)
_LENT = re.compile(r"^的?(?:以上|以下|以内)?(?:的)?(?:无息)?(?:借款|贷款(?!贴息|利息|补)|授信|罚款|罚金)")


@dataclass(slots=True)
class _Grant:
    """A sum or percentage that is granted, with the words before it since the last number."""

    quantity: Quantity
    gap: str
    clause: tuple[int, int]
    form: str = ""
    comparator: str = "="
    linked: bool = False
    ceiling: int | None = None


@dataclass(slots=True)
class _Part:
    """One part of a sentence and what was read in it."""

    start: int
    end: int
    grants: list[_Grant] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


class BenefitParser:
    """Reads the benefits of one document; remembers the last beneficiary within a sentence."""

    def __init__(self, view: View, lookup: Outline) -> None:
        self.view, self.text, self.lookup = view, view.text, lookup

    def parse(self, sentence: Sentence, taken: set[int]) -> tuple[list[Benefit], set[int]]:
        """The sentence's benefits, and the starts of the numbers that they (or their conditions) use up."""
        found: list[Benefit] = []
        used: set[int] = set()
        if not _GRANT.search(self.text, sentence.start, sentence.end):
            return found, used
        earlier = ""
        for start, end in sentence.parts:
            numbers = [n for n in sentence.numbers if start <= n.start < end and n.start not in taken]
            part = self._read(sentence, _Part(start, end), numbers, bool(found))
            used |= part.used
            for group in _groups(part.grants):
                benefits, earlier = self._benefits(sentence, part, group, earlier)
                found.extend(benefits)
        return found, used

    def _read(self, sentence: Sentence, part: _Part, numbers: list[Quantity], after_grant: bool) -> _Part:
        """Give every number of the part its role."""
        floor = part.start
        for quantity in numbers:
            clause = sentence.clause(quantity.start)
            begin = max(clause[0], floor)
            left, right = self.text[begin : quantity.start], self.text[quantity.stop : clause[1]]
            floor = quantity.stop
            if not (quantity.money or quantity.percent):
                continue
            if (FROM.search(left) and RISES.match(right)) or _divides(quantity, left, right):
                part.used.add(quantity.start)
                continue
            if self._is_ceiling(part, quantity, left):
                part.used.add(quantity.start)
            elif (grant := self._grant(part, quantity, left, right, clause, after_grant)) is not None:
                part.grants.append(grant)
                part.used.add(quantity.start)
        if part.grants:
            _cap_by_asides(self.text, part, sentence.asides)
            first = part.grants[0].quantity.start
            # 风险补偿比例提高到60% has no conditions before its own clause.
            floor = part.grants[0].clause[0] if RISES.search(part.grants[0].gap) else part.start
            before = [n for n in numbers if floor <= n.start < first]
            part.used.update(n.start for n in before if not self._is_target(sentence, part, n))
        return part

    def _is_ceiling(self, part: _Part, quantity: Quantity, left: str) -> bool:
        """Whether this sum caps what was granted before it; if that was a percentage, note the cap there."""
        if not part.grants or not quantity.money or self.text[quantity.stop : quantity.stop + 1] == "/":
            return False
        match = _CEILING.search(left)
        open_rates = [grant for grant in part.grants if grant.quantity.percent and grant.ceiling is None]
        capped = [grant for grant in part.grants if grant.ceiling is not None]
        if match is None:
            follows_cap = bool(open_rates and capped and re.fullmatch("[、和]", left))
            if follows_cap:
                open_rates[0].ceiling = int(quantity.value)
            return follows_cap
        generic = _CEILING_LEAD.match(left) is not None
        if open_rates and (generic or _between_is_short(self.text, part, quantity)):
            enumerated = re.match(r"[^，；]*[、和]", self.text[quantity.stop : quantity.stop + 2]) is not None
            for grant in open_rates[:1] if enumerated and len(open_rates) > 1 else open_rates:
                grant.ceiling = int(quantity.value)
            return True
        within = left.lstrip("，").startswith("其中")
        return (generic or within) and not part.grants[-1].quantity.percent and left[:1] != "、" and "给予" not in left

    def _grant(
        self, part: _Part, quantity: Quantity, left: str, right: str, clause: tuple[int, int], after_grant: bool
    ) -> _Grant | None:
        previous = part.grants[-1] if part.grants else None
        if previous is not None and quantity.percent and previous.quantity.money and _SHARE_CAP.match(left):
            return None
        linked = (
            previous is not None
            and previous.clause == clause
            and previous.quantity.unit == quantity.unit
            and len(left) <= 24
            and left[:1] in ("、", "和", "及", "或", "与")
            and not _QUALIFIES.match(right)
        )
        after = _AFTER.match(right)
        before = _BEFORE.search(left)
        if not linked and (
            _QUALIFIES.match(right)
            or (_MEASURE.search(left) and not (after or _SIZE.search(left)))
            or _LENDS.search(left)
        ):
            return None
        if not (linked or after or before or self._is_granted(part, quantity, left, right, after_grant)):
            return None
        if before and not after and not linked and _condition_between(before["between"], quantity):
            return None
        form = after or _FORM_BEFORE.search(left) or _FORM_LATER.search(self.text, quantity.stop, part.end)
        reach = left if not linked else self.text[clause[0] : quantity.start]
        name = _form(form) if form else previous.form if previous else ""
        return _Grant(quantity, left, clause, name, _comparator(quantity, reach), linked)

    def _is_granted(self, part: _Part, quantity: Quantity, left: str, right: str, after_grant: bool) -> bool:
        """Whether a number without a granting word right beside it is granted all the same."""
        if self._continues_list(right) or self._in_tariff(part, quantity, left):
            return True
        if quantity.money and after_grant and len(left) <= 30 and not right.strip("的。"):
            return True
        if not _GRANT.search(self.text, part.start, part.end):
            return False
        if quantity.money:
            # 给予支持，最高不超过3000万元: the ceiling is all that is said.
            return not part.grants and _CEILING_LEAD.match(left) is not None
        if _ACCORDING.search(left):
            return True
        bounded = _CEILING.search(left) or RISES.search(left)
        return bounded is not None and "比例" in self.text[part.start : quantity.start]

    def _in_tariff(self, part: _Part, quantity: Quantity, left: str) -> bool:
        tariff = _TARIFF.search(self.text, part.start, quantity.start)
        return (
            quantity.money and tariff is not None and 2 <= len(left.strip("，、")) <= 24 and not _MEASURE.search(left)
        )

    def _continues_list(self, right: str) -> bool:
        """The first of sums in a row whose 奖励 comes only behind the last: 100万元、30万元的奖励."""
        match = _MORE_SUMS.match(right)
        return match is not None and _AFTER.match(match["rest"]) is not None

    def _is_target(self, sentence: Sentence, part: _Part, quantity: Quantity) -> bool:
        """A number before the grant that is not its condition: 每年支持10个项目，每个项目给予…"""
        first, last = sentence.clause(quantity.start)
        if _PER_MADE.search(self.text, first, quantity.start):
            return False
        if _CONDITIONAL.search(self.text, part.start, quantity.start) or self.text[last - 1] == "的":
            return False
        own_clause = last < part.grants[0].clause[0]
        # 年营业收入首次突破1亿元的企业，…: what a class is told by.
        if own_clause and (quantity.money or quantity.percent) and _CLASS_END.search(self.text, quantity.stop, last):
            return False
        left = self.text[first : quantity.start]
        if own_clause and quantity.percent and _COVERAGE.search(left):
            # 入网率达到95%，对外服务按收入的20%奖励: the grant names its own class.
            return self.text.startswith("对", part.grants[0].clause[0])
        return _ACHIEVING.search(left) is not None or (own_clause and _AIMING.search(left) is not None)

    def _benefits(
        self, sentence: Sentence, part: _Part, group: list[_Grant], earlier: str
    ) -> tuple[list[Benefit], str]:
        first, last = group[0], group[-1]
        who = next_step(self.text, first.clause[0] if first.gap else part.start, earlier) if earlier else ""
        if earlier and not who:
            who = next_step(self.text, part.start, earlier)
        tariff = _TARIFF.search(self.text, part.start, first.quantity.start)
        if tariff is not None and len(group) == 1 and not who:
            base = find_beneficiary(self.text, part.start, tariff.start() + 2, (part.start, tariff.end())) or earlier
            who = by_tariff(base or self._from_context(part), _class_named(first))
        who = who or find_beneficiary(self.text, part.start, first.quantity.start, first.clause) or earlier
        who = who or self._from_context(part)
        if _BARE.fullmatch(who):
            name = self.lookup.named_at(first.quantity.start)
            who = name if name.endswith(who) else name + who
        separately = "分别" in self.text[first.clause[0] : first.quantity.start]
        named = [] if tariff is not None and len(group) == 1 else [_class_named(grant) for grant in group]
        shares = share_out(who, named, separately) if named else [who]
        clause_end = min(last.clause[1], part.end)
        quote = self.view.quote(self._quote_start(part, first), max(clause_end, last.quantity.stop))
        payer, per = self._payer(sentence, part, last), _per(first.gap)
        found = [
            _benefit(
                grant,
                name,
                payer,
                _per(grant.gap, self.text[grant.quantity.stop : grant.quantity.stop + 6]) or per,
                quote,
            )
            for grant, name in shares_of(group, shares)
        ]
        return found, who

    def _quote_start(self, part: _Part, first: _Grant) -> int:
        start = first.clause[0]
        spoken = _FOR.search(self.text, part.start, start)
        return spoken.start() if spoken and start - spoken.start() < 90 else start

    def _from_context(self, part: _Part) -> str:
        node = self.lookup.at(part.start)
        while node is not None and node.parent is not None and FACET.search(node.title):
            node = node.parent
        if node is None:
            named = _ANYBODY.search(self.text, part.start, part.end)
            return named.group() if named else ""
        return node.title

    def _payer(self, sentence: Sentence, part: _Part, last: _Grant) -> str | None:
        stop = last.clause[1]
        for start in dict.fromkeys((part.start, sentence.start)):
            if not any(self.text.find(word, start, stop) >= 0 for word in ("财政", "资金", "基金")):
                continue
            found = list(_PAYER.finditer(self.text, start, stop))
            before = [match for match in found if match.start() < last.quantity.start]
            if before and start != part.start:
                before = before[:1]
            match = before[-1] if before else found[0] if found else _PAYER_FUND.search(self.text, start, stop)
            if match:
                return match["payer"]
        borne = _BORNE.search(self.text, stop, sentence.end)
        return borne["payer"] if borne else None


def _benefit(grant: _Grant, who: str, payer: str | None, per: str | None, quote: dict[str, str | int]) -> Benefit:
    quantity = grant.quantity
    top, capped = quantity.value_max, grant.ceiling is not None
    scale = 0.1 if quantity.unit == "‰" else 1
    return Benefit(
        beneficiary=who,
        form=grant.form or "支持",
        comparator="<=" if capped else grant.comparator,
        amount=None if quantity.percent else int(quantity.value),
        amount_max=grant.ceiling if quantity.percent else None if top is None else int(top),
        rate=_tidy(quantity.value * scale) if quantity.percent else None,
        rate_max=_tidy(top * scale) if quantity.percent and top is not None else None,
        rate_base=_rate_base(grant.gap) if quantity.percent else None,
        per=per,
        payer=payer,
        condition=_condition(who),
        **quote,  # type: ignore[arg-type]
    )


def _cap_by_asides(text: str, part: _Part, asides: list[Quantity]) -> None:
    """按投入的15%补助（最高100万元）: the sum in brackets caps the rate before it."""
    for aside in asides:
        before = [grant for grant in part.grants if grant.quantity.stop <= aside.start]
        if not before or not aside.money or aside.start >= part.end:
            continue
        grant, bracket = before[-1], text.rfind("（", before[-1].quantity.stop, aside.start)
        capping = bracket >= 0 and (_LESS.search(text, bracket, aside.start) or _LESS.search(aside.post))
        if capping and grant.quantity.percent and grant.ceiling is None:
            grant.ceiling = int(aside.value)


def _divides(quantity: Quantity, left: str, right: str) -> bool:
    if quantity.money:
        return _LENT.match(right) is not None
    return _DIVIDES.search(left) is not None or _DIVIDED.match(right) is not None


def shares_of(group: list[_Grant], shares: list[str]) -> Iterator[tuple[_Grant, str]]:
    """Pair each sum with its class; one sum for several classes goes to each."""
    if len(group) == 1:
        return ((group[0], name) for name in shares)
    if len(shares) == len(group):
        return zip(group, shares, strict=True)
    return ((grant, shares[0]) for grant in group)


def _tidy(value: float) -> Number:
    """2‰ is 0.2 percent; whole rates stay whole."""
    rounded = round(value, 4)
    return int(rounded) if rounded == int(rounded) else rounded


def _groups(grants: list[_Grant]) -> list[list[_Grant]]:
    groups: list[list[_Grant]] = []
    for grant in grants:
        if grant.linked and groups:
            groups[-1].append(grant)
        else:
            groups.append([grant])
    return groups


def _form(match: re.Match[str]) -> str:
    """The form as written: 支持 is 经费支持 or 资金支持 where the money is named."""
    form = match["form"]
    for money in ("经费", "资金"):
        if form in ("支持", "扶持", "补助", "资助") and match.group().endswith(money + form):
            return money + form
    return form


def _per(gap: str, right: str = "") -> str | None:
    match = _PER.search(gap) or _PER_UNIT.match(right)
    if match:
        return match["unit"].replace("人每", "人·")
    return "次" if _ONCE in gap else None


def _comparator(quantity: Quantity, left: str) -> str:
    if quantity.post in ("以内", "以下", "封顶", "为上限", "为限"):
        return "<="
    if "以上" in quantity.post:
        return ">="
    if quantity.post in ("左右", "上下"):
        return "~"
    less, more = list(_LESS.finditer(left)), list(_MORE.finditer(left))
    if less and (not more or less[-1].start() > more[-1].start()):
        return "<="
    return ">=" if more else "="


_GROWN = re.compile(r"增[长速]|占比|超过$")
_REACHED = re.compile(r"的[^的，]{0,12}(?:达到?|突破|(?<!不)超过|在)$|(?:达到|突破|(?<!不)超过)$")


def _condition_between(between: str, quantity: Quantity) -> bool:
    """Whether the words between 奖励 and the number make the number a condition of something else."""
    if quantity.percent:
        return _GROWN.search(between) is not None and "不超过" not in between
    return _REACHED.search(between) is not None


def _between_is_short(text: str, part: _Part, quantity: Quantity) -> bool:
    last = part.grants[-1].quantity
    between = text[last.stop : quantity.start]
    return len(between) <= 40 and re.search(r"(?<![针面])对(?!接)|的，", between) is None


_GIVEN = re.compile(r"给予|予以|奖励|补助|补贴|资助|按照?|分别")
_NO_CLASS = re.compile(r"\d|%|单个|额度")
_CLASS = re.compile(
    r"(?:[、，和及与或]|或者|最高|分别|各|一次性|不超过|奖励|补助|补贴|资助|给予|予以|"
    r"支持|奖补|发放|配套|资金|经费|为|按照?|的|每年|每[家个人项名月次台套件户支]|"
    rf"团队|企业|(?:建设|运营|依托|承担|所在)*单位|至少|不低于|不少于|{TREASURY}|由|"
    r"标准|分|档|，|符合条件的?|申领|可获得?|获$|并提供|提供|获得|申请|享受|可|并)"
)


def _class_named(grant: _Grant) -> str:
    """The class that a sum is given to right where it stands: 国家级100万元、省级50万元."""
    if grant.quantity.percent:
        return ""
    clause = _GIVEN.split(grant.gap)[-1]
    name = _CLASS.sub("", clause)
    return name if 1 < len(name) <= 12 and not _NO_CLASS.search(name) else ""


def _rate_base(gap: str) -> str | None:
    match = re.search(
        r"(?:按照?|给予|予以|以|对|补贴|补助|资助|奖励|不超过|最高)?(?P<base>[^，；]*?)的?(?:不超过|"
        r"最高|不高于|分别|至多|最多|不低于)*(?:的|为)?$",
        gap.lstrip("、，和及"),
    )
    if match is None:
        return None
    base = re.split(r"按照?|不高于|不低于|给予|予以|依照|参照|不超过|最高|最多", match["base"])[-1].strip("的其以")
    return base if 2 <= len(base) <= 40 and not re.match("双方|各|每|提高|提升", base) else None


_CONDITION = re.compile(
    r"(?:首次|新|重新|再次|连续[^的，]{1,4}|整体|年度|成功)?(?:获批|获得|认定|通过|"
    r"引进|培育|建立|建设|组建|迁入|入选|备案|评估|评价|评定|考核|立项|符合|在|达到|"
    r"设立|列入|纳入|晋升|获评|上市|中标|转化|承担|牵头|完成|购买|参与|开展|落地)[^的]{0,40}(?=的)|"
    r"符合条件|首次认定|新认定|新引进|新培育"
)


def _condition(who: str) -> str | None:
    found = [match.group() for match in _CONDITION.finditer(who)]
    return "、".join(dict.fromkeys(found)) or None

"""One name for one thing, however it is written: indicators, units, facilities, beneficiaries, deadlines."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from kechuang.engines.extraction.periods import PLAN_END
from kechuang.engines.extraction.quantities import chinese_number

_QUOTES = re.compile(r"[“”\"'‘’「」『』《》\s]")

_INDICATOR_SYNONYMS = (
    (re.compile(r"R&D|研究与试验发展|研究与发展|研究和试验发展", re.I), "研发"),
    (re.compile(r"地区生产总值|国内生产总值|生产总值", re.I), "GDP"),
    (re.compile(r"技术合同(?:成交金额|交易额|成交总额|登记额)"), "技术合同成交额"),
    (re.compile(r"(?<!国家)高企|国家高新技术企业|国家级高新技术企业"), "高新技术企业"),
    (re.compile(r"规上"), "规模以上"),
    (re.compile(r"科小|国家科技型中小企业"), "科技型中小企业"),
    (re.compile(r"研发(?:经费)?(?:投入|支出)"), "研发投入"),
    (re.compile(r"占(.{2,16}?)(?:的)?(?:比重|比例|比)$"), r"占\1比重"),
)
_INDICATOR_LEAD = re.compile(
    r"^(?:全[市省县区国]|我[市省县区]|本[市省县区]|累计|组织实施|重点实施|实施|组织|"
    r"争取|完成|实现|力争|达到|拥有|建有|新增(?=新)|各类|总的)+"
)
_INDICATOR_TAIL = re.compile(r"(?:的?数量|总数量?|总量|数|达到|等)+$")


def normalise_indicator(name: str) -> str:
    """The name of what is measured, without scope, verbs of carrying out, 数量 and spelling variants."""
    text = _QUOTES.sub("", unicodedata.normalize("NFKC", name))
    for pattern, wanted in _INDICATOR_SYNONYMS:
        text = pattern.sub(wanted, text)
    text = _INDICATOR_LEAD.sub("", text)
    return _INDICATOR_TAIL.sub("", text) or text


# Every line: the full name of an office, then the short names that mean the same.
_OFFICES = """
发展和改革委员会 发改委 发展改革委 发展改革委员会 发展与改革委员会 发改局 发展和改革委 发展和改革局 发展改革局
科学技术局 科技局 科技和信息化局 科学技术和工业信息化局
工业和信息化局 工信局 工业信息化局 工业和信息化委员会 工信委 工业和信息化委 经信局 经济和信息化局
财政局 财政厅
人力资源和社会保障局 人社局 人力资源社会保障局 人力资源与社会保障局
市场监督管理局 市场监管局 市监局
卫生健康委员会 卫健委 卫生健康委 卫健局 卫生健康局
卫生健康体育委员会 卫健体委 卫生健康体育委 卫生健康和体育委员会
农业农村局 农业农村委
自然资源和规划局 自然资源局 自规局
生态环境局 环境保护局 环保局
住房和城乡建设局 住建局 住房城乡建设局
文化广电和旅游局 文旅局 文广旅局 文化广电旅游局 文化和旅游局
交通运输局 交通局
教育体育局 教体局 教育和体育局
行政审批服务局 行政审批局 审批局 行政审批和政务信息管理局
金融工作局 金融局 金融办 地方金融监督管理局 地方金融监管局 地方金融局
国有资产监督管理委员会 国资委
应急管理局 应急局
医疗保障局 医保局
退役军人事务局 退役军人局
科学技术协会 科协
工商业联合会 工商联
农业科学院 农科院
大数据管理局 大数据局 大数据服务管理局
知识产权局 知产局
委组织部 组织部
委宣传部 宣传部
委机构编制委员会办公室 编办 委编办
统计局 审计局 民政局 税务局 商务局 教育局 公安局 司法局 水利局 林业局 体育局 统战部
"""
# The last line holds offices whose short and full names are the same; it defines no synonym.
_FULL_NAME = {
    short: names[0] for line in _OFFICES.strip().split("\n")[:-1] for names in [line.split()] for short in names
}
_LEVEL = re.compile(
    r"^(?:(?P<place>[\u4e00-\u9fff]{2,7}?)(?=[市省县区](?!场)))?(?P<level>[市省县区](?!场))?(?P<rest>.+)"
    r"$"
)


def normalise_unit(name: str, city: str | None = None) -> str:
    """The full name of a unit of government with its level: 市发改委 is 市发展和改革委员会.

    With ``city`` 南阳, 南阳市发展改革委 is too.  A name without a level keeps none, a unit of another place keeps its
    place, and an unknown name comes back tidied.
    """
    text = _QUOTES.sub("", unicodedata.normalize("NFKC", name)).replace("(", "（").replace(")", "）")
    match = _LEVEL.match(text)
    if match is None:
        return text
    place, level, rest = match["place"] or "", match["level"] or "", match["rest"]
    if place and city and place == city.removesuffix("市"):
        place = ""
    full = _FULL_NAME.get(rest) or _FULL_NAME.get(rest.removesuffix("员会"))
    if full:
        return f"{place}{level}{full}"
    own = city is not None and not place and bool(level)
    return text.removeprefix(city.removesuffix("市")) if own and city else text


_FACILITY_LEAD = re.compile(
    r"^(?:加快|推进|建设|建立|组建|打造|筹建|搭建|完善|健全|创建|争创|构建|培育|新建|"
    r"拟建|规划建设|一批|各类)+(?=.{3})"
)
_FACILITY_TAIL = re.compile(r"(?:建设|项目|（筹）|（筹建）)+$")


def normalise_facility(name: str) -> str:
    """The bare name of a facility, without marks, verbs of building and 建设."""
    text = _QUOTES.sub("", unicodedata.normalize("NFKC", name)).replace("(", "（").replace(")", "）")
    return _FACILITY_TAIL.sub("", _FACILITY_LEAD.sub("", text)) or text


_BENEFICIARY_NOISE = re.compile(
    r"[“”\s、，（）()]|的|我[市省县区]|全[市省县区]|符合条件|等(?=$|[^级奖])|建设单位|"
    r"由.{1,6}财政"
)


def normalise_beneficiary(name: str) -> str:
    """The class of beneficiaries as a bare string for comparison; levels, grades and thresholds stay."""
    return _BENEFICIARY_NOISE.sub("", unicodedata.normalize("NFKC", name))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due time as written, and its last day; no date where it is open (长期, 持续推进) or not understood."""

    label: str
    date: date | None


_YEAR = re.compile(
    r"(?P<year>20\d\d)(?:年|[./-]|$)(?:度)?(?:(?P<month>\d{1,2})(?:月|[./-]|$))?(?:(?P<day>\d{1,2})日?)"
    r"?(?P<tail>[^\d]*)"
)
_CHINESE_YEAR = re.compile(r"[二][〇零○][〇零一二三四五六七八九]{2}年")
_RELATIVE = {"今年": 0, "本年": 0, "当年": 0, "年内": 0, "年底": 0, "年末": 0, "明年": 1, "次年": 1}


def parse_deadline(label: str, *, document_date: date | None) -> Deadline:
    """The last day of a due time: 十四五期间 → 2025-12-31, 2024年6月 → 2024-06-30, 长期 → none.

    ``document_date`` anchors relative labels (年底前, 三年内); without it they have no date.
    """
    text = _QUOTES.sub("", unicodedata.normalize("NFKC", label))
    text = _CHINESE_YEAR.sub(lambda match: f"{chinese_number(match.group()[:-1].replace('○', '〇'))}年", text)
    for plan, year in PLAN_END.items():
        if plan in text:
            return Deadline(label, date(year, 12, 31))
    found = list(_YEAR.finditer(text))
    if found:
        return Deadline(label, _last_day(found[-1], text))
    if document_date is not None and not re.search("长期|持续|每年|逐年", text):
        span = re.search(r"([一二三四五两\d])年[内之]", text)
        if span:
            years = int(span[1]) if span[1].isdigit() else chinese_number(span[1]) or 0
            return Deadline(label, _shift(document_date, years))
        for word, ahead in _RELATIVE.items():
            if word in text:
                return Deadline(label, date(document_date.year + ahead, 12, 31))
    return Deadline(label, None)


def _last_day(match: re.Match[str], text: str) -> date | None:
    year = int(match["year"])
    month = int(match["month"]) if match["month"] else 0
    tail = match["tail"]
    quarter = re.search(r"([一二三四1-4])季度", text[match.end("year") :])
    if not month and quarter:
        month = 3 * (int(quarter[1]) if quarter[1].isdigit() else (chinese_number(quarter[1]) or 0))
    if not month:
        month = 6 if "上半年" in tail else 12
    try:
        date(year, month, 1)
        return date(year, month, int(match["day"])) if match["day"] else _month_end(year, month)
    except ValueError:
        return None


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _shift(start: date, years: int) -> date:
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, start.month, 28)

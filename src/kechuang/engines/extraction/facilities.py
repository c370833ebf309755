"""Named things a document builds or uses: databases, platforms, laboratories, carriers, mechanisms, assessments …"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kechuang.engines.extraction.model import Facility
from kechuang.engines.extraction.view import View

_TYPES = {
    "database": r"(?:项目|人才|专家|企业|需求|成果|数据|资源|信息|储备|后备|培育|名录|案例|产品|知识|专利|政策|题|清单)(?:储备|资源|数据)?库|数据库|资源库|样本库|种质库|“[^“”]{1,12}库”",
    "assessment": r"考核(?:评价|评估|评比|体系|机制|制度|办法)?|考评(?:体系|机制|制度)?|绩效评估|评价制度|评估制度|通报制度|问责机制|绩效评价|综合评价|评价体系|通报批评|公开通报|督查激励|评估体系",
    "lab": r"实验室|研究院|研究中心|研究所|创新中心|工程中心|技术中心|研发中心|分中心|中试基地|创新工场|研发基地|大科学装置|发展中心|转化中心|检测中心|检验中心",
    "platform": r"平台|大市场|市场(?=[，。；、])|专区|学堂|服务体|综合体|服务网|门户|超市|小程序",
    "carrier": r"孵化器|加速器|众创空间|工作站|科学家工作室|院士工作室|创新基地|科普基地|示范基地|合作基地|传播基地|产业园|科技园|园区|智慧岛|飞地|特色园区|示范区|星创天地|双创”?载体|创新载体|创业载体|科学城|科创走廊|小镇|街区|联合体|概念验证中心|服务站|流动）站|试点市",
    "alliance": r"联盟",
    "organization": r"领导小组|工作专班|工作组|委员会|联席会议|指挥部|服务团|顾问组",
    "system": r"体系|孵化链条|服务链条|生态链|服务网络|等系统|信息系统|管理系统",
    "mechanism": r"机制|制度|揭榜挂帅”?|赛马制|一事一议”?|免申即享|包干制|承诺制|负面清单|首席科技服务员|“[^“”]{2,16}”(?:服务)?模式",
    "fund": r"基金|准备金|资金池",
}
_ORDER = tuple(_TYPES)
_SUFFIX = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TYPES.items()))
# Where a name begins: after punctuation, or after the verb or preposition nearest before it.
_EDGE = re.compile(
    r"[，。；：！？\n\t（《》]|(?:(?:加快|推进|推动|支持|积极|大力|鼓励|引导|持续|深化|统筹)*(?:建设|建立|建好|构建|组建|打造|完善|健全|创建|争创|搭建|筹建|共建|谋划|设立|成立|布局|培育|建成|新建|推进|推动|实施"
    r"|实行|探索|依托|借助|发挥|利用|运用|纳入|强化|加强|优化|创新|落实|执行|开展|升级|提升|做强|做优|开发|编制|对接|重构|深化|改革|改进|开通|申报|认定|引进|汇聚|充实|发布|采取|推行|形成|集成|落地|入驻|参与|建有"
    r"|拓展|整合|联动|壮大|用好|突破|创办|盘活|升格|晋升|认定为|列入|入选|用于|作为|成为|享受|承接|承办|举办|动态化的|进行|面向|围绕|通过|支撑|覆盖|与(?=[^，]{2,10}(?:共建|合作|对接)))(?:了|好|和完善|健全|和充实|一批|一个|各类|省级|市级)*)"
)
_TRIM = re.compile(
    r"^(?:[、和及与或等的将把以向在到对由为从并且再各\d]|完善|健全|建立|建设|构建|新型的|一批|一个|各类|若干|国内外|新认定|新建立|首批|相关|有关|更加|运行高效|开放协同|功能完善|个|家|全面|充分|统一|所有|每个)+"
)
_BAD = re.compile(r"^(?:该|此|本|其|上述|以上|等|各类|各级|有关|相关|新型|高层次|重点|省级|市级|高端|创新|创业|国家级|科技|服务|高质量|体系|重大)*$")
_MAX = 44
_RUN_ON = re.compile(r"[、和及与或]")


def find_facilities(view: View) -> Iterator[Facility]:
    """Every named facility, in the order of the text; a name is given once for each sentence that holds it."""
    text = view.text
    seen: dict[str, int] = {}
    floor = 0
    for match in _SUFFIX.finditer(text):
        start = _name_start(text, max(floor, match.start() - _MAX), match)
        name = text[start : match.end()]
        kind = match.lastgroup or ""
        if not _acceptable(name, match, kind):
            continue
        if match.start() - seen.get(name, -10_000) < 100:
            continue
        seen[name] = match.start()
        floor = match.end()
        yield Facility(name=name.strip("“”") if name.count("“") != name.count("”") else name, type=kind, **view.quote(start, match.end()))  # type: ignore[arg-type]


def _name_start(text: str, floor: int, match: re.Match[str]) -> int:
    """The left edge of the name that ends with the matched suffix."""
    start = floor
    for edge in _EDGE.finditer(text, floor, match.start()):
        if edge.end() <= match.start() and not _inside_quotes(text, floor, edge.start()):
            start = edge.end()
    window = text[start : match.start()]
    cut = max(window.rfind("等"), -1) + 1
    possessive = window.rfind("的")
    if possessive >= 0 and len(window) - possessive > 2:
        cut = max(cut, possessive + 1)
    listed = window.rfind("、")
    if listed >= 0 and len(window) - listed - 1 >= 2 and not _inside_quotes(text, start, start + listed):
        cut = max(cut, listed + 1)
    start += cut
    trim = _TRIM.match(text, start, match.end())
    if trim and trim.end() <= match.start():
        start = trim.end()
    return start


def _inside_quotes(text: str, floor: int, position: int) -> bool:
    return text.count("“", floor, position) > text.count("”", floor, position)


def _acceptable(name: str, match: re.Match[str], kind: str) -> bool:
    before = name[: len(name) - len(match.group())]
    if kind in ("assessment", "mechanism") and len(match.group()) >= 4:
        return True
    return len(before) >= 2 and not _BAD.match(before)

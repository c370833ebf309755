"""Named things a document builds or uses: databases, platforms, laboratories, carriers, mechanisms, assessments …

A name is recognised by how it ends.  Where it begins is found by walking back to the nearest mark or verb; quotation
marks and brackets are walked through as one piece, and a list closed by 等 (甲、乙等省级技术创新中心) belongs to
the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kechuang.engines.extraction.model import Facility
from kechuang.engines.extraction.view import View

_TYPES = {
    "database": (
        "项目库 人才库 专家库 企业库 需求库 成果库 数据库 资源库 信息库 储备库 后备库 培育库"
        " 名录库 案例库 产品库 知识库 专利库 政策库 样本库 种质库"
    ),
    "assessment": (
        "考核评价 考核评估 考核评比 考核体系 考核机制 考核制度 考核办法 考核 考评体系 考评机制"
        " 考评制度 考评 绩效评估 绩效评价 评价制度 评估制度 通报制度 问责机制 综合评价 评价体系"
        " 评估体系 通报批评 公开通报 督查激励"
    ),
    "lab": (
        "实验室 研究院 研究中心 研究所 创新中心(?!城) 工程中心 技术中心 研发中心(?!城) 分中心"
        " 中试基地 创新工场 研发基地 大科学装置 发展中心 转化中心 检测中心 检验中心"
    ),
    "platform": ("平台 大市场 市场(?=[，。；、]) 专区 学堂 服务体(?!系) 综合体(?!系) 服务网(?!络) 门户(?!网) 小程序"),
    "carrier": (
        "孵化器 加速器 众创空间 工作站 科学家工作室 院士工作室 创新基地 创业基地 科普基地 示范基地"
        " 合作基地 传播基地 产业园区 产业园 科技园区 科技园 智慧岛 飞地 示范区 星创天地 创新载体"
        " 创业载体 双创”载体 科学城 科创走廊 联合体 概念验证中心 服务站 ）站 试点市 特色园区"
    ),
    "alliance": "联盟",
    "organization": "领导小组 工作专班 工作组 委员会 联席会议 指挥部 服务团 顾问组",
    "system": "体系 孵化链条 服务链条 生态链 服务网络 等系统 信息系统 管理系统",
    "mechanism": (
        "机制 制度 揭榜挂帅(?!”?等?(?:机制|制度)) 赛马制 一事一议 免申即享 包干制 承诺制 负面清单 首席科技服务员"
    ),
    "fund": "基金(?!会) 准备金 资金池",
}
_KIND = {ending.partition("(")[0]: kind for kind, endings in _TYPES.items() for ending in endings.split()}


def _tree(endings: list[str]) -> str:
    """One regular expression for many words, branching letter by letter; a word may end in a condition in brackets.

    Python tries the branches of an alternation one after another, so a flat list of words would cost its length.
    """
    branches: dict[str, list[str]] = {}
    stop = ""
    for ending in endings:
        if not ending or ending[0] == "(":
            stop = ending or "|"
        else:
            branches.setdefault(ending[0], []).append(ending[1:])
    longer = "|".join(re.escape(letter) + _tree(rest) for letter, rest in branches.items())
    if not stop:
        return longer if len(branches) == 1 else f"(?:{longer})"
    return f"(?:{longer}|{stop.strip('|')})" if longer else stop.strip("|")


_SUFFIX = re.compile(
    r"“[^“”\n]{1,12}库”|“[^“”\n]{2,16}”(?:服务)?模式|"
    + _tree([ending for endings in _TYPES.values() for ending in endings.split()]).removeprefix("(?:").removesuffix(")")
)
_MAX = 44
# A list closed by 等 may be longer by this much.
_MAX_LIST = 60
_OPEN, _CLOSE = "（“《〔", "）”》〕"
# What stands before 和 where it joins two names rather than the parts of one.
_NOUN_END = "室院心台库站地区体器间构业校所队盟会员制系度园金人店”）"
_MARKS = "，。；：！？\n\t"

# Verbs that are never part of a name, wherever they stand before it …
_VERB = re.compile(
    r"(?:建设|推进|布局|申报|组成|联合|精心|高起点|高标准|高质量(?!发展)|擦亮|谋划|"
    r"建立|构建|组建|打造|完善|健全|创建|争创|搭建|筹建|共建|设立|成立|依托|借助|发挥|"
    r"利用|纳入|加强|强化|加快|加大|支持|鼓励|引导|引进|新建|新增|实施|充分|积极|聚集|"
    r"集聚|对(?=每)|参与|入驻|落实|享受|开展|开发|新认定|认定|推广|深化|建成|建好|建有|推行|"
    r"采取|通过|围绕|面向|按照|关于|促进|激发|释放|研究制定|达到|实现|组织|成为|作为|"
    r"进入|列入|承接|承办|负责|每年|力争|争取|遴选|选派|整合|形成|编制|具有|拥有|对于|"
    r"根据|结合|深入|持续|不断|进一步|有效|各类|各级|一批|一个|若干|所有|每个|国内外|"
    r"助力|撤销|规范|营造|登录|新落地|落地|充实|动态化|要将|需要|可以|应当|将)(?:了|的|好|和|与|健全|完善|和完善|"
    r"一批|一个|各类)*"
)
# … and words that are trimmed only from its beginning.
_LEAD = re.compile(
    r"^(?:（[一二三四五六七八九十\d]{1,2}）|第[一二三四五六七八九十百]{1,4}条|左右|做大|对接|"
    r"对标|申报|以上|对于|\d+(?:\.\d+)?[万亿]?[元个家项名]|完善|健全|建设|推进|推动|"
    r"培育|布局|优化|探索|实行|提升|拓展|对接|运用|做强|做优|发布|汇聚|落地|盘活|升级|"
    r"新型的|更加|运行高效|开放协同|功能完善|全面|统一|所有|定期|进行|给予|首批|相关|"
    r"有关|我[省市县区]|[一二三四五六七八九十]是|要|使|让|改进|重构|谋划|创办|以上|"
    r"新建立的?|新认定的?|新获批的?|完整|动态的|个|家|结合|[、和及与或等的将把以向在到对由为从并且再各是年\d.+—]"
    r"(?![级区市]))+"
)
# Of these, the ones that no name ends with, however short what follows them.
_ALWAYS = frozenset(
    re.findall(
        "..",
        "纳入采取建立构建组建打造创建创办搭建助力推广推行撤销规范营造实施开展依托围绕通过支持整合建设",
    )
)
_VAGUE = frozenset(
    ["平台", "体系", "机制", "制度", "创新载体", "创业载体", "双创”载体", "信息系统", "管理系统", "基金"]
)
_GENERIC = re.compile(
    r"(?:创新|科技|科创|研发|科研|引领型|高能级|高层次|重大|重点|各类|省级|市级|国家级|"
    r"以上|一流|高水平|省|市|国家|体制|企业|新型|相关|有关|该|此|其|各级|服务|创业|"
    r"产业|工作|现代|完整|上述|高效|特色|长效|激励|专业化?|大|小|优质|基础|新|全|多|"
    r"人才|技术|平台|政策|统筹|市场)*"
)


def find_facilities(view: View, start: int = 0) -> Iterator[Facility]:
    """Every named facility from ``start`` on, in the order of the text."""
    text = view.text
    last_name, last_end = "", -1
    for match in _SUFFIX.finditer(text, start):
        suffix, edge = match.group(), match.start()
        kind = _KIND.get(suffix) or ("database" if suffix.endswith("库”") else "mechanism")
        if suffix.startswith("）"):
            edge += 1
        begin = _name_start(text, edge, max(start, edge - _MAX))
        name = text[begin : match.end()]
        if not _named(text[begin:edge], suffix, kind) or (name == last_name and begin - last_end < 20):
            continue
        last_name, last_end = name, match.end()
        if name.count("“") != name.count("”"):
            name = name.strip("“”")
        yield Facility(name=name, type=kind, **view.quote(begin, match.end()))  # type: ignore[arg-type]


def _name_start(text: str, end: int, floor: int) -> int:
    """Where the name begins whose ending begins at ``end``."""
    start = _walk_back(text, end, floor)
    window = text[start:end]
    for verb in _VERB.finditer(window):
        if verb.end() <= len(window) - (0 if verb.group() in _ALWAYS else 2) and not _within(window, verb.start()):
            cut = verb.end()
            start = end - len(window) + cut
    window = text[start:end]
    possessive = window.rfind("的")
    if 0 <= possessive <= len(window) - 3 and not _within(window, possessive):
        start += possessive + 1
    lead = _LEAD.match(text[start:end])
    return start + lead.end() if lead else start


def _walk_back(text: str, end: int, floor: int) -> int:
    """Back to the nearest mark outside quotation marks and brackets; past 、 and 和 only in a list closed by 等."""
    depth, position, listed = 0, end, False
    lowest = floor
    while position > floor:
        character = text[position - 1]
        if character in _CLOSE:
            depth += 1
        elif character in _OPEN:
            if depth == 0:
                return position
            depth -= 1
        elif depth == 0:
            if character in _MARKS or (character in "—+" and end - position < 12):
                return position
            if character == "等" and position < end:
                listed = True
                floor = max(0, lowest - _MAX_LIST)
            elif not listed and (character == "、" or (character in "和及与或" and text[position - 2] in _NOUN_END)):
                return position
        position -= 1
    return position


def _within(window: str, position: int) -> bool:
    return window.count("“", 0, position) > window.count("”", 0, position)


def _named(before: str, suffix: str, kind: str) -> bool:
    """A bare 平台 or 创新体系 names nothing; 考核评价 and 揭榜挂帅 stand for themselves."""
    if kind in ("assessment", "mechanism", "database") and len(suffix) >= 4:
        return True
    return len(before) >= 2 and not (suffix in _VAGUE and len(before) < 8 and _GENERIC.fullmatch(before))

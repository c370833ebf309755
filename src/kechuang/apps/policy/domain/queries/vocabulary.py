"""The words of the installed pack by which documents are filed: classes of beneficiaries, ladders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from django.utils.translation import get_language

from kechuang.kit.packs.installed import installed_pack

_SPLIT = re.compile(r"[、和（）]")


def beneficiary_classes() -> dict[str, str]:
    """Classes of beneficiaries: code to name in the reader's language."""
    english = (get_language() or "").startswith("en")
    return {entry.code: entry.name_en if english else entry.name for entry in installed_pack().beneficiaries}


def figure_names() -> dict[str, str]:
    """Facts and derived figures: code to name in the reader's language."""
    english = (get_language() or "").startswith("en")
    names = {fact.code: fact.name_en if english else fact.name for fact in installed_pack().facts}
    return names | {figure.code: figure.name_en if english else figure.name for figure in installed_pack().derived}


def industry_with_parents(codes: Iterable[str]) -> list[str]:
    """The codes and the sections they lie in, so that a filter on a section finds its divisions."""
    return sorted({part for code in codes for part in (code, code[:1])})


@cache
def _beneficiary_words() -> tuple[tuple[str, str], ...]:
    """Word to class, longest word first, so that 科技型中小企业 is not taken for any 企业."""
    words: dict[str, str] = {}
    for entry in installed_pack().beneficiaries:
        for word in _SPLIT.split(entry.name):
            if len(word) > 1:
                words.setdefault(word, entry.code)
    known = {entry.code for entry in installed_pack().beneficiaries}
    for ladder in installed_pack().ladders:
        for tier in ladder.tiers:
            for word in (tier.name, *tier.aliases):
                words.setdefault(word, tier.code if tier.code in known else "leading_enterprise")
    words |= {word: code for word, code in _COMMON.items() if code in known}
    return tuple(sorted(words.items(), key=lambda pair: (-len(pair[0]), pair[0])))


# How documents speak of the classes beyond their names in the pack.
_COMMON: Mapping[str, str] = {
    "院士": "talent",
    "人才": "talent",
    "专家": "talent",
    "博士": "graduate",
    "毕业生": "graduate",
    "孵化器": "carrier",
    "众创空间": "carrier",
    "载体": "carrier",
    "开发区": "zone",
    "实验室": "innovation_platform",
    "技术研究中心": "innovation_platform",
    "工作站": "innovation_platform",
    "平台": "innovation_platform",
    "高等学校": "research_body",
    "银行": "financial_institution",
    "龙头企业": "leading_enterprise",
    "引领型企业": "leading_enterprise",
}


def classify_beneficiary(text: str) -> list[str]:
    """The classes that a description of beneficiaries falls into; a longer word hides the shorter ones within it."""
    found: list[str] = []
    rest = text
    for word, code in _beneficiary_words():
        if word in rest:
            rest = rest.replace(word, "\0")
            if code not in found:
                found.append(code)
    return sorted(found)

"""Benefits without a figure (对符合条件的机构可给予一定奖补): they tell whom to ask about what, so they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kechuang.engines.extraction.beneficiaries import PREPOSITION
from kechuang.engines.extraction.model import Benefit
from kechuang.engines.extraction.view import View

_PROMISE = re.compile(
    rf"{PREPOSITION}(?P<who>[^。；\n\t]{{2,80}}?)，?"
    r"(?:(?:由(?P<payer>[^，。；\n\t]{1,12}财政)|按照?[^，。；\n\t]{2,40}?|采取[^，。；\n\t]{2,30}?(?:方式|形式))，?){0,2}"
    r"(?:可以?|再|将|优先)?(?:给予|予以)(?P<how>[^，。；\n\t]{0,14}?)"
    r"(?P<form>奖补|奖励|补助|补贴|资助|贴息|扶持|支持)(?=[，。；、）和以及]|$)",
    re.M,
)
_TREASURY_BEFORE = re.compile(r"(?P<payer>(?:中央|国家|省|市|县|区|本级)(?:级|本级)?财政)(?:专项)?(?:资金)?$")
_FIGURE = re.compile(r"\d(?:[十百千万亿]*元|%)|百分之|\d[万亿]")


def find_unquantified(view: View, found: Sequence[Benefit]) -> Iterator[Benefit]:
    """The benefits that name a class and a form but no sum or rate; places that ``found`` covers are left out."""
    covered = {position for benefit in found for position in range(benefit.start, benefit.end)}
    for match in _PROMISE.finditer(view.text):
        if _FIGURE.search(match.group()):
            continue
        quote = view.quote(match.start(), match.end())
        if quote["start"] in covered or quote["end"] in covered:
            continue
        before = _TREASURY_BEFORE.search(view.text, max(0, match.start() - 16), match.start())
        yield Benefit(
            beneficiary=match["who"].strip("，、的"),
            form=match["form"],
            per="次" if "一次性" in match["how"] else None,
            payer=match["payer"] or (before["payer"] if before else None),
            **quote,  # type: ignore[arg-type]
        )

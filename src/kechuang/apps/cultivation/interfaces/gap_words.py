"""A gap report in words: what is known, how much is short, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.domain.queries.ladder import NO, UNKNOWN, UNSET, YES, Judged, Report
from kechuang.engines.rules.gaps import Gap
from kechuang.kit.numbers import money_text, number_text, value_text
from kechuang.kit.packs import Derived, Fact
from kechuang.kit.packs.installed import installed_pack

ADVICE = (
    (("rd_staff_count", "rd_staff_share"), gettext_lazy("Count and enrol your research staff; hire or train more.")),
    (
        ("rd_expense", "rd_ratio_3y", "rd_intensity", "rd_expense_domestic_share"),
        gettext_lazy("Keep the research account project by project, so that all research expense counts; plan more."),
    ),
    (
        ("hitech_revenue", "hitech_share"),
        gettext_lazy("Sort your sales by product and prove which of them use the core technology."),
    ),
    (
        ("ip_owned_core", "ip_class1", "ip_class2"),
        gettext_lazy("Apply for patents or software copyrights on the main product, or buy the rights to them."),
    ),
    (("results_per_year",), gettext_lazy("Collect proof of every result that went into a product, year by year.")),
    (
        ("hnte_points", "hnte_score"),
        gettext_lazy("Assess yourself with your county's service officer and mend the weakest part of the score."),
    ),
    (("registered_on", "years_registered"), gettext_lazy("Time mends this one; prepare the rest meanwhile.")),
    (("field_national",), gettext_lazy("Have your service officer compare your technology with the national fields.")),
    (("hnte_valid",), gettext_lazy("Become a high-tech enterprise first.")),
    (("tech_sme_valid",), gettext_lazy("Obtain this year's technology SME number first.")),
    (("revenue",), gettext_lazy("Grow: ask your service officer for markets, loans and projects.")),
    (
        ("major_offence", "research_dishonesty", "abnormal_listing"),
        gettext_lazy("Have the record cleared with the authority that made it before you apply."),
    ),
)
VERDICTS = {
    YES: gettext_lazy("condition met"),
    NO: gettext_lazy("short of it"),
    UNKNOWN: gettext_lazy("we lack figures"),
    UNSET: gettext_lazy("not set yet"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator with its value in words, empty where unknown. ``code`` names the fact."""

    code: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Short:
    """How much of one indicator is short, in words; ``key`` where it is enough to mend this one alone."""

    name: str
    has: str
    needs: str
    short: str


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion as the page and the paper show it."""

    label: str
    verdict: str
    word: str
    known: tuple[Figure, ...]
    shorts: tuple[Short, ...]
    missing: tuple[Figure, ...]
    advice: str

    @property
    def light(self) -> str:
        """A key of the lights."""
        return f"gap_{self.verdict}"


def lines_of(report: Report) -> list[Line]:
    """Every criterion of a rung in the order of the rule."""
    speech = Speech(report.derived)
    return [_line(each, speech) for each in report.judged]


def missing_of(report: Report) -> list[Figure]:
    """The facts that are to be supplied, without values."""
    return Speech(report.derived).named(report.missing)


def summary(report: Report) -> str:
    """The state of a rung in one sentence."""
    total, met, short = len(report.judged), report.count(YES), report.count(NO)
    unknown, unset = report.count(UNKNOWN), report.count(UNSET)
    parts = [_("%(met)s of %(total)s conditions are met") % {"met": met, "total": total}]
    if short:
        parts.append(_("%(n)s fall short") % {"n": short})
    if unknown:
        parts.append(_("%(n)s cannot be told yet") % {"n": unknown})
    if unset:
        parts.append(_("%(n)s have no threshold yet") % {"n": unset})
    return _(", ").join(parts) + _(".")


def _line(judged: Judged, speech: Speech) -> Line:
    explained = judged.explained
    missing = [code for code in explained.missing if judged.verdict == UNKNOWN] if explained.missing else []
    known = [
        Figure(code, speech.name_of(code), speech.say(code, value))
        for code, value in explained.values.items()
        if value is not None and _told(code, explained.values, speech)
    ]
    shorts = tuple(_short(gap, speech) for gap in judged.gaps.values() if isinstance(gap.has, int | float | bool))
    advice = "" if judged.verdict != NO else _advice([*judged.gaps, *explained.values])
    return Line(
        judged.label, judged.verdict, str(VERDICTS[judged.verdict]), tuple(known[:6]), shorts[:4],
        tuple(speech.named(missing)[:6]), advice,
    )  # fmt: skip


def _told(code: str, values: Mapping[str, Any], speech: Speech) -> bool:
    """Parts of a score are too many to tell one by one; the score and the facts beneath it are enough."""
    return code not in speech.derived or len(values) < 8 or code.endswith(("_score", "_score_low", "_score_high"))


def _short(gap: Gap, speech: Speech) -> Short:
    if isinstance(gap.needs, tuple):
        needs = "、".join(speech.say(gap.indicator, value) for value in gap.needs)
    else:
        needs = speech.say(gap.indicator, gap.needs)
    short = ""
    if gap.short is not None and not isinstance(gap.has, bool):
        amount = speech.say(gap.indicator, _rounded(gap))
        short = (_("%(amount)s more") if gap.short >= 0 else _("%(amount)s less")) % {"amount": amount}
    if gap.strictly and not isinstance(gap.needs, tuple):
        needs = (_("above %(value)s") if (gap.short or 0) >= 0 else _("below %(value)s")) % {"value": needs}
    return Short(speech.name_of(gap.indicator), speech.say(gap.indicator, gap.has), needs, short)


def _rounded(gap: Gap) -> float:
    """How much, never told too small: whole pieces of what is counted."""
    from math import ceil

    size = abs(gap.short or 0.0)
    fact = _facts().get(gap.indicator)
    return float(ceil(size - 1e-9)) if fact is not None and fact.kind == "count" else size


def _advice(codes: Iterable[str]) -> str:
    for code in codes:
        for stems, text in ADVICE:
            if any(code.startswith(stem) for stem in stems):
                return str(text)
    return ""


@dataclass(frozen=True, slots=True)
class Speech:
    """How facts, and the figures ``derived`` from them, are named and told in the reader's language."""

    derived: Mapping[str, Derived]

    def named(self, codes: Iterable[str]) -> list[Figure]:
        """Facts by code with their names, without values."""
        return [Figure(code, self.name_of(code), "") for code in dict.fromkeys(codes)]

    def name_of(self, code: str) -> str:
        """The name of a fact or a derived figure."""
        entry: Fact | Derived | None = _facts().get(code) or self.derived.get(code)
        if entry is None:
            return code
        return entry.name_en if _english() and entry.name_en else entry.name

    def say(self, code: str, value: Any) -> str:
        """The value of a fact or a derived figure with its unit; empty where it is unknown."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return value.isoformat()
        fact, derived = _facts().get(code), self.derived.get(code)
        if isinstance(value, str):
            return _chosen(fact, value)
        unit = fact.unit if fact is not None else derived.unit if derived is not None else ""
        if unit == "元":
            return money_text(round(Decimal(str(value))))
        if unit == "比例" or (fact is not None and fact.kind == "ratio"):
            return f"{number_text(Decimal(str(round(float(value) * 100, 6))), 2)}%"
        places = 0 if float(value).is_integer() else 2
        return value_text(round(Decimal(str(value)), places), unit)


def _chosen(fact: Fact | None, value: str) -> str:
    """The name of the region or of the choice behind a code."""
    if fact is not None and fact.kind == "region":
        return next((region.name for region in installed_pack().regions if region.code == value), value)
    return next((choice.name for choice in fact.choices if choice.code == value), value) if fact else value


@cache
def _facts() -> Mapping[str, Fact]:
    return {fact.code: fact for fact in installed_pack().facts}


def _english() -> bool:
    return (get_language() or "").startswith("en")


def tier_title(report: Report) -> str:
    """The name of the rung in the reader's language."""
    return report.tier.name_en if _english() else report.tier.name

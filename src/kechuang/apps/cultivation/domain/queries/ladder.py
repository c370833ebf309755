"""Where an enterprise stands on the ladder, and what it still lacks for a rung: the gap report (一企一策)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from kechuang.apps.cultivation.ladder import step_of, tiers
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.queries.facts import FactValue, facts_of, values_of
from kechuang.engines.rules.explain import ExplainedCriterion, Explanation
from kechuang.engines.rules.gaps import Gap
from kechuang.kit.packs import Derived, Tier
from kechuang.kit.packs.installed import installed_pack
from kechuang.kit.rulebook import PublishedRule, Rulebook, rulebook

YES, NO, UNKNOWN, UNSET = "met", "short", "unknown", "unset"
"""How a criterion stands. UNSET: the city has not filled in the threshold, so that nobody can meet or miss it."""
HELD, EXPIRED, NEXT, OPEN = "held", "expired", "next", "open"
"""How a rung stands: recognised, was recognised, the one to aim for, another."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of a rung in the reader's words, with the engine's explanation.

    ``gaps``: what is short of figures that the enterprise can move; a threshold is none.
    """

    label: str
    verdict: str
    explained: ExplainedCriterion
    gaps: Mapping[str, Gap]


@dataclass(frozen=True)
class Report:
    """All criteria of a rung held against what is known. ``reached``: None where something unknown decides.

    ``derived``: the figures that are reckoned from facts, by code.
    """

    tier: Tier
    rule: PublishedRule
    reached: bool | None
    judged: tuple[Judged, ...]
    missing: tuple[str, ...]
    derived: Mapping[str, Derived]

    def count(self, verdict: str) -> int:
        return sum(each.verdict == verdict for each in self.judged)

    def of(self, *verdicts: str) -> list[Judged]:
        return [each for each in self.judged if each.verdict in verdicts]

    @property
    def distance(self) -> tuple[int, int]:
        """Fewer is nearer: criteria missed, then criteria not known."""
        return self.count(NO), self.count(UNKNOWN) + self.count(UNSET)


@dataclass(frozen=True)
class Rung:
    """A rung as the enterprise sees it. ``report``: None where no rule says what it takes."""

    tier: Tier
    state: str
    certification: Certification | None
    entry: ReserveEntry | None
    report: Report | None

    @property
    def light(self) -> str:
        """A key of the lights."""
        if self.state == HELD and self.certification is not None:
            return self.certification.light
        return f"rung_{self.state}"


@dataclass(frozen=True)
class Place:
    """The whole ladder of an enterprise. ``stated``: its own word for a rung without a record here."""

    organisation: Organisation
    rungs: tuple[Rung, ...]
    certifications: tuple[Certification, ...]
    facts: Mapping[str, FactValue]
    step: int
    stated: str
    day: date

    @property
    def next_rungs(self) -> list[Rung]:
        return [rung for rung in self.rungs if rung.state == NEXT]

    def rung(self, code: str) -> Rung | None:
        return next((rung for rung in self.rungs if rung.tier.code == code), None)


def tier_rules(book: Rulebook) -> dict[str, PublishedRule]:
    """The rule in force that says what a rung takes, by the rung's code; the place's own where it has one."""
    return {rule.tier: rule for rule in book.rules.values() if rule.kind == "tier" and rule.tier in tiers()}


def city_rules(day: date) -> Rulebook:
    """The rules of the city that this installation serves."""
    return rulebook(Region.objects.get(code=installed_pack().region), day)


def place_of(organisation: Organisation, day: date | None = None) -> Place:
    """The ladder of one enterprise as of ``day``; the caller sees to it that the reader may see the enterprise."""
    today = day or timezone.localdate()
    own = list(Certification.objects.filter(organisation=organisation).order_by("issued_on", "pk"))
    entries = {row.tier: row for row in ReserveEntry.objects.filter(organisation=organisation, left_on=None)}
    facts = facts_of(organisation)
    book = rulebook(organisation.region, today)
    rules = tier_rules(book)
    wanted = [rule.code for rule in rules.values()]
    explained = {each.rule: each for each in book.explainer.explain(values_of(facts), wanted)}
    held = {row.tier: row for row in own if row.light in ("cert_valid", "cert_soon") and row.issued_on <= today}
    stated = _stated(facts)
    step = max([step_of(code) for code in held] + [step_of(stated)], default=0)
    aim = min((tier.step for tier in tiers().values() if tier.step > step), default=0)
    past = {row.tier: row for row in own}
    rungs = []
    for code, tier in tiers().items():
        rule = rules.get(code)
        report = _report(tier, rule, explained[rule.code], book) if rule is not None else None
        state = HELD if code in held or code == stated else NEXT if tier.step == aim else OPEN
        if state != HELD and code in past:
            state = EXPIRED
        rungs.append(Rung(tier, state, held.get(code) or past.get(code), entries.get(code), report))
    return Place(organisation, tuple(rungs), tuple(reversed(own)), facts, step, stated, today)


def _stated(facts: Mapping[str, FactValue]) -> str:
    """The highest rung that a fact names: empty where none is known or the highest is no rung at all."""
    known = facts.get("tier")
    if known is not None and step_of(str(known.value)):
        return str(known.value)
    for code, fact in (("hnte", "hnte_valid"), ("tech_sme", "tech_sme_valid")):
        value = facts.get(fact)
        if value is not None and value.value is True and step_of(code):
            return code
    return ""


def _report(tier: Tier, rule: PublishedRule, explanation: Explanation, book: Rulebook) -> Report:
    unset = {code for code, figure in book.derived.items() if not figure.is_set}
    judged = tuple(
        Judged(label, _verdict(explained, unset), explained, _movable(explained, book))
        for label, explained in zip(rule.conditions, explanation.criteria, strict=True)
    )
    missing = tuple(code for code in explanation.missing if code not in unset)
    return Report(tier, rule, explanation.answer, judged, missing, book.derived)


def _movable(criterion: ExplainedCriterion, book: Rulebook) -> Mapping[str, Gap]:
    facts_of = book.explainer.program.ruleset.facts_of
    return {code: gap for code, gap in criterion.gaps.items() if code not in book.derived or facts_of([code])}


def _verdict(criterion: ExplainedCriterion, unset: Set[str]) -> str:
    """``unset``: thresholds that no document states and the city has not filled in."""
    if criterion.answer is not None:
        return YES if criterion.answer else NO
    return UNSET if unset & set(criterion.values) else UNKNOWN


def all_reports(place: Place) -> Sequence[Report]:
    """The reports of the rungs to aim for, the nearest first."""
    found = [rung.report for rung in place.next_rungs if rung.report is not None]
    return sorted(found, key=lambda report: report.distance)

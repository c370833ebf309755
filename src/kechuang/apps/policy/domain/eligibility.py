"""What an organisation is entitled to, what is one step away, what cannot be told yet and what is missing for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils import timezone

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.queries.facts import FactValue, facts_of, return_year, values_of
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.queries.rulebook import RuleBook, program_for
from kechuang.apps.policy.domain.received import THIS_YEAR, Counting, Grant, grants_under, sums_of
from kechuang.apps.policy.models import Rule, RuleKind, RuleSubject, RuleVersion
from kechuang.engines.rules.explain import ExplainedCriterion, Explanation
from kechuang.engines.rules.gaps import Gap
from kechuang.engines.rules.interpreter import Value
from kechuang.kit.permissions import Actor, authorise

Kinds = Organisation.Kind
FOR_WHOM: Mapping[str, frozenset[str]] = {
    RuleSubject.ENTERPRISE: frozenset({Kinds.ENTERPRISE}),
    RuleSubject.SERVICE: frozenset({Kinds.SERVICE, Kinds.ENTERPRISE, Kinds.OTHER}),
    RuleSubject.NEW_RD_INSTITUTION: frozenset({Kinds.INSTITUTE, Kinds.ENTERPRISE, Kinds.UNIVERSITY, Kinds.OTHER}),
    RuleSubject.ZONE: frozenset({Kinds.OTHER}),
    RuleSubject.COUNTY: frozenset(),
    RuleSubject.PERSON: frozenset(),
}
"""Which kinds of organisations a rule may concern; a subject that is not here concerns every kind."""

SETTLED = frozenset({FactKind.Kind.REGION.value, FactKind.Kind.INDUSTRY.value, FactKind.Kind.DATE.value})
"""Kinds of facts that nobody changes for the sake of a rule: a gap in them is no step."""

ONE_STEP = 1.0
"""The distance up to which a rule is one step away: one yes instead of a no, or figures that double at most."""


class Group(StrEnum):
    """Where an answer stands on the page; ``RECEIVED``: granted before, so that nothing more of it is payable."""

    ENTITLED = "entitled"
    NEAR = "near"
    UNKNOWN = "unknown"
    RECEIVED = "received"
    NOT_FOR_YOU = "not_for_you"


class Reason(StrEnum):
    """Why a rule is not for an organisation."""

    NONE = ""
    SUBJECT = "subject"
    NOT_YET = "not_yet"
    ENDED = "ended"
    CRITERIA = "criteria"


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule's answer. Money in yuan. ``missing``: codes of the facts that an answer or the amount lacks.

    ``outranked_by``: the rule of the same group that is paid instead. ``granted``: the award after which nothing more
    is payable, under this rule or another of its group (``granted_under``). ``distance``: how far a rule that is not
    met is, 0 for one that is. ``conflicts``: rules that state it differently and are in force too.
    """

    rule: Rule
    version: RuleVersion
    explanation: Explanation
    group: Group
    reason: Reason = Reason.NONE
    amount: Decimal | None = None
    payable: Decimal | None = None
    missing: tuple[str, ...] = ()
    distance: float = 0.0
    outranked_by: Rule | None = None
    granted: Grant | None = None
    granted_under: Rule | None = None
    conflicts: tuple[Rule, ...] = ()
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers for one organisation, in groups, with what they rest on; ``granted``: code → the award that settles
    a rule for it."""

    rules: tuple[RuleAnswer, ...]
    book: RuleBook
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    granted: Mapping[str, Grant] = field(default_factory=dict)

    def of(self, group: Group) -> list[RuleAnswer]:
        return [answer for answer in self.rules if answer.group == group]

    def wanted(self) -> list[tuple[str, int]]:
        """The facts that are missing, with how many undecided rules wait for each, most first."""
        return wanted_facts(self.rules, self.book)


def eligibility(
    actor: Actor,
    organisation: Organisation,
    year: int | None = None,
    changes: Mapping[str, Value] | None = None,
    *,
    day: date | None = None,
) -> Answers:
    """Every rule of the organisation's region with its answer. ``changes`` are other figures, tried and not kept.

    Raises Refused where the actor may not see the organisation. ``year``: the fiscal year of the facts, the last that
    is over where None.
    """
    authorise(actor, "view", organisation)
    book = program_for(organisation.region, day or timezone.localdate())
    wanted = return_year() if year is None else year
    facts = facts_of(organisation, wanted, kinds=list(book.kinds.values()))
    grants = grants_under(book, [organisation.pk])
    received = sums_of(book, grants, wanted).get(organisation.pk, {})
    granted = Counting(book).settling(grants, wanted)
    values: dict[str, Value] = {**values_of(facts), **received, **(changes or {})}
    return Answers(answers_for(book, values, organisation.kind, granted), book, facts, values, granted)


def answers_from(region: Region, values: Mapping[str, Value], kind: str, *, day: date | None = None) -> Answers:
    """The answers of the rules of a region for figures that somebody typed; nothing is looked up or kept."""
    book = program_for(region, day or timezone.localdate())
    return Answers(answers_for(book, values, kind), book, {}, values)


def answers_for(
    book: RuleBook, values: Mapping[str, Value], kind: str, granted: Mapping[str, Grant] | None = None
) -> tuple[RuleAnswer, ...]:
    """The answers in the order of the page: what ends first and is worth most, what is nearest, what lacks least.

    ``values`` are facts, and what was received as :mod:`received` counts it; ``granted`` as in :class:`Answers`.
    """
    explanations = {each.rule: _settled(each, values) for each in book.explainer.explain(values)}
    winners = _winners(book, explanations)
    found = [
        _answer(book, book.versions[code], explanation, kind, winners, granted or {})
        for code, explanation in explanations.items()
    ]
    order = {group: place for place, group in enumerate(Group)}
    return tuple(sorted(found, key=lambda answer: (order[answer.group], *_rank(answer))))


def wanted_facts(rules: Iterable[RuleAnswer], book: RuleBook) -> list[tuple[str, int]]:
    """Missing facts by how many undecided rules lack them, most first; ties in the order of the catalogue."""
    counts: dict[str, int] = {}
    for answer in rules:
        if answer.group in (Group.UNKNOWN, Group.ENTITLED):
            for code in answer.missing:
                counts[code] = counts.get(code, 0) + 1
    places = {code: place for place, code in enumerate(book.kinds)}
    askable = [(code, count) for code, count in counts.items() if code in places]
    return sorted(askable, key=lambda pair: (-pair[1], places[pair[0]]))


def _settled(explanation: Explanation, values: Mapping[str, Value]) -> Explanation:
    """Nothing more is payable for a year for which it was granted, as :func:`batches.answers` has it."""
    granted = values.get(f"{explanation.rule}{THIS_YEAR}")
    if granted and explanation.payable is not None:
        return replace(explanation, payable=0)
    return explanation


def _rank(answer: RuleAnswer) -> tuple[float, ...]:
    grants = 0.0 if answer.rule.kind in (RuleKind.BENEFIT, RuleKind.TAX) else 1.0
    if answer.group == Group.ENTITLED:
        last = float((answer.valid_to or date.max).toordinal())
        outranked = float(answer.outranked_by is not None)
        return (outranked, last, grants, -float(answer.payable or 0), -float(answer.amount or 0))
    if answer.group == Group.RECEIVED and answer.granted is not None:
        return (-float(answer.granted.day.toordinal()), -float(answer.granted.fen))
    if answer.group == Group.NEAR:
        return (round(answer.distance, 6), grants, -_stated(answer.version))
    return (grants, float(len(answer.missing)), -_stated(answer.version))


def _stated(version: RuleVersion) -> float:
    """The sum that a definition names, 0 where it has to be reckoned."""
    try:
        return float(version.definition.get("amount") or 0)
    except (TypeError, ValueError):
        return 0.0


def _answer(
    book: RuleBook,
    version: RuleVersion,
    explanation: Explanation,
    kind: str,
    winners: Mapping[str, str],
    granted: Mapping[str, Grant],
) -> RuleAnswer:
    rule, grant = version.rule, granted.get(explanation.rule)
    valid_to = book.explainer.program.ruleset.rule(explanation.rule).valid_to
    group, reason, distance = _placed(book, rule, explanation, kind, valid_to)
    if grant is not None and (grant.code == rule.code or group in (Group.ENTITLED, Group.UNKNOWN)):
        group, reason, distance = Group.RECEIVED, Reason.NONE, 0.0
    else:
        grant = None
    winner = winners.get(explanation.rule, "")
    return RuleAnswer(
        rule=rule,
        version=version,
        explanation=explanation,
        group=group,
        reason=reason,
        amount=_yuan(explanation.amount),
        payable=_yuan(explanation.payable),
        missing=explanation.missing if group in (Group.UNKNOWN, Group.ENTITLED) else (),
        distance=distance,
        outranked_by=book.versions[winner].rule if group == Group.ENTITLED and winner else None,
        granted=grant,
        granted_under=book.versions[grant.code].rule if grant is not None and grant.code != rule.code else None,
        conflicts=tuple(book.versions[code].rule for code in rule.conflicts if code in book.versions),
        valid_to=valid_to,
    )


def _placed(
    book: RuleBook, rule: Rule, explanation: Explanation, kind: str, valid_to: date | None
) -> tuple[Group, Reason, float]:
    if kind not in FOR_WHOM.get(rule.subject, frozenset({kind})):
        return Group.NOT_FOR_YOU, Reason.SUBJECT, 0.0
    if not explanation.in_force:
        ended = valid_to is not None and valid_to < book.day
        return Group.NOT_FOR_YOU, Reason.ENDED if ended else Reason.NOT_YET, 0.0
    if explanation.answer is True:
        return Group.ENTITLED, Reason.NONE, 0.0
    if explanation.answer is None:
        return Group.UNKNOWN, Reason.NONE, 0.0
    far = distance_of(explanation, book)
    if far is not None and far <= ONE_STEP + 1e-9:
        return Group.NEAR, Reason.NONE, far
    return Group.NOT_FOR_YOU, Reason.CRITERIA, far or 0.0


def distance_of(explanation: Explanation, book: RuleBook) -> float | None:
    """How far a rule is that is not met: over its failing conditions the nearest gap of each; None where one has no
    gap that anybody could close."""
    far = 0.0
    for criterion in explanation.criteria:
        if criterion.answer is False:
            weights = [gap.weight for gap in steps_of(criterion, book)]
            if not weights:
                return None
            far += min(weights)
    return far


def steps_of(criterion: ExplainedCriterion, book: RuleBook) -> list[Gap]:
    """The gaps of a condition that somebody can close, nearest first: no other place, industry or day, and nothing to
    be undone (a yes that would have to be a no)."""
    found = []
    for code, gap in criterion.gaps.items():
        kind = book.kinds.get(code)
        if (kind is None or kind.kind not in SETTLED) and gap.needs is not False:
            found.append(gap)
    return sorted(found, key=lambda gap: gap.weight)


def _winners(book: RuleBook, explanations: Mapping[str, Explanation]) -> dict[str, str]:
    """Rule → the rule of its group that is paid instead of it."""
    groups: dict[str, list[str]] = {}
    for ready in book.explainer.program.rules:
        if ready.rule.group:
            groups.setdefault(ready.rule.group, []).append(ready.rule.id)
    found = {}
    for members in groups.values():
        winner = next((code for code in members if (explanations[code].payable or 0) > 0), None)
        if winner is not None:
            losers = [code for code in members if code != winner and explanations[code].payable == 0]
            found.update(dict.fromkeys(losers, winner))
    return found


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / 100


@dataclass(frozen=True, slots=True)
class Change:
    """What other figures do to one rule."""

    before: RuleAnswer
    after: RuleAnswer


def changes_between(before: Sequence[RuleAnswer], after: Sequence[RuleAnswer]) -> list[Change]:
    """The rules whose group or payable amount differs, gains first."""
    old = {answer.rule.pk: answer for answer in before}
    found = [
        Change(old[answer.rule.pk], answer)
        for answer in after
        if (old[answer.rule.pk].group, old[answer.rule.pk].payable) != (answer.group, answer.payable)
    ]
    return sorted(found, key=lambda change: -(float(change.after.payable or 0) - float(change.before.payable or 0)))


def total(answers: Iterable[RuleAnswer]) -> Decimal:
    """What is payable in all, in yuan."""
    return sum((answer.payable or Decimal(0) for answer in answers if answer.group == Group.ENTITLED), Decimal(0))

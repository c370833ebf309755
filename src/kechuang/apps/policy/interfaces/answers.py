"""Answers of rules in words: cards with each condition explained, what lacks, what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.fact_values import say
from kechuang.apps.indicators.domain.queries.facts import FactValue
from kechuang.apps.indicators.models import Fact, FactKind
from kechuang.apps.policy.domain.eligibility import SETTLED, Answers, Change, Group, Reason, RuleAnswer
from kechuang.apps.policy.domain.queries.rulebook import RuleBook
from kechuang.apps.policy.interfaces.rule_words import PAYERS, amount_text, formula_text, per_text
from kechuang.apps.policy.models.award import yuan
from kechuang.engines.rules.explain import ExplainedCriterion
from kechuang.engines.rules.gaps import Gap
from kechuang.engines.rules.interpreter import Value
from kechuang.kit.evidence import links_for
from kechuang.kit.numbers import money_text, number_text
from kechuang.kit.permissions import Actor

LIGHTS = {True: ("circle-check", "good"), False: ("circle-x", "bad"), None: ("help-circle", "unknown")}
NAMED = 3
SHOWN = 6
SOON = 90
"""Days before its last day from which a right says so."""
STANDING = (Group.RECEIVED, Group.ENTITLED, Group.UNKNOWN, Group.NEAR, Group.NOT_FOR_YOU)
"""From best to worst: what cannot be told yet may still come true, what is near is a no."""
NEVER: Callable[[str], str] = lambda code: ""  # noqa: E731 -- a default that says nothing


@dataclass(frozen=True, slots=True)
class Known:
    """A figure that a condition reads: its name, its value in words, where it comes from."""

    name: str
    text: str
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that is missing: how it is asked, and where to tell it."""

    code: str
    name: str
    question: str
    url: str = ""
    decides: int = 0


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A condition with its answer: ``gaps`` say what is short, ``known`` what it rests on, ``missing`` what to tell."""

    label: str
    icon: str
    tone: str
    word: str
    gaps: Sequence[str] = ()
    known: Sequence[Known] = ()
    missing: Sequence[Asked] = ()


@dataclass(frozen=True, slots=True)
class AnswerCard:
    """One rule as the page shows it. ``granted``: when it was received, in words; ``soon``: its last day is near."""

    answer: RuleAnswer
    amount: str
    payable: str
    reason: str
    tags: Sequence[str]
    criteria: Sequence[CriterionWords]
    met: int
    links: Sequence[Any] = ()
    conflicts: Sequence[tuple[Any, str]] = ()
    granted: str = ""
    soon: bool = False

    @property
    def facts(self) -> list[tuple[str, str]]:
        return facts_of_rule(self.answer)

    @property
    def open_criteria(self) -> list[CriterionWords]:
        """The conditions that are not met or not known."""
        return [criterion for criterion in self.criteria if criterion.tone != "good"]


@dataclass(slots=True)
class Section:
    """A group of answers on the page."""

    key: str
    title: str
    lead: str
    cards: list[AnswerCard] = field(default_factory=list)

    @property
    def first(self) -> list[AnswerCard]:
        """The cards that stand open on the page."""
        return self.cards[:SHOWN]

    @property
    def rest(self) -> list[AnswerCard]:
        return self.cards[SHOWN:]


class Words:
    """Says facts, formulas and gaps of one rule book. ``ask`` gives the address where a fact is told, ``data`` is the
    one where all known facts stand."""

    def __init__(
        self,
        book: RuleBook,
        facts: Mapping[str, FactValue] | None = None,
        ask: Callable[[str], str] = NEVER,
        data: str = "",
    ) -> None:
        self.book = book
        self.facts = facts or {}
        self.ask = ask
        self.data = data
        self._sources = dict(Fact.Source.choices)
        self._regions = dict(Region.objects.values_list("code", "short_name"))

    def value(self, code: str, value: Value) -> str:
        """The value of a fact or a formula as people read it; the words for an unknown one where it is None."""
        if value is None:
            return _("to be supplied")
        kind = self.book.kinds.get(code)
        if kind is not None:
            if kind.kind == FactKind.Kind.REGION:
                return self._regions.get(str(value), str(value))
            return say(kind, value) if not isinstance(value, float) else say(kind, Decimal(str(round(value, 6))))
        formula = self.book.formulas.get(code)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return formula_text(formula.unit if formula else "", value)

    def name(self, code: str) -> str:
        """The name of a fact or formula."""
        return str(self.book.known_as(code) or code)

    def known(self, code: str, value: Value) -> Known:
        fact = self.facts.get(code)
        source = ""
        if fact is not None:
            parts = [fact.origin or str(self._sources.get(fact.source, fact.source))]
            parts += [_("%(year)s (year)") % {"year": fact.period}] if fact.period else []
            source = " · ".join(parts)
        return Known(self.name(code), self.value(code, value), source, self.data if fact else "")

    def asked(self, code: str, decides: int = 0) -> Asked:
        kind = self.book.kinds.get(code)
        if kind is None:
            return Asked(code, self.name(code), _("%(name)s: not set yet") % {"name": self.name(code)})
        return Asked(code, str(kind), kind.asked, self.ask(code), decides)

    def gap(self, gap: Gap) -> str:
        """One gap as a sentence: what it is, what it has to be, how much is short."""
        words = {"name": self.name(gap.indicator), "has": self.value(gap.indicator, gap.has)}
        if isinstance(gap.needs, tuple):
            named = [self.value(gap.indicator, need) for need in gap.needs[:NAMED]]
            words["needs"] = "、".join(named) + ("…" if len(gap.needs) > NAMED else "")
            return _("%(name)s is %(has)s; it would have to be %(needs)s.") % words
        words["needs"] = self.value(gap.indicator, gap.needs)
        if gap.short is None or isinstance(gap.needs, bool):
            return _("%(name)s is %(has)s; it would have to be %(needs)s.") % words
        words["short"] = self._difference(gap)
        if gap.short < 0:
            return _("%(name)s is %(has)s, at most %(needs)s is allowed: %(short)s too much.") % words
        if gap.strictly:
            return _("%(name)s is %(has)s, more than %(needs)s is needed: over %(short)s short.") % words
        return _("%(name)s is %(has)s, %(needs)s is needed: %(short)s short.") % words

    def _difference(self, gap: Gap) -> str:
        size = abs(gap.short or 0.0)
        text = self.value(gap.indicator, size)
        if self._is_share(gap.indicator):
            return _("%(points)s percentage points") % {"points": number_text(round(size * 100, 2))}
        if isinstance(gap.has, float | int) and not isinstance(gap.has, bool) and gap.has:
            return f"{text}（{number_text(round(size / abs(gap.has) * 100, 1))}%）"
        return text

    def _is_share(self, code: str) -> bool:
        kind, formula = self.book.kinds.get(code), self.book.formulas.get(code)
        return kind.kind == FactKind.Kind.RATIO if kind else bool(formula and formula.unit in ("比例", "%"))


def told_gaps(criterion: ExplainedCriterion, book: RuleBook) -> list[Gap]:
    """The gaps worth telling: the ratio itself, then what to raise; what could only be lowered just where nothing can
    be raised, and place, industry and day just where nothing else lacks."""
    steps = [gap for code, gap in criterion.gaps.items() if not _is_settled(book, code)]
    ratios = [gap for gap in steps if gap.indicator in book.formulas]
    ground = [gap for gap in steps if gap.indicator not in book.formulas]
    raised = [gap for gap in ground if gap.short is None or gap.short >= 0]
    chosen = ratios[:1] + sorted(raised or ground, key=lambda gap: gap.weight)[:2]
    return chosen or list(criterion.gaps.values())[:1]


def _is_settled(book: RuleBook, code: str) -> bool:
    kind = book.kinds.get(code)
    return kind is not None and kind.kind in SETTLED


def criterion_words(answer: RuleAnswer, number: int, words: Words) -> CriterionWords:
    """The condition at a position (from 0), explained."""
    criterion = answer.explanation.criteria[number]
    icon, tone = LIGHTS[criterion.answer]
    word = {True: _("met"), False: _("not met"), None: _("cannot be told yet")}[criterion.answer]
    read = [words.known(code, value) for code, value in criterion.values.items() if value is not None]
    return CriterionWords(
        label=answer.version.label_of(number) or criterion.label or plain_condition(criterion.text, words.book),
        icon=icon,
        tone=tone,
        word=word,
        gaps=[words.gap(gap) for gap in told_gaps(criterion, words.book)] if criterion.answer is False else [],
        known=read,
        missing=[words.asked(code) for code in criterion.missing],
    )


def plain_condition(text: str, book: RuleBook) -> str:
    """A condition that nobody put into words: its expression with the names of what it reads."""

    def named(match: re.Match[str]) -> str:
        entry = book.known_as(match[0])
        return str(entry) if entry is not None else match[0]

    return re.sub(r"[a-z_][a-z0-9_]*", named, text)


def reason_text(answer: RuleAnswer, criteria: Sequence[CriterionWords]) -> str:
    """Why a rule is not for the organisation, in one sentence."""
    match answer.reason:
        case Reason.SUBJECT:
            return _("This is for %(whom)s.") % {"whom": answer.rule.get_subject_display()}
        case Reason.ENDED:
            return _("It was in force until %(day)s.") % {"day": f"{answer.valid_to:%Y-%m-%d}"}
        case Reason.NOT_YET:
            return _("It is not in force yet.")
        case Reason.CRITERIA:
            return next((c.gaps[0] if c.gaps else c.label for c in criteria if c.tone == "bad"), "")
    return ""


def card_of(answer: RuleAnswer, words: Words, links: Mapping[int, Sequence[Any]]) -> AnswerCard:
    criteria = [criterion_words(answer, number, words) for number in range(len(answer.explanation.criteria))]
    rule = answer.rule
    tags = [str(rule.get_kind_display())]
    tags += [str(rule.get_form_display())] if rule.form and rule.form != "recognition" else []
    tags += [_("without application")] if rule.without_application else []
    last = answer.valid_to
    return AnswerCard(
        answer=answer,
        granted=granted_text(answer),
        soon=answer.group != Group.NOT_FOR_YOU and last is not None and (last - words.book.day).days <= SOON,
        amount=amount_text(rule, answer.amount, answer.version.definition),
        payable=_payable(answer),
        reason=reason_text(answer, criteria),
        tags=tags,
        criteria=criteria,
        met=sum(criterion.tone == "good" for criterion in criteria),
        links=links.get(rule.pk, ()),
        conflicts=[(other, amount_text(other, None, _definition(words.book, other))) for other in answer.conflicts],
    )


def granted_text(answer: RuleAnswer) -> str:
    """When and how much was received, and under which right where it was another of the group; empty where nothing."""
    grant = answer.granted
    if grant is None:
        return ""
    words = {"day": f"{grant.day:%Y-%m-%d}", "amount": money_text(yuan(grant.fen)), "rule": answer.granted_under}
    if answer.granted_under is not None:
        return _("Only one of this group is paid: %(amount)s were granted on %(day)s under “%(rule)s”.") % words
    if grant.paid:
        return _("Already received: %(amount)s, paid on %(day)s.") % words
    return _("Already granted: %(amount)s, confirmed on %(day)s, not paid yet.") % words


def _definition(book: RuleBook, rule: Any) -> Mapping[str, Any]:
    return book.versions[rule.code].definition


def _payable(answer: RuleAnswer) -> str:
    if answer.granted is not None:
        return ""
    if answer.outranked_by is not None:
        return _("Only the highest of this group is paid: you receive “%(rule)s” instead.") % {
            "rule": answer.outranked_by
        }
    if answer.amount is not None and answer.payable is not None and answer.payable < answer.amount:
        return _("Payable now: %(amount)s; the rest is used up by what was received before.") % {
            "amount": money_text(answer.payable)
        }
    return ""


def facts_of_rule(answer: RuleAnswer) -> list[tuple[str, str]]:
    """Payer, period and validity of a rule as label and value."""
    rule = answer.rule
    rows = [
        (_("Paid by"), str(PAYERS.get(rule.payer, rule.payer))) if rule.payer not in ("", "none", "unstated") else None,
        (_("How often"), per_text(rule.per)) if per_text(rule.per) else None,
        (_("In force until"), f"{answer.valid_to:%Y-%m-%d}") if answer.valid_to else None,
        (_("Once only"), _("yes")) if rule.per != "once" and (limits_of(answer).get("once")) else None,
    ]
    return [row for row in rows if row is not None]


def limits_of(answer: RuleAnswer) -> Mapping[str, Any]:
    return answer.version.definition.get("limits") or {}


TITLES: Mapping[Group, tuple[Callable[[], str], Callable[[], str]]] = {
    Group.ENTITLED: (
        lambda: _("Entitled now"),
        lambda: _("Every condition is met by the figures that are known."),
    ),
    Group.NEAR: (lambda: _("One step away"), lambda: _("What is short, the nearest first.")),
    Group.UNKNOWN: (
        lambda: _("Cannot be told yet"),
        lambda: _("Nothing speaks against it; something is still missing to decide."),
    ),
    Group.RECEIVED: (
        lambda: _("Granted already"),
        lambda: _("What was granted for this year, and what is granted once only and was had before."),
    ),
    Group.NOT_FOR_YOU: (lambda: _("Not for you at present"), lambda: _("And why not.")),
}


def sections(actor: Actor, answers: Answers, words: Words) -> list[Section]:
    """The groups of the page with their cards; evidence in a constant number of queries."""
    rules = [answer.rule for answer in answers.rules]
    links = links_for(rules, actor=actor) if rules else {}
    found = {group: Section(group.value, title(), lead()) for group, (title, lead) in TITLES.items()}
    for answer in answers.rules:
        found[answer.group].cards.append(card_of(answer, words, links))
    return list(found.values())


def wanted(answers: Answers, words: Words, limit: int = 5) -> list[Asked]:
    """The facts that decide most, as questions."""
    return [words.asked(code, count) for code, count in answers.wanted()[:limit]]


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """What other figures do to one rule, in words."""

    rule: Any
    before: str
    after: str
    tone: str
    icon: str


def changes(found: Sequence[Change]) -> list[ChangeWords]:
    """Rules whose answer or sum changes."""
    told = []
    for change in found:
        better = STANDING.index(change.after.group) < STANDING.index(change.before.group)
        better = better or (change.after.payable or 0) > (change.before.payable or 0)
        tone, icon = ("good", "sort-ascending") if better else ("soon", "sort-descending")
        told.append(ChangeWords(change.after.rule, _standing(change.before), _standing(change.after), tone, icon))
    return told


def _standing(answer: RuleAnswer) -> str:
    title = TITLES[answer.group][0]()
    if answer.group == Group.ENTITLED and answer.payable is not None:
        return f"{title} {money_text(answer.payable)}"
    return title

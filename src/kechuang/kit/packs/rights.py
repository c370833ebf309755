"""What a pack says about rights: the facts asked for, what is derived from them, rules, pots of money."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.ruleset import Criterion, Rule

ENGINE_KINDS: Mapping[str, Kind] = {
    "number": Kind.NUMBER,
    "money": Kind.NUMBER,
    "count": Kind.NUMBER,
    "ratio": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "text": Kind.TEXT,
    "region": Kind.TEXT,
    "industry": Kind.TEXT,
    "date": Kind.DATE,
}
"""Kind of a fact → how the rules reckon with it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a fact of the kind text may have."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of an organisation that rules rest on. Money is in yuan, a ratio between ``low`` and ``high`` as a
    plain number (0.6 for 60 %). ``period``: yearly facts belong to a fiscal year, the others to a moment. ``source``:
    declared by the organisation, or to be had from a registry so that nobody need be asked."""

    code: str
    name: str
    name_en: str
    kind: str
    unit: str
    period: str
    definition: str
    standard: str | None
    question: str
    question_en: str
    low: float | None
    high: float | None
    choices: tuple[Choice, ...]
    source: str

    @property
    def engine_kind(self) -> Kind:
        """The kind that the rules engine reckons with."""
        return ENGINE_KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure computed from facts and from derived figures above it. Where ``expression`` is NULL it is a parameter
    that no document sets: every criterion that needs it is unknown until a pack fills it in."""

    code: str
    name: str
    name_en: str
    expression: str
    unit: str
    check: str | None

    @property
    def is_set(self) -> bool:
        """Whether the figure can ever be known."""
        return self.expression.strip().upper() != "NULL"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule stands. ``document``: the slug of a document of the pack, or the number of another. ``quote``: its
    very words; ``restatement``: the same in our words, where the document itself is not part of the pack."""

    document: str
    article: str | None
    quote: str | None
    restatement: str | None


@dataclass(frozen=True, slots=True)
class PackRule:
    """A rule as the engine reads it, and what people need to know of it beyond.

    ``amount_is``: what the amount means: exact, a ceiling (最高), a floor (至少), the upper end of a range that
    begins at ``amount_from``, or unstated (no amount). ``conflict``: rules that say it differently; each stands.
    ``check``: what the city should verify again before relying on the rule. ``raw``: the entry of the file.
    """

    rule: Rule
    title_en: str
    kind: str
    subject: str
    tier: str | None
    payer: str
    per: str
    form: str
    amount_is: str
    amount_from: int | None
    fund: str | None
    source: RuleSource
    conflict: tuple[str, ...]
    next: str
    next_en: str
    without_application: bool
    check: str | None
    labels_en: tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The id, unique among the rules of the merged pack."""
        return self.rule.id

    @property
    def criteria(self) -> tuple[tuple[Criterion, str], ...]:
        """Each condition with its label in English; ``Criterion.label`` is the Chinese one."""
        return tuple(zip(self.rule.criteria, self.labels_en, strict=True))


@dataclass(frozen=True, slots=True)
class Fund:
    """A pot of money or the yearly budget of a programme: no right of anybody by itself. ``amount`` in yuan, None where
    the document names none."""

    code: str
    name: str
    name_en: str
    amount: int | None
    per: str
    payer: str
    since: datetime.date | None
    until: datetime.date | None
    source: RuleSource
    conflict: tuple[str, ...]
    check: str | None

"""The published rules, for apps that hold enterprises against them without knowing the app that keeps them.

The app that publishes rules registers one provider; whoever needs them asks for those of a region::

    @rule_provider
    def published_rules(region: Model, day: date) -> Rulebook: …

    book = rulebook(organisation.region, today)
    book.explainer.explain(facts, [code for code, rule in book.rules.items() if rule.kind == "tier"])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Model
from django.utils.translation import get_language

from kechuang.engines.rules.explain import Explainer
from kechuang.kit.packs.rights import Derived


@dataclass(frozen=True, slots=True)
class PublishedRule:
    """One rule as people read it. ``labels``: each condition in Chinese and English; ``source``: where it stands.

    ``record`` is what its evidence rests on and has the address of its page.
    """

    code: str
    kind: str
    form: str
    tier: str
    title: str
    title_en: str
    labels: tuple[tuple[str, str], ...]
    next: str
    next_en: str
    source: str
    check: str
    record: Model

    @property
    def name(self) -> str:
        """The title in the reader's language."""
        return _read(self.title, self.title_en)

    @property
    def next_step(self) -> str:
        """What to do next, in the reader's language."""
        return _read(self.next, self.next_en)

    @property
    def conditions(self) -> tuple[str, ...]:
        """The labels of the conditions in the reader's language."""
        return tuple(_read(*label) for label in self.labels)


def _read(chinese: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else chinese


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules that are in force on a day, those of the region itself last, and the figures derived for them."""

    day: date
    explainer: Explainer
    rules: Mapping[str, PublishedRule]
    derived: Mapping[str, Derived]


Provide = Callable[[Model, date], Rulebook]
_providers: list[Provide] = []


def rule_provider(function: Provide) -> Provide:
    """Register the decorated function. There is one: ValueError where another was registered."""
    if any(each is not function for each in _providers):
        raise ValueError("the rules are provided already")
    _providers[:] = [function]
    return function


def rulebook(region: Model, day: date) -> Rulebook:
    """The rules in force in a region on ``day``, ready to be asked. LookupError where no app publishes rules."""
    for provide in _providers:
        return provide(region, day)
    raise LookupError("no app provides rules")

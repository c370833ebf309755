"""Examples of a rule on the page: the fields to write one, and how each came out, condition by condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from kechuang.apps.indicators.domain.fact_values import typed, unit_of
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.eligibility import Group, RuleAnswer
from kechuang.apps.policy.domain.rule_examples import Bench, Outcome
from kechuang.apps.policy.interfaces.answers import CriterionWords, Words, criterion_words
from kechuang.apps.policy.interfaces.what_if import PREFIX, Field, form_of, options_of

ANSWER_WORDS: Mapping[str, Any] = {
    "yes": gettext_lazy("entitled"),
    "no": gettext_lazy("not entitled"),
    "unknown": gettext_lazy("cannot be told"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One example: what it gives, what was expected, what came, and why."""

    outcome: Outcome
    given: Sequence[tuple[str, str]]
    expected: Any
    answer: Any
    criteria: Sequence[CriterionWords]


def told(bench: Bench) -> list[Told]:
    """Every example of the version, run."""
    words = Words(bench.book)
    found = []
    for outcome in bench.outcomes():
        answer = RuleAnswer(bench.version.rule, bench.version, outcome.explanation, Group.UNKNOWN)
        criteria = [criterion_words(answer, number, words) for number in range(len(outcome.explanation.criteria))]
        given = [(words.name(code), words.value(code, value)) for code, value in outcome.given.items()]
        found.append(Told(outcome, given, ANSWER_WORDS[outcome.expected], ANSWER_WORDS[outcome.answer], criteria))
    return found


def fields(
    bench: Bench, given: Mapping[str, Any], typed_in: Mapping[str, str], errors: Mapping[str, str]
) -> list[Field]:
    """A field for each fact that the rule rests on, filled with what the example gives or with what was typed."""
    found = []
    for code in bench.facts:
        kind = bench.around.kinds.get(code)
        if kind is None:
            continue
        form = form_of(kind)
        value = typed_in.get(code, _value(kind, given.get(code), form))
        found.append(
            Field(
                f"{PREFIX}{code}", code, str(kind), form, unit_of(kind) if form == "number" else "", value,
                options=options_of(kind, bench.around.region) if form == "choice" else (), error=errors.get(code, ""),
            )
        )  # fmt: skip
    return found


def _value(kind: FactKind, value: Any, form: str) -> str:
    if value is None:
        return ""
    if kind.kind == FactKind.Kind.BOOLEAN:
        return "1" if value else "0"
    return str(value) if form == "choice" else typed(kind, value)

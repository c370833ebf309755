"""Examples of a rule: facts of an enterprise that can be imagined, and what its author expects for it.

They are kept with the version as ``{"name", "given": {code: value}, "expect": "yes|no|unknown", "amount"}``; days are
ISO text, money is yuan as text, ``amount`` is absent where nobody minds it. A version is published only where it has
examples and all of them come out as expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.queries.rulebook import RuleBook
from kechuang.apps.policy.domain.rule_check import Surroundings
from kechuang.apps.policy.models import RuleVersion
from kechuang.engines.rules.cases import Case, Expectation, run_cases
from kechuang.engines.rules.explain import Explainer, Explanation
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.interpreter import Value
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import prepare
from kechuang.engines.rules.ruleset import RuleSet, load_rule
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.permissions import Actor, authorise

MOST = 50
ANSWERS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True)
class Outcome:
    """How one example came out. ``amount`` in yuan, None where it is not known or the answer is not yes."""

    name: str
    given: Mapping[str, Value]
    expected: str
    expected_amount: Decimal | None
    passed: bool
    explanation: Explanation

    @property
    def answer(self) -> str:
        return next(word for word, answer in ANSWERS.items() if answer is self.explanation.answer)

    @property
    def amount(self) -> Decimal | None:
        fen = self.explanation.amount
        return None if fen is None else Decimal(fen) / 100


class Bench:
    """One version of a rule by itself, ready to be asked. Raises :class:`RuleError` where it cannot be read."""

    def __init__(self, version: RuleVersion) -> None:
        self.version = version
        self.around = Surroundings.of(version.rule.region)
        self.ruleset = RuleSet(self.around.derived, (load_rule(version.definition, "rules[1]"),))
        self.kinds: Mapping[str, Kind] = self.around.declared

    @property
    def facts(self) -> tuple[str, ...]:
        """What the rule rests on, in the order of use."""
        return self.ruleset.facts_needed()

    @property
    def day(self) -> date:
        """The day that examples ask about: what the rule says counts, not whether it holds today."""
        rule = self.ruleset.rules[0]
        day = max(self.around.day, rule.valid_from) if rule.valid_from else self.around.day
        return min(day, rule.valid_to) if rule.valid_to else day

    @cached_property
    def book(self) -> RuleBook:
        """The rule by itself as a rule book."""
        explainer = Explainer(prepare(self.ruleset, today=self.day, declared=self.kinds))
        versions = {self.version.rule.code: self.version}
        return RuleBook(self.day, explainer, versions, self.around.formulas, self.around.kinds)

    def outcomes(self) -> list[Outcome]:
        """Every example of the version with what came out, in their order."""
        code = self.ruleset.rules[0].id
        cases = [self._case(code, each) for each in self.version.examples]
        failed = {failure.case for failure in run_cases(self.ruleset, cases, today=self.day, declared=self.kinds)}
        found = []
        for case, each in zip(cases, self.version.examples, strict=True):
            values = self.values(each["given"])
            (explanation,) = self.book.explainer.explain(values)
            passed = case.name not in failed
            found.append(Outcome(each["name"], values, each["expect"], case.expect[code].amount, passed, explanation))
        return found

    def values(self, given: Mapping[str, Any]) -> dict[str, Value]:
        """What an example gives, as the rules take it; facts that are no longer in the catalogue are left out."""
        return {
            code: date.fromisoformat(value) if self.kinds[code] == Kind.DATE else value
            for code, value in given.items()
            if code in self.kinds
        }

    def _case(self, code: str, example: Mapping[str, Any]) -> Case:
        minded = example["expect"] == "yes" and example.get("amount") is not None
        expected = Expectation(
            ANSWERS[example["expect"]],
            frozenset({"amount"} if minded else ()),
            Decimal(example["amount"]) if minded else None,
        )
        given = {fact: value for fact, value in example["given"].items() if fact in self.kinds}
        return Case(example["name"], given, {code: expected})


def outcomes_of(version: RuleVersion) -> list[Outcome]:
    """How the examples of a version come out; empty where its definition cannot be read."""
    try:
        return Bench(version).outcomes()
    except RuleError:
        return []


def require_examples(version: RuleVersion) -> None:
    """Raises DomainError unless there are examples and all of them come out as expected."""
    if not version.examples:
        raise DomainError(
            _("There is no example yet. Add one enterprise that gets it and one that does not, then publish."),
            field="examples",
        )
    failed = [outcome.name for outcome in outcomes_of(version) if not outcome.passed]
    if failed:
        message = _("These examples come out otherwise than expected: %(names)s. Mend the rule or the example first.")
        raise DomainError(message % {"names": "、".join(failed)}, field="examples")


@transaction.atomic
def keep_example(
    actor: Actor,
    *,
    version: RuleVersion,
    name: str,
    given: Mapping[str, Value],
    expect: str,
    amount: Decimal | None = None,
    replaces: str = "",
) -> RuleVersion:
    """Add an example to a draft, or put it in the place of the one named ``replaces``."""
    row = _draft(actor, version)
    wanted = name.strip()[:120]
    names = [each["name"] for each in row.examples if each["name"] != replaces]
    if not wanted:
        raise DomainError(_("Give the example a name, such as “first recognition”."), field="name")
    if wanted in names:
        raise DomainError(_("There is an example “%(name)s” already.") % {"name": wanted}, field="name")
    if expect not in ANSWERS:
        raise DomainError(_("Say what you expect: yes, no or unknown."), field="expect")
    if len(names) >= MOST:
        raise DomainError(_("A version has at most %(count)s examples.") % {"count": MOST})
    entry: dict[str, Any] = {"name": wanted, "given": {code: _plain(value) for code, value in given.items()}}
    entry["expect"] = expect
    if amount is not None and expect == "yes":
        entry["amount"] = f"{amount:f}"
    place = next((n for n, each in enumerate(row.examples) if each["name"] == replaces), len(row.examples))
    row.examples = [*row.examples[:place], entry, *row.examples[place + 1 :]]
    return _kept(actor, row)


@transaction.atomic
def drop_example(actor: Actor, *, version: RuleVersion, name: str) -> RuleVersion:
    """Take an example away from a draft."""
    row = _draft(actor, version)
    row.examples = [each for each in row.examples if each["name"] != name]
    return _kept(actor, row)


def _draft(actor: Actor, version: RuleVersion) -> RuleVersion:
    rows = RuleVersion.objects.select_for_update(of=("self", "rule")).select_related("rule__region")
    row = rows.filter(pk=version.pk).first()
    if row is None or not row.is_draft:
        raise Stale(_("This draft is published or thrown away by now."))
    authorise(actor, "change", row.rule)
    return row


def _kept(actor: Actor, row: RuleVersion) -> RuleVersion:
    if actor.user_id is not None and actor.user_id not in row.writers:
        row.writers = [*row.writers, actor.user_id]
    row.save(update_fields=["examples", "writers", "updated_at"])
    return row


def _plain(value: Value) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def checked_examples(examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Examples as they are kept, from JSON. Raises DomainError where one is none."""
    found = []
    for each in examples:
        if not each.get("name") or each.get("expect") not in ANSWERS or not isinstance(each.get("given"), Mapping):
            raise DomainError(_("An example has a name, facts, and an expected answer."), field="examples")
        found.append(dict(each))
    return found

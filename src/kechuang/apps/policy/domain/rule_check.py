"""Whether a rule can be reckoned with, before anybody relies on it: every fault with its place and the mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.engine_words import said
from kechuang.apps.policy.domain.queries.rulebook import (
    compile_rules,
    definition_until,
    formulas_for,
    versions_for,
)
from kechuang.apps.policy.models import AmountIs, Formula, RuleForm, RuleKind, RuleSubject
from kechuang.engines.rules.check import Fact, Grade, check
from kechuang.engines.rules.expression import RuleError, parse
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.ruleset import Rule, RuleSet, load_rule
from kechuang.kit.errors import DomainError
from kechuang.kit.packs.rights import ENGINE_KINDS
from kechuang.kit.packs.rights_checking import PLAIN_UNITS

_FIELDS: Mapping[str, Any] = {"kind": RuleKind, "subject": RuleSubject, "form": RuleForm, "amount_is": AmountIs}
_NUMBERS = re.compile(r", conditions? (\d+)(?: and (\d+))*")


@dataclass(frozen=True, slots=True)
class Fault:
    """``place``: ``when.2`` for the second condition, ``amount``, the name of a key, or empty for the rule as a whole.
    ``message`` says what is wrong and what to do."""

    place: str
    message: str

    def __str__(self) -> str:
        number = self.place.removeprefix("when.")
        if number.isdecimal():
            return _("Condition %(number)s: %(message)s") % {"number": number, "message": self.message}
        return _("Amount: %(message)s") % {"message": self.message} if self.place == "amount" else self.message


@dataclass(frozen=True)
class Surroundings:
    """What a rule of a region stands among on a day: facts, formulas, and the other rules as they hold."""

    region: Region
    day: date
    kinds: Mapping[str, FactKind]
    formulas: Mapping[str, Formula]

    @classmethod
    def of(cls, region: Region, on: date | None = None) -> Surroundings:
        day = on or timezone.localdate()
        kinds = {kind.code: kind for kind in FactKind.objects.filter(active=True, formula="").select_related("base")}
        return cls(region, day, kinds, formulas_for(region, day))

    @property
    def derived(self) -> dict[str, str]:
        return {code: formula.expression for code, formula in self.formulas.items()}

    @property
    def declared(self) -> dict[str, Kind]:
        """The kinds of the facts as the engine takes them."""
        return {code: ENGINE_KINDS[kind.kind] for code, kind in self.kinds.items() if code not in self.formulas}

    def catalogue(self) -> list[Fact]:
        """The facts as the checks of the engine take them."""
        return [_fact(kind) for code, kind in self.kinds.items() if code not in self.formulas]

    def name(self, code: str) -> str:
        return str(self.kinds.get(code) or self.formulas.get(code) or code)


def _fact(kind: FactKind) -> Fact:
    engine_kind = ENGINE_KINDS[kind.kind]
    measured = engine_kind == Kind.NUMBER and kind.unit not in PLAIN_UNITS
    choices = tuple(str(row[0]) for row in kind.choices)
    return Fact(kind.code, engine_kind, (kind.unit or None) if measured else None, kind.low, kind.high, choices)


def check_definition(region: Region, entry: Mapping[str, Any], on: date | None = None) -> str:
    """The code of a definition that reads well and goes together with the other rules of its region.

    Raises DomainError with the place and the mend; its field is the place of the first fault.
    """
    found = faults_of(region, entry, on)
    if found:
        raise DomainError(" ".join(str(fault) for fault in found), field=found[0].place or "definition")
    return str(entry["id"])


def faults_of(region: Region, entry: Mapping[str, Any], on: date | None = None) -> list[Fault]:
    """All that is wrong with a definition: unknown facts, units mixed, what can never hold, words that are none."""
    around = Surroundings.of(region, on)
    listed = _listed(entry.get("when"))
    unread = list(_unread(listed))
    positions = [place for place in range(1, len(listed) + 1) if f"when.{place}" not in {each.place for each in unread}]
    whole = dict(entry)
    if unread:
        whole["when"] = [listed[place - 1] for place in positions] or ["true"]
    try:
        rule = load_rule(whole, "rules[1]")
    except RuleError as error:
        return [*unread, *_faults(error, positions, around)]
    found = [*unread, *_problems(rule, positions, around), *_strange(entry)]
    return found or _company(rule, entry, around)


def _listed(when: Any) -> list[Any]:
    return list(when) if isinstance(when, list) else [] if when is None else [when]


def _unread(listed: Sequence[Any]) -> Iterator[Fault]:
    for place, each in enumerate(listed, 1):
        text = each.get("sql") if isinstance(each, Mapping) else each
        try:
            parse(str(text).lower() if isinstance(text, bool) else str(text or ""))
        except RuleError as error:
            yield Fault(f"when.{place}", said(error.problem, error.mend))


def _problems(rule: Rule, positions: Sequence[int], around: Surroundings) -> Iterator[Fault]:
    """What the engine's own check calls an error."""
    received = [Fact(f"{rule.id}.{name}", Kind.NUMBER, "元") for name in ("received", "received_this_year")]
    for problem in check(RuleSet(around.derived, (rule,)), [*around.catalogue(), *received]):
        if problem.grade == Grade.ERROR and problem.rule == rule.id:
            yield from _at(problem.place, said(problem.problem, problem.mend, around.name), positions)


def _at(place: str, message: str, positions: Sequence[int]) -> Iterator[Fault]:
    """A fault for each condition that the engine's place names; conditions of the scope come after the author's."""
    found = _NUMBERS.search(place)
    if found is None:
        yield Fault("amount" if ", amount" in place else "", message)
        return
    for number in map(int, re.findall(r"\d+", found[0])):
        yield Fault(f"when.{positions[number - 1]}" if number <= len(positions) else "scope", message)


def _faults(error: RuleError, positions: Sequence[int], around: Surroundings) -> list[Fault]:
    place = next((key for key in ("valid", "scope", "limits", "amount") if f", {key}" in error.place), "")
    message = said(error.problem, error.mend, around.name)
    return [Fault(place, message)] if place else list(_at(error.place, message, positions))


def _strange(entry: Mapping[str, Any]) -> Iterator[Fault]:
    for name, choices in _FIELDS.items():
        if name in entry and entry[name] not in choices.values:
            yield Fault(name, _("“%(value)s” is no %(name)s.") % {"value": entry[name], "name": name})


def _company(rule: Rule, entry: Mapping[str, Any], around: Surroundings) -> list[Fault]:
    """Whether it can be reckoned beside the other rules of its region."""
    others = {code: definition_until(each, None) for code, each in versions_for(around.region, around.day).items()}
    entries = list({**others, rule.id: dict(entry)}.values())
    try:
        compile_rules(entries, around.formulas.values(), around.declared, around.day)
    except RuleError as error:
        return _faults(error, range(1, len(rule.criteria) + 1), around)
    return []

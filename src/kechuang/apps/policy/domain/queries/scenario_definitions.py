"""A scenario of the sandbox as a definition: the numbers and conditions that were tried, in the words of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kechuang.engines.rules.amounts import AmountForm, Fixed, Rate, Tiers
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.rows import row_of
from kechuang.engines.rules.ruleset import load_rule
from kechuang.engines.rules.scenarios import Changes, with_changes


def changed_definition(definition: Mapping[str, Any], changes: Changes) -> tuple[dict[str, Any], bool]:
    """The definition with the changes, and whether all of them are in it: what a scenario changes in a formula, or in
    a condition that the rule only has on the bench, is no part of the rule.

    Raises :class:`RuleError` where they make no rule.
    """
    rule = load_rule(definition, "rules[1]")
    when = definition.get("when") or []
    listed = list(when) if isinstance(when, list) else [when]
    own = {path: value for path, value in changes.values.items() if not _beyond(path, len(listed))}
    texts = {place: text for place, text in changes.criteria.items() if place <= len(listed)}
    new = with_changes(rule, Changes(own, texts))
    entry = dict(definition)
    entry["when"] = [_criterion(each, new.criteria[place].text) for place, each in enumerate(listed)]
    if new.amount != rule.amount and new.amount_form is not None:
        entry["amount"] = plain_amount(new.amount_form)
    if new.limits != rule.limits:
        bounds = {"per_year": new.limits.per_year, "total": new.limits.total}
        entry["limits"] = {**(definition.get("limits") or {}), **{k: v for k, v in bounds.items() if v is not None}}
    return entry, len(own) == len(changes.values) and len(texts) == len(changes.criteria)


def _beyond(path: str, conditions: int) -> bool:
    head, _dot, rest = path.partition(".")
    place = rest.partition("#")[0]
    return head == "indicators" or (head == "when" and place.isdecimal() and int(place) > conditions)


def _criterion(each: Any, text: str) -> Any:
    """The words of a condition that changed are written anew where it is a plain row."""
    if isinstance(each, Mapping) and str(each.get("sql")) != text:
        return {"sql": text} if row_of(text) is not None else {**each, "sql": text}
    return each if isinstance(each, Mapping) else text


def plain_amount(form: AmountForm) -> Any:
    """An amount as a rule file writes it."""
    match form:
        case Fixed(text):
            return text
        case Rate(rate, of, cap, floor):
            entry: dict[str, Any] = {"rate": rate, "of": of}
        case Tiers(tiers, otherwise, cap, floor):
            entry = {"tiers": [{"when": tier.when, "amount": plain_amount(tier.amount)} for tier in tiers]}
            if otherwise is not None:
                entry["otherwise"] = plain_amount(otherwise)
        case _:
            raise RuleError("this is not an amount")
    return entry | {name: bound for name, bound in (("cap", cap), ("floor", floor)) if bound is not None}

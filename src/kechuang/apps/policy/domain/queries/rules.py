"""Reading rules: rows for lists and pages, their versions, what they rest on, what says it differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from kechuang.apps.policy.domain.queries.rulebook import codes_above, formulas_for, ruleset_of
from kechuang.apps.policy.models import Formula, Rule, RuleVersion
from kechuang.engines.rules.expression import RuleError, columns, parse
from kechuang.kit.permissions import Actor, visible


def rule_rows(actor: Actor) -> QuerySet[Rule]:
    """The rules that the actor may see, with region, document and version in force at hand."""
    rows = visible(actor, Rule).select_related("region", "document__file", "current")
    return rows.defer("document__text", "document__bigrams")


def versions_of(actor: Actor, rule: Rule) -> list[RuleVersion]:
    """The versions of a rule that the actor may see, newest first."""
    rows = visible(actor, RuleVersion).filter(rule=rule).select_related("author", "publisher")
    return list(rows.order_by("-number"))


def conflicting_rules(rule: Rule) -> list[Rule]:
    """The published rules that state it differently, in this region or one above it."""
    codes = codes_above(rule.region)
    rows = Rule.objects.filter(code__in=rule.conflicts, region__code__in=codes, current__isnull=False)
    rows = rows.exclude(pk=rule.pk).select_related("current", "document")
    return list(rows.defer("document__text", "document__bigrams"))


def formulas_beneath(rule: Rule, definition: Mapping[str, Any]) -> list[Formula]:
    """The formulas that a definition reads, directly or beneath others, each below those that it uses."""
    formulas = formulas_for(rule.region, timezone.localdate())
    try:
        ruleset = ruleset_of([definition], formulas.values())
        texts = [c.text for each in ruleset.rules for c in each.criteria]
        texts += [each.amount for each in ruleset.rules if each.amount]
        waiting = [name for text in texts for name in columns(parse(text))]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in formulas and name not in found:
                found.add(name)
                waiting.extend(columns(parse(formulas[name].expression)))
    except RuleError:
        return []
    return [formula for code, formula in formulas.items() if code in found]

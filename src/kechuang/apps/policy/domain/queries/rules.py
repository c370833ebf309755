"""Reading rules: rows for lists and pages, their versions, what they rest on, what says it differently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.policy.domain.links import fold_number, fold_title
from kechuang.apps.policy.domain.queries.rulebook import codes_above, formulas_for, ruleset_of
from kechuang.apps.policy.models import Document, Formula, Rule, RuleVersion, VersionState
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


def library_document(region: Region, name: str) -> Document | None:
    """The published document that a rule of the region names by number or title; None where the library has none."""
    number, title = fold_number(name), fold_title(name.strip("《》 "))
    if not title:
        return None
    rows = Document.objects.filter(region__code__in=codes_above(region), published_at__isnull=False)
    for row in rows.defer("text", "bigrams").order_by("is_restatement", "-version", "-pk"):
        if (number and fold_number(row.doc_number) == number) or fold_title(row.title) == title:
            return row
    return None


def drafts_for(actor: Actor) -> QuerySet[RuleVersion]:
    """The drafts that wait for a publisher, the oldest first."""
    rows = visible(actor, RuleVersion).filter(state=VersionState.DRAFT)
    return rows.select_related("rule__region", "rule__current", "author").order_by("updated_at", "pk")


def drafts_to_publish(actor: Actor) -> QuerySet[RuleVersion]:
    """The drafts on which the actor did not write."""
    rows = drafts_for(actor)
    return rows if actor.user_id is None else rows.exclude(writers__contains=[actor.user_id])


def draft_of(rule: Rule) -> RuleVersion | None:
    """The draft of a rule, with its author at hand."""
    return rule.versions.filter(state=VersionState.DRAFT).select_related("author", "rule__region").first()


def regions_to_write(actor: Actor) -> QuerySet[Region]:
    """The regions for which the actor may write rules, the widest first."""
    rows = Region.objects.order_by("path")
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return rows
    condition = Q(pk__in=[])
    for path in actor.regions(Role.BUREAU_OFFICER):
        condition |= Q(path__startswith=path)
    return rows.filter(condition)

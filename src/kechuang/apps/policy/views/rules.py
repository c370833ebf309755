"""政策规则: what a clause grants, with its sentence, its conditions in words and what it pays; for everyone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kechuang.apps.policy.domain.queries.rules import conflicting_rules, formulas_beneath, rule_rows, versions_of
from kechuang.apps.policy.interfaces.rule_words import condition_rows, rule_facts, stated_text
from kechuang.apps.policy.models import Rule, RuleVersion
from kechuang.kit.evidence import links_for
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import actor_of, can


@require_safe
@handles_domain_errors
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule as it is in force, or as a draft for those who may read it."""
    actor = actor_of(request)
    found = get_object_or_404(rule_rows(actor), pk=pk)
    versions = versions_of(actor, found)
    shown = found.current or (versions[0] if versions else None)
    definition: dict[str, Any] = shown.definition if shown else {}
    context = {
        "rule": found,
        "shown": shown,
        "amount": stated_text(found, definition),
        "facts": rule_facts(found, shown),
        "conditions": condition_rows(shown) if shown else [],
        "formulas": formulas_beneath(found, definition),
        "links": links_for(found, actor=actor)[found.pk],
        "versions": versions,
        "conflicts": [
            (other, stated_text(other, other.current.definition)) for other in conflicting_rules(found) if other.current
        ],
        "may_see_office": bool(can(actor, "history", Rule)),
        "may_change": bool(can(actor, "change", found)),
        "may_review": bool(can(actor, "review", RuleVersion)),
    }
    return render(request, "policy/rule.html", context)

"""Drafts of rules: what waits for a publisher, what a draft changes, what it would do, and its publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.policy.domain import rules as verbs
from kechuang.apps.policy.domain.queries import sandbox as frozen
from kechuang.apps.policy.domain.queries.rules import drafts_for, rule_rows, versions_of
from kechuang.apps.policy.domain.rule_examples import Bench
from kechuang.apps.policy.domain.rule_trial import try_draft
from kechuang.apps.policy.interfaces.example_words import told
from kechuang.apps.policy.interfaces.rule_differences import differences
from kechuang.apps.policy.interfaces.trial_words import columns
from kechuang.apps.policy.models import Rule, RuleVersion
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules.expression import RuleError
from kechuang.kit.errors import DomainError
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, can

PAGE = 30


@require_safe
@handles_domain_errors
def index(request: HttpRequest) -> HttpResponse:
    """The drafts that wait, with who wrote them."""
    actor = actor_of(request)
    authorise(actor, "review", RuleVersion)
    page = Paginator(drafts_for(actor), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_add": bool(can(actor, "add", Rule)), "own": actor.user_id}
    return render(request, "policy/rules/drafts.html", context)


def draft_for(request: HttpRequest, pk: int) -> tuple[Actor, RuleVersion]:
    """The actor and the draft of a rule; Http404 where there is none that the actor sees."""
    actor = actor_of(request)
    authorise(actor, "review", RuleVersion)
    return actor, get_object_or_404(drafts_for(actor), rule_id=pk)


@require_safe
@handles_domain_errors
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draft changes, its examples, a try on real enterprises, and the way to its publication."""
    actor, found = draft_for(request, pk)
    rule, before = found.rule, found.rule.current
    may_publish = can(actor, "publish", found)
    try:
        examples, unreadable = told(Bench(found)), ""
    except RuleError as error:
        examples, unreadable = [], str(error)
    failed = sum(not each.outcome.passed for each in examples)
    context = {
        "draft": found,
        "rule": rule,
        "before": before,
        "title": found.definition.get("title") or str(rule),
        "differences": differences(before.definition if before else None, found.definition),
        "examples": examples,
        "unreadable": unreadable,
        "failed": failed,
        "ready": bool(examples) and not failed,
        "may_publish": bool(may_publish),
        "why_not": may_publish.reason,
        "may_change": bool(can(actor, "change", rule)),
        "snapshots": list(frozen.snapshots_for(actor)[:12]) if can(actor, "view", Scenario) else [],
    }
    return render(request, "policy/rules/draft.html", context)


@require_safe
@handles_domain_errors
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft on a frozen snapshot of real enterprises, as a fragment."""
    actor, found = draft_for(request, pk)
    key = request.GET.get("snapshot", "")
    snapshot = get_object_or_404(frozen.snapshots_for(actor), pk=int(key) if key.isdecimal() else 0)
    context: dict[str, Any] = {"snapshot": snapshot, "rule": found.rule}
    try:
        result = try_draft(actor, version=found, snapshot=snapshot)
    except DomainError as error:
        context["problem"] = error.message
    else:
        context |= {
            "trial": result,
            "columns": columns(result),
            "moves": frozen.moves_of(result.moves) if result.moves else [],
        }
    return render(request, "policy/rules/_trial.html", context)


@require_POST
@handles_domain_errors
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the draft in force."""
    actor, found = draft_for(request, pk)
    published = verbs.publish_version(actor, version=found)
    text = _("“%(title)s”, version %(number)s, is in force. Enterprises see it at once.")
    messages.success(request, text % {"title": published.rule.title, "number": published.number})
    return redirect("policy:rule-versions", pk)


@handles_domain_errors
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away, after a question."""
    actor, found = draft_for(request, pk)
    authorise(actor, "change", found.rule)
    if request.method != "POST":
        return render(request, "policy/rules/discard.html", {"draft": found, "rule": found.rule})
    stays = found.rule.current_id is not None
    verbs.discard_draft(actor, version=found)
    messages.success(request, _("The draft is thrown away."))
    return redirect("policy:rule", pk) if stays else redirect("policy:rule-drafts")


@require_safe
@handles_domain_errors
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of a rule: who wrote, who published, what it changed."""
    actor = actor_of(request)
    authorise(actor, "review", RuleVersion)
    rule = get_object_or_404(rule_rows(actor), pk=pk)
    rows = versions_of(actor, rule)
    earlier: list[Any] = [*(row.definition for row in rows[1:]), None]
    context = {
        "rule": rule,
        "rows": [
            (row, differences(before, row.definition) if before is not None else None)
            for row, before in zip(rows, earlier, strict=True)
        ],
        "may_change": bool(can(actor, "change", rule)),
        "has_draft": any(row.is_draft for row in rows),
    }
    return render(request, "policy/rules/versions.html", context)

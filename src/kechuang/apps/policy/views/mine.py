"""我的政策: what an organisation is entitled to, what is one step away, what is missing, what other figures change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.models import Fact
from kechuang.apps.indicators.permissions import OWNERS, may_keep
from kechuang.apps.policy.domain.alerts import recent_changes
from kechuang.apps.policy.domain.eligibility import Answers, answers_for, changes_between, eligibility, total
from kechuang.apps.policy.interfaces import answers as words_of
from kechuang.apps.policy.interfaces import what_if
from kechuang.apps.policy.interfaces.alert_words import news_of
from kechuang.apps.policy.models import Award
from kechuang.kit.errors import Refused
from kechuang.kit.http import handles_domain_errors, is_htmx
from kechuang.kit.permissions import actor_of, authorise, can, policy_for, visible

FRAMES = {True: "kit/base_portal.html", False: "kit/base_workbench.html"}


@login_required
@require_safe
@handles_domain_errors
def mine(request: HttpRequest) -> HttpResponse:
    """To the organisation that the person speaks for; a choice where there are several."""
    actor = actor_of(request)
    if not actor.has(OWNERS):
        raise Refused(policy_for(Fact).refusal("view"))
    keys: Any = actor.organisations(*OWNERS)
    own = list(Organisation.objects.filter(pk__in=keys).order_by("name", "pk"))
    if not own:
        raise Http404
    if len(own) == 1:
        return redirect("policy:my-policies", own[0].pk)
    return render(request, "policy/my_choice.html", {"organisations": own})


@login_required
@require_safe
@handles_domain_errors
def my_policies(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers of every rule; with other figures in the address (``w.revenue=3000``) also what these change."""
    actor = actor_of(request)
    authorise(actor, "view", Fact)
    organisation = get_object_or_404(visible(actor, Organisation).select_related("region"), pk=pk)
    known = eligibility(actor, organisation)
    given = {
        name.removeprefix(what_if.PREFIX): str(value)
        for name, value in request.GET.items()
        if name.startswith(what_if.PREFIX)
    }
    fields = what_if.fields_of(what_if.candidates(known), known, given, {})
    before = {field.code: field.known for field in fields}
    given = {code: raw for code, raw in given.items() if before.get(code, "") != raw.strip()}
    values, errors = what_if.read(known.book.kinds, given)
    shown = _tried(known, organisation.kind, values) if values else known
    speaks = organisation.pk in actor.organisations(*OWNERS)
    data = reverse("indicators:my_data" if speaks else "indicators:data_of", args=[organisation.pk])
    ask = _teller(organisation) if may_keep(actor, organisation) else words_of.NEVER
    words = words_of.Words(shown.book, shown.facts, ask, data)
    groups = words_of.sections(actor, shown, words)
    context = {
        "frame": FRAMES[speaks],
        "speaks": speaks,
        "may_see_awards": bool(can(actor, "view", Award)),
        "data_url": data,
        "organisation": organisation,
        "sections": groups,
        "counts": {section.key: len(section.cards) for section in groups},
        "total": total(shown.rules),
        "wanted": words_of.wanted(known, words),
        "fields": fields,
        "errors": [(known.book.kinds[code], message) for code, message in errors.items()],
        "tried": bool(values),
        "changes": words_of.changes(changes_between(known.rules, shown.rules)) if values else [],
        "news": news_of(known.book, recent_changes(organisation, known.book.day)) if not values else [],
        "gain": total(shown.rules) - total(known.rules),
    }
    return render(request, "policy/_my_answers.html" if is_htmx(request) else "policy/my_policies.html", context)


def _tried(known: Answers, kind: str, changed: dict[str, Any]) -> Answers:
    values = {**known.values, **changed}
    facts = {code: fact for code, fact in known.facts.items() if code not in changed}
    return Answers(answers_for(known.book, values, kind, known.granted), known.book, facts, values, known.granted)


def _teller(organisation: Organisation) -> Callable[[str], str]:
    """Where a fact of the organisation is told."""
    base = reverse("indicators:return", args=[organisation.pk])
    return lambda code: f"{base}#fact-{code}"

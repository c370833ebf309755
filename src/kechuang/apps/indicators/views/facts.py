"""An organisation's own data: what is known, from where, and what is not right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.contests import contest_fact
from kechuang.apps.indicators.domain.fact_values import say
from kechuang.apps.indicators.domain.queries.facts import facts_of, return_year
from kechuang.apps.indicators.interfaces.data import counts, sections_of
from kechuang.apps.indicators.interfaces.exact import shown
from kechuang.apps.indicators.interfaces.fact_forms import ContestForm
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.apps.indicators.permissions import OWNERS, may_keep
from kechuang.kit.errors import Refused
from kechuang.kit.files import store
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, policy_for, visible

YEARS_BACK = 5


def organisation_of(request: HttpRequest, pk: int) -> Organisation:
    """The organisation, where the actor may see its facts."""
    actor = actor_of(request)
    authorise(actor, "view", Fact)
    return get_object_or_404(visible(actor, Organisation).select_related("region"), pk=pk)


def own_organisations(actor: Actor) -> list[Organisation]:
    """The organisations that the actor speaks for."""
    keys: Any = actor.organisations(*OWNERS)
    return list(Organisation.objects.filter(pk__in=keys).order_by("name", "pk"))


def year_of(request: HttpRequest) -> int:
    """The year that the address asks for, else the last that is over; never one that is still to come."""
    latest = return_year()
    text = request.POST.get("year") or request.GET.get("year") or ""
    year = int(text) if text.isdecimal() and len(text) == 4 else latest
    return min(max(year, latest - YEARS_BACK), latest)


def years() -> list[int]:
    """The years that can be chosen, latest first."""
    latest = return_year()
    return list(range(latest, latest - YEARS_BACK - 1, -1))


@login_required
@require_safe
@handles_domain_errors
def mine(request: HttpRequest) -> HttpResponse:
    """To the data of the organisation that the person speaks for."""
    actor = actor_of(request)
    if not actor.has(OWNERS):
        raise Refused(policy_for(Fact).refusal("view"))
    own = own_organisations(actor)
    if not own:
        raise Http404
    return HttpResponseRedirect(reverse("indicators:my_data", args=[own[0].pk]))


@login_required
@require_safe
@handles_domain_errors
def my_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything known of the organisation, each value with its source and its day."""
    return _data(request, pk, "kit/base_portal.html")


@login_required
@require_safe
@handles_domain_errors
def data_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for officials, in the workbench."""
    return _data(request, pk, "kit/base_workbench.html")


def _data(request: HttpRequest, pk: int, frame: str) -> HttpResponse:
    organisation = organisation_of(request, pk)
    year = year_of(request)
    sections = sections_of(organisation, year)
    known, total = counts(sections)
    context = {
        "frame": frame,
        "organisation": organisation,
        "sections": sections,
        "year": year,
        "years": years(),
        "known": known,
        "total": total,
        "may_keep": bool(may_keep(actor_of(request), organisation)),
    }
    return render(request, "indicators/data.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def contest(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Say that a known value is not right, why, and which is."""
    organisation = organisation_of(request, pk)
    actor = actor_of(request)
    authorise(actor, "add", FactContest)
    decision = may_keep(actor, organisation)
    if not decision:
        raise Refused(decision.reason)
    kind = get_object_or_404(FactKind, code=code, active=True, lag=0)
    year = year_of(request)
    known = facts_of(organisation, year, kinds=[kind]).get(kind.code)
    if known is None:
        raise Http404
    form = ContestForm(request.POST or None, request.FILES or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            file = form.cleaned_data["evidence"]
            contest_fact(
                actor,
                organisation=organisation,
                kind=kind,
                year=year if kind.is_yearly else None,
                reason=form.cleaned_data["reason"],
                value=form.cleaned_data["value"],
                typed=True,
                known=say(kind, known.value),
                evidence=store(file, actor=actor, allowed=("pdf", "jpg", "png", "xlsx")) if file else None,
            )
        if form.is_valid():
            text = _("“%(kind)s” is contested. Your county's workstation answers; until then the known value stands.")
            messages.success(request, text % {"kind": kind})
            return HttpResponseRedirect(f"{reverse('indicators:my_data', args=[pk])}?year={year}")
    context = {
        "form": form,
        "organisation": organisation,
        "kind": kind,
        "year": year,
        "known": shown(kind, known.value),
    }
    return render(request, "indicators/contest.html", context, status=422 if form.errors else 200)

"""The workbench: entering figures, sharing out targets, revising, merging, closing months."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kechuang.apps.directory.roles import STAFF
from kechuang.apps.indicators.domain import indicators, observations, targets
from kechuang.apps.indicators.domain.locks import lock_period
from kechuang.apps.indicators.domain.queries.overview import (
    Matrix,
    county_matrix,
    county_table,
    map_chart,
)
from kechuang.apps.indicators.domain.queries.standing import standing_of
from kechuang.apps.indicators.domain.queries.words import demand
from kechuang.apps.indicators.domain.scopes import city_of
from kechuang.apps.indicators.domain.units import text_of
from kechuang.apps.indicators.interfaces import decomposition, entry, months
from kechuang.apps.indicators.interfaces.forms import LockForm, MergeForm, RevisionForm
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.apps.indicators.permissions import REPORTERS
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.exporting import export_response
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, policy_for, visible


def _demand_role(actor: Actor, roles: frozenset[str]) -> None:
    if not actor.has(roles):
        raise Refused(policy_for(Observation).refusal("add"))


def _target(actor: Actor, pk: int) -> Target:
    return get_object_or_404(visible(actor, Target).select_related("indicator", "region"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def entry_sheet(request: HttpRequest) -> HttpResponse:
    """Enter the figures of a region for a month; POST stores all lines, and hands them in where asked."""
    actor = actor_of(request)
    _demand_role(actor, REPORTERS)
    regions, region, month = entry.choose(actor, request.POST or request.GET)
    if region is None:
        raise Refused(_("You do not report figures for any region. Ask the bureau if you should."))
    sheet = entry.sheet_for(actor, region, month)
    if request.method == "POST":
        sheet.lines = [entry.save(actor, line, request.POST) for line in sheet.lines]
        if "submit" in request.POST and not sheet.errors:
            return _hand_in(request, actor, sheet)
        if not sheet.errors:
            messages.success(request, _("The drafts of %(month)s are saved.") % {"month": sheet.label})
            return HttpResponseRedirect(_entry_url(sheet))
    context = {
        "sheet": sheet,
        "regions": regions,
        "months": entry.months(),
        "month_key": f"{month:%Y-%m}",
        "now": timezone.localtime(),
    }
    status = 422 if sheet.errors else 200
    return render(request, "indicators/entry.html", context, status=status)


@require_POST
@handles_domain_errors
def entry_save(request: HttpRequest, key: str) -> HttpResponse:
    """Store one line as soon as it is typed; the answer is the line with its state or its mistake."""
    actor = actor_of(request)
    _demand_role(actor, REPORTERS)
    _regions, region, month = entry.choose(actor, request.POST)
    sheet = entry.sheet_for(actor, region, month) if region else None
    line = next((each for each in sheet.lines if each.key == key), None) if sheet else None
    if sheet is None or line is None:
        raise Http404
    context = {"line": entry.save(actor, line, request.POST), "sheet": sheet, "now": timezone.localtime()}
    return render(request, "indicators/entry_line.html", context)


def _hand_in(request: HttpRequest, actor: Actor, sheet: entry.Sheet) -> HttpResponse:
    outcome = observations.submit_many(actor, observations=sheet.drafts)
    if outcome.done:
        text = ngettext(
            "%(n)s figure is handed in; the bureau decides on it within five working days.",
            "%(n)s figures are handed in; the bureau decides on them within five working days.",
            outcome.done,
        )
        messages.success(request, text % {"n": outcome.done})
    for observation, message in outcome.refused:
        messages.error(request, f"{observation.indicator}: {message}")
    if not outcome.done and not outcome.refused:
        messages.info(request, _("There is no draft to hand in."))
    return HttpResponseRedirect(_entry_url(sheet))


def _entry_url(sheet: entry.Sheet) -> str:
    return f"{reverse('indicators:entry')}?region={sheet.region.pk}&period={sheet.month:%Y-%m}"


@require_safe
@handles_domain_errors
def entry_template(request: HttpRequest) -> HttpResponse:
    """The sheet as a workbook to fill in and import."""
    actor = actor_of(request)
    _demand_role(actor, REPORTERS)
    _regions, region, month = entry.choose(actor, request.GET)
    if region is None:
        raise Http404
    sheet = entry.sheet_for(actor, region, month)
    heads, rows = entry.template_rows(sheet)
    return export_response(f"{region.name}{sheet.label}", heads, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def decompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Share a target out over the counties: typed, pasted, from a file, or as suggested."""
    actor = actor_of(request)
    target = _target(actor, pk)
    authorise(actor, "decompose", target)
    if target.parent_id is not None:
        raise Http404
    table = county_table(target, standing_of(target))
    lines = decomposition.lines_of(target, table)
    problems: list[str] = []
    note = request.POST.get("note", target.decomposition_note)
    if request.method == "POST":
        done, problems = _decompose(request, actor, target, lines)
        if done:
            messages.success(request, _("The target is shared out to %(n)s counties.") % {"n": done})
            return HttpResponseRedirect(reverse("indicators:targets-detail", args=[target.pk]))
    elif how := request.GET.get("suggest"):
        decomposition.fill(lines, decomposition.suggest(target, table, how))
    context = {
        "target": target,
        "demand": demand(target),
        "whole": decomposition.plain_text(target.value, target.indicator),
        "lines": lines,
        "note": note,
        "problems": problems,
        "additive": target.indicator.is_additive and not target.is_umbrella,
        "suggested": request.GET.get("suggest", ""),
    }
    return render(request, "indicators/decompose.html", context, status=422 if problems else 200)


def _decompose(
    request: HttpRequest, actor: Actor, target: Target, lines: list[decomposition.PartLine]
) -> tuple[int, list[str]]:
    """(parts written, what is wrong): a file only fills the page, for the officer to look before saving."""
    if upload := request.FILES.get("file"):
        try:
            mistakes = decomposition.read_file(lines, upload)
        except DomainError as error:
            return 0, [error.message]
        messages.info(request, _("The values of the file stand below. Look through them and save."))
        return 0, mistakes
    parts = decomposition.read(target, lines, request.POST)
    if parts is None:
        return 0, [f"{line.region}: {line.error}" for line in lines if line.error]
    try:
        written = targets.decompose_target(actor, target=target, parts=parts, note=request.POST.get("note", ""))
    except Refused:
        raise
    except DomainError as error:
        return 0, [error.message]
    return len(written), []


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a revision of an approved figure."""
    actor = actor_of(request)
    rows = visible(actor, Observation).select_related("indicator__responsible_unit", "region")
    observation = get_object_or_404(rows, pk=pk)
    authorise(actor, "revise", observation)
    form = RevisionForm(request.POST or None, observation=observation)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            revision = observations.revise_observation(actor, observation=observation, **form.cleaned_data)
        if form.is_valid():
            messages.success(request, _("The revision is handed in. Until it is approved, the old figure holds."))
            return HttpResponseRedirect(reverse("indicators:observations-detail", args=[revision.pk]))
    context = {
        "form": form,
        "observation": observation,
        "heading": f"{observation.indicator} · {observation.region}",
        "period": observations.period_of_observation(observation),
        "value_text": text_of(observation.value, observation.indicator),
    }
    return render(request, "indicators/revise.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an indicator another name of one that is already there."""
    actor = actor_of(request)
    stranger = get_object_or_404(visible(actor, Indicator), pk=pk)
    authorise(actor, "merge", stranger)
    form = MergeForm(request.POST or None, merge=stranger)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            keep = indicators.merge_indicators(actor, keep=form.cleaned_data["keep"], merge=stranger)
        if form.is_valid():
            text = _("“%(old)s” is now another name of “%(new)s”.") % {"old": stranger.name, "new": keep.name}
            messages.success(request, text)
            return HttpResponseRedirect(reverse("indicators:catalogue-detail", args=[keep.pk]))
    context = {
        "form": form,
        "indicator": stranger,
        "targets": stranger.targets.filter(state=Target.State.ACTIVE).count(),
        "figures": stranger.observations.count(),
    }
    return render(request, "indicators/merge.html", context)


@require_safe
@handles_domain_errors
def counties(request: HttpRequest, pk: int) -> HttpResponse:
    """An indicator's figures by county and period, and on the map."""
    actor = actor_of(request)
    _demand_role(actor, STAFF)
    indicator = get_object_or_404(visible(actor, Indicator), pk=pk)
    region = city_of(actor)
    if region is None:
        raise Http404
    matrix = county_matrix(indicator, region)
    context = {
        "indicator": indicator,
        "region": region,
        "matrix": _matrix_rows(matrix, indicator),
        "chart": map_chart(indicator, region),
    }
    return render(request, "indicators/counties.html", context)


def _matrix_rows(matrix: Matrix, indicator: Indicator) -> dict[str, Any]:
    def texts(values: Sequence[Decimal | None]) -> list[str]:
        return [text_of(value, indicator) for value in values]

    gaps = [
        None if total is None or own is None else total - own
        for total, own in zip(matrix.total, matrix.own, strict=True)
    ]
    reported = [sum(values[at] is not None for _county, values in matrix.rows) for at in range(len(matrix.periods))]
    return {
        "heads": [period.label for period in matrix.periods],
        "rows": [(county, texts(values)) for county, values in matrix.rows],
        "total": list(zip(texts(matrix.total), reported, strict=True)),
        "all": len(matrix.rows),
        "own": texts(matrix.own) if any(value is not None for value in matrix.own) else [],
        "gaps": texts(gaps),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def close_months(request: HttpRequest) -> HttpResponse:
    """The months of the own region: what waits, what is missing, which are closed; POST closes one."""
    actor = actor_of(request)
    _demand_role(actor, STAFF)
    regions = months.lockable_regions(actor)
    if request.method == "POST":
        form = LockForm(request.POST)
        if not form.is_valid():
            raise Http404
        lock_period(actor, month=form.cleaned_data["month"], region=form.cleaned_data["region"])
        label = f"{form.cleaned_data['month']:%Y-%m}"
        messages.success(
            request, _("%(month)s is closed. From now on its figures change by revisions only.") % {"month": label}
        )
        return HttpResponseRedirect(reverse("indicators:months"))
    region = regions[0] if regions else None
    rows = months.month_rows(region, until=timezone.localdate()) if region else []
    context = {"rows": rows, "region": region, "may_close": months.may_close(actor)}
    return render(request, "indicators/months.html", context)

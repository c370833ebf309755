"""The yearly return of an organisation: on the page, field by field, or as a workbook."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.facts import FactErrors, declare_facts
from kechuang.apps.indicators.interfaces.returns import (
    ROW_LIMIT,
    asked_sections,
    fill,
    items_of,
    take_sheet,
    template_rows,
)
from kechuang.apps.indicators.models import Fact
from kechuang.apps.indicators.permissions import may_keep, speaks_for
from kechuang.apps.indicators.views.facts import organisation_of, own_organisations, year_of, years
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.exporting import export_response
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.importing import read_sheet
from kechuang.kit.permissions import Actor, actor_of, authorise, visible


class SheetForm(forms.Form):
    """A filled-in workbook."""

    file = forms.FileField(label=gettext_lazy("filled-in workbook"), help_text=gettext_lazy("Excel or CSV"))


def _kept(request: HttpRequest, pk: int) -> Organisation:
    organisation = organisation_of(request, pk)
    decision = may_keep(actor_of(request), organisation)
    if not decision:
        raise Refused(decision.reason)
    return organisation


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def yearly_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in what is not known yet; POST keeps everything that was typed, or says what is wrong with it."""
    organisation, year, actor = _kept(request, pk), year_of(request), actor_of(request)
    sections = asked_sections(organisation, year)
    errors: dict[str, str] = {}
    if request.method == "POST":
        values = fill(sections, request.POST)
        try:
            done = declare_facts(actor, organisation=organisation, year=year, values=values, typed=True)
        except FactErrors as error:
            errors = error.errors
        else:
            text = _("%(n)s figures of %(year)s are kept. What is known is not asked again.")
            messages.success(request, text % {"n": len(done.facts) + len(done.same), "year": year})
            return HttpResponseRedirect(f"{reverse('indicators:my_data', args=[pk])}?year={year}")
    for item in items_of(sections):
        item.error = errors.get(item.code, "")
    asked = sum(len(part.asked) for part in sections)
    context = {
        "organisation": organisation,
        "sections": sections,
        "year": year,
        "years": years(),
        "asked": asked,
        "wrong": [item for item in items_of(sections) if item.error],
        "now": timezone.localtime(),
    }
    return render(request, "indicators/return.html", context, status=422 if errors else 200)


@login_required
@require_POST
@handles_domain_errors
def save_field(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Keep one figure as soon as its field is left; the answer is the field with its state or its mistake."""
    organisation, year = _kept(request, pk), year_of(request)
    sections = asked_sections(organisation, year)
    item = next((each for each in items_of(sections) if each.code == code), None)
    if item is None:
        raise Http404
    values = {name: text for name, text in fill(sections, request.POST).items() if name == code}
    try:
        declare_facts(actor_of(request), organisation=organisation, year=year, values=values, typed=True)
        item.saved = bool(values)
    except FactErrors as error:
        item.error = error.errors.get(code) or next(iter(error.errors.values()))
    context = {"item": item, "organisation": organisation, "year": year, "now": timezone.localtime()}
    return render(request, "indicators/parts/return_field.html", context)


@login_required
@require_safe
@handles_domain_errors
def return_template(request: HttpRequest) -> HttpResponse:
    """The workbook for the own organisation, or for an official with all enterprises of the region."""
    actor, year = actor_of(request), year_of(request)
    authorise(actor, "add", Fact)
    heads, rows = template_rows(_for_template(actor), year)
    return export_response(_("Yearly return %(year)s") % {"year": year}, heads, rows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def return_upload(request: HttpRequest) -> HttpResponse:
    """A filled-in workbook: all mistakes by row and column, or everything kept."""
    actor, year = actor_of(request), year_of(request)
    authorise(actor, "add", Fact)
    form = SheetForm(request.POST or None, request.FILES or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            upload = form.cleaned_data["file"]
            if upload.size > 20 * 1024 * 1024:
                raise DomainError(_("The file is too large. Split it."), field="file")
            outcome = take_sheet(actor, read_sheet(upload.read(), upload.name or ""), year=year)
        if outcome is not None and not outcome.mistakes:
            text = _(
                "%(rows)s organisations: %(facts)s figures kept, %(same)s known alike, %(contests)s to be looked at."
            )
            counted = {"rows": outcome.rows, "facts": outcome.facts, "same": outcome.same, "contests": outcome.contests}
            messages.success(request, text % counted)
            return HttpResponseRedirect(f"{reverse('indicators:return_upload')}?year={year}")
    context = {"form": form, "outcome": outcome, "year": year, "years": years(), "limit": ROW_LIMIT}
    wrong = bool(form.errors or (outcome and outcome.mistakes))
    return render(request, "indicators/return_upload.html", context, status=422 if wrong else 200)


def _for_template(actor: Actor) -> list[Organisation]:
    own = own_organisations(actor)
    if own:
        return [row for row in own if speaks_for(actor, row)]
    rows = visible(actor, Organisation).filter(kind=Organisation.Kind.ENTERPRISE, state=Organisation.State.VERIFIED)
    return list(rows.order_by("region__order", "name", "pk")[:ROW_LIMIT])

"""The ladder of one enterprise, and its gap report on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kechuang.apps.cultivation.domain.queries.ladder import Place, Report, Rung, all_reports, place_of
from kechuang.apps.cultivation.domain.queries.scope import with_ladder
from kechuang.apps.cultivation.interfaces import gap_words
from kechuang.apps.cultivation.interfaces.diagnosis import docx_bytes, paper_of, pdf_bytes
from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS
from kechuang.kit.errors import Refused
from kechuang.kit.evidence import links_for
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@login_required
@require_safe
@handles_domain_errors
def mine(request: HttpRequest) -> HttpResponse:
    """To the ladder of the organisation that the person speaks for."""
    own: Any = actor_of(request).organisations(*OWNERS)
    if not own:
        raise Refused(_("You speak for no enterprise here. Ask its administrator to add you."))
    return HttpResponseRedirect(reverse("cultivation:ladder", args=[min(own)]))


@login_required
@require_safe
@handles_domain_errors
def ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """The rungs with the own place, and for the rungs to aim for (or the one asked for) every condition."""
    organisation = get_object_or_404(with_ladder(actor_of(request)), pk=pk)
    place = place_of(organisation)
    chosen = place.rung(request.GET.get("tier", ""))
    officer = actor_of(request).has(VIEWERS)
    context = {
        "frame": "kit/base_workbench.html" if officer else "kit/base_portal.html",
        "organisation": organisation,
        "place": place,
        "chosen": chosen,
        "reports": reports_of(place, chosen, actor_of(request)),
        "data_url": reverse("indicators:data_of" if officer else "indicators:my_data", args=[pk]),
    }
    return render(request, "cultivation/ladder.html", context)


def reports_of(place: Place, chosen: Rung | None, actor: Actor) -> list[dict[str, Any]]:
    """The report of the chosen rung, else of the next ones, in words and with its evidence."""
    reports = reports_on(place, chosen)
    links = links_for([report.rule.record for report in reports], actor=actor)
    return [
        {
            "report": report,
            "name": gap_words.tier_title(report),
            "summary": gap_words.summary(report),
            "lines": gap_words.lines_of(report),
            "missing": gap_words.missing_of(report),
            "next": report.rule.next_step,
            "rule": report.rule,
            "links": links[report.rule.record.pk],
            "check": report.rule.check,
        }
        for report in reports
    ]


def reports_on(place: Place, chosen: Rung | None) -> Sequence[Report]:
    """What is known of the chosen rung, else of the next ones; nothing where no rule says what it takes."""
    if chosen is None:
        return all_reports(place)
    return [chosen.report] if chosen.report is not None else []


@login_required
@require_safe
@handles_domain_errors
def diagnosis(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The gap report of the next rungs, or of the one asked for, as .docx or .pdf."""
    makers = {"docx": (docx_bytes, DOCX), "pdf": (pdf_bytes, "application/pdf")}
    organisation = get_object_or_404(with_ladder(actor_of(request)), pk=pk)
    if kind not in makers:
        raise Http404
    place = place_of(organisation)
    chosen = place.rung(request.GET.get("tier", ""))
    make, mime = makers[kind]
    response = HttpResponse(make(paper_of(place, reports_on(place, chosen))), content_type=mime)
    name = f"{organisation.name}-{_('Cultivation diagnosis')}-{place.day:%Y%m%d}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response

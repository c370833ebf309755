"""R&D activity coverage: the enterprises above designated size, by county and year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import READERS
from kechuang.apps.indicators.domain.coverage import coverage_indicator, enter_coverage
from kechuang.apps.indicators.domain.queries.coverage import (
    INDICATOR,
    Activity,
    CountyRow,
    by_county,
    counties_in,
    enterprises,
    expenses,
)
from kechuang.apps.indicators.domain.queries.overview import running_first
from kechuang.apps.indicators.domain.scopes import city_of
from kechuang.apps.indicators.models import Fact, Target
from kechuang.apps.indicators.permissions import KEEPERS, REPORTERS
from kechuang.apps.indicators.views.facts import year_of, years
from kechuang.kit.charts import Bar, Chart, bar_by_region
from kechuang.kit.errors import Refused
from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, policy_for, visible

PER_PAGE = 50
PORTION = 2_000


@dataclass(frozen=True)
class _Question:
    """Whose coverage of which year is asked for, and the filters of the list."""

    actor: Actor
    city: Region
    year: int
    counties: list[Region]
    county: Region | None
    activity: str
    words: str

    def rows(self) -> QuerySet[Any]:
        found = enterprises(self.actor, self.year).select_related("region")
        if self.county is not None:
            found = found.filter(region__path__startswith=self.county.path)
        if self.activity:
            found = found.filter(activity=self.activity)
        if self.words:
            found = found.filter(Q(name__icontains=self.words) | Q(uscc__startswith=self.words.upper()))
        return found.order_by("region__order", "name", "pk")


@require_safe
@handles_domain_errors
def coverage(request: HttpRequest) -> HttpResponse:
    """The figure of every county, and the enterprises behind it."""
    question = _question(request)
    counties, total = by_county(question.actor, question.city, question.year)
    page = Paginator(question.rows(), PER_PAGE).get_page(request.GET.get("page"))
    known = expenses(list(page), question.year)
    indicator = coverage_indicator()
    target = _target(question)
    context = {
        "question": question,
        "years": years(),
        "choices": Activity.choices,
        "counties": counties,
        "total": total,
        "page": page,
        "rows": [(row, Activity(row.activity), known.get(row.pk)) for row in page],
        "indicator": indicator,
        "target": target,
        "reached": _reached(counties, target),
        "chart": _chart(counties, target, question.year) if total.all else None,
        "may_enter": indicator is not None and question.actor.has(REPORTERS),
    }
    return render(request, "indicators/coverage.html", context)


@require_safe
@handles_domain_errors
def coverage_export(request: HttpRequest) -> HttpResponse:
    """The enterprises of the list, with the same filters."""
    question = _question(request)
    heads = [
        _("Unified social credit code"), _("Name"), _("County"), _("Industry"), _("R&D activity"),
        _("R&D expense, yuan"),
    ]  # fmt: skip
    return export_response(_("R&D coverage %(year)s") % {"year": question.year}, heads, _lines(question))


@require_safe
@handles_domain_errors
def coverage_table(request: HttpRequest) -> HttpResponse:
    """The figure of every county as a spreadsheet."""
    question = _question(request)
    counties, total = by_county(question.actor, question.city, question.year)
    heads = [
        _("County or zone"), _("Above designated size"), Activity.WITH.label, Activity.WITHOUT.label,
        Activity.UNKNOWN.label, _("Coverage, %"),
    ]  # fmt: skip
    named = [(str(row.region or _("Elsewhere")), row) for row in counties] + [(_("Total"), total)]
    rows = [[name, row.all, row.active, row.idle, row.unknown, row.coverage] for name, row in named]
    return export_response(_("R&D coverage by county %(year)s") % {"year": question.year}, heads, rows)


@require_POST
@handles_domain_errors
def coverage_enter(request: HttpRequest) -> HttpResponse:
    """Enter the figures as drafts of the indicator."""
    question = _question(request)
    entered = enter_coverage(question.actor, city=question.city, year=question.year)
    if entered.drafts:
        text = ngettext(
            "%(n)s figure for %(period)s is entered as a draft. Look through it and hand it in.",
            "%(n)s figures for %(period)s are entered as drafts. Look through them and hand them in.",
            len(entered.drafts),
        )
        messages.success(request, text % {"n": len(entered.drafts), "period": entered.period.label})
    if entered.same:
        text = ngettext("%(n)s approved figure stands.", "%(n)s approved figures stand.", entered.same)
        messages.info(request, text % {"n": entered.same})
    for region, message in entered.refused:
        messages.error(request, f"{region}: {message}")
    if entered.drafts:
        indicator = entered.drafts[0].indicator_id
        return HttpResponseRedirect(f"{reverse('indicators:observations-list')}?indicator={indicator}&state=draft")
    return HttpResponseRedirect(f"{reverse('indicators:coverage')}?year={question.year}")


def _question(request: HttpRequest) -> _Question:
    actor = actor_of(request)
    authorise(actor, "view", Fact)
    if not actor.has(READERS | KEEPERS):
        raise Refused(policy_for(Fact).refusal("verify"))
    city = city_of(actor)
    if city is None:
        raise Http404
    counties = counties_in(actor, city)
    key, activity = request.GET.get("county", ""), request.GET.get("activity", "")
    return _Question(
        actor=actor,
        city=city,
        year=year_of(request),
        counties=counties,
        county=next((each for each in counties if str(each.pk) == key), None),
        activity=activity if activity in Activity.values else "",
        words=request.GET.get("q", "").strip()[:80],
    )


def _target(question: _Question) -> Target | None:
    """What a document demands of the whole city, one that is still running before one that is over."""
    rows = visible(question.actor, Target).filter(
        indicator__code=INDICATOR, region=question.city, parent=None, state=Target.State.ACTIVE, value__isnull=False,
        origin=Target.Origin.DOCUMENT,
    )  # fmt: skip
    return running_first(rows).first()


def _reached(counties: list[CountyRow], target: Target | None) -> int:
    """How many counties are where the city as a whole should be."""
    if target is None or target.value is None:
        return 0
    return sum(row.coverage >= target.value for row in counties if row.coverage is not None)


def _chart(counties: list[CountyRow], target: Target | None, year: int) -> Chart:
    page = reverse("indicators:coverage")
    bars = [
        Bar(row.region.short_name or row.region.name, row.coverage, target.value if target else None,
            url=f"{page}?year={year}&county={row.region.pk}")
        for row in counties if row.region is not None
    ]  # fmt: skip
    return bar_by_region(bars, unit="%")


def _lines(question: _Question) -> Iterator[list[Any]]:
    rows = question.rows().iterator(chunk_size=PORTION)
    while portion := list(islice(rows, PORTION)):
        known = expenses(portion, question.year)
        for row in portion:
            yield [row.uscc, row.name, str(row.region), row.industry, Activity(row.activity).label, known.get(row.pk)]

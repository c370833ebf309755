"""Pages of the officials: expiry calendar, ladder of the region, suggestions for the library, bulletin by county."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from kechuang.apps.cultivation.domain.queries import region
from kechuang.apps.cultivation.domain.queries.ladder import city_rules, tier_rules
from kechuang.apps.cultivation.domain.queries.nearest import nearest
from kechuang.apps.cultivation.domain.queries.stages import stages
from kechuang.apps.cultivation.domain.reserve import enter_reserve
from kechuang.apps.cultivation.ladder import HNTE, tier_choices, tier_name
from kechuang.apps.cultivation.models import ReserveEntry
from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS
from kechuang.apps.directory.models import Organisation
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.evidence import links_for
from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, can, visible


def _official(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not actor.has(VIEWERS):
        raise Refused(_("These figures are for the bureau and the county workstations."))
    return actor


@login_required
@require_safe
@handles_domain_errors
def calendar(request: HttpRequest) -> HttpResponse:
    """What expires within twelve months, by month."""
    actor = actor_of(request)
    if not actor.has(VIEWERS | OWNERS):
        raise Refused(_("The calendar is for enterprises and for the officials of their region."))
    officer = actor.has(VIEWERS)
    months = region.expiring(actor, timezone.localdate())
    context = {
        "frame": "kit/base_workbench.html" if officer else "kit/base_portal.html",
        "months": months,
        "total": sum(len(month.rows) for month in months),
        "officer": officer,
    }
    return render(request, "cultivation/calendar.html", context)


@login_required
@require_safe
@handles_domain_errors
def funnel(request: HttpRequest) -> HttpResponse:
    """How many stand on each rung, and the movements of the year."""
    actor = _official(request)
    found = region.funnel(actor, timezone.localdate())
    highest = max((step.holders for step in found.steps), default=0)
    rows = [{"step": step, "name": tier_name(step.tier.code), "width": _width(step.holders, highest)}
            for step in found.steps]  # fmt: skip
    goals = region.reserve_goals(actor, found)
    context = {
        "funnel": found,
        "rows": rows,
        "goals": goals,
        "goal_links": links_for([goal.target for goal in goals], actor=actor),
    }
    return render(request, "cultivation/funnel.html", context)


@login_required
@require_safe
@handles_domain_errors
def growth(request: HttpRequest) -> HttpResponse:
    """The stages of cultivation, for the funnel to fetch: a question to every enterprise of the region."""
    actor = _official(request)
    found = stages(actor, city_rules(timezone.localdate()))
    links = links_for([stage.rule.record for stage in found], actor=actor)
    return render(request, "cultivation/parts/stages.html", {"stages": found, "links": links})


def _width(number: int, highest: int) -> int:
    return round(100 * number / highest) if highest else 0


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def suggestions(request: HttpRequest) -> HttpResponse:
    """Verified enterprises nearest to a rung; those that are ticked enter the library."""
    actor = _official(request)
    given = request.POST.get("tier") or request.GET.get("tier") or HNTE
    book = city_rules(timezone.localdate())
    rules = tier_rules(book)
    tier = given if given in rules else HNTE
    if request.method == "POST":
        authorise(actor, "add", ReserveEntry)
        _enter(request, actor, tier)
        return HttpResponseRedirect(f"{reverse('cultivation:suggestions')}?tier={tier}")
    rule = rules.get(tier)
    candidates, total = nearest(actor, tier, book, rule) if rule is not None else ([], 0)
    labels = rule.conditions if rule is not None else ()
    context = {
        "tier": tier,
        "tier_name": tier_name(tier),
        "tiers": [(code, name) for code, name in tier_choices() if code in rules],
        "rows": [{"candidate": each, "missed": [labels[number] for number in each.missed]} for each in candidates],
        "total": total,
        "conditions": len(labels),
        "rule": rule,
        "links": links_for(rule.record, actor=actor)[rule.record.pk] if rule is not None else [],
        "may_add": bool(can(actor, "add", ReserveEntry)),
    }
    return render(request, "cultivation/suggestions.html", context)


def _enter(request: HttpRequest, actor: Actor, tier: str) -> None:
    keys = [int(key) for key in request.POST.getlist("organisation") if key.isdecimal()]
    entered, refused = 0, []
    for organisation in visible(actor, Organisation).filter(pk__in=keys).select_related("region"):
        try:
            enter_reserve(actor, organisation=organisation, tier=tier, reason=_("from the suggestions"))
            entered += 1
        except DomainError as error:
            refused.append(error.message)
    if entered:
        text = ngettext("%(n)s enterprise entered the library for %(tier)s.",
                        "%(n)s enterprises entered the library for %(tier)s.", entered)  # fmt: skip
        messages.success(request, text % {"n": entered, "tier": tier_name(tier)})
    elif not refused:
        messages.info(request, _("Tick the enterprises that should enter."))
    for message in refused[:5]:
        messages.error(request, message)


@login_required
@require_safe
@handles_domain_errors
def hnte(request: HttpRequest) -> HttpResponse:
    """High-tech enterprises by county, with growth and what expires."""
    bulletin = region.hnte_by_county(_official(request), timezone.localdate())
    return render(request, "cultivation/hnte.html", {"bulletin": bulletin})


@login_required
@require_safe
@handles_domain_errors
def hnte_export(request: HttpRequest) -> HttpResponse:
    """The same table as a spreadsheet."""
    bulletin = region.hnte_by_county(_official(request), timezone.localdate())
    headers = [
        _("County"), _("Now in force"), _("A year ago"), _("Net change"), _("Growth, %"),
        _("First recognised this year"), _("Renewed this year"), _("Expiring within 90 days"), _("Lapsed this year"),
        _("In the reserve library"),
    ]  # fmt: skip
    rows = [(row.region.name if row.region else _("Elsewhere"), row) for row in bulletin.rows]
    rows.append((_("Total"), bulletin.total))
    cells = [
        [name, row.valid, row.a_year_ago, row.change, round(row.growth, 1) if row.growth is not None else "",
         row.new, row.renewed, row.expiring, row.lapsed, row.reserve]
        for name, row in rows
    ]  # fmt: skip
    return export_response(_("High-tech enterprises by county"), headers, cells)

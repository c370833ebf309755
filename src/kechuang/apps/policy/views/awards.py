"""The officer's pages: who is entitled, confirmation in batches, public notice, payment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.policy.domain import awards
from kechuang.apps.policy.domain.queries import awards as reading
from kechuang.apps.policy.interfaces.award_sums import money_typed, sums_typed
from kechuang.apps.policy.interfaces.frozen_words import told_values
from kechuang.apps.policy.interfaces.rule_words import PAYERS
from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun, yuan
from kechuang.apps.policy.tasks import assess_task
from kechuang.kit import jobs
from kechuang.kit.errors import DomainError
from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors, safe_url
from kechuang.kit.models import Job
from kechuang.kit.numbers import money_text
from kechuang.kit.permissions import Actor, actor_of, authorise, can, visible
from kechuang.kit.workflow import history

STEPS = {
    "publish": (gettext_lazy("Put on public notice"), "speakerphone", AwardState.CONFIRMED),
    "release": (gettext_lazy("Release for payment"), "circle-check", AwardState.PUBLIC_NOTICE),
    "pay": (gettext_lazy("Record as paid"), "coin", AwardState.PAYABLE),
}


class AssessForm(forms.Form):
    """Which city and which year of facts."""

    region = forms.ModelChoiceField(Region.objects.none(), label=gettext_lazy("city"), empty_label=None)
    year = forms.IntegerField(label=gettext_lazy("year of the figures"), min_value=2000, max_value=2100)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = reading.regions_to_assess(actor)  # type: ignore[attr-defined]
        self.fields["year"].initial = return_year()


def run_for(request: HttpRequest, pk: int) -> tuple[Actor, EligibilityRun]:
    """The actor and the assessment; Http404 outside the own region."""
    actor = actor_of(request)
    authorise(actor, "view", EligibilityRun)
    rows = visible(actor, EligibilityRun).select_related("region", "snapshot__file", "results", "started_by")
    return actor, get_object_or_404(rows, pk=pk)


@handles_domain_errors
def runs(request: HttpRequest) -> HttpResponse:
    """Assessments so far; an officer starts the next one."""
    actor = actor_of(request)
    authorise(actor, "view", EligibilityRun)
    may_start = bool(can(actor, "add", EligibilityRun))
    form = AssessForm(request.POST or None, actor=actor) if may_start else None
    if request.method == "POST":
        authorise(actor, "add", EligibilityRun)
        if form is not None and form.is_valid():
            region, year = form.cleaned_data["region"], form.cleaned_data["year"]
            label = _("Who is entitled in %(region)s, figures of %(year)s") % {"region": region.name, "year": year}
            job = jobs.start(actor, assess_task, label=label, region_id=region.pk, year=year)
            return redirect("kit:job", job.pk)
    running = jobs.running(actor).filter(kind=assess_task.name) if actor.user_id else Job.objects.none()
    page = Paginator(reading.runs_for(actor), 20).get_page(request.GET.get("page"))
    return render(request, "policy/awards/runs.html", {"page": page, "form": form, "running": list(running)})


@require_safe
@handles_domain_errors
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One assessment: rights with their counts, money by payer and county."""
    actor, found = run_for(request, pk)
    benefits = reading.benefits_of(found)
    payers, counties = reading.payers_of(benefits), reading.counties_of(found)
    context = {
        "run": found,
        "paying": [each for each in benefits if each.fen],
        "others": [each for each in benefits if not each.fen],
        "payers": [(PAYERS.get(line.key, line.key), line) for line in payers],
        "counties": counties,
        "total": yuan(sum(each.fen for each in benefits)),
        "awards": visible(actor, Award).filter(region=found.region, year=found.year).count(),
        "payer_words": PAYERS,
    }
    return render(request, "policy/awards/run.html", context)


@require_POST
@handles_domain_errors
def recompute(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute the assessment again and say whether it is the same to the last value."""
    actor, found = run_for(request, pk)
    outcome = awards.recompute(actor, run=found)
    if outcome.same:
        text = _("Computed again from the frozen facts and rules: every value is the same (fingerprint %(sha)s…).")
        messages.success(request, text % {"sha": outcome.sha256[:12]})
    else:
        text = _("The answers differ: %(columns)s. Tell the administrator.")
        messages.error(request, text % {"columns": ", ".join(outcome.differences[:5])})
    return redirect("policy:run", pk)


@require_safe
@handles_domain_errors
def entitled(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Who is entitled to one right, the highest payable first."""
    actor, found = run_for(request, pk)
    return _entitled_page(request, actor, found, code, request.GET)


def _entitled_page(
    request: HttpRequest, actor: Actor, found: EligibilityRun, code: str, given: QueryDict, **more: Any
) -> HttpResponse:
    """The list; ``given``: which page of which county, and what was typed, should it have to be shown again."""
    entry = _entry(found, code)
    county = given.get("county", "")
    frame = reading.entitled_frame(found, code, county)
    page = Paginator(range(frame.height), reading.PAGE).get_page(given.get("page"))
    rows = reading.entitled_rows(found, code, frame.slice(page.start_index() - 1 if frame.height else 0, reading.PAGE))
    tally = found.tallies[code]
    errors = more.pop("errors", {})
    ticked = given.getlist("selected")
    context = {
        "run": found,
        "code": code,
        "title": reading.title_of(entry),
        "payer": PAYERS.get(str(entry.get("payer") or "unstated"), ""),
        "without_application": bool(entry.get("without_application")),
        "page": page,
        "rows": [
            (
                row,
                given.get(f"sum-{row.organisation.pk}", money_typed(row.payable)),
                errors.get(row.organisation.pk, ""),
                str(row.organisation.pk) in ticked,
            )
            for row in rows
        ],
        "tally": tally,
        "payable": yuan(tally["payable"]),
        "amount": yuan(tally["amount"]),
        "counties": reading.counties_of(found, code),
        "county": county,
        "may_confirm": bool(can(actor, "confirm", Award)) and tally["payable"] > 0,
        "may_lower": awards.may_be_lowered(entry),
        "given": given,
    }
    return render(request, "policy/awards/entitled.html", {**context, **more}, status=422 if more else 200)


def _entry(found: EligibilityRun, code: str) -> dict[str, Any]:
    for entry in found.program["rules"]:
        if entry["id"] == code:
            return dict(entry)
    raise Http404


@require_safe
@handles_domain_errors
def why(request: HttpRequest, pk: int, code: str, organisation: int) -> HttpResponse:
    """The conditions one by one for an organisation, from the frozen facts; shown in the drawer."""
    _actor, found = run_for(request, pk)
    explained = reading.explanation_of(found, code, organisation)
    if explained is None:
        raise Http404
    explanation, entry = explained
    context = {
        "run": found,
        "code": code,
        "title": reading.title_of(entry),
        "organisation": get_object_or_404(Organisation, pk=organisation),
        "explanation": explanation,
        "amount": yuan(explanation.amount),
        "criteria": [
            (each, {None: "unknown", True: "accepted", False: "refused"}[each.answer], told_values(each.values))
            for each in explanation.criteria
        ],
    }
    return render(request, "policy/awards/_why.html", context)


@require_POST
@handles_domain_errors
def confirm(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Confirm those ticked, or all to whom something is payable; of a right “at most” so much a lower sum may stand in
    the row. What cannot be granted is said at its row, with everything as it was typed."""
    actor, found = run_for(request, pk)
    authorise(actor, "confirm", Award)
    _entry(found, code)
    everyone = request.POST.get("everything") == "1"
    chosen = None if everyone else [int(key) for key in request.POST.getlist("selected") if key.isdecimal()]
    sums, errors = sums_typed(request.POST, chosen)
    try:
        if errors:
            raise awards.LoweredErrors(errors)
        reason = request.POST.get("reason", "")
        done = awards.confirm_awards(actor, run=found, code=code, organisations=chosen, sums=sums, reason=reason)
    except awards.LoweredErrors as error:
        return _entitled_page(request, actor, found, code, request.POST, errors=error.errors, problem=error.message)
    except DomainError as error:
        if error.field != "reason":
            raise
        return _entitled_page(request, actor, found, code, request.POST, problem=error.message, reason_missing=True)
    text = ngettext(
        "%(count)s organisation confirmed, %(sum)s in all.",
        "%(count)s organisations confirmed, %(sum)s in all.",
        done.new,
    ) % {"count": done.new, "sum": money_text(yuan(done.payable))}
    if done.known:
        text += " " + _("%(count)s were passed over: they have it already.") % {"count": done.known}
    messages.success(request, text)
    return redirect(f"{reverse('policy:awards')}?year={found.year}&rule={code}")


@require_safe
@handles_domain_errors
def index(request: HttpRequest) -> HttpResponse:
    """Awards with their state; totals by payer and county of what is shown."""
    actor = actor_of(request)
    authorise(actor, "list", Award)
    chosen = {name: request.GET.get(name, "") for name in reading.FILTERS}
    rows = reading.awards_for(actor, chosen)
    page = Paginator(reading.with_names(rows), reading.PAGE).get_page(request.GET.get("page"))
    states = {line.key: line for line in reading.totals_of(rows, "state")}
    choices = reading.choices_of(actor)
    context = {
        "page": page,
        "chosen": chosen,
        "choices": {**choices, "payer": [(key, PAYERS.get(key, key)) for key, _name in choices["payer"]]},
        "states": AwardState.choices,
        "payers": [(PAYERS.get(line.key, line.key), line) for line in reading.totals_of(rows, "payer")],
        "counties": reading.totals_of(rows, "county"),
        "total": yuan(sum(line.fen for line in states.values())),
        "by_state": [(key, label, states[key]) for key, label in AwardState.choices if key in states],
        "steps": [
            (name, label, icon)
            for name, (label, icon, source) in STEPS.items()
            if can(actor, name, Award) and source in states
        ],
        "may_withdraw": bool(can(actor, "withdraw", Award)),
    }
    return render(request, "policy/awards/index.html", context)


@require_POST
@handles_domain_errors
def step(request: HttpRequest) -> HttpResponse:
    """One step with the ticked awards, or with all of the filter that are in the state before it."""
    actor = actor_of(request)
    authorise(actor, "list", Award)
    name = request.POST.get("step", "")
    if name not in (*STEPS, "withdraw"):
        raise Http404
    if request.POST.get("everything") == "1" and name in STEPS:
        chosen = {key: request.POST.get(f"filter_{key}", "") for key in reading.FILTERS}
        rows = reading.awards_for(actor, chosen).filter(state=STEPS[name][2])
        keys = list(rows.values_list("pk", flat=True))
    else:
        keys = [int(key) for key in request.POST.getlist("selected") if key.isdecimal()]
    count = awards.step_awards(actor, awards=keys, name=name, reason=request.POST.get("reason", ""))
    label = STEPS[name][0] if name in STEPS else _("Withdraw")
    text = ngettext("“%(step)s”: %(count)s award.", "“%(step)s”: %(count)s awards.", count)
    messages.success(request, text % {"step": label, "count": count})
    return redirect(safe_url(request, request.POST.get("next", ""), reverse("policy:awards")))


@require_safe
@handles_domain_errors
def award(request: HttpRequest, pk: int) -> HttpResponse:
    """One award with the steps that it took."""
    actor = actor_of(request)
    authorise(actor, "view", Award)
    rows = reading.with_names(visible(actor, Award)).select_related("run__region", "version")
    found = get_object_or_404(rows, pk=pk)
    words = dict(AwardState.choices)
    official = bool(can(actor, "list", Award))
    context = {
        "frame": "kit/base_workbench.html" if official else "kit/base_portal.html",
        "official": official,
        "award": found,
        "payer": PAYERS.get(found.payer, found.payer),
        "steps": [
            {
                "at": each.at,
                "who": each.actor if official else "",
                "what": words.get(each.to_state, each.to_state),
                "reason": each.reason,
            }
            for each in history(found)
        ],
    }
    return render(request, "policy/awards/award.html", context)


@require_safe
@handles_domain_errors
def notice(request: HttpRequest) -> HttpResponse:
    """公示: what is on public notice, as a sheet to print."""
    actor = actor_of(request)
    authorise(actor, "list", Award)
    chosen = {name: request.GET.get(name, "") for name in reading.FILTERS} | {"state": AwardState.PUBLIC_NOTICE}
    rows = list(
        reading.with_names(reading.awards_for(actor, chosen)).order_by("rule__code", "county__order", "pk")[:5000]
    )
    groups: dict[Any, list[Award]] = {}
    for row in rows:
        groups.setdefault(row.rule, []).append(row)
    context = {
        "sections": [(rule, of, yuan(sum(each.payable for each in of))) for rule, of in groups.items()],
        "count": len(rows),
        "total": yuan(sum(row.payable for row in rows)),
        "until": max((row.notice_until for row in rows if row.notice_until), default=None),
        "since": min((row.notice_from for row in rows if row.notice_from), default=None),
    }
    return render(request, "policy/awards/notice.html", context)


@require_safe
@handles_domain_errors
def export(request: HttpRequest) -> HttpResponse:
    """The awards of the filter as a workbook."""
    actor = actor_of(request)
    authorise(actor, "export", Award)
    chosen = {name: request.GET.get(name, "") for name in reading.FILTERS}
    rows = reading.with_names(reading.awards_for(actor, chosen))
    heads = [
        _("right"),
        _("organisation"),
        _("unified social credit code"),
        _("county"),
        _("year"),
        _("amount in yuan"),
        _("payable in yuan"),
        _("lowered from, in yuan"),
        _("why less"),
        _("paid by"),
        _("state"),
        _("on notice from"),
        _("on notice until"),
        _("paid on"),
    ]
    return export_response(str(_("awards")), heads, _cells(rows))


def _cells(rows: Any) -> Iterator[list[Any]]:
    for row in rows.iterator(chunk_size=2000):
        yield [
            str(row.rule), row.organisation.name, row.organisation.uscc, row.county.name if row.county else "",
            row.year, row.amount / 100, row.payable / 100,
            None if row.lowered_from is None else row.lowered_from / 100, row.lowered_because,
            str(PAYERS.get(row.payer, row.payer)), row.get_state_display(),
            row.notice_from, row.notice_until, row.paid_on,
        ]  # fmt: skip

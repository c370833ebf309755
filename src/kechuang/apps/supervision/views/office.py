"""For the bureau: reports to check, requests to decide, tasks to hand on, names to resolve, the overview."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain import extensions as extension_verbs
from kechuang.apps.supervision.domain import reports as report_verbs
from kechuang.apps.supervision.domain import tasks as task_verbs
from kechuang.apps.supervision.domain import units as unit_verbs
from kechuang.apps.supervision.domain.lights import light_of
from kechuang.apps.supervision.domain.queries.inbox import extensions_to_decide, reports_to_check, unknown_names
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS
from kechuang.apps.supervision.interfaces import overview_page
from kechuang.apps.supervision.interfaces.forms import NameForm, PartForm, ReturnForm
from kechuang.apps.supervision.models import Bulletin, ExtensionRequest, ProgressReport, Task, TaskUnit
from kechuang.kit.errors import DomainError
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.permissions import actor_of, authorise, can, visible

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@handles_domain_errors
def review(request: HttpRequest) -> HttpResponse:
    """Reports that wait for an answer, with what the task asks for and what was reported before."""
    actor = actor_of(request)
    authorise(actor, "accept", ProgressReport)
    waiting = list(reports_to_check(actor).prefetch_related("files")[:100])
    before = _accepted_before(waiting)
    rows = [
        {"report": report, "reading": light_of(report.task), "before": before.get((report.task_id, report.unit_id))}
        for report in waiting
    ]
    return render(request, "supervision/review.html", {"rows": rows, "form": ReturnForm()})


def _accepted_before(waiting: list[ProgressReport]) -> dict[tuple[int, int], ProgressReport]:
    """For each waiting report the unit's last accepted one on the same task."""
    rows = ProgressReport.objects.filter(
        task__in={report.task_id for report in waiting}, state=ProgressReport.State.ACCEPTED
    ).order_by("submitted_at", "pk")
    return {(each.task_id, each.unit_id): each for each in rows}


@require_POST
@handles_domain_errors
def decide_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a report, or return it with the reason."""
    actor = actor_of(request)
    report = get_object_or_404(visible(actor, ProgressReport), pk=pk)
    if request.POST.get("step") == "accept":
        report_verbs.accept_report(actor, report=report)
        text = _("Accepted: the report of %(unit)s on “%(task)s”.")
    else:
        report_verbs.return_report(actor, report=report, reason=request.POST.get("reason", ""))
        text = _("Returned: the report of %(unit)s on “%(task)s”. The unit has been told.")
    messages.success(request, text % {"unit": report.unit, "task": report.task})
    return redirect("supervision:review")


@require_POST
@handles_domain_errors
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accept all the ticked reports, or none where one of them can no longer be accepted."""
    actor = actor_of(request)
    authorise(actor, "accept", ProgressReport)
    keys = [key for key in request.POST.getlist("selected") if key.isdigit()]
    chosen = list(visible(actor, ProgressReport).filter(pk__in=keys))
    if not chosen:
        raise DomainError(_("Choose at least one report first."))
    count = report_verbs.accept_reports(actor, reports=chosen)
    messages.success(request, ngettext("%(n)s report accepted.", "%(n)s reports accepted.", count) % {"n": count})
    return redirect("supervision:review")


@require_safe
@handles_domain_errors
def extensions(request: HttpRequest) -> HttpResponse:
    """Requests for more time that wait for a leader."""
    actor = actor_of(request)
    authorise(actor, "view", overview_page.AUDIENCE)
    rows = [{"request": each, "reading": light_of(each.task)} for each in extensions_to_decide(actor)[:100]]
    return render(
        request, "supervision/extensions.html", {"rows": rows, "may_decide": can(actor, "grant", ExtensionRequest)}
    )


@require_POST
@handles_domain_errors
def decide_extension(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse."""
    actor = actor_of(request)
    asked = get_object_or_404(visible(actor, ExtensionRequest).select_related("task"), pk=pk)
    grant = request.POST.get("step") == "grant"
    extension_verbs.decide_extension(actor, request=asked, grant=grant, note=request.POST.get("note", ""))
    text = (
        _("Granted: “%(task)s” is now due on %(day)s.")
        if grant
        else _("Refused: “%(task)s” remains due on %(day)s. The unit has been told why.")
    )
    day = asked.requested_due if grant else asked.current_due
    messages.success(request, text % {"task": asked.task, "day": day})
    return redirect("supervision:extensions")


@get_or_post
@handles_domain_errors
def decompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a task to counties: tick which, and see who will answer for each part."""
    actor = actor_of(request)
    task = get_object_or_404(visible(actor, Task).select_related("region", "plan"), pk=pk)
    authorise(actor, "change", task)
    counties = Region.objects.filter(parent=task.region, level__in=COUNTY_LEVELS).order_by("order", "code")
    if request.method == "POST":
        chosen = counties.filter(code__in=request.POST.getlist("regions"))
        if not chosen:
            raise DomainError(_("Choose at least one county."))
        parts = task_verbs.decompose_to_counties(actor, task=task, regions=list(chosen))
        text = ngettext("“%(task)s” is handed to %(n)s county.", "“%(task)s” is handed to %(n)s counties.", len(parts))
        messages.success(request, text % {"task": task, "n": len(parts)})
        return redirect("supervision:tasks-detail", pk=task.pk)
    taken = set(task.subtasks.values_list("region", flat=True))
    responsible = task_verbs.county_units(task)
    rows = [{"region": county, "unit": responsible.get(county.pk), "taken": county.pk in taken} for county in counties]
    return render(request, "supervision/decompose.html", {"task": task, "rows": rows, "reading": light_of(task)})


@get_or_post
@handles_domain_errors
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a part to a task."""
    actor = actor_of(request)
    task = get_object_or_404(visible(actor, Task).select_related("region", "plan"), pk=pk)
    authorise(actor, "change", task)
    form = PartForm(request.POST or None, task=task)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            new = task_verbs.add_subtask(actor, task=task, **form.cleaned_data)
            messages.success(request, _("“%(part)s” is now a part of “%(task)s”.") % {"part": new, "task": task})
            return redirect("supervision:tasks-detail", pk=task.pk)
    return render(request, "supervision/part.html", {"task": task, "form": form}, status=422 if form.errors else 200)


@get_or_post
@handles_domain_errors
def unknown_units(request: HttpRequest) -> HttpResponse:
    """Names of units that the directory does not know: say once whom each means, and every task follows."""
    actor = actor_of(request)
    authorise(actor, "change", TaskUnit)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, unit = form.cleaned_data["raw_name"], form.cleaned_data["unit"]
        count = unit_verbs.resolve_name(actor, raw_name=name, unit=unit)
        text = ngettext(
            "“%(name)s” means %(unit)s: %(n)s task now has it.",
            "“%(name)s” means %(unit)s: %(n)s tasks now have it.",
            count,
        )
        messages.success(request, text % {"name": name, "unit": unit, "n": count})
        return redirect("supervision:unknown_units")
    context = {
        "names": unknown_names(actor),
        "form": form,
        "failed": form.data.get("raw_name", ""),
        "units": visible(actor, Unit).filter(active=True),
    }
    return render(request, "supervision/unknown_units.html", context, status=422 if form.errors else 200)


@require_safe
@handles_domain_errors
def overview(request: HttpRequest) -> HttpResponse:
    """The state of the whole ledger on one page, every figure a way to its tasks."""
    actor = actor_of(request)
    authorise(actor, "view", Task)
    authorise(actor, "view", overview_page.AUDIENCE)
    region = _region(request)
    context = {**overview_page.context(actor, region), "may_make": bool(can(actor, "add", Bulletin))}
    return render(request, "supervision/overview.html", context)


def _region(request: HttpRequest) -> Region | None:
    code = request.GET.get("region", "")
    return Region.objects.filter(code=code).first() if code else None

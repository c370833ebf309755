"""For units and county workstations: what waits for them, reporting, asking for more time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain import extensions, reports
from kechuang.apps.supervision.domain.lights import light_of
from kechuang.apps.supervision.domain.queries.inbox import inbox_of
from kechuang.apps.supervision.domain.queries.participation import reporting_units
from kechuang.apps.supervision.interfaces.forms import ExtensionForm, ReportForm, reporting_rhythm
from kechuang.apps.supervision.models import ProgressReport, ReportState, Task
from kechuang.apps.supervision.rules import period_end, period_of
from kechuang.kit.errors import DomainError
from kechuang.kit.evidence import links_for
from kechuang.kit.http import form_errors, handles_domain_errors, safe_url
from kechuang.kit.permissions import Actor, actor_of, authorise, visible

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@handles_domain_errors
def inbox(request: HttpRequest) -> HttpResponse:
    """What the unit owes, what came back, what it waits for."""
    actor = actor_of(request)
    authorise(actor, "report", Task)
    return render(request, "supervision/inbox.html", {"inbox": inbox_of(actor), "rhythm": reporting_rhythm()})


@get_or_post
@handles_domain_errors
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Write and send a progress report. What was typed is kept on the way."""
    actor = actor_of(request)
    task, units = _task_and_units(request, actor, pk)
    current = _under_way(task, units, request)
    if current is not None and current.state == ReportState.SUBMITTED:
        return render(request, "supervision/report_waiting.html", _context(task, units, current, None, actor))
    sending = request.POST.get("step", "submit") == "submit"
    form = ReportForm(request.POST or None, units=units, report=current, task=task, complete=sending)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            current = _save(actor, task, form)
            for upload in request.FILES.getlist("files"):
                reports.attach_file(actor, report=current, upload=upload)
            if not sending:
                messages.success(request, _("Your draft on “%(task)s” is saved.") % {"task": task})
                return redirect(request.get_full_path())
            reports.submit_report(actor, report=current)
            return redirect("supervision:report_sent", pk=current.pk)
    context = _context(task, units, current, form, actor)
    return render(request, "supervision/report.html", context, status=422 if form.errors else 200)


@require_POST
@handles_domain_errors
def autosave(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the draft while it is being written; says when."""
    actor = actor_of(request)
    task, units = _task_and_units(request, actor, pk)
    form = ReportForm(request.POST, units=units, report=None, task=task, complete=False)
    if not form.is_valid():
        return HttpResponse(_("not saved yet: check the figure"))
    _save(actor, task, form)
    return HttpResponse(_("saved %(time)s") % {"time": f"{timezone.localtime():%H:%M}"})


@require_POST
@handles_domain_errors
def remove_file(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    """Take a file off a draft."""
    actor = actor_of(request)
    draft = get_object_or_404(visible(actor, ProgressReport), pk=pk)
    stored = get_object_or_404(draft.files, pk=file)
    reports.remove_file(actor, report=draft, file=stored)
    messages.success(request, _("“%(name)s” is taken off the report.") % {"name": stored.name})
    return redirect(safe_url(request, request.POST.get("next", "")) or "supervision:inbox")


@require_safe
@handles_domain_errors
def report_sent(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: what was sent, who has it now, what comes next."""
    sent = get_object_or_404(visible(actor_of(request), ProgressReport).select_related("task", "unit"), pk=pk)
    return render(request, "supervision/report_sent.html", {"report": sent})


@get_or_post
@handles_domain_errors
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for more time."""
    actor = actor_of(request)
    task, units = _task_and_units(request, actor, pk)
    form = ExtensionForm(request.POST or None, units=units, task=task)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            extensions.request_extension(actor, task=task, **form.cleaned_data)
            messages.success(
                request,
                _(
                    "Your request for more time on “%(task)s” is with the leaders of the bureau. "
                    "The old deadline holds until they answer."
                )
                % {"task": task},
            )
            return redirect("supervision:tasks-detail", pk=task.pk)
    context = {"task": task, "form": form, "reading": light_of(task), "draft": f"{request.user.pk}:{request.path}"}
    return render(request, "supervision/extension.html", context, status=422 if form.errors else 200)


def _task_and_units(request: HttpRequest, actor: Actor, pk: int) -> tuple[Task, list[Unit]]:
    authorise(actor, "report", Task)
    task = visible(actor, Task).select_related("plan", "region").filter(pk=pk).first()
    if task is None:
        raise Http404
    units = reporting_units(actor, task)
    if not units:
        raise DomainError(_("None of your units answers for this task, so there is nothing for you to report."))
    return task, units


def _under_way(task: Task, units: list[Unit], request: HttpRequest) -> ProgressReport | None:
    """The report that one of the units has under way: of the unit in the address, else the one returned, else any."""
    rows = task.reports.filter(unit__in=units).exclude(state=ReportState.ACCEPTED).prefetch_related("files")
    wanted = request.POST.get("unit") or request.GET.get("unit", "")
    if wanted.isdigit():
        return rows.filter(unit=int(wanted)).first()
    found = list(rows)
    return next((each for each in found if each.state == ReportState.RETURNED), found[0] if len(found) == 1 else None)


def _save(actor: Actor, task: Task, form: ReportForm) -> ProgressReport:
    data = form.cleaned_data
    content = reports.Content(data["percent"], data["narrative"], data["problems"], data["next_steps"])
    return reports.save_draft(actor, task=task, unit=data["unit"], content=content)


def _context(
    task: Task, units: list[Unit], current: ProgressReport | None, form: ReportForm | None, actor: Actor
) -> dict[str, Any]:
    previous = task.reports.filter(unit__in=units, state=ReportState.ACCEPTED).select_related("unit")
    today = timezone.localdate()
    return {
        "task": task,
        "reading": light_of(task),
        "report": current,
        "form": form,
        "previous": previous.order_by("-submitted_at")[:3],
        "evidence": links_for(task, actor=actor)[task.pk],
        "period": current.period if current else period_of(today),
        "until": period_end(today),
    }

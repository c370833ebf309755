"""One record: its page, its preview in the drawer, its history, its steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kechuang.kit import evidence, lights, workflow
from kechuang.kit.history import changes_of
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor
from kechuang.kit.resources.columns import columns_of, relations
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for, demand, find
from kechuang.kit.views.resources.listing import page_of

RECENT = 8
SAME_MOMENT = 1.0  # what a step of the workflow wrote is told by the step itself


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of the timeline."""

    at: datetime
    title: str
    who: str
    note: str = ""


@require_safe
@handles_domain_errors
def detail(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    actor = actor_for(request, resource)
    obj = find(resource, actor, pk)
    places: dict[str, list[Any]] = {"main": [], "aside": []}
    for panel in resource.panels:
        panel_context = panel.context(request, obj)
        if panel_context is not None:
            places[panel.place].append((panel, panel_context))
    context = {
        **shown(resource, actor, obj),
        "panels": places["main"],
        "asides": places["aside"],
        "tabs": tabs(request, resource, actor, obj),
        "timeline": timeline(obj),
        "history_url": resource.url("history", obj) if resource.can(actor, "history", obj) else "",
        "base_template": resource.frame(actor),
        **resource.context(request, obj),
    }
    return render(request, resource.detail_template, context)


@require_safe
@handles_domain_errors
def preview(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """The record for the drawer: what it is, and the way to its page."""
    actor = actor_for(request, resource)
    return render(request, resource.preview_template, shown(resource, actor, find(resource, actor, pk)))


@require_safe
@handles_domain_errors
def history(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Who changed what and when, field by field."""
    actor = actor_for(request, resource)
    obj = find(resource, actor, pk)
    demand(resource, actor, "history", obj)
    context = {
        "resource": resource,
        "obj": obj,
        "heading": resource.heading(obj),
        "detail_url": resource.url("detail", obj),
        "list_url": resource.url("list"),
        "changes": changes_of(obj),
        "base_template": resource.frame(actor),
    }
    return render(request, "kit/resource/history.html", context)


@require_POST
@handles_domain_errors
def step(request: HttpRequest, resource: Resource, pk: int, name: str) -> HttpResponse:
    """Take a step of the record's workflow."""
    actor = actor_for(request, resource)
    obj = find(resource, actor, pk)
    labels = {t.name: t.label for w in workflow.workflows_of(resource.model) for t in w.transitions.values()}
    if name not in labels:
        raise Http404
    reason = request.POST.get("reason", "")
    if name in resource.step_verbs:
        resource.step_verbs[name](actor, obj, reason)
    else:
        workflow.advance(obj, name, actor=actor, reason=reason)
    text = _("“%(record)s”: %(step)s is done.") % {"record": resource.heading(obj), "step": labels[name]}
    messages.success(request, text)
    stays = resource.queryset(actor).filter(pk=obj.pk).exists()  # a queue lets go of what was decided
    return HttpResponseRedirect(resource.url("detail", obj) if stays else resource.url("list"))


def shown(resource: Resource, actor: Actor, obj: Any) -> dict[str, Any]:
    """What the page and the preview both show."""
    return {
        "resource": resource,
        "obj": obj,
        "heading": resource.heading(obj),
        "facts": [(column.title, column.cell(obj)) for column in resource.fact_columns],
        "links": [link for link in resource.links if link.show(actor, obj) and _allowed(resource, actor, link, obj)],
        "evidence": evidence.links_for(obj, actor=actor)[obj.pk] if resource.evidence else [],
        "light": lights.state_of(obj) if hasattr(obj, "get_state_display") else None,
        "transitions": workflow.available(obj, actor),
        "detail_url": resource.url("detail", obj),
        "list_url": resource.url("list"),
        "edit_url": resource.url("edit", obj) if resource.offers(actor, "change", obj) else "",
        "delete_url": resource.url("delete", obj) if resource.offers(actor, "delete", obj) else "",
    }


def _allowed(resource: Resource, actor: Actor, link: Any, obj: Any) -> bool:
    return not link.action or bool(resource.can(actor, link.action, obj))


def tabs(request: HttpRequest, resource: Resource, actor: Actor, obj: Any) -> dict[str, Any] | None:
    """The tabs with their counts, and the rows of the one that the address names."""
    if not resource.tabs:
        return None
    current = next((tab for tab in resource.tabs if tab.key == request.GET.get("tab")), resource.tabs[0])
    heads = [
        {"key": tab.key, "label": tab.label, "url": f"?tab={tab.key}#related", "count": tab.rows(actor, obj).count()}
        for tab in resource.tabs
    ]
    rows = current.rows(actor, obj)
    columns = columns_of(rows.model, current.columns)
    joined, fetched = relations(rows.model, columns)
    rows = rows.select_related(*joined) if joined else rows
    page = page_of(request, rows.prefetch_related(*fetched), resource.page_size)
    link = current.link
    cells = [(row, link(row) if link else "", [(c, c.cell(row)) for c in columns]) for row in page]
    return {"heads": heads, "current": current, "columns": columns, "page": page, "rows": cells}


def timeline(obj: Any) -> list[Happening]:
    """Steps of the workflow and changes of the record, newest first."""
    happened: list[Happening] = []
    if workflow.workflows_of(type(obj)):
        labels = {t.name: t.label for w in workflow.workflows_of(type(obj)) for t in w.transitions.values()}
        for entry in workflow.history(obj):
            title = str(labels.get(entry.transition, entry.transition))
            happened.append(Happening(entry.at, title, str(entry.actor or _("the system")), entry.reason))
    steps = [item.at for item in happened]
    for change in changes_of(obj, limit=RECENT):
        if not any(abs((change.at - at).total_seconds()) < SAME_MOMENT for at in steps):
            happened.append(Happening(change.at, change.title, change.who))
    return sorted(happened, key=lambda item: item.at, reverse=True)[:RECENT]

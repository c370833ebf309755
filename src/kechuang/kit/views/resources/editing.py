"""Adding, changing and deleting a record."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.http import form_errors, handles_domain_errors, safe_url
from kechuang.kit.permissions import visible
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for, demand, find

STALE = _(
    "Someone else changed this record while you were writing. Your text is kept below: compare it with the record, "
    "then save again."
)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
@handles_domain_errors
def add(request: HttpRequest, resource: Resource) -> HttpResponse:
    actor = actor_for(request, resource, "add")
    if request.method != "POST":
        initial = {name: value for name, value in request.GET.items() if name != "next"}
        return form_page(request, resource, resource.form(actor=actor, initial=initial))
    form = resource.form(request.POST, request.FILES, actor=actor)
    if form.is_valid():
        with form_errors(form):
            obj = resource.run("add", actor, **form.cleaned_data)
            return saved(request, resource, obj, _("“%(record)s” is recorded."))
    return form_page(request, resource, form)


@get_or_post
@handles_domain_errors
def edit(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Change a record, unless someone else did since the form was opened: then what was typed is kept, and said so."""
    actor = actor_for(request, resource, "change")
    obj = find(resource, actor, pk)
    demand(resource, actor, "change", obj)
    if request.method != "POST":
        return form_page(request, resource, resource.form(actor=actor, instance=obj), obj)
    form = resource.form(request.POST, request.FILES, actor=actor, instance=copy.copy(obj))
    if form.is_valid():
        with form_errors(form), transaction.atomic():
            locked = visible(actor, resource.model._default_manager.select_for_update(of=("self",))).get(pk=pk)
            if stale(locked, request.POST.get("_version", "")):
                raise Stale(str(STALE))
            changed = resource.run("change", actor, locked, **form.cleaned_data)
            return saved(request, resource, changed if changed is not None else locked, _("“%(record)s” is saved."))
    obj.refresh_from_db()
    return form_page(request, resource, form, obj)


def version(obj: Any) -> str:
    """What tells one state of a record from the next."""
    changed = getattr(obj, "updated_at", None)
    return changed.isoformat() if isinstance(changed, datetime) else ""


def stale(obj: Any, seen: str) -> bool:
    return bool(seen) and seen != version(obj)


def form_page(request: HttpRequest, resource: Resource, form: Any, obj: Any = None) -> HttpResponse:
    context = {
        "resource": resource,
        "form": form,
        "obj": obj,
        "heading": resource.heading(obj) if obj else resource.name,
        "version": version(obj) if obj else "",
        "draft": f"{request.user.pk}:{request.path}",
        "cancel_url": resource.url("detail", obj) if obj else resource.url("list"),
        "list_url": resource.url("list"),
        "next": safe_url(request, request.POST.get("next", request.GET.get("next", ""))),
        "base_template": resource.base_template,
    }
    return render(request, resource.form_template, context, status=422 if form.errors else 200)


def saved(request: HttpRequest, resource: Resource, obj: Any, message: Any) -> HttpResponse:
    text = message % {"record": resource.heading(obj)}
    messages.success(request, text, extra_tags=f"kc-draft:{request.user.pk}:{request.path}")
    return HttpResponseRedirect(safe_url(request, request.POST.get("next", "")) or resource.url("detail", obj))


@get_or_post
@handles_domain_errors
def delete(request: HttpRequest, resource: Resource, pk: int) -> HttpResponse:
    """Ask first, naming what hangs on the record; what is protected is named too."""
    actor = actor_for(request, resource, "delete")
    obj = find(resource, actor, pk)
    demand(resource, actor, "delete", obj)
    if request.method == "POST":
        text = _("“%(record)s” is deleted.") % {"record": resource.heading(obj)}
        try:
            with transaction.atomic():
                resource.run("delete", actor, obj)
        except ProtectedError as error:
            raise DomainError(protected_message(error)) from error
        messages.success(request, text)
        return HttpResponseRedirect(resource.url("list"))
    context = {
        "resource": resource,
        "obj": obj,
        "heading": resource.heading(obj),
        "dependents": dependents(obj),
        "detail_url": resource.url("detail", obj),
        "list_url": resource.url("list"),
        "base_template": resource.base_template,
    }
    return render(request, "kit/resource/delete.html", context)


def dependents(obj: Any) -> list[tuple[str, int, bool]]:
    """(what, how many, does it stand in the way) of everything that points at the record."""
    found = []
    for relation in obj._meta.related_objects:
        model: Any = relation.related_model
        if hasattr(model, "pgh_tracked_model") or relation.many_to_many:
            continue
        count = model._base_manager.filter(**{relation.field.name: obj}).count()
        if count:
            protects = getattr(relation.on_delete, "__name__", "") in ("PROTECT", "RESTRICT")
            found.append((str(model._meta.verbose_name_plural), count, protects))
    return found


def protected_message(error: ProtectedError) -> str:
    counts: dict[str, int] = {}
    for record in error.protected_objects:
        label = str(record._meta.verbose_name)
        counts[label] = counts.get(label, 0) + 1
    parts = "、".join(
        ngettext("%(n)s %(kind)s", "%(n)s %(kind)s", n) % {"n": n, "kind": kind} for kind, n in counts.items()
    )
    return _("This record cannot be deleted while others rest on it: %(parts)s. Move or delete those first.") % {
        "parts": parts
    }

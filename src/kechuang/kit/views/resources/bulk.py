"""One step for many records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kechuang.kit.errors import DomainError
from kechuang.kit.http import handles_domain_errors, safe_url
from kechuang.kit.permissions import Actor
from kechuang.kit.resources.parts import BulkAction
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for
from kechuang.kit.views.resources.editing import protected_message
from kechuang.kit.views.resources.listing import listing

LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    record: str
    url: str
    reason: str


@require_POST
@handles_domain_errors
def bulk(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Do the action for the chosen rows (or all that match the list's filter): confirm, do, say what failed and why."""
    action = next((a for a in resource.bulk_actions if a.key == request.POST.get("action")), None)
    if action is None:
        raise Http404
    actor = actor_for(request, resource, action.action)
    rows = chosen_rows(request, resource, actor)
    back = safe_url(request, request.POST.get("next", "")) or resource.url("list")
    if not rows:
        raise DomainError(_("Choose at least one row first."))
    confirmed = "confirmed" in request.POST
    form = action.form_class(request.POST if confirmed else None) if action.form_class else None
    if not confirmed or (form is not None and not form.is_valid()):
        return confirm(request, resource, action, rows, form, back)
    done, failures = perform(resource, actor, action, rows, form.cleaned_data if form is not None else {})
    if failures:
        context = {"resource": resource, "action": action, "done": done, "failures": failures, "back": back}
        return render(request, "kit/resource/bulk_done.html", {**context, "base_template": resource.base_template})
    text = ngettext("%(label)s: done for %(n)s record.", "%(label)s: done for %(n)s records.", done)
    messages.success(request, text % {"label": action.label, "n": done})
    return HttpResponseRedirect(back)


def chosen_rows(request: HttpRequest, resource: Resource, actor: Actor) -> list[Any]:
    """The rows that were ticked, as far as the actor sees them, or all rows of the filtered list."""
    rows: QuerySet[Any]
    if request.POST.get("everything"):
        query = request.POST.get("query", "")
        request.GET = type(request.GET)(query.lstrip("?"))
        rows = listing(request, resource, actor).rows
    else:
        keys = [key for key in request.POST.getlist("selected") if key.isdigit()]
        rows = resource.queryset(actor).filter(pk__in=keys)
    found = list(rows[: LIMIT + 1])
    if len(found) > LIMIT:
        raise DomainError(_("At most %(n)s records at once. Narrow the list by a filter.") % {"n": LIMIT})
    return found


def confirm(
    request: HttpRequest, resource: Resource, action: BulkAction, rows: list[Any], form: Any, back: str
) -> HttpResponse:
    context = {
        "resource": resource,
        "action": action,
        "rows": rows,
        "examples": rows[:10],
        "form": form,
        "back": back,
        "base_template": resource.base_template,
    }
    return render(request, "kit/resource/bulk.html", context)


def perform(
    resource: Resource, actor: Actor, action: BulkAction, rows: list[Any], options: dict[str, Any]
) -> tuple[int, list[Failure]]:
    """Each record in a transaction of its own: one refusal does not undo the others."""
    failures = []
    for obj in rows:
        try:
            with transaction.atomic():
                action.verb(actor, obj, **options)
        except ProtectedError as error:
            failures.append(Failure(resource.heading(obj), resource.link_to(obj), protected_message(error)))
        except DomainError as error:
            failures.append(Failure(resource.heading(obj), resource.link_to(obj), error.message))
    return len(rows) - len(failures), failures

"""Where documents contradict each other, and what was decided."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.policy.domain import conflicts
from kechuang.apps.policy.domain.queries.conflicts import conflict_rows, conflicts_for, documents_in_conflict
from kechuang.apps.policy.domain.queries.history import decisions_of
from kechuang.apps.policy.interfaces.conflicts import reason_text, side_of
from kechuang.apps.policy.interfaces.forms import DecisionForm
from kechuang.apps.policy.models import Conflict, ItemKind
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.permissions import actor_of, authorise, can, visible

PAGE = 20
FILTERS = ("state", "grade", "document", "kind")


@require_safe
@handles_domain_errors
def index(request: HttpRequest) -> HttpResponse:
    """Both statements side by side, the open ones first."""
    actor = actor_of(request)
    authorise(actor, "view", Conflict)
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    page = Paginator(conflicts_for(actor, **chosen), PAGE).get_page(request.GET.get("page"))
    may_decide = bool(can(actor, "decide", Conflict))
    context = {
        "page": page,
        "rows": [_row(conflict, may_decide) for conflict in page],
        "chosen": chosen,
        "states": Conflict.State.choices,
        "grades": Conflict.Grade.choices,
        "kinds": [choice for choice in ItemKind.choices if choice[0] != ItemKind.REFERENCE],
        "documents": documents_in_conflict(actor),
    }
    return render(request, "policy/conflicts.html", context)


@handles_domain_errors
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One conflict: decide it, with the reason."""
    actor = actor_of(request)
    authorise(actor, "view", Conflict)
    conflict = get_object_or_404(conflict_rows(actor), pk=pk)
    may_decide = bool(can(actor, "decide", conflict))
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            conflicts.decide_conflict(actor, conflict_id=conflict.pk, **form.cleaned_data)
        if not form.errors:
            messages.success(request, _("The decision is recorded."))
            return redirect("policy:conflicts")
    context = {"row": _row(conflict, may_decide), "form": form, "history": decisions_of(conflict)}
    return render(request, "policy/conflict.html", context)


@require_POST
@handles_domain_errors
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    actor = actor_of(request)
    conflict = get_object_or_404(visible(actor, Conflict), pk=pk)
    conflicts.reopen_conflict(actor, conflict_id=conflict.pk)
    return redirect(reverse("policy:conflict", args=[pk]))


def _row(conflict: Conflict, may_decide: bool) -> dict[str, Any]:
    second = side_of(conflict.second)
    return {
        "conflict": conflict,
        "reason": reason_text(conflict.reason),
        "sides": [side_of(conflict.first), second],
        "second": second,
        "may_decide": may_decide,
    }

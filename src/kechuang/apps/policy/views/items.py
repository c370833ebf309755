"""The findings on the review page: each answer is the changed card alone, with the new counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.policy.domain import review
from kechuang.apps.policy.domain.payloads import SPECS
from kechuang.apps.policy.domain.queries.progress import progress_of
from kechuang.apps.policy.domain.queries.reading import tidy
from kechuang.apps.policy.interfaces.cards import card_of
from kechuang.apps.policy.interfaces.forms import PayloadForm
from kechuang.apps.policy.models import Item, ItemKind, ItemState
from kechuang.apps.policy.views.office import document_for
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.http import form_errors, handles_domain_errors, htmx_redirect, is_htmx, toast
from kechuang.kit.permissions import Actor, actor_of, authorise, can, visible


def _item(request: HttpRequest, pk: int) -> tuple[Actor, Item]:
    actor = actor_of(request)
    rows = visible(actor, Item).select_related("document__region", "document__file", "reviewed_by")
    return actor, get_object_or_404(rows.defer("document__text", "document__bigrams"), pk=pk)


def _reviewed(request: HttpRequest, pk: int) -> tuple[Actor, Item]:
    """For those who review: a reader is refused before anything about the form is said."""
    actor, item = _item(request, pk)
    authorise(actor, "review", item.document)
    return actor, item


def _edition(request: HttpRequest) -> int:
    value = request.POST.get("edition", "")
    if not value.isdigit():
        raise DomainError(_("Load the page again: this form is incomplete."))
    return int(value)


def _answer(request: HttpRequest, item: Item) -> HttpResponse:
    """The changed card, and what changed around it."""
    if not is_htmx(request):
        return htmx_redirect(request, f"{reverse('policy:review', args=[item.document_id])}#i-{item.pk}")
    progress = progress_of(item.document)
    context = {
        "card": card_of(item, editable=True),
        "document": item.document,
        "progress": progress,
        "tally": progress.kinds[item.kind],
        "kind": item.kind,
    }
    return render(request, "policy/_item_changed.html", context)


def _decide(request: HttpRequest, pk: int, verb: Callable[..., Item], **options: Any) -> HttpResponse:
    actor, item = _reviewed(request, pk)
    try:
        changed = verb(actor, item_id=item.pk, edition=_edition(request), **options)
    except Stale as error:
        if not is_htmx(request):
            raise
        _actor, fresh = _item(request, pk)
        return toast(_answer(request, fresh), error.message, "warning")
    return _answer(request, changed)


@require_safe
@handles_domain_errors
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card as it stands: what closes an edit form without saving."""
    actor, item = _item(request, pk)
    editable = item.document.under_review and bool(can(actor, "review", item.document))
    return render(request, "policy/_card.html", {"card": card_of(item, editable=editable)})


@require_POST
@handles_domain_errors
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, review.accept_item)


@require_POST
@handles_domain_errors
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, review.reject_item, note=request.POST.get("note", ""))


@require_POST
@handles_domain_errors
def reconsider(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, review.reconsider_item)


@handles_domain_errors
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The card turned into a form."""
    actor, item = _reviewed(request, pk)
    form = PayloadForm(
        request.POST or None, kind=item.kind, payload=item.payload, prefix=f"i{item.pk}", auto_id="id_%s"
    )
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            changed = review.edit_item(
                actor,
                item_id=item.pk,
                edition=_edition(request),
                payload=form.payload,
                note=request.POST.get("note", ""),
            )
            return _answer(request, changed)
    context = {"item": item, "quote": tidy(item.quote), "form": form, "document": item.document}
    return render(request, "policy/_edit.html" if is_htmx(request) else "policy/edit.html", context)


@handles_domain_errors
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a finding that rests on the selected words."""
    actor, document = document_for(request, pk, "review")
    data = request.POST if request.method == "POST" else request.GET
    kind = data.get("kind", "")
    start, end = _offset(data.get("start")), _offset(data.get("end"))
    quote = document.text[start:end]
    if kind not in SPECS or not quote.strip():
        raise DomainError(_("Select the words in the text first, then choose what they are."))
    form = PayloadForm(request.POST or None, kind=kind, payload=_prefill(kind, quote), prefix="new")
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            item = review.add_item(
                actor,
                document_id=document.pk,
                kind=kind,
                payload=form.payload,
                start=start,
                end=end,
                quote=request.POST.get("quote", quote).replace("\r\n", "\n"),
            )
            return htmx_redirect(request, f"{reverse('policy:review', args=[document.pk])}?added={item.pk}#i-{item.pk}")
    context = {
        "document": document,
        "form": form,
        "kind": kind,
        "kind_label": ItemKind(kind).label,
        "start": start,
        "end": end,
        "quote": quote,
    }
    return render(request, "policy/_add.html" if is_htmx(request) else "policy/add.html", context)


def _offset(value: str | None) -> int:
    return int(value) if value and value.isdigit() and len(value) < 10 else 0


def _prefill(kind: str, quote: str) -> dict[str, Any]:
    """The selected words in the field that names the finding."""
    plain = " ".join(quote.split())
    name = next(field.name for field in SPECS[kind] if field.form == "text")
    return {name: plain if len(plain) <= 60 else ""}


@handles_domain_errors
def accept_all(request: HttpRequest, pk: int) -> HttpResponse:
    """List exactly what will be accepted; accept exactly that list."""
    actor, document = document_for(request, pk, "review")
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in ItemKind.values:
        raise DomainError(_("Choose a tab first."))
    if request.method == "POST":
        count = review.accept_items(actor, document_id=document.pk, editions=_editions(request))
        response = htmx_redirect(request, f"{reverse('policy:review', args=[document.pk])}?tab={kind}")
        _tell(request, count)
        return response
    items = visible(actor, Item).filter(document=document, kind=kind, state=ItemState.PROPOSED).order_by("start", "pk")
    context = {
        "document": document,
        "kind": kind,
        "kind_label": ItemKind(kind).label,
        "cards": [card_of(item, editable=False) for item in items.defer("bigrams")],
    }
    return render(request, "policy/_accept_all.html" if is_htmx(request) else "policy/accept_all.html", context)


def _editions(request: HttpRequest) -> dict[int, int]:
    pairs = (value.partition(":") for value in request.POST.getlist("item"))
    return {int(pk): int(edition) for pk, _sep, edition in pairs if pk.isdigit() and edition.isdigit()}


def _tell(request: HttpRequest, count: int) -> None:
    messages.success(
        request, ngettext("{count} finding was accepted.", "{count} findings were accepted.", count).format(count=count)
    )

"""The first page: for a citizen who looks for ten seconds, and a clerk who comes twice a year."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kechuang.apps.policy.domain.queries.library import Wanted, counts, find_documents, find_items
from kechuang.apps.policy.interfaces.presentation import Sentence, figure
from kechuang.apps.policy.models import Item, ItemKind
from kechuang.kit.permissions import PUBLIC, Actor, actor_of
from kechuang.site.city import city

SHOWN = 5
# The word a visitor most likely comes with; each is a search of the library.
SUGGESTED = ("高新技术企业", "院士工作站", "科技型中小企业", "孵化器", "人才团队")


def home(request: HttpRequest) -> HttpResponse:
    """What is published, in figures that lead to their records."""
    here = city()
    actor = actor_of(request)
    numbers = counts(actor, Wanted())
    context = {
        "city": here,
        "numbers": numbers,
        "suggested": SUGGESTED,
        "documents": find_documents(actor, Wanted())[:SHOWN],
        "benefits": _benefits(actor),
        "is_staff": bool(actor.roles) and actor != PUBLIC,
    }
    return render(request, "site/home.html", context)


def _benefits(actor: Actor) -> list[dict[str, object]]:
    """The largest benefits, each with its figure in words and its sentence."""
    items = find_items(actor, Wanted(), ItemKind.BENEFIT).select_related("document")[:SHOWN]
    return [
        {
            "name": item.payload.get("beneficiary") or item.quote,
            "figure": figure(item.kind, item.payload),
            "form": item.payload.get("form"),
            "url": item.get_absolute_url(),
            "evidence": [_evidence(item)],
        }
        for item in items
    ]


def _evidence(item: Item) -> Sentence:
    document = item.document
    return Sentence(document.doc_number or document.title, item.get_absolute_url(), item.quote)

"""One search over everything that the person may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kechuang.kit.navigation import search as search_all
from kechuang.kit.permissions import actor_of

FIRST, ALL = 6, 100


def search(request: HttpRequest) -> HttpResponse:
    """Results grouped by source; ``in`` narrows to one source and shows more of it."""
    query, only = request.GET.get("q", "").strip()[:200], request.GET.get("in", "")
    groups = search_all(actor_of(request), query, ALL if only else FIRST, only)
    context = {"query": query, "only": only, "first": FIRST, "groups": groups}
    return render(request, "site/search.html", context)

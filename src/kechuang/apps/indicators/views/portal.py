"""What the public sees: the targets that documents published, and how far they are."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kechuang.apps.indicators.domain.queries.overview import cards_of, running_first
from kechuang.apps.indicators.domain.queries.standing import standing_of
from kechuang.apps.indicators.interfaces.panels import standing_context
from kechuang.apps.indicators.models import Target
from kechuang.kit.evidence import links_for
from kechuang.kit.permissions import PUBLIC, visible
from kechuang.kit.search import search

PAGE = 24
LIGHTS = tuple(Target.Light.choices)


def published() -> QuerySet[Target]:
    """The targets that everyone may see, whoever asks."""
    return visible(PUBLIC, Target).select_related("indicator", "region")


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """All published targets with their progress, those under way first."""
    rows = running_first(published(), timezone.localdate())
    query, light = request.GET.get("q", "").strip()[:100], request.GET.get("light", "")
    counts = {key: 0 for key, _label in LIGHTS}
    for key in published().order_by().values_list("light", flat=True):
        counts[key] += 1
    if query:
        rows = search(rows, query)
    if light in counts:
        rows = rows.filter(light=light)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": cards_of(list(page), PUBLIC),
        "query": query,
        "light": light,
        "lights": [(key, label, counts[key]) for key, label in LIGHTS if counts[key]],
        "total": sum(counts.values()),
    }
    return render(request, "indicators/progress.html", context)


@require_safe
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """One published target: its sentence, its figures, its line."""
    found = get_object_or_404(published(), pk=pk)
    standing = standing_of(found)
    context = standing_context(standing) | {"evidence": links_for(found, actor=PUBLIC)[found.pk]}
    return render(request, "indicators/public_target.html", context)

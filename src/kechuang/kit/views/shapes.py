"""Outlines for maps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from kechuang.kit import shapes as outlines

DAY = 86_400


@require_safe
def shapes(request: HttpRequest, code: str) -> JsonResponse:
    """The counties of a city as GeoJSON; public and kept by browsers for a day."""
    found = outlines.shapes(code) if len(code) == 6 and code.isdigit() else None
    if not found or not found["features"]:
        raise Http404
    return JsonResponse(found, headers={"Cache-Control": f"public, max-age={DAY}"})

"""The rows of a list as a spreadsheet: the same filter, the same rights."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for
from kechuang.kit.views.resources.listing import listing

CHUNK = 1000


@require_safe
@handles_domain_errors
def export(request: HttpRequest, resource: Resource, kind: str) -> HttpResponse:
    """Every row that the list with this query string has, over all its pages."""
    if kind not in ("xlsx", "csv"):
        raise Http404
    actor = actor_for(request, resource, "export")
    found = listing(request, resource, actor, resource.exported)
    rows = ([column.plain(obj) for column in found.columns] for obj in found.rows.iterator(CHUNK))
    return export_response(str(resource.plural), [column.title for column in found.columns], rows, kind)

"""Following a background job."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kechuang.kit.http import is_htmx
from kechuang.kit.models import Job
from kechuang.kit.permissions import actor_of, visible


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar of one job: as a page, or for htmx as the fragment that asks again until the job has ended.

    The fragment of an ended job raises the event ``kechuang:job-ended``, for pages that show what came out.
    """
    found = get_object_or_404(visible(actor_of(request), Job), pk=pk)
    if not is_htmx(request):
        return render(request, "kit/job/detail.html", {"job": found})
    response = render(request, "kit/job/progress.html", {"job": found})
    if found.is_finished:
        response["HX-Trigger"] = "kechuang:job-ended"
    return response

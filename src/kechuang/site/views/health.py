"""A question for load balancers and for whoever watches over the service."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SILENT_AFTER = 60
"""A worker writes a sign of life every ten seconds."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """503 where the database does not answer; a silent worker is told, but the pages work without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
                [SILENT_AFTER],
            )
            workers = cursor.fetchone()[0]
    except DatabaseError:
        return JsonResponse({"database": "unreachable", "worker": "unknown"}, status=503)
    return JsonResponse({"database": "ok", "worker": "ok" if workers else "silent"})

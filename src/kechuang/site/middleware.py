"""A number for every request, on the page where it failed and on every line of the log that it caused."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
current: ContextVar[str] = ContextVar("request_id", default="-")
logger = logging.getLogger("kechuang.request")


class RequestIdMiddleware:
    """Takes the number that the proxy in front gave, else makes one; logs each request with its time at level INFO."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        identity = given if GIVEN.fullmatch(given) else uuid.uuid4().hex[:16]
        current.set(identity)  # never taken back: Django logs a failed request after the last middleware has left
        started = time.perf_counter()
        response = self.get_response(request)
        response[HEADER] = identity
        milliseconds = (time.perf_counter() - started) * 1000
        logger.info("%s %s %s %.0f ms", request.method, request.path, response.status_code, milliseconds)
        return response


class RequestIdFilter(logging.Filter):
    """Gives log records the number of the request that they belong to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current.get()
        return True

"""The API's root: every app's router under one roof, in the same scope as the pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI

from kechuang import __version__
from kechuang.kit.errors import DomainError, Refused, Stale

ROUTERS = {
    "/cultivation": "kechuang.apps.cultivation.api.router",
    "/directory": "kechuang.apps.directory.api.router",
    "/indicators": "kechuang.apps.indicators.api.router",
    "/policy": "kechuang.apps.policy.api.router",
    "/supervision": "kechuang.apps.supervision.api.router",
}

api = NinjaAPI(title="Kechuang", version=__version__, description="Documents, ledger and targets with their evidence.")
for prefix, dotted in ROUTERS.items():
    api.add_router(prefix, import_string(dotted))


@api.exception_handler(DomainError)
def refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A domain error in words, with the field at fault where there is one."""
    status = 403 if isinstance(error, Refused) else 409 if isinstance(error, Stale) else 422
    return api.create_response(request, {"detail": error.message, "field": error.field}, status=status)

"""Pages for what went wrong: what happened in plain words, and the next step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from kechuang.site.middleware import current


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: something in the address or the form that no page of ours sends."""
    return _problem(
        request,
        400,
        _("The server could not understand this request"),
        _("Go back, reload the page and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: asked for by a person who may not."""
    return _problem(
        request,
        403,
        _("You may not open this page"),
        _("Sign in with an account that may, or ask the platform administrator for the role that you need."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here, or nothing that this person may see; the two look alike on purpose."""
    return _problem(
        request,
        404,
        _("There is no such page"),
        _("It may have moved, or you may have to sign in to see it. Check the address, or use the search."),
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose protection does not match: most often the session ended meanwhile."""
    return _problem(
        request,
        403,
        _("Your session has ended"),
        _("Nothing was saved. Go back, copy what you typed, reload the page and send it again."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: without the database, the person or anything else that may be what broke."""
    return HttpResponse(render_to_string("500.html", {"identity": current.get()}), status=500)


def _problem(request: HttpRequest, status: int, heading: str, message: str) -> HttpResponse:
    return render(request, "kit/problem.html", {"heading": heading, "message": message}, status=status)

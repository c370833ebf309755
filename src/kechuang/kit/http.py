"""Where domain errors become HTTP: the only place that knows both."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from kechuang.kit.errors import DomainError, Refused, Stale

View = TypeVar("View", bound=Callable[..., HttpResponse])


def handles_domain_errors(view: View) -> View:
    """Decorate a view: what its domain verbs refuse becomes a page, a notice, or a toast for htmx.

    Refused → sign in (the public) or a 403 page with the reason. Stale → 409, anything else → 422; on an ordinary form
    post the person goes back to where they came from and reads the message there.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            return respond_to(request, error)

    return wrapped  # type: ignore[return-value]


def respond_to(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The response for a domain error that nothing else dealt with."""
    status = 403 if isinstance(error, Refused) else 409 if isinstance(error, Stale) else 422
    if is_htmx(request):
        return toast(HttpResponse(status=status), error.message, "error")
    if isinstance(error, Refused):
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
    elif request.method == "POST" and (back := safe_url(request, request.headers.get("referer", ""))):
        messages.error(request, error.message)
        return HttpResponseRedirect(back)
    titles = {
        403: _("You may not open this page"),
        409: _("Someone else was faster"),
        422: _("This is not possible yet"),
    }
    return render(request, "kit/problem.html", {"heading": titles[status], "message": error.message}, status=status)


@contextmanager
def form_errors(form: BaseForm) -> Iterator[None]:
    """Run a domain verb inside: its error lands at the field it names, else at the top of the form.

    After the block, ``form.is_valid()`` (or ``form.errors``) tells whether the verb went through. Refused passes on.
    """
    try:
        yield
    except Refused:
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)


def is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]


def toast(response: HttpResponse, message: str, level: str = "success") -> HttpResponse:
    """Have the page show a message after an htmx swap (level: success, info, warning, error)."""
    response["HX-Trigger"] = json.dumps({"kechuang:toast": {"message": str(message), "level": level}})
    if response.status_code >= 400:
        response["HX-Reswap"] = "none"
    return response


def htmx_redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Go to ``url``, also when htmx asked."""
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def safe_url(request: HttpRequest, url: str, default: str = "") -> str:
    """``url`` where it leads to this site, else ``default``."""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and safe else default

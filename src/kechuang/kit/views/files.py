"""Downloads."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kechuang.kit.models import StoredFile
from kechuang.kit.permissions import actor_of, visible


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file under its own name, always as a download: nothing uploaded is ever shown as a page of this site."""
    stored = visible(actor_of(request), StoredFile).filter(pk=pk).first()
    if stored is None:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        raise Http404(_("There is no such file, or it is not yours to see."))
    try:
        content = stored.file.open("rb")
    except FileNotFoundError:
        raise Http404(_("The file is no longer in the store. Tell the platform administrator.")) from None
    response = FileResponse(content, as_attachment=True, filename=stored.name, content_type=stored.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response

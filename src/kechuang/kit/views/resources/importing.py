"""Importing a spreadsheet: upload, look at what it would do, write."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kechuang.kit.errors import DomainError
from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.importing import Importer, Report, Sheet, read_sheet
from kechuang.kit.permissions import Actor
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for
from kechuang.kit.views.resources.editing import get_or_post

SIZE_LIMIT = 10 * 1024 * 1024
SHOWN = 200


def importer_for(resource: Resource, actor: Actor) -> Importer:
    if resource.importer is None:
        raise Http404
    return resource.importer(resource, actor)


@get_or_post
@handles_domain_errors
def upload(request: HttpRequest, resource: Resource) -> HttpResponse:
    """Take the file, read it, keep it until it is looked at."""
    actor = actor_for(request, resource, "import")
    importer = importer_for(resource, actor)
    problem = ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(resource.url("import-check", None, keep(request, read_upload(request))))
        except DomainError as error:
            problem = error.message
    hints = [(importer.header(n), f.required, importer.hint(n)) for n, f in importer.fields.items()]
    context = {
        "resource": resource,
        "importer": importer,
        "hints": hints,
        "problem": problem,
        "list_url": resource.url("list"),
        "template_url": resource.url("import-template"),
        "base_template": resource.base_template,
    }
    return render(request, "kit/resource/import.html", context, status=422 if problem else 200)


def read_upload(request: HttpRequest) -> Sheet:
    file = request.FILES.get("file")
    if file is None:
        raise DomainError(_("Choose a file first."), field="file")
    if (file.size or 0) > SIZE_LIMIT:
        raise DomainError(_("The file is larger than 10 MB. Split it."), field="file")
    return read_sheet(file.read(), file.name or "")


@get_or_post
@handles_domain_errors
def check(request: HttpRequest, resource: Resource, token: str) -> HttpResponse:
    """Show what the file would do; write it when told to, all of it or only the good rows."""
    actor = actor_for(request, resource, "import")
    importer = importer_for(resource, actor)
    report = importer.check(fetch(request, token))
    only_good = request.POST.get("rows") == "good"
    if request.method == "POST" and report.good and (only_good or not report.mistakes):
        added, changed = importer.write(report.good)
        default_storage.delete(path_of(request, token))
        text = _("Import done: %(added)s added, %(changed)s changed, %(same)s already the same, %(wrong)s left out.")
        counts = {"same": report.count("same"), "wrong": report.count("wrong")}
        messages.success(request, text % {"added": added, "changed": changed, **counts})
        return HttpResponseRedirect(resource.url("list"))
    return render(request, "kit/resource/import_check.html", check_context(resource, report))


def check_context(resource: Resource, report: Report) -> dict[str, Any]:
    return {
        "resource": resource,
        "report": report,
        "counts": {step: report.count(step) for step in ("add", "change", "same", "wrong")},
        "mistakes": report.mistakes[:SHOWN],
        "more_mistakes": max(0, len(report.mistakes) - SHOWN),
        "good": report.good[:SHOWN],
        "more_good": max(0, len(report.good) - SHOWN),
        "list_url": resource.url("list"),
        "upload_url": resource.url("import"),
        "base_template": resource.base_template,
    }


@require_safe
@handles_domain_errors
def template(request: HttpRequest, resource: Resource) -> HttpResponse:
    """An empty workbook with the right headers."""
    actor = actor_for(request, resource, "import")
    headers = importer_for(resource, actor).template_headers()
    name = _("%(plural)s template") % {"plural": resource.plural}
    return export_response(name, headers, [], "xlsx")


# A sheet waits in the storage between the two pages; its name is signed and belongs to the one who uploaded it.


def keep(request: HttpRequest, sheet: Sheet) -> str:
    token = Signer(salt="import").sign(uuid.uuid4().hex)
    text = json.dumps({"headers": sheet.headers, "rows": sheet.rows}, default=str, ensure_ascii=False)
    default_storage.save(path_of(request, token), ContentFile(text.encode()))
    return token


def fetch(request: HttpRequest, token: str) -> Sheet:
    path = path_of(request, token)
    if not default_storage.exists(path):
        raise DomainError(_("This import is finished or too old. Upload the file again."))
    with default_storage.open(path) as file:
        data = json.loads(file.read())
    return Sheet(tuple(data["headers"]), tuple((number, tuple(cells)) for number, cells in data["rows"]))


def path_of(request: HttpRequest, token: str) -> str:
    try:
        name = Signer(salt="import").unsign(token)
    except BadSignature as error:
        raise Http404 from error
    return f"imports/{request.user.pk}/{name}.json"

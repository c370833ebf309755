"""Importing a spreadsheet: upload, look at what it would do, write. Big ones go through the background."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kechuang.kit import import_store as store
from kechuang.kit import import_tasks, jobs
from kechuang.kit.errors import DomainError
from kechuang.kit.exporting import export_response
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.importing import Importer, Sheet, read_sheet
from kechuang.kit.permissions import Actor
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for
from kechuang.kit.views.resources.editing import get_or_post

SIZE_LIMIT = 10 * 1024 * 1024
AT_ONCE = 500
"""Rows that a page checks and writes while the person waits; more are a job."""


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
            return receive(request, resource, actor, read_upload(request))
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


def receive(request: HttpRequest, resource: Resource, actor: Actor, sheet: Sheet) -> HttpResponse:
    """Keep the sheet; go to its check, or to the job that checks it."""
    token = Signer(salt="import").sign(uuid.uuid4().hex)
    path, page = path_of(request, token), resource.url("import-check", None, token)
    store.keep_sheet(path, sheet)
    if len(sheet.rows) <= AT_ONCE:
        return HttpResponseRedirect(page)
    label = _("Checking the import: %(plural)s") % {"plural": resource.plural}
    return in_background(import_tasks.check_import, actor, label, resource, path, page)


def in_background(task: Any, actor: Actor, label: str, resource: Resource, path: str, page: str) -> HttpResponse:
    ids: dict[str, Any] = {"resource": resource.key, "path": path, "user_id": actor.user_id, "page": page}
    return HttpResponseRedirect(jobs.start(actor, task, label=label, **ids).get_absolute_url())


@get_or_post
@handles_domain_errors
def check(request: HttpRequest, resource: Resource, token: str) -> HttpResponse:
    """Show what the file would do; write it when told to, all of it or only the good rows."""
    actor = actor_for(request, resource, "import")
    importer = importer_for(resource, actor)
    path = path_of(request, token)
    sheet = store.sheet_at(path)
    checked = None if len(sheet.rows) > AT_ONCE else importer.check(sheet)
    summary = store.summary_of(checked) if checked is not None else store.summary_at(path)
    if summary is None:
        raise DomainError(_("The file is still being checked: the bell will tell you when it is done."))
    wanted = request.method == "POST" and summary.good_total
    if wanted and (request.POST.get("rows") == "good" or not summary.mistakes_total):
        if checked is None:
            label = _("Writing the import: %(plural)s") % {"plural": resource.plural}
            return in_background(import_tasks.write_import, actor, label, resource, path, resource.url("list"))
        added, changed = importer.write(checked.good)
        store.forget(path)
        text = _("Import done: %(added)s added, %(changed)s changed, %(same)s already the same, %(wrong)s left out.")
        messages.success(request, text % {**summary.counts, "added": added, "changed": changed})
        return HttpResponseRedirect(resource.url("list"))
    context = {
        "resource": resource,
        "report": summary,
        "counts": summary.counts,
        "more_mistakes": summary.mistakes_total - len(summary.mistakes),
        "more_good": summary.good_total - len(summary.good),
        "list_url": resource.url("list"),
        "upload_url": resource.url("import"),
        "base_template": resource.base_template,
    }
    return render(request, "kit/resource/import_check.html", context)


@require_safe
@handles_domain_errors
def template(request: HttpRequest, resource: Resource) -> HttpResponse:
    """An empty workbook with the right headers."""
    actor = actor_for(request, resource, "import")
    headers = importer_for(resource, actor).template_headers()
    name = _("%(plural)s template") % {"plural": resource.plural}
    return export_response(name, headers, [], "xlsx")


def path_of(request: HttpRequest, token: str) -> str:
    """Where the sheet of a signed token waits; each person has a folder of their own."""
    try:
        name = Signer(salt="import").unsign(token)
    except BadSignature as error:
        raise Http404 from error
    return f"imports/{request.user.pk}/{name}.json"

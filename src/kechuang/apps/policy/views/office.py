"""The officer's pages: uploading, reviewing and publishing documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.policy.domain import documents, publication
from kechuang.apps.policy.domain.queries.documents import (
    passages_of,
    running_job,
    upload_regions,
    waiting_documents,
)
from kechuang.apps.policy.domain.queries.progress import obstacles, progress_of, progress_of_each
from kechuang.apps.policy.domain.queries.reading import Span, layout, parse_span
from kechuang.apps.policy.domain.replacement import restatement_of
from kechuang.apps.policy.interfaces.cards import review_tabs
from kechuang.apps.policy.interfaces.forms import MetadataForm, ReasonForm, RepealForm, UploadForm
from kechuang.apps.policy.models import Document, DocumentState, ItemKind
from kechuang.kit.errors import DomainError
from kechuang.kit.http import form_errors, handles_domain_errors, htmx_redirect, is_htmx
from kechuang.kit.models import Job
from kechuang.kit.permissions import Actor, actor_of, authorise, can, visible


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of one uploaded file."""

    name: str
    document: Document | None = None
    job: Job | None = None
    error: str = ""
    known: bool = False


def document_for(request: HttpRequest, pk: int, action: str) -> tuple[Actor, Document]:
    """The actor and the document, after asking whether the one may do ``action`` with the other."""
    actor = actor_of(request)
    authorise(actor, action, Document)
    rows = visible(actor, Document).select_related("region", "file", "supersedes", "uploaded_by")
    document = get_object_or_404(rows, pk=pk)
    authorise(actor, action, document)
    return actor, document


@handles_domain_errors
def upload(request: HttpRequest) -> HttpResponse:
    """Several files at once; each is stored and queued for reading, or told why not."""
    actor = actor_of(request)
    authorise(actor, "add", Document)
    form = UploadForm(request.POST or None, regions=upload_regions(actor))
    done: list[Uploaded] = []
    if request.method == "POST" and form.is_valid():
        files = request.FILES.getlist("files")
        done = [_take(actor, file, form.cleaned_data["region"]) for file in files]
        if not files:
            done = [Uploaded("", error=_("Choose at least one file."))]
        if is_htmx(request):
            return render(request, "policy/_uploaded.html", {"done": done})
    waiting = list(waiting_documents(actor)[:50])
    progress = progress_of_each(waiting)
    rows = [(document, progress[document.pk].whole) for document in waiting]
    return render(request, "policy/upload.html", {"form": form, "done": done, "rows": rows})


def _take(actor: Actor, file: UploadedFile[Any], region: Any) -> Uploaded:
    name = file.name or ""
    try:
        document = documents.upload_document(actor, upload=file, region=region)
        return Uploaded(name, document, documents.read_later(actor, document_id=document.pk))
    except documents.AlreadyThere as there:
        return Uploaded(name, there.document, error=there.message, known=True)
    except DomainError as error:
        return Uploaded(name, error=error.message)


@require_safe
@handles_domain_errors
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The text at the left, what was found at the right."""
    actor, document = document_for(request, pk, "history")
    job = running_job(actor, document)
    if not document.text:
        return render(request, "policy/reading_job.html", {"document": document, "job": job})
    tabs = review_tabs(actor, document)
    spans = [Span(card.item.pk, card.item.kind, card.item.start, card.item.end) for tab in tabs for card in tab.cards]
    at = parse_span(request.GET.get("at", ""), len(document.text))
    blocks = layout(document.text, passages_of(document), spans, at, document.title)
    missing = obstacles(document) if document.under_review else []
    context = {
        "document": document,
        "job": job,
        "tabs": tabs,
        "blocks": blocks,
        "progress": progress_of(document),
        "missing": missing,
        "editable": document.under_review and bool(can(actor, "review", document)),
        "may_publish": bool(can(actor, "publish", document)),
    }
    return render(request, "policy/review.html", context)


@require_POST
@handles_domain_errors
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try once more to read a file that could not be read."""
    actor, document = document_for(request, pk, "change")
    documents.read_later(actor, document_id=document.pk)
    return redirect("policy:review", pk)


@handles_domain_errors
def metadata(request: HttpRequest, pk: int) -> HttpResponse:
    """Title, number, issuers, dates, filing."""
    actor, document = document_for(request, pk, "change")
    form = MetadataForm(request.POST or None, instance=document, actor=actor)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            documents.correct_metadata(actor, document_id=document.pk, **form.changes)
        if not form.errors:
            messages.success(request, _("What you entered about the document is saved."))
            return htmx_redirect(request, _review_url(document))
    template = "policy/_metadata.html" if is_htmx(request) else "policy/metadata.html"
    return render(request, template, {"document": document, "form": form})


@handles_domain_errors
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what publishing will do; on confirmation a job does it."""
    from kechuang.apps.policy.tasks import publish_document_task
    from kechuang.kit.jobs import start

    actor, document = document_for(request, pk, "publish")
    missing = obstacles(document)
    if request.method == "POST":
        if missing:
            raise DomainError(" ".join(missing))
        start(
            actor,
            publish_document_task,
            label=_("Publishing “{document}”").format(document=document),
            subject=document,
            document_id=document.pk,
            revision=document.revision + 1,
            note=request.POST.get("note", "")[:500],
        )
        return htmx_redirect(request, _review_url(document))
    context = {
        "document": document,
        "missing": missing,
        "progress": progress_of(document),
        "restatement": _restatement(document),
    }
    template = "policy/_publish.html" if is_htmx(request) else "policy/publish.html"
    return render(request, template, context)


def _restatement(document: Document) -> Document | None:
    from django.db import transaction

    with transaction.atomic():
        return restatement_of(document)


@handles_domain_errors
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was published."""
    actor, document = document_for(request, pk, "reopen")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        publication.reopen_document(actor, document_id=document.pk, reason=form.cleaned_data["reason"])
        messages.info(request, _("The document is open for correction. Readers keep the published state meanwhile."))
        return redirect(_review_url(document))
    context = {
        "document": document,
        "form": form,
        "heading": _("Reopen for correction"),
        "explanation": _("Readers and the ledger keep the published state until you publish again."),
        "button": _("Reopen"),
    }
    return render(request, "policy/reason.html", context)


@handles_domain_errors
def repeal(request: HttpRequest, pk: int) -> HttpResponse:
    """废止."""
    actor, document = document_for(request, pk, "repeal")
    form = RepealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            publication.repeal_document(actor, document_id=document.pk, **form.cleaned_data)
        if not form.errors:
            messages.success(request, _("The document is marked as repealed; what rested on it is withdrawn."))
            return redirect(document.get_absolute_url())
    context = {
        "document": document,
        "form": form,
        "heading": _("Repeal the document"),
        "explanation": _(
            "It stays readable, marked as repealed. Tasks, targets and benefits are withdrawn. This cannot be undone."
        ),
        "button": _("Repeal"),
        "danger": True,
    }
    return render(request, "policy/reason.html", context)


@handles_domain_errors
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw away a document that was never published."""
    actor, document = document_for(request, pk, "delete")
    if request.method == "POST":
        name = str(document)
        documents.discard_document(actor, document_id=document.pk)
        messages.success(request, _("“{document}” is deleted.").format(document=name))
        return redirect("policy:upload")
    return render(request, "policy/discard.html", {"document": document})


@require_safe
@handles_domain_errors
def replacement_report(request: HttpRequest, pk: int) -> HttpResponse:
    """What found its place in the original, and what did not."""
    _actor, document = document_for(request, pk, "history")
    report = document.replacement_report
    labels = dict(ItemKind.choices)
    for row in [*report["only_restatement"], *report["only_original"]] if report else []:
        row["kind_label"] = labels.get(row["kind"], row["kind"])
    return render(request, "policy/report.html", {"document": document, "report": report})


def _review_url(document: Document) -> str:
    from django.urls import reverse

    name = "policy:review" if document.state != DocumentState.REPEALED else "policy:document"
    return reverse(name, args=[document.pk])

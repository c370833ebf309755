"""Background work of the policy app: ids in, the domain does it; doing it twice does no harm."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import User
from kechuang.apps.policy.domain import conflicts, extraction, publication
from kechuang.apps.policy.models import Document, DocumentState
from kechuang.kit.errors import DomainError
from kechuang.kit.jobs import Tracker, progress
from kechuang.kit.models import Job
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM, Actor


def _steps(tracker: Tracker) -> extraction.Step:
    """Tell the waiting person how far a domain function is."""

    def step(done: int, total: int, message: str) -> None:
        if tracker.job.total != total:
            tracker.total(total, message)
        tracker.advance(done - tracker.job.done, message)

    return step


def _owner(job: Job) -> Actor:
    """The person who started the job, with what is granted to them now."""
    user = User.objects.filter(pk=job.owner_id).first() if job.owner_id else None
    return actor_for(user) if user is not None else SYSTEM


@app.task(name="policy.read_document")
def read_document_task(job_id: int, document_id: int) -> None:
    """Read an uploaded document; the job leads to its review."""
    with progress(job_id) as tracker:
        document = extraction.extract_document(document_id=document_id, step=_steps(tracker))
        tracker.result(reverse("policy:review", args=[document.pk]))
        if document.state == DocumentState.FAILED:
            raise DomainError(document.state_note)
        if tracker.job.owner_id:
            notify(
                [tracker.job.owner_id],
                _("“{document}” has been read and waits for your review.").format(document=document),
                reverse("policy:review", args=[document.pk]),
                "policy.read",
                document,
                dedupe_key=f"policy.read:{document.pk}",
            )


@app.task(name="policy.publish_document")
def publish_document_task(job_id: int, document_id: int, revision: int, note: str = "") -> None:
    """Publish a document as its ``revision``; where that exists already there is nothing left to do."""
    with progress(job_id) as tracker:
        document = Document.objects.get(pk=document_id)
        tracker.result(reverse("policy:document", args=[document_id]))
        if document.revision >= revision:
            return
        publication.publish_document(_owner(tracker.job), document_id=document_id, note=note, step=extraction.silent)


@app.task(name="policy.find_conflicts")
def find_conflicts_task(document_id: int) -> None:
    """Hold a document against the others of its region."""
    conflicts.find_conflicts(document_id=document_id)

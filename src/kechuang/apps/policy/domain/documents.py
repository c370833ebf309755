"""Bringing documents in, saying what they are, and throwing away what should not have come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.indexing import index_document
from kechuang.apps.policy.domain.queries.vocabulary import beneficiary_classes
from kechuang.apps.policy.models import MAY_BE_ABSENT, Document, DocumentState
from kechuang.apps.policy.permissions import officer_of
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.files import Upload, store
from kechuang.kit.jobs import start
from kechuang.kit.models import Job
from kechuang.kit.packs.installed import industry_names
from kechuang.kit.permissions import Actor, authorise

ALLOWED = ("docx", "pdf", "html", "txt")
METADATA = (
    "title",
    "doc_number",
    "issuers",
    "issued_on",
    "effective_from",
    "effective_until",
    "kind",
    "industries",
    "beneficiaries",
    "keywords",
    "absent",
    "supersedes",
)


class AlreadyThere(DomainError):
    """The same file was uploaded before; ``document`` is where it lives."""

    def __init__(self, document: Document) -> None:
        super().__init__(
            _("This file is in the library already: “{document}”.").format(document=document), field="file"
        )
        self.document = document


@transaction.atomic
def upload_document(actor: Actor, *, upload: Upload, region: Region, **given: Any) -> Document:
    """Store an uploaded file as a new document. Reading it is queued with :func:`read_later`.

    ``given`` is metadata known beforehand; whatever it leaves open is read from the text. Raises AlreadyThere for a
    file that this region has.
    """
    authorise(actor, "add", Document)
    if not actor.is_system and not officer_of(actor, Document(region=region)):
        raise Refused(_("You upload documents for your own region only."))
    file = store(upload, actor=actor, allowed=ALLOWED)
    if known := Document.objects.filter(region=region, sha256=file.sha256).first():
        raise AlreadyThere(known)
    document = Document(
        region=region, file=file, sha256=file.sha256, uploaded_by_id=actor.user_id, **_checked(given, region)
    )
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError:  # two people upload the same file at the same moment
        known = Document.objects.filter(region=region, sha256=file.sha256).first()
        if known is None:
            raise
        raise AlreadyThere(known) from None
    return document


@transaction.atomic
def read_later(actor: Actor, *, document_id: int) -> Job:
    """Queue the reading of a document that was uploaded, or that could not be read before."""
    from kechuang.apps.policy.tasks import read_document_task

    document = Document.objects.select_for_update(of=("self",)).select_related("region").get(pk=document_id)
    authorise(actor, "change", document)
    if document.state not in (DocumentState.UPLOADED, DocumentState.FAILED, DocumentState.EXTRACTING):
        raise DomainError(_("This document has been read already."))
    label = _("Reading “{document}”").format(document=document)
    return start(actor, read_document_task, label=label, subject=document, document_id=document.pk)


@transaction.atomic
def correct_metadata(actor: Actor, *, document_id: int, **changes: Any) -> Document:
    """Say what the document is: title, number, issuers, dates, and how it is filed."""
    document = Document.objects.select_for_update(of=("self",)).select_related("region", "file").get(pk=document_id)
    authorise(actor, "change", document)
    if not document.under_review:
        raise DomainError(_("Reopen the document first: only documents in review can be corrected."))
    for name, value in _checked(changes, document.region).items():
        setattr(document, name, value)
    for name in list(document.absent):
        if getattr(document, name):
            document.absent.remove(name)
    index_document(document)
    document.save()
    return document


@transaction.atomic
def discard_document(actor: Actor, *, document_id: int) -> None:
    """Delete a document that was never published; what was published is repealed instead."""
    document = Document.objects.select_for_update(of=("self",)).select_related("region").get(pk=document_id)
    authorise(actor, "delete", document)
    if document.published_at is not None:
        raise DomainError(_("A published document is never deleted. Repeal it instead."))
    if document.state == DocumentState.EXTRACTING:
        raise DomainError(_("It is being read at this moment. Wait until that is finished."))
    document.delete()


def _checked(changes: Mapping[str, Any], region: Region) -> dict[str, Any]:
    unknown = set(changes) - {*METADATA, "is_restatement", "synthetic"}
    if unknown:
        raise ValueError(f"not metadata of a document: {', '.join(sorted(unknown))}")
    values = dict(changes)
    for name, known in (("industries", industry_names()), ("beneficiaries", beneficiary_classes())):
        wrong = set(values.get(name, ())) - set(known)
        if wrong:
            raise DomainError(_("“{value}” is not on the list.").format(value=sorted(wrong)[0]), field=name)
    if "absent" in values:
        values["absent"] = [name for name in values["absent"] if name in MAY_BE_ABSENT]
    _check_dates(values)
    _check_supersedes(values.get("supersedes"), region)
    return values


def _check_dates(values: Mapping[str, Any]) -> None:
    begins, ends = values.get("effective_from"), values.get("effective_until")
    if begins and ends and ends < begins:
        raise DomainError(_("It cannot end before it begins."), field="effective_until")
    issued = values.get("issued_on")
    if issued and not date(1949, 10, 1) <= issued <= date(2100, 1, 1):
        raise DomainError(_("Look at the year again."), field="issued_on")


def _check_supersedes(old: Document | None, region: Region) -> None:
    if old is None:
        return
    if old.region_id != region.pk or old.published_at is None:
        raise DomainError(_("Choose a published document of the same region."), field="supersedes")

"""The pack's documents, loaded through the same path as any upload: stored, read, accepted, published."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.documents import AlreadyThere, upload_document
from kechuang.apps.policy.domain.extraction import extract_document
from kechuang.apps.policy.domain.links import fold_number, fold_title
from kechuang.apps.policy.domain.publication import publish_document
from kechuang.apps.policy.domain.review import accept_items
from kechuang.apps.policy.models import Document, DocumentState, Item, ItemState
from kechuang.kit.errors import DomainError
from kechuang.kit.loading import pack_loader
from kechuang.kit.packs import Document as PackDocument
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor


@pack_loader(order=30, label=gettext_lazy("Policy documents"))
def load_documents(pack: Pack, actor: Actor) -> None:
    """Load every document of the pack; one that is there, or whose original is there, is left alone."""
    for entry in sorted(pack.documents, key=lambda entry: (entry.date is None, entry.date, entry.slug)):
        load_document(entry, actor)


def load_document(entry: PackDocument, actor: Actor) -> Document | None:
    """One document from file to publication; None where its original is in the library already."""
    region = Region.objects.get(code=entry.region)
    if _has_original(entry, region):
        return None
    try:
        document = upload_document(actor, upload=_file(entry), region=region, **_metadata(entry))
    except AlreadyThere as known:
        document = known.document
    extract_document(document_id=document.pk)
    document.refresh_from_db()
    if document.state == DocumentState.FAILED:
        raise DomainError(f"{entry.slug}: {document.state_note}")
    if document.state == DocumentState.IN_REVIEW:
        _accept_and_publish(document, actor)
        document.refresh_from_db()
    return document


@transaction.atomic
def _accept_and_publish(document: Document, actor: Actor) -> None:
    editions = dict(Item.objects.filter(document=document, state=ItemState.PROPOSED).values_list("pk", "edition"))
    note = (
        _("restatement of the pack, accepted as it was found") if document.is_restatement else _("loaded from the pack")
    )
    accept_items(actor, document_id=document.pk, editions=editions, note=note)
    publish_document(actor, document_id=document.pk, note=note)


def _file(entry: PackDocument) -> ContentFile[bytes]:
    return ContentFile(entry.read_bytes(), name=f"{entry.slug}.txt")


def _metadata(entry: PackDocument) -> dict[str, Any]:
    missing = {"doc_number": entry.doc_number, "issued_on": entry.date}
    return {
        "title": entry.title,
        "doc_number": entry.doc_number or "",
        "issuers": list(entry.issuers),
        "issued_on": entry.date,
        "effective_until": entry.effective_until,
        "kind": entry.kind,
        "industries": list(entry.industries),
        "beneficiaries": list(entry.beneficiaries),
        "keywords": list(entry.keywords),
        "absent": [name for name, value in missing.items() if value is None],
        "is_restatement": entry.is_restatement,
        "synthetic": entry.is_restatement,
    }


def _has_original(entry: PackDocument, region: Region) -> bool:
    originals = Document.objects.filter(region=region, is_restatement=False, published_at__isnull=False)
    number, title = fold_number(entry.doc_number or ""), fold_title(entry.title)
    return any(
        (number and fold_number(known.doc_number) == number) or (not number and fold_title(known.title) == title)
        for known in originals.only("doc_number", "title")
    )

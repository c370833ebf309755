"""The documents of the pack, loaded as any upload: stored, read, accepted, published; and its rules."""

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
from kechuang.apps.policy.domain.rules import keep_formula, keep_rule
from kechuang.apps.policy.models import Document, DocumentState, Item, ItemState
from kechuang.kit.errors import DomainError
from kechuang.kit.loading import pack_loader
from kechuang.kit.packs import Document as PackDocument
from kechuang.kit.packs import Pack, load_pack
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


@pack_loader(order=36, label=gettext_lazy("Policy rules"))
def load_rules(pack: Pack, actor: Actor) -> None:
    """Formulas and rules of the pack, published; what comes from a pack above belongs to the region of that pack."""
    above = {name: load_pack(name) for name in pack.extends}
    codes = {pack.region, *(parent.region for parent in above.values())}
    regions = {region.code: region for region in Region.objects.filter(code__in=codes)}
    for order, figure in enumerate(pack.derived):
        region = next((each.region for each in above.values() if figure in each.derived), pack.region)
        keep_formula(
            actor,
            region=regions[region],
            code=figure.code,
            name=figure.name,
            name_en=figure.name_en,
            unit=figure.unit,
            expression=figure.expression,
            order=order,
            check_again=(figure.check or "")[:500],
        )
    documents = {entry.slug: document_of(entry) for entry in pack.documents}
    for rule in pack.rules:
        region = next((each.region for each in above.values() if rule in each.rules), pack.region)
        keep_rule(actor, region=regions[region], definition=rule.raw, document=documents.get(rule.source.document))


def document_of(entry: PackDocument) -> Document | None:
    """The document of the library that a pack's entry became: the original where it is there, else the restatement."""
    rows = Document.objects.filter(region__code=entry.region, published_at__isnull=False)
    number, title = fold_number(entry.doc_number or ""), fold_title(entry.title)
    alike = [
        row
        for row in rows.defer("bigrams").order_by("is_restatement", "-version", "-pk")
        if (number and fold_number(row.doc_number) == number) or (not number and fold_title(row.title) == title)
    ]
    return next(iter(alike), None)

"""Links between documents: published references, resolved as soon as the other document is in the library."""

from __future__ import annotations

import re

from django.db.models import Q

from kechuang.apps.policy.models import Document, DocumentLink, ItemKind, Relation
from kechuang.kit.packs import fold

_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "[": "(", "]": ")", "【": "(", "】": ")", "（": "(", "）": ")"})


def fold_number(number: str) -> str:
    """A document number as it is compared: brackets and blanks of every kind alike."""
    return re.sub(r"\s+", "", fold(number)).translate(_BRACKETS)


def fold_title(title: str) -> str:
    """A title as it is compared: without issuer's 关于印发 frame, brackets, quotation marks and blanks."""
    inner = re.search(r"印发[《“]?(.+?)[》”]?的通知$", title)
    return re.sub(r"[\s《》“”\"'()（）]", "", fold(inner[1] if inner else title))


def publish_links(document: Document) -> None:
    """Make the document's links from its published references, and lead others' links here."""
    references = list(document.items.filter(kind=ItemKind.REFERENCE, published__isnull=False))
    DocumentLink.objects.filter(source=document).exclude(item__in=references).delete()
    library = _Library(document)
    links = []
    for item in references:
        content = item.published or {}
        title, number = (content.get("title") or "")[:300], (content.get("doc_number") or "")[:60]
        links.append(
            DocumentLink(
                item=item,
                source=document,
                target=library.find(number, title),
                relation=content.get("relation") or Relation.CITES,
                title=title,
                doc_number=number,
                synthetic=document.synthetic,
            )
        )
    DocumentLink.objects.bulk_create(
        links,
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=["target", "relation", "title", "doc_number", "updated_at"],
    )
    _resolve_waiting(document)


def _resolve_waiting(document: Document) -> None:
    """Links of earlier documents that waited for this one."""
    number, title = fold_number(document.doc_number), fold_title(document.title)
    waiting = DocumentLink.objects.filter(target__isnull=True).exclude(source=document)
    found = [
        link.pk
        for link in waiting.only("doc_number", "title")
        if (number and fold_number(link.doc_number) == number)
        or (not link.doc_number and title and fold_title(link.title) == title)
    ]
    DocumentLink.objects.filter(pk__in=found).update(target=document)


class _Library:
    """Public documents by number and title, read once."""

    def __init__(self, document: Document) -> None:
        self.numbers: dict[str, Document] = {}
        self.titles: dict[str, Document] = {}
        rows = Document.objects.exclude(pk=document.pk).filter(published_at__isnull=False, superseded_by__isnull=True)
        for other in rows.filter(Q(doc_number__gt="") | Q(title__gt="")).only("doc_number", "title").order_by("pk"):
            if other.doc_number:
                self.numbers[fold_number(other.doc_number)] = other
            self.titles[fold_title(other.title)] = other

    def find(self, number: str, title: str) -> Document | None:
        if number:
            return self.numbers.get(fold_number(number))
        return self.titles.get(fold_title(title)) if title else None

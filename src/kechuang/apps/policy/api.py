"""Documents and findings over the API: what is published for everyone, drafts for the staff of their region."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.pagination import paginate

from kechuang.apps.policy.domain.queries.documents import passages_of
from kechuang.apps.policy.models import Document, Item, ItemKind
from kechuang.kit.permissions import actor_of, visible
from kechuang.kit.search import search

router = Router(tags=["policy"])


class DocumentOut(Schema):
    id: int
    title: str
    doc_number: str
    issuers: list[str]
    issued_on: date | None
    effective_from: date | None
    effective_until: date | None
    region: str
    kind: str
    state: str
    is_restatement: bool
    industries: list[str]
    beneficiaries: list[str]
    keywords: list[str]
    superseded_by: int | None = None
    url: str

    @staticmethod
    def resolve_region(document: Document) -> str:
        return document.region.code

    @staticmethod
    def resolve_superseded_by(document: Document) -> int | None:
        newer = getattr(document, "superseded_by", None)
        return newer.pk if newer is not None else None

    @staticmethod
    def resolve_url(document: Document) -> str:
        return document.get_absolute_url()


class PassageOut(Schema):
    seq: int
    start: int
    end: int
    level: int
    path: str
    text: str


class DocumentDetail(DocumentOut):
    text: str
    passages: list[PassageOut]

    @staticmethod
    def resolve_passages(document: Document) -> list[Any]:
        return passages_of(document)


class ItemOut(Schema):
    id: int
    document: int
    kind: str
    state: str
    payload: dict[str, Any]
    quote: str
    start: int
    end: int
    url: str

    @staticmethod
    def resolve_document(item: Item) -> int:
        return item.document_id

    @staticmethod
    def resolve_payload(item: Item) -> dict[str, Any]:
        """What was published; for what was never published, as the reviewers have it."""
        return dict(item.published if item.published is not None else item.payload)

    @staticmethod
    def resolve_url(item: Item) -> str:
        return item.get_absolute_url()


@router.get("/documents", response=list[DocumentOut], url_name="policy_documents")
@paginate
def documents(request: HttpRequest, q: str = "", region: str = "", state: str = "") -> QuerySet[Document]:
    """Documents, newest first; ``q`` searches title, number, issuers, keywords and text."""
    rows = visible(actor_of(request), Document).select_related("region", "superseded_by").defer("text", "bigrams")
    rows = rows.order_by("-issued_on", "-pk")
    rows = rows.filter(region__code=region) if region else rows
    rows = rows.filter(state=state) if state else rows
    return search(rows, q, first=("title", "doc_number"))


@router.get("/documents/{document_id}", response=DocumentDetail, url_name="policy_document")
def document(request: HttpRequest, document_id: int) -> Document:
    """One document with its text and its passages; offsets count Unicode code points of ``text``."""
    rows = visible(actor_of(request), Document).select_related("region", "superseded_by")
    found: Document = get_object_or_404(rows, pk=document_id)
    return found


@router.get("/items", response=list[ItemOut], url_name="policy_items")
@paginate
def items(request: HttpRequest, kind: str = "", document: int | None = None, q: str = "") -> QuerySet[Item]:
    """Findings with their sentences: tasks, targets, benefits, funds, facilities and references."""
    rows = visible(actor_of(request), Item).defer("bigrams").order_by("document", "start", "pk")
    rows = rows.filter(kind=kind) if kind in ItemKind.values else rows
    rows = rows.filter(document=document) if document is not None else rows
    return search(rows, q)

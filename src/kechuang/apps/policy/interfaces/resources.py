"""The workbench's lists of documents and findings."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.interfaces import presentation
from kechuang.apps.policy.models import Document, Item
from kechuang.kit import resources
from kechuang.kit.filters import DateRangeFilter, FilterSet
from kechuang.kit.permissions import Actor, can
from kechuang.kit.resources import Column, Link, Resource
from kechuang.kit.search import search


class DocumentFilters(FilterSet):
    issued = DateRangeFilter(field_name="issued_on", label=_("Issued"))

    class Meta:
        model = Document
        fields = ("state", "kind", "region", "is_restatement")


@resources.register
class DocumentResource(Resource):
    model = Document
    slug = "documents"
    title = _("Policy documents")
    lead = _("From upload to publication, with everything in force and everything that was.")
    empty = _("No document yet. Upload the first one: it takes a minute to be read.")
    icon = "file-text"
    columns = (
        Column("title", main=True),
        "doc_number",
        "issued_on",
        "region",
        "kind",
        "state",
        "is_restatement",
    )
    facts = (
        "title",
        "doc_number",
        "issuers",
        "issued_on",
        "effective_from",
        "effective_until",
        "region",
        "kind",
        "state",
        "state_note",
        "state_date",
        "is_restatement",
        "version",
        "revision",
        "keywords",
        "uploaded_by",
    )
    export_columns = (
        "title",
        "doc_number",
        "issuers",
        "issued_on",
        "region",
        "kind",
        "state",
        "effective_from",
        "effective_until",
        "is_restatement",
        "keywords",
    )
    filters = DocumentFilters
    search = ("title", "doc_number")
    ordering = ("-issued_on", "-pk")
    links = (
        Link(
            _("Review"),
            lambda document: reverse("policy:review", args=[document.pk]),
            icon="eye",
            primary=True,
        ),
        Link(
            _("Public page"),
            lambda document: reverse("policy:document", args=[document.pk]),
            icon="external-link",
            show=lambda actor, document: document.is_public,
        ),
        Link(
            _("Repeal"),
            lambda document: reverse("policy:repeal", args=[document.pk]),
            action="repeal",
            icon="ban",
            show=lambda actor, document: document.is_in_force,
        ),
        Link(
            _("Delete"),
            lambda document: reverse("policy:discard", args=[document.pk]),
            action="delete",
            icon="trash",
            show=lambda actor, document: document.published_at is None,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return super().queryset(actor).defer("text", "bigrams").select_related("file")

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return search(rows, query, first=self.search)

    def link_to(self, obj: Model) -> str:
        return reverse("policy:documents-detail", args=[obj.pk])


def _figure(item: Any) -> str:
    return presentation.figure(item.kind, item.payload)


@resources.register
class ItemResource(Resource):
    model = Item
    slug = "findings"
    title = _("Findings")
    lead = _("Every task, target, benefit, fund and facility that was found in a document.")
    empty = _("Nothing was found yet: upload a document.")
    icon = "list-check"
    columns = (
        Column("headline", label=_("Finding"), value=lambda item: f"{item} {_figure(item)}".strip(), main=True),
        "kind",
        "document",
        "state",
        "origin",
    )
    facts = (*columns, "quote", "note", "reviewed_by", "reviewed_at")
    export_columns = (
        Column("headline", label=_("Finding"), value=lambda item: str(item), main=True),
        Column("figure", label=_("Figure"), value=lambda item: _figure(item)),
        *columns[1:],
        "quote",
        "start",
        "end",
        "note",
        "reviewed_by",
        "reviewed_at",
    )
    filters = ("kind", "state", "origin")
    search = ("label", "quote")
    ordering = ("document", "start", "pk")
    links = (
        Link(
            _("In the text"),
            lambda item: f"{reverse('policy:review', args=[item.document_id])}?at={item.start}-{item.end}#i-{item.pk}",
            icon="quote",
            primary=True,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        rows = (
            super()
            .queryset(actor)
            .select_related("document__file")
            .defer("document__text", "document__bigrams", "bigrams")
        )
        return rows if can(actor, "history", Item) else rows.filter(published__isnull=False)

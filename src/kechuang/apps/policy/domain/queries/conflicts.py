"""The list of conflicts."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from kechuang.apps.policy.models import Conflict, Document
from kechuang.kit.permissions import Actor, visible


def conflict_rows(actor: Actor) -> QuerySet[Conflict]:
    """Every conflict that the actor may see, with both statements and their documents."""
    rows = visible(actor, Conflict).select_related("first__document__region", "second__document__region", "decided_by")
    return rows.defer(*(f"{side}__document__{name}" for side in ("first", "second") for name in ("text", "bigrams")))


def conflicts_for(
    actor: Actor, *, state: str = "", grade: str = "", document: str = "", kind: str = ""
) -> QuerySet[Conflict]:
    """Conflicts that the actor may see, those to be decided first; what is merely overtaken only where asked for."""
    rows = conflict_rows(actor)
    if state in Conflict.State.values:
        rows = rows.filter(state=state)
    known = grade in Conflict.Grade.values
    rows = rows.filter(grade=grade) if known else rows.exclude(grade=Conflict.Grade.OVERTAKEN)
    if kind:
        rows = rows.filter(second__kind=kind)
    if document.isdigit():
        rows = rows.filter(Q(first__document=document) | Q(second__document=document))
    return rows.order_by("-state", "grade", "-pk")


def documents_in_conflict(actor: Actor) -> QuerySet[Document]:
    """The documents that occur in conflicts, for the filter."""
    pairs = visible(actor, Conflict).order_by().values_list("first__document", "second__document").distinct()
    ids = Q(pk__in={document for pair in pairs for document in pair})
    return Document.objects.filter(ids).only("title", "doc_number", "issued_on", "file").select_related("file")


def open_count(actor: Actor) -> int:
    return conflicts_for(actor, state=Conflict.State.OPEN).order_by().count()

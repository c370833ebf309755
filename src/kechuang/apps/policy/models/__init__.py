from kechuang.apps.policy.models.document import (
    IN_FORCE_STATES,
    MAY_BE_ABSENT,
    PUBLIC_STATES,
    REVIEW_STATES,
    Document,
    DocumentKind,
    DocumentState,
    Passage,
    Revision,
    public_documents,
)
from kechuang.apps.policy.models.item import CONFIRMED, Item, ItemKind, ItemState
from kechuang.apps.policy.models.relation import Conflict, DocumentLink, Relation

__all__ = [
    "CONFIRMED",
    "IN_FORCE_STATES",
    "MAY_BE_ABSENT",
    "PUBLIC_STATES",
    "REVIEW_STATES",
    "Conflict",
    "Document",
    "DocumentKind",
    "DocumentLink",
    "DocumentState",
    "Item",
    "ItemKind",
    "ItemState",
    "Passage",
    "Relation",
    "Revision",
    "public_documents",
]

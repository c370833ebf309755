"""What the library searches and filters by: character bigrams and the index columns of published findings."""

from __future__ import annotations

from kechuang.apps.policy.domain.payloads import label_of, money_range, searchable_text
from kechuang.apps.policy.domain.queries.vocabulary import classify_beneficiary
from kechuang.apps.policy.models import Document, Item, ItemKind
from kechuang.kit.search import bigrams

INDEXED = ("label", "amount", "amount_max", "beneficiary", "beneficiaries", "bigrams")


def index_document(document: Document) -> None:
    """Set the bigrams of a document: its metadata and its whole text."""
    words = (document.title, document.doc_number, *document.issuers, *document.keywords, document.text)
    document.bigrams = bigrams("\n".join(words))


def passage_bigrams(text: str) -> list[str]:
    return bigrams(text)


def index_item(item: Item) -> None:
    """Set the index columns of a finding from what is published of it; a finding taken back loses them."""
    payload = item.published
    if payload is None:
        item.amount = item.amount_max = None
        item.beneficiary, item.beneficiaries, item.bigrams = "", [], []
        return
    item.label = label_of(item.kind, payload)
    item.amount, item.amount_max = money_range(item.kind, payload)
    item.beneficiary = str(payload.get("beneficiary") or "")[:300]
    item.beneficiaries = classify_beneficiary(item.beneficiary) if item.kind == ItemKind.BENEFIT else []
    item.bigrams = bigrams(searchable_text(item.kind, payload, item.quote))

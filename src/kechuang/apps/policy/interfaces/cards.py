"""The findings of a document as the cards of the review page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kechuang.apps.policy.domain.flags import LABELS
from kechuang.apps.policy.domain.payloads import label_of
from kechuang.apps.policy.domain.queries.documents import findings_of
from kechuang.apps.policy.domain.queries.reading import tidy
from kechuang.apps.policy.interfaces import presentation
from kechuang.apps.policy.models import Document, Item, ItemKind, ItemState
from kechuang.kit.permissions import Actor, can


@dataclass(frozen=True, slots=True)
class Card:
    """One finding with everything that its card says."""

    item: Item
    headline: str
    figure: str
    facts: list[tuple[str, str]]
    flags: list[Any]
    was: list[tuple[str, str]]
    editable: bool

    @property
    def quote(self) -> str:
        """The sentence in one line; empty where the headline says it already."""
        quote = tidy(self.item.quote)
        return "" if quote == self.headline else quote


@dataclass(slots=True)
class ReviewTab:
    """The findings of one kind."""

    kind: str
    label: Any
    cards: list[Card] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        return sum(card.item.state == ItemState.PROPOSED for card in self.cards)


PLURALS = {kind.value: kind.label for kind in ItemKind}


def card_of(item: Item, *, editable: bool) -> Card:
    payload: Mapping[str, Any] = item.payload
    return Card(
        item=item,
        headline=label_of(item.kind, payload) or item.quote[:80],
        figure=presentation.figure(item.kind, payload),
        facts=presentation.facts(item.kind, payload),
        flags=[LABELS[flag] for flag in item.flags if flag in LABELS],
        was=_was(item),
        editable=editable,
    )


def _was(item: Item) -> list[tuple[str, str]]:
    """What the platform had found, where a person corrected it."""
    if item.original_payload is None or item.original_payload == item.payload:
        return []
    headline = label_of(item.kind, item.original_payload)
    number = presentation.figure(item.kind, item.original_payload)
    return [("", f"{headline} {number}".strip()), *presentation.facts(item.kind, item.original_payload)]


def review_tabs(actor: Actor, document: Document) -> list[ReviewTab]:
    """Every kind as a tab, in a constant number of queries."""
    editable = document.under_review and bool(can(actor, "review", document))
    tabs = {kind: ReviewTab(kind, label) for kind, label in ItemKind.choices}
    for item in findings_of(document):
        tabs[item.kind].cards.append(card_of(item, editable=editable))
    return list(tabs.values())

"""Reviewing what was found: accept, correct, reject, add. Nothing is published that nobody looked at.

Two officers may review one document at once: every verb locks the finding, and refuses where it changed since it was
read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain import flags
from kechuang.apps.policy.domain.payloads import SPECS, clean, label_of
from kechuang.apps.policy.models import Document, Item, ItemState
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def accept_item(actor: Actor, *, item_id: int, edition: int) -> Item:
    """The finding is right as it stands."""
    item = _locked(actor, item_id, edition)
    item.state = ItemState.EDITED if _was_corrected(item) else ItemState.ACCEPTED
    return _reviewed(actor, item, note="")


@transaction.atomic
def edit_item(actor: Actor, *, item_id: int, edition: int, payload: Mapping[str, Any], note: str = "") -> Item:
    """Correct the finding; what the platform had found is kept beside it."""
    item = _locked(actor, item_id, edition)
    item.payload = {**item.payload, **clean(item.kind, payload)}
    item.label = label_of(item.kind, item.payload)
    item.flags = flags.of_item(item.kind, item.payload, item.quote, flags.known_units(item.document.region))
    item.state = ItemState.EDITED if _was_corrected(item) else ItemState.ACCEPTED
    return _reviewed(actor, item, note=note)


@transaction.atomic
def reject_item(actor: Actor, *, item_id: int, edition: int, note: str = "") -> Item:
    """The passage does not say that; the finding is kept, so that nobody wonders, and never published."""
    item = _locked(actor, item_id, edition)
    item.state = ItemState.REJECTED
    return _reviewed(actor, item, note=note)


@transaction.atomic
def reconsider_item(actor: Actor, *, item_id: int, edition: int) -> Item:
    """Take a decision back: the finding waits for review again."""
    item = _locked(actor, item_id, edition)
    item.state = ItemState.PROPOSED
    item.reviewed_by_id = item.reviewed_at = None
    item.note = ""
    item.edition += 1
    item.save()
    return item


@transaction.atomic
def accept_items(actor: Actor, *, document_id: int, editions: Mapping[int, int], note: str = "") -> int:
    """Accept several findings that the reviewer has before her: ``editions`` says which, and as she saw them."""
    document = locked_for_review(actor, document_id)
    items = list(
        Item.objects.select_for_update(of=("self",))
        .select_related("reviewed_by")
        .filter(document=document, pk__in=editions, state=ItemState.PROPOSED)
    )
    for item in items:
        _refuse_stale(item, editions[item.pk])
        item.state = ItemState.EDITED if _was_corrected(item) else ItemState.ACCEPTED
        _stamp(actor, item, note)
    Item.save_many(items, ["state", "note", "reviewed_by", "reviewed_at", "edition"])
    return len(items)


@transaction.atomic
def add_item(
    actor: Actor, *, document_id: int, kind: str, payload: Mapping[str, Any], start: int, end: int, quote: str
) -> Item:
    """Add a finding that the platform missed, resting on the selected sentence."""
    document = locked_for_review(actor, document_id)
    if kind not in SPECS:
        raise DomainError(_("Choose what you are adding."), field="kind")
    if not 0 <= start < end <= len(document.text) or document.text[start:end] != quote:
        raise DomainError(_("The selected words are not in the document at this place. Select them again."))
    content = clean(kind, payload)
    item = Item(
        document=document,
        kind=kind,
        payload=content,
        start=start,
        end=end,
        quote=quote,
        label=label_of(kind, content),
        state=ItemState.ACCEPTED,
        origin=Item.Origin.HUMAN,
        flags=flags.of_item(kind, content, quote, flags.known_units(document.region)),
        synthetic=document.synthetic,
    )
    _stamp(actor, item, "")
    item.edition = 1
    item.save()
    return item


def locked_for_review(actor: Actor, document_id: int) -> Document:
    """The document, locked against publication and other reviewers until the transaction ends."""
    document = Document.objects.select_for_update(of=("self",)).select_related("region").get(pk=document_id)
    authorise(actor, "review", document)
    if not document.under_review:
        raise DomainError(
            _("This document is not in review ({state}). Reopen it to correct what was published.").format(
                state=document.get_state_display()
            )
        )
    return document


def _locked(actor: Actor, item_id: int, edition: int) -> Item:
    document_id = Item.objects.values_list("document_id", flat=True).get(pk=item_id)
    document = locked_for_review(actor, document_id)
    item = Item.objects.select_for_update(of=("self",)).select_related("reviewed_by").get(pk=item_id)
    item.document = document
    _refuse_stale(item, edition)
    return item


def _refuse_stale(item: Item, edition: int) -> None:
    if item.edition == edition:
        return
    who = item.reviewed_by or _("someone else")
    at = timezone.localtime(item.reviewed_at or item.updated_at)
    raise Stale(
        _("{who} decided on “{item}” at {time}: {state}. Look at it again before you change it.").format(
            who=who, item=item, time=time_format(at.time(), "H:i"), state=item.get_state_display()
        )
    )


def _reviewed(actor: Actor, item: Item, note: str) -> Item:
    _stamp(actor, item, note)
    item.save()
    return item


def _stamp(actor: Actor, item: Item, note: str) -> None:
    item.note = note.strip()[:500]
    item.reviewed_by_id = actor.user_id
    item.reviewed_at = item.updated_at = timezone.now()
    item.edition += 1


def _was_corrected(item: Item) -> bool:
    return item.original_payload is not None and item.original_payload != item.payload

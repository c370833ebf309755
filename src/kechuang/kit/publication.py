"""How an app hands confirmed items to the apps that live on them, without importing them.

A document's confirmed items are *delivered*: for each kind, the one app that said it :func:`receives` the kind turns
items into its records. Which item became which record is remembered here, so that delivering an item again changes its
record and never makes a second one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from kechuang.kit.evidence import Anchor, attach_all
from kechuang.kit.models import PublishedRecord
from kechuang.kit.permissions import Actor
from kechuang.kit.references import type_of


@dataclass(frozen=True, slots=True)
class PublishedDocument:
    """What the receivers may know of the document. ``source`` is what evidence rests on."""

    id: int
    title: str
    doc_number: str
    issued_on: date | None
    region_code: str
    source: Model


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """One confirmed item: its kind (task, target, benefit, fund, facility), what it says, and its sentence."""

    kind: str
    item_id: int
    document: PublishedDocument
    payload: Mapping[str, Any] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    quote: str = ""


Receiver = Callable[[Actor, Sequence[PublishedItem]], Sequence[Model]]
Withdrawer = Callable[[Actor, Sequence[int]], None]

_receivers: dict[str, Receiver] = {}
_withdrawers: dict[str, Withdrawer] = {}


def receives(kind: str) -> Callable[[Receiver], Receiver]:
    """Decorator: ``handler(actor, items)`` gives the record of each item, in the order of the items.

    It looks with :func:`existing` for the records that items already have and changes those.
    """

    def register(handler: Receiver) -> Receiver:
        if _receivers.setdefault(kind, handler) is not handler:
            raise ValueError(f"items of kind {kind} already have a receiver")
        return handler

    return register


def withdraw(kind: str) -> Callable[[Withdrawer], Withdrawer]:
    """Decorator: ``handler(actor, item_ids)`` is told which items of the kind no longer hold."""

    def register(handler: Withdrawer) -> Withdrawer:
        if _withdrawers.setdefault(kind, handler) is not handler:
            raise ValueError(f"items of kind {kind} already have a withdrawer")
        return handler

    return register


def received_kinds() -> frozenset[str]:
    """The kinds that an app receives; the items of others stay where they are."""
    return frozenset(_receivers)


def existing(kind: str, item_ids: Iterable[int]) -> dict[int, Model]:
    """The records that items already became, withdrawn ones included; an item whose record is gone has none."""
    published = PublishedRecord.objects.filter(kind=kind, item_id__in=list(item_ids)).prefetch_related("record")
    return {each.item_id: each.record for each in published if each.record is not None}


@transaction.atomic
def deliver(actor: Actor, items: Iterable[PublishedItem]) -> dict[int, Model]:
    """Hand each item to its receiver and rest the record on the item's sentence: all of them, or none.

    The verb that publishes has authorised the actor; receivers may ask again for their own records. Gives the record of
    each item that has a receiver.
    """
    records: dict[int, Model] = {}
    for kind, group in _by_kind(items).items():
        if kind not in _receivers:
            continue
        answers = _receivers[kind](actor, group)
        if len(answers) != len(group):
            raise ValueError(f"the receiver of {kind} gave {len(answers)} records for {len(group)} items")
        _remember(kind, group, answers)
        attach_all(
            Anchor(record, item.document.source, item.start, item.end, item.quote, item_id=item.item_id)
            for item, record in zip(group, answers, strict=True)
        )
        records.update({item.item_id: record for item, record in zip(group, answers, strict=True)})
    return records


@transaction.atomic
def withdraw_items(actor: Actor, items: Iterable[PublishedItem]) -> None:
    """Tell the receivers that these items no longer hold: their document was repealed, or they were taken back."""
    for kind, group in _by_kind(items).items():
        ids = [item.item_id for item in group]
        if kind in _withdrawers:
            _withdrawers[kind](actor, ids)
        PublishedRecord.objects.filter(kind=kind, item_id__in=ids, withdrawn_at=None).update(
            withdrawn_at=timezone.now()
        )


def _by_kind(items: Iterable[PublishedItem]) -> dict[str, list[PublishedItem]]:
    groups: dict[str, list[PublishedItem]] = defaultdict(list)
    for item in items:
        groups[item.kind].append(item)
    return groups


def _remember(kind: str, items: Sequence[PublishedItem], records: Sequence[Model]) -> None:
    PublishedRecord.objects.bulk_create(
        [
            PublishedRecord(kind=kind, item_id=item.item_id, record_type=type_of(record), record_id=record.pk)
            for item, record in zip(items, records, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["kind", "item_id"],
        update_fields=["record_type", "record_id", "withdrawn_at", "updated_at"],
    )

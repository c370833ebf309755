"""Publishing what was reviewed: a frozen copy for the public, records for the ledger and the indicators.

Publishing again after a correction brings the same records up to date; what was taken back is withdrawn from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import User
from kechuang.apps.directory.roles import Role
from kechuang.apps.policy.domain import conflicts, links, replacement
from kechuang.apps.policy.domain.extraction import STEPS, Step, silent
from kechuang.apps.policy.domain.indexing import INDEXED, index_document, index_item
from kechuang.apps.policy.models import Document, DocumentState, Item, ItemKind, Revision
from kechuang.apps.policy.workflows import take_step
from kechuang.kit.errors import DomainError
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.publication import PublishedDocument, PublishedItem, deliver, withdraw_items


@transaction.atomic
def publish_document(actor: Actor, *, document_id: int, note: str = "", step: Step = silent) -> Revision:
    """Publish every confirmed finding. Where the document is the original of a restatement, it takes its place."""
    document = _locked(document_id)
    authorise(actor, "publish", document)
    restatement = replacement.restatement_of(document)
    first_time = document.published_at is None
    document.published_at = document.published_at or timezone.now()
    document.revision += 1
    document.save()
    take_step(actor, document, "go_public", note)
    step(0, STEPS, _("Freezing what was reviewed"))
    changes = _freeze(document)
    if restatement is not None:
        step(1, STEPS, _("Moving evidence from the restatement to the original"))
        replacement.replace(actor, restatement=restatement, original=document)
    step(1, STEPS, _("Bringing the ledger and the targets up to date"))
    withdraw_items(actor, published_items(document, changes.withdrawn))
    deliver(actor, published_items(document, changes.current))
    links.publish_links(document)
    index_document(document)
    document.save()
    step(2, STEPS, _("Recording the revision"))
    if first_time and document.supersedes_id and restatement is None:
        supersede_document(actor, old_id=document.supersedes_id, new=document)
    conflicts.look_for_conflicts_later(document)
    _tell_the_leaders(actor, document, changes)
    return _record(actor, document, changes, note)


@transaction.atomic
def reopen_document(actor: Actor, *, document_id: int, reason: str) -> Document:
    """Correct a published document: readers keep the published state until it is published again."""
    document = _locked(document_id)
    authorise(actor, "reopen", document)
    take_step(actor, document, "open_again", reason)
    return document


@transaction.atomic
def repeal_document(actor: Actor, *, document_id: int, reason: str, on: date) -> Document:
    """废止: the document stays readable, marked as repealed; what rested on it is withdrawn."""
    document = _locked(document_id)
    authorise(actor, "repeal", document)
    if document.issued_on and on < document.issued_on:
        raise DomainError(_("It cannot be repealed before it was issued."), field="on")
    document.state_note, document.state_date = reason.strip()[:500], on
    document.save()
    take_step(actor, document, "end", reason)
    withdraw_items(actor, published_items(document, _public_items(document)))
    conflicts.look_for_conflicts_later(document)
    return document


@transaction.atomic
def supersede_document(actor: Actor, *, old_id: int, new: Document) -> Document:
    """A newer version of the same policy is out: the old one stays readable and leads to it."""
    old = _locked(old_id)
    if old.state == DocumentState.SUPERSEDED:
        return old
    authorise(actor, "publish", old)
    old.state_note = _("superseded by {document}").format(document=new)[:500]
    old.state_date = new.effective_from or new.issued_on
    old.save()
    take_step(actor, old, "give_way", old.state_note)
    withdraw_items(actor, published_items(old, _public_items(old)))
    conflicts.look_for_conflicts_later(old)
    return old


def published_items(document: Document, items: Iterable[Item]) -> list[PublishedItem]:
    """The findings as the other apps receive them; references stay with the document."""
    source = PublishedDocument(
        id=document.pk,
        title=document.title,
        doc_number=document.doc_number,
        issued_on=document.issued_on,
        region_code=document.region.code,
        source=document,
    )
    return [
        PublishedItem(
            kind=item.kind,
            item_id=item.pk,
            document=source,
            payload=item.published if item.published is not None else item.payload,
            start=item.start,
            end=item.end,
            quote=item.quote,
        )
        for item in items
        if item.kind != ItemKind.REFERENCE
    ]


class _Changes:
    """What a publication changes for readers."""

    def __init__(self) -> None:
        self.current: list[Item] = []
        self.withdrawn: list[Item] = []
        self.added = self.changed = 0


def _freeze(document: Document) -> _Changes:
    """Copy the confirmed payloads to what the public reads; take back what was rejected since."""
    changes = _Changes()
    touched: list[Item] = []
    for item in Item.objects.select_for_update(of=("self",)).filter(document=document):
        before = item.published
        item.published = dict(item.payload) if item.is_confirmed else None
        if item.published is not None:
            changes.current.append(item)
            changes.added += before is None
            changes.changed += before is not None and before != item.published
        elif before is not None:
            changes.withdrawn.append(item)
        if item.published != before:
            index_item(item)
            touched.append(item)
    Item.save_many(touched, ["published", *INDEXED])
    return changes


def _public_items(document: Document) -> Sequence[Item]:
    return list(document.items.filter(published__isnull=False))


def _tell_the_leaders(actor: Actor, document: Document, changes: _Changes) -> None:
    """The leaders of the region learn what a person published; loading a pack tells nobody."""
    if actor.user_id is None:
        return
    above = [f"{path}/" for path in accumulate(document.region.path.rstrip("/").split("/"), "{}/{}".format)]
    leaders = User.objects.filter(memberships__role=Role.BUREAU_LEADER, memberships__region__path__in=above)
    tasks = sum(item.kind == ItemKind.TASK for item in changes.current)
    targets = sum(item.kind == ItemKind.TARGET for item in changes.current)
    message = _("“{document}” is published: {tasks} tasks in the ledger, {targets} targets.").format(
        document=document, tasks=tasks, targets=targets
    )
    key = f"policy.published:{document.pk}:{document.revision}"
    people = leaders.exclude(pk=actor.user_id).distinct()
    notify(people, message[:500], document.get_absolute_url(), "policy.published", document, dedupe_key=key)


def _record(actor: Actor, document: Document, changes: _Changes, note: str) -> Revision:
    return Revision.objects.create(
        document=document,
        number=document.revision,
        published_at=timezone.now(),
        published_by_id=actor.user_id,
        note=note.strip()[:500],
        added=changes.added,
        changed=changes.changed,
        withdrawn=len(changes.withdrawn),
        synthetic=document.synthetic,
    )


def _locked(document_id: int) -> Document:
    return Document.objects.select_for_update(of=("self",)).select_related("region", "file").get(pk=document_id)

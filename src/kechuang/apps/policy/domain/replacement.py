"""The original takes its restatement's place: every link to the restatement's sentences moves to the real ones.

The records that rest on a finding (a task with its progress, a target with its observations) stay: they are handed over
to the finding of the original that says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.links import fold_number, fold_title
from kechuang.apps.policy.domain.matching import match_items
from kechuang.apps.policy.domain.rules import follow_original
from kechuang.apps.policy.models import IN_FORCE_STATES, Conflict, Document, DocumentLink, Item
from kechuang.apps.policy.workflows import take_step
from kechuang.kit.evidence import links_to, move_links
from kechuang.kit.models import EvidenceLink, PublishedRecord
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.publication import PublishedDocument, PublishedItem, withdraw_items

INHERITED = ("industries", "beneficiaries", "keywords")


def restatement_of(document: Document) -> Document | None:
    """The published restatement whose place this document, or a newer restatement of the same, is to take."""
    candidates = Document.objects.select_for_update(of=("self",)).select_related("region", "file")
    candidates = candidates.filter(region=document.region, is_restatement=True, state__in=IN_FORCE_STATES)
    number, title = fold_number(document.doc_number), fold_title(document.title)
    for candidate in candidates.exclude(pk=document.pk):
        if number and fold_number(candidate.doc_number) == number:
            return candidate
        if not number and not candidate.doc_number and fold_title(candidate.title) == title:
            return candidate
    return None


def replace(actor: Actor, *, restatement: Document, original: Document) -> dict[str, Any]:
    """Hand over; gives (and keeps on the original) the report of what found its place and what did not.

    Called within the publication of ``original``, which has authorised the actor and delivers its findings afterwards.
    """
    old = list(restatement.items.filter(published__isnull=False))
    new = list(original.items.filter(published__isnull=False))
    pairs = match_items(old, new)
    _hand_over_records(pairs)
    _hand_over_conflicts(old, pairs)
    moved = _move_evidence(restatement, original, old, pairs)
    left = [item for item in old if item.pk not in pairs]
    withdraw_items(actor, _leaving(restatement, left))
    report = _report(old, new, pairs, moved)
    _inherit(original, restatement, report)
    restatement.state_note = _("the original is in the library")
    restatement.save()
    take_step(actor, restatement, "give_way", restatement.state_note)
    DocumentLink.objects.filter(target=restatement).update(target=original)
    follow_original(restatement, original)
    _tell(actor, original, report)
    return report


def _hand_over_records(pairs: Mapping[int, Item]) -> None:
    """Records follow their finding; receivers then see a finding that they know already."""
    taken = set(
        PublishedRecord.objects.filter(item_id__in=[i.pk for i in pairs.values()]).values_list("item_id", flat=True)
    )
    records = list(PublishedRecord.objects.select_for_update().filter(item_id__in=list(pairs)))
    moving = [record for record in records if pairs[record.item_id].pk not in taken]
    for record in moving:
        record.item_id = pairs[record.item_id].pk
    PublishedRecord.objects.bulk_update(moving, ["item_id"], batch_size=500)


def _hand_over_conflicts(old: list[Item], pairs: Mapping[int, Item]) -> None:
    """A decision about a conflict holds for the original too; an open one without a place is found again or gone."""
    ids = [item.pk for item in old]
    for conflict in Conflict.objects.filter(Q(first__in=ids) | Q(second__in=ids)):
        side = "first_id" if conflict.first_id in ids else "second_id"
        successor = pairs.get(getattr(conflict, side))
        if successor is not None:
            setattr(conflict, side, successor.pk)
            conflict.save()
        elif conflict.state == Conflict.State.OPEN:
            conflict.delete()


def _move_evidence(
    restatement: Document, original: Document, old: list[Item], pairs: Mapping[int, Item]
) -> tuple[int, int]:
    """Each link goes to the sentence of the finding it rests on; a link between findings goes with the nearest one."""
    by_id = {item.pk: item for item in old}
    mapping: dict[int, tuple[int, int, str] | None] = {}
    renamed = []
    for link in links_to(restatement):
        source = by_id.get(link.item_id) if link.item_id else _covering(old, link)
        target = pairs.get(source.pk) if source is not None else None
        mapping[link.pk] = (target.start, target.end, target.quote) if target is not None else None
        if target is not None and link.item_id:
            link.item_id = target.pk
            renamed.append(link)
    EvidenceLink.objects.bulk_update(renamed, ["item_id"], batch_size=500)
    result = move_links(SYSTEM, old_source=restatement, new_source=original, mapping=mapping)
    return result.moved, result.lost


def _covering(items: list[Item], link: EvidenceLink) -> Item | None:
    """The smallest finding whose span meets the link's, the one that shares most of it first."""

    def shared(item: Item) -> int:
        return min(item.end, link.end) - max(item.start, link.start)

    meeting = [item for item in items if shared(item) > 0]
    return max(meeting, key=lambda item: (shared(item), item.start - item.end), default=None)


def _leaving(document: Document, items: list[Item]) -> list[PublishedItem]:
    source = PublishedDocument(
        document.pk, document.title, document.doc_number, document.issued_on, document.region.code, document
    )
    return [
        PublishedItem(item.kind, item.pk, source, item.published or {}, item.start, item.end, item.quote)
        for item in items
    ]


def _report(old: list[Item], new: list[Item], pairs: Mapping[int, Item], moved: tuple[int, int]) -> dict[str, Any]:
    taken = {item.pk for item in pairs.values()}

    def row(item: Item) -> dict[str, Any]:
        return {"kind": item.kind, "label": str(item), "quote": item.quote[:200], "start": item.start, "end": item.end}

    return {
        "matched": len(pairs),
        "links_moved": moved[0],
        "links_lost": moved[1],
        "only_restatement": [row(item) for item in old if item.pk not in pairs],
        "only_original": [row(item) for item in new if item.pk not in taken],
    }


def _inherit(original: Document, restatement: Document, report: dict[str, Any]) -> None:
    """How the restatement was filed holds for the original where the officer filed nothing else."""
    for name in INHERITED:
        if not getattr(original, name):
            setattr(original, name, getattr(restatement, name))
    original.effective_from = original.effective_from or restatement.effective_from
    original.effective_until = original.effective_until or restatement.effective_until
    original.version = restatement.version
    original.supersedes = restatement
    original.replacement_report = report
    original.save()


def _tell(actor: Actor, original: Document, report: dict[str, Any]) -> None:
    if actor.user_id is None:
        return
    message = _(
        "“{document}” took the place of its restatement: {matched} findings matched, {left} did not. See the report."
    ).format(document=original, matched=report["matched"], left=len(report["only_restatement"]))
    notify([actor.user_id], message[:500], f"{original.get_absolute_url()}report/", "policy.replaced", original)

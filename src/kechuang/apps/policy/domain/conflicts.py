"""Where two documents of a region state the same fact differently, and what was decided about it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.queries.statements import Clash, clashes_with
from kechuang.apps.policy.models import IN_FORCE_STATES, Conflict, Document
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.permissions import Actor, authorise


def look_for_conflicts_later(document: Document) -> None:
    """Queue the comparison; it starts when the publication is committed."""
    from kechuang.apps.policy.tasks import find_conflicts_task

    find_conflicts_task.defer(document_id=document.pk)


@transaction.atomic
def find_conflicts(*, document_id: int) -> int:
    """Hold a published document against the others in force in its region; gives how many conflicts are new.

    What was decided stays decided; an open conflict that no longer shows is taken off the list.
    """
    document = Document.objects.select_for_update(of=("self",)).select_related("region").get(pk=document_id)
    ours = Conflict.objects.filter(first__document=document) | Conflict.objects.filter(second__document=document)
    clashes = clashes_with(document) if document.state in IN_FORCE_STATES else []
    pairs = {(clash.first_id, clash.second_id): clash for clash in clashes}
    known = {(conflict.first_id, conflict.second_id): conflict for conflict in ours}
    gone = [row.pk for pair, row in known.items() if row.state == Conflict.State.OPEN and pair not in pairs]
    Conflict.objects.filter(pk__in=gone).delete()
    new = [_conflict(document, clash) for pair, clash in pairs.items() if pair not in known]
    Conflict.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _conflict(document: Document, clash: Clash) -> Conflict:
    return Conflict(
        first_id=clash.first_id,
        second_id=clash.second_id,
        grade=clash.grade,
        reason=clash.reason,
        synthetic=document.synthetic,
    )


@transaction.atomic
def decide_conflict(actor: Actor, *, conflict_id: int, decision: str, note: str) -> Conflict:
    """Record which statement holds and why."""
    conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    authorise(actor, "decide", conflict)
    if conflict.state == Conflict.State.DECIDED:
        raise Stale(_("This was decided already: {decision}.").format(decision=conflict.get_decision_display()))
    if decision not in Conflict.Decision.values:
        raise DomainError(_("Choose which statement holds."), field="decision")
    if not note.strip():
        raise DomainError(_("Write down why: whoever asks later will read it."), field="note")
    conflict.state, conflict.decision = Conflict.State.DECIDED, decision
    conflict.note = note.strip()[:500]
    conflict.decided_by_id, conflict.decided_at = actor.user_id, timezone.now()
    conflict.save()
    return conflict


@transaction.atomic
def reopen_conflict(actor: Actor, *, conflict_id: int) -> Conflict:
    """Take a decision back; the history keeps it."""
    conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    authorise(actor, "decide", conflict)
    conflict.state, conflict.decision, conflict.note = Conflict.State.OPEN, "", ""
    conflict.decided_by_id = conflict.decided_at = None
    conflict.save()
    return conflict

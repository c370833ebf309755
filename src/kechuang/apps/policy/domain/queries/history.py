"""What happened to a conflict, from the history that the database keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.directory.models import User
from kechuang.apps.policy.models import Conflict


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a timeline."""

    at: datetime
    title: str
    note: str = ""
    who: str = ""


def decisions_of(conflict: Conflict) -> list[Event]:
    """Every decision, and every time one was taken back, newest first."""
    kept: Any = Conflict.pgh_event_model  # type: ignore[attr-defined]
    rows = list(kept.objects.filter(pgh_obj=conflict.pk).order_by("pgh_id"))
    names = {user.pk: str(user) for user in User.objects.filter(pk__in={row.decided_by_id for row in rows} - {None})}
    events, before = [], ""
    for row in rows:
        if row.state != before:
            events.append(Event(row.pgh_created_at, _title(row, before), row.note, names.get(row.decided_by_id, "")))
        before = row.state
    return events[::-1]


def _title(row: Any, before: str) -> str:
    if row.state == Conflict.State.DECIDED:
        return str(Conflict.Decision(row.decision).label)
    return _("decision taken back") if before else _("found when the documents were compared")

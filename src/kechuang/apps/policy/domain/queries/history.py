"""What happened to a conflict, from the history that the database keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pghistory.models
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
    tracked = pghistory.models.Events.objects.tracks(conflict)  # type: ignore[no-untyped-call]
    rows = list(tracked.order_by("-pgh_created_at"))
    ids = {row.pgh_data.get("decided_by_id") for row in rows} - {None}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}
    events = []
    for row in rows:
        data = row.pgh_data
        who = names.get(data.get("decided_by_id"), "")
        if data["state"] == Conflict.State.DECIDED:
            title = str(dict(Conflict.Decision.choices).get(data["decision"], data["decision"]))
        elif row.pgh_label == "insert":
            title = _("found when the documents were compared")
        else:
            title = _("decision taken back")
        events.append(Event(row.pgh_created_at, title, data.get("note") or "", who))
    return events

"""What every page needs to draw its frame."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kechuang.kit.notifications import waiting_for
from kechuang.kit.permissions import actor_of


def page(request: HttpRequest) -> dict[str, Any]:
    """``actor``, and ``bell``: ``unread`` messages and ``running`` jobs of the actor, asked only where it is drawn."""
    actor = actor_of(request)
    return {"actor": actor, "bell": SimpleLazyObject(lambda: waiting_for(actor))}

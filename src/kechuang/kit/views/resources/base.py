"""What every page of a resource does first: who asks, may they, which record."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from kechuang.kit.errors import Refused
from kechuang.kit.permissions import Actor, actor_of
from kechuang.kit.resources.resource import Resource


def actor_for(request: HttpRequest, resource: Resource, action: str = "view") -> Actor:
    """The actor, who may do ``action`` on records of this kind; Refused otherwise."""
    actor = actor_of(request)
    decision = resource.can(actor, action)
    if not decision:
        raise Refused(decision.reason)
    return actor


def find(resource: Resource, actor: Actor, pk: int, columns: Any = ()) -> Any:
    """The record, where the actor may see it; else it does not exist for them."""
    obj = resource.with_relations(resource.queryset(actor), columns or resource.fact_columns).filter(pk=pk).first()
    if obj is None:
        raise Http404
    return obj


def demand(resource: Resource, actor: Actor, action: str, obj: Any) -> None:
    """Refused with the reason unless the actor may do this to the record."""
    decision = resource.can(actor, action, obj)
    if not decision:
        raise Refused(decision.reason)

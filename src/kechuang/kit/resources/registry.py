"""Which resources there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model

if TYPE_CHECKING:
    from kechuang.kit.resources.resource import Resource

ResourceType = TypeVar("ResourceType", bound="type[Resource]")
_resources: dict[str, Resource] = {}


def register(resource: ResourceType) -> ResourceType:
    """Class decorator: the platform knows this resource, links its objects, and the conformance tests try it."""
    instance = resource()
    _resources[instance.key] = instance
    return resource


def registered() -> tuple[Resource, ...]:
    return tuple(_resources.values())


def resource_at(key: str) -> Resource:
    """The resource with that key (``directory:units``)."""
    return _resources[key]


def resource_for(model: type[Model]) -> Resource | None:
    """The (first) resource of a model."""
    return next((resource for resource in _resources.values() if resource.model is model), None)

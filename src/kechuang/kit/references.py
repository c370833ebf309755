"""Helpers for models that point at a record of any model."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q

from kechuang.kit.permissions import Actor, visible


def type_of(target: Model | type[Model]) -> ContentType:
    """The content type of a record or a model, itself and not its base."""
    return ContentType.objects.get_for_model(target, for_concrete_model=False)


def pointing_at(target: Model, prefix: str) -> dict[str, object]:
    """Filter for rows whose ``prefix`` is this record: ``StepLog.objects.filter(**pointing_at(task, "subject"))``."""
    return {f"{prefix}_type": type_of(target), f"{prefix}_id": target.pk}


def pointing_at_visible(actor: Actor, prefix: str, models: Iterable[type[Model]]) -> Q:
    """Rows whose ``prefix`` is a record of one of ``models`` that the actor may see."""
    condition = Q(pk__in=[])
    for model in models:
        rows = visible(actor, model).order_by().values("pk")
        condition |= Q(**{f"{prefix}_type": type_of(model), f"{prefix}_id__in": rows})
    return condition

"""Accounts as their owners and the platform administrator keep them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import User
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def change_person(actor: Actor, *, user: User, **values: Any) -> User:
    """Change what a person says of themselves: name, e-mail, phone."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    authorise(actor, "change", locked)
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save()
    return locked


@transaction.atomic
def set_active(actor: Actor, *, user: User, active: bool) -> User:
    """Close an account, or open it again. What the person did stays in the record under the person's name."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    authorise(actor, "deactivate", locked)
    if locked.pk == actor.user_id:
        raise DomainError(_("You cannot close your own account."))
    locked.is_active = active
    locked.save()
    return locked

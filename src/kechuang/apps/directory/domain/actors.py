"""How a person becomes an actor with grants."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from kechuang.apps.directory.models import Membership, User
from kechuang.kit.permissions import Actor, Grant


def actor_for(user: User, *, on: date | None = None) -> Actor:
    """Everything granted to this person on a day (today by default). An inactive account is granted nothing."""
    if not user.is_active:
        return Actor(user_id=user.pk)
    day = on or date.today()
    current = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        Q(valid_until__isnull=True) | Q(valid_until__gte=day),
        user=user,
        state=Membership.State.ACTIVE,
    ).select_related("region", "unit__region", "organisation__region")
    return Actor(user_id=user.pk, grants=tuple(_grant(membership) for membership in current))


def _grant(membership: Membership) -> Grant:
    return Grant(
        role=membership.role,
        region=membership.region.path if membership.region else None,
        unit=membership.unit_id,
        organisation=membership.organisation_id,
    )

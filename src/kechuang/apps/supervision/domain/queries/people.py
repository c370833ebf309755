"""Whom to tell: the people of units, and the officers and leaders of a region."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Membership, Region, Unit, User
from kechuang.apps.directory.roles import Role


def people_of(units: Iterable[Unit]) -> QuerySet[User]:
    """Who answers for these units: their own people, and for county units the county's workstation."""
    keys = [unit.pk for unit in units]
    return _holding(
        Q(role=Role.RESPONSIBLE_UNIT, unit__in=keys)
        | Q(
            role=Role.COUNTY_WORKSTATION,
            region__in=Region.objects.filter(units__in=keys, level__in=(Region.Level.COUNTY, Region.Level.ZONE)).values(
                "pk"
            ),
        )
    )


def officers_of(region: Region) -> QuerySet[User]:
    """The bureau officers within whose region this one lies."""
    return _holding(Q(role=Role.BUREAU_OFFICER, region__code__in=_lineage(region)))


def leaders_of(region: Region) -> QuerySet[User]:
    """The bureau leaders within whose region this one lies."""
    return _holding(Q(role=Role.BUREAU_LEADER, region__code__in=_lineage(region)))


def _lineage(region: Region) -> list[str]:
    return region.path.strip("/").split("/")


def _holding(condition: Q) -> QuerySet[User]:
    day = timezone.localdate()
    current = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day),
        Q(valid_until__isnull=True) | Q(valid_until__gte=day),
        condition,
        state=Membership.State.ACTIVE,
    )
    return User.objects.filter(is_active=True, pk__in=current.order_by().values("user"))

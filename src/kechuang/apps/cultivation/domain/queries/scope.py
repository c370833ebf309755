"""Whose records an office or an enterprise works with: narrower than what it may read, since what holds is public."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS
from kechuang.apps.directory.models import Organisation
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import Role
from kechuang.kit.errors import Refused
from kechuang.kit.permissions import Actor, visible

OFFICES = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)


def of_office(actor: Actor, rows: QuerySet[Any], path: str = "organisation") -> QuerySet[Any]:
    """Rows of the actor's regions and own organisations; all for the administrator."""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return rows
    own = actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)
    return rows.filter(within(f"{path}__region__path", actor.regions(*OFFICES)) | Q(**{f"{path}__in": own}))


def enterprises(actor: Actor) -> QuerySet[Organisation]:
    """The verified enterprises of the actor's regions."""
    rows = Organisation.objects.filter(kind=Organisation.Kind.ENTERPRISE, state=Organisation.State.VERIFIED)
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return rows
    return rows.filter(within("region__path", actor.regions(*OFFICES)))


def sees_all_of(actor: Actor, path: str) -> bool:
    """Whether the actor works with the whole of a region."""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return True
    return any(path.startswith(own) for own in actor.regions(*OFFICES))


def with_ladder(actor: Actor) -> QuerySet[Organisation]:
    """The enterprises whose ladder the actor may see: its own, and those of the regions that an official works for.

    Raises Refused for everyone else.
    """
    if not actor.has(VIEWERS | OWNERS):
        raise Refused(_("The ladder of an enterprise is for its own people and the officials of its region."))
    return visible(actor, Organisation).select_related("region")

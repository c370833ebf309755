"""Whose records an office or an enterprise works with: narrower than what it may read, since what holds is public."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from kechuang.apps.directory.models import Organisation
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import Role
from kechuang.kit.permissions import Actor

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

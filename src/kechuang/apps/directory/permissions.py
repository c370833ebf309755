"""Who may see and do what with the models of this app."""

from __future__ import annotations

from django.db.models import Model, Q

from kechuang.apps.directory.models import Membership, Organisation, Region, Unit, User
from kechuang.apps.directory.roles import OFFICERS, READERS, Role
from kechuang.kit.files import register_file_owner
from kechuang.kit.permissions import EVERYONE, Actor, Decision, Policy, register

ADMIN = frozenset({Role.PLATFORM_ADMIN.value})
ACCOUNT_ROLES = frozenset(Role.values)


def within(field: str, paths: tuple[str, ...]) -> Q:
    """Rows whose region (``field`` names its path) lies in the subtree of one of ``paths``; no paths, no rows."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


@register
class RegionPolicy(Policy):
    model = Region
    actions = {"view": EVERYONE, "add": ADMIN, "change": ADMIN, "delete": ADMIN, "import": ADMIN}


@register
class UnitPolicy(Policy):
    model = Unit
    actions = {"view": EVERYONE, "add": OFFICERS, "change": OFFICERS, "delete": ADMIN, "import": OFFICERS}


@register
class OrganisationPolicy(Policy):
    """Officials see the organisations of their regions, members their own. The county verifies."""

    model = Organisation
    actions = {
        "view": READERS
        | {Role.COUNTY_WORKSTATION.value, Role.ORGANISATION_ADMIN.value, Role.ORGANISATION_MEMBER.value},
        "add": OFFICERS | {Role.COUNTY_WORKSTATION.value},
        "change": OFFICERS | {Role.COUNTY_WORKSTATION.value, Role.ORGANISATION_ADMIN.value},
        "verify": OFFICERS | {Role.COUNTY_WORKSTATION.value},
        "delete": ADMIN,
        "import": OFFICERS | {Role.COUNTY_WORKSTATION.value},
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        official = actor.regions(Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)
        own = actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)
        return within("region__path", official) | Q(pk__in=own)


register_file_owner(Organisation, "licence")


@register
class UserPolicy(Policy):
    """Everyone sees the own account; administrators all, officials the people of their organisations and regions."""

    model = User
    actions = {"view": ACCOUNT_ROLES, "add": ADMIN, "change": ACCOUNT_ROLES, "deactivate": ADMIN, "export": READERS}

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        own = Q(pk=actor.user_id)
        regions = actor.regions(Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)
        return (
            own
            | within("memberships__organisation__region__path", regions)
            | within("memberships__region__path", regions)
            | within("memberships__unit__region__path", regions)
            | Q(memberships__organisation__in=actor.organisations(Role.ORGANISATION_ADMIN))
        )

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        if action == "change" and obj.pk != actor.user_id and Role.PLATFORM_ADMIN not in actor.roles:
            return Decision(False, self.refusal(action))
        return Decision(True)


@register
class MembershipPolicy(Policy):
    """Administrators grant everything; an organisation's administrator grants roles within the own organisation."""

    model = Membership
    actions = {
        "view": READERS | {Role.COUNTY_WORKSTATION.value, Role.ORGANISATION_ADMIN.value},
        "add": ADMIN | {Role.ORGANISATION_ADMIN.value},
        "change": ADMIN | {Role.ORGANISATION_ADMIN.value},
        "delete": ADMIN | {Role.ORGANISATION_ADMIN.value},
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        regions = actor.regions(Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)
        return (
            Q(organisation__in=actor.organisations(Role.ORGANISATION_ADMIN))
            | within("organisation__region__path", regions)
            | within("region__path", regions)
            | within("unit__region__path", regions)
        )

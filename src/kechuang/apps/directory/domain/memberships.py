"""Granting roles, asking for them, and ending them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Membership, Organisation, Region, Unit, User
from kechuang.apps.directory.roles import ORGANISATION_ROLES, REGION_ROLES, UNIT_ROLES, Role
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def grant(
    actor: Actor,
    *,
    user: User,
    role: str,
    region: Region | None = None,
    unit: Unit | None = None,
    organisation: Organisation | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Membership:
    """Give a person a role within its scope; a role already held (or asked for) is made active, not doubled.

    Raises DomainError where the role lacks its scope, Refused where the actor may not grant this role here.
    """
    authorise(actor, "add", Membership)
    _require_scope(role, region, unit, organisation)
    _refuse_beyond_own_organisation(actor, role, organisation)
    membership, _created = Membership.objects.update_or_create(
        user=user,
        role=role,
        region=region,
        unit=unit,
        organisation=organisation,
        defaults={"state": Membership.State.ACTIVE, "valid_from": valid_from, "valid_until": valid_until},
    )
    return membership


@transaction.atomic
def request_membership(actor: Actor, *, user: User, organisation: Organisation) -> Membership:
    """A person asks to belong to an organisation; its administrator (or the county) decides."""
    if actor.user_id != user.pk and not actor.is_system:
        raise Refused(_("You can ask for membership only for yourself."))
    existing = Membership.objects.filter(user=user, organisation=organisation).first()
    if existing:
        return existing
    return Membership.objects.create(
        user=user, organisation=organisation, role=Role.ORGANISATION_MEMBER, state=Membership.State.REQUESTED
    )


@transaction.atomic
def approve_membership(actor: Actor, *, membership: Membership) -> Membership:
    """Make a requested membership active."""
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    authorise(actor, "change", locked)
    locked.state = Membership.State.ACTIVE
    locked.save()
    return locked


@transaction.atomic
def end_membership(actor: Actor, *, membership: Membership, on: date | None = None) -> Membership | None:
    """End a membership (today by default): it stays in the record with its last day. A mere request is taken away.

    Raises DomainError where an organisation would be left without any administrator.
    """
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    authorise(actor, "delete", locked)
    if locked.state == Membership.State.REQUESTED:
        locked.delete()
        return None
    if locked.role == Role.ORGANISATION_ADMIN:
        _require_other_administrator(locked)
    locked.valid_until = (on or date.today()) - timedelta(days=1)
    locked.save()
    return locked


def _require_scope(role: str, region: Region | None, unit: Unit | None, organisation: Organisation | None) -> None:
    if role in REGION_ROLES and region is None:
        raise DomainError(_("This role holds within a region. Please choose one."), field="region")
    if role in UNIT_ROLES and unit is None:
        raise DomainError(_("This role belongs to a unit. Please choose one."), field="unit")
    if role in ORGANISATION_ROLES and organisation is None:
        raise DomainError(_("This role belongs to an organisation. Please choose one."), field="organisation")


def _refuse_beyond_own_organisation(actor: Actor, role: str, organisation: Organisation | None) -> None:
    """An organisation's administrator grants the two organisation roles, in the own organisation, and nothing else."""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return
    own = actor.organisations(Role.ORGANISATION_ADMIN)
    if role not in ORGANISATION_ROLES or organisation is None or organisation.pk not in own:
        raise Refused(_("You can grant roles only within your own organisation."))


def _require_other_administrator(membership: Membership) -> None:
    others = Membership.objects.select_for_update().filter(
        organisation=membership.organisation,
        role=Role.ORGANISATION_ADMIN,
        state=Membership.State.ACTIVE,
        valid_until__isnull=True,
    )
    if not others.exclude(pk=membership.pk).exists():
        raise DomainError(_("An organisation needs at least one administrator. Name another one first."))

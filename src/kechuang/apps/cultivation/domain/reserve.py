"""Entering the reserve library and leaving it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.ladder import tier_name, tiers
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import in_force, within_reach
from kechuang.apps.directory.models import Organisation
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def enter_reserve(
    actor: Actor,
    *,
    organisation: Organisation,
    tier: str,
    reason: str = "",
    entered_on: date | None = None,
    **more: Any,
) -> ReserveEntry:
    """Take an enterprise into the library for a rung.

    Raises DomainError where it is in already, holds the rung, or is not verified; Refused outside the actor's region.
    """
    authorise(actor, "add", ReserveEntry)
    if not within_reach(actor, organisation.region.path):
        raise Refused(_("This enterprise lies outside your region."))
    if tier not in tiers():
        raise DomainError(_("Choose a tier of the ladder."), field="tier")
    if organisation.kind != Organisation.Kind.ENTERPRISE or organisation.state != Organisation.State.VERIFIED:
        message = _("“%(name)s” is no verified enterprise. Its county verifies it first.") % {"name": organisation.name}
        raise DomainError(message, field="organisation")
    if Certification.objects.filter(in_force(), organisation=organisation, tier=tier).exists():
        message = _("“%(name)s” is recognised as %(tier)s already.")
        raise DomainError(message % {"name": organisation.name, "tier": tier_name(tier)}, field="organisation")
    try:
        with transaction.atomic():
            return ReserveEntry.objects.create(
                organisation=organisation, tier=tier, reason=reason[:300], entered_by_id=actor.user_id,
                entered_on=entered_on or timezone.localdate(), **more,
            )  # fmt: skip
    except IntegrityError as error:
        message = _("“%(name)s” is in the library for this tier already.") % {"name": organisation.name}
        raise DomainError(message, field="organisation") from error


@transaction.atomic
def change_entry(actor: Actor, *, entry: ReserveEntry, **values: Any) -> ReserveEntry:
    """Correct the day and the reason of an open entry."""
    authorise(actor, "change", entry)
    row = ReserveEntry.objects.select_for_update().get(pk=entry.pk)
    for name in ("organisation", "tier"):
        if name in values and values.pop(name) != getattr(row, name):
            raise DomainError(_("Organisation and tier stay. End this entry and make a new one."), field=name)
    for name, value in values.items():
        if name not in ("entered_on", "reason"):
            raise ValueError(f"{name} cannot be changed")
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def leave_reserve(
    actor: Actor, *, entry: ReserveEntry, exit_reason: str, exit_note: str = "", left_on: date | None = None
) -> ReserveEntry:
    """End a stay, with its reason. Raises DomainError where it has ended already or would end before it began."""
    authorise(actor, "leave", entry)
    row = ReserveEntry.objects.select_for_update().get(pk=entry.pk)
    if row.left_on is not None:
        raise DomainError(_("This enterprise has left the library already."))
    if exit_reason not in ReserveEntry.Exit.values:
        raise DomainError(_("Choose why it leaves."), field="exit_reason")
    day = left_on or timezone.localdate()
    if day < row.entered_on:
        raise DomainError(_("It cannot leave before it entered."), field="left_on")
    row.left_on, row.exit_reason, row.exit_note = day, exit_reason, exit_note[:300]
    row.save()
    return row


def close_for_recognition(*, organisation: Organisation, tier: str, day: date) -> int:
    """Open entries for a rung that the enterprise now holds are over; entries begun later are left alone."""
    rows = ReserveEntry.objects.filter(organisation=organisation, tier=tier, left_on=None, entered_on__lte=day)
    return rows.update(left_on=day, exit_reason=ReserveEntry.Exit.RECOGNISED, updated_at=timezone.now())

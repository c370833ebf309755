"""Recording certifications, correcting and revoking them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.domain.reserve import close_for_recognition
from kechuang.apps.cultivation.ladder import HNTE, TECH_SME, tiers
from kechuang.apps.cultivation.models import Certification
from kechuang.apps.cultivation.permissions import within_reach
from kechuang.apps.directory.models import Organisation
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor, authorise

EDITABLE = ("number", "issued_on", "valid_until", "times", "source", "source_note")


@transaction.atomic
def add_certification(
    actor: Actor,
    *,
    organisation: Organisation,
    tier: str,
    issued_on: date,
    valid_until: date | None = None,
    **more: Any,
) -> Certification:
    """Record a recognition; the enterprise leaves the reserve library of that rung as recognised.

    Without ``valid_until`` a high-tech certificate holds three years and a technology SME's number the calendar year;
    others hold until further notice. Raises DomainError naming the field, Refused outside the actor's region.
    """
    authorise(actor, "add", Certification)
    _require_reach(actor, organisation)
    row = Certification(
        organisation=organisation, tier=tier, issued_on=issued_on,
        valid_until=valid_until or usual_end(tier, issued_on), **more,
    )  # fmt: skip
    _save(row)
    close_for_recognition(organisation=organisation, tier=tier, day=issued_on)
    return row


@transaction.atomic
def change_certification(actor: Actor, *, certification: Certification, **values: Any) -> Certification:
    """Correct what was recorded wrongly; whose it is and of which rung stays."""
    authorise(actor, "change", certification)
    row = Certification.objects.select_for_update().get(pk=certification.pk)
    for name in ("organisation", "tier"):
        if name in values and values.pop(name) != getattr(row, name):
            message = _("Organisation and tier stay. Revoke this certification and record the right one.")
            raise DomainError(message, field=name)
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"{name} cannot be changed")
        setattr(row, name, value)
    _save(row)
    return row


@transaction.atomic
def revoke_certification(
    actor: Actor, *, certification: Certification, reason: str, day: date | None = None
) -> Certification:
    """The authority has taken the recognition back as of ``day`` (today)."""
    authorise(actor, "revoke", certification)
    row = Certification.objects.select_for_update().get(pk=certification.pk)
    if row.state == Certification.State.REVOKED:
        raise DomainError(_("This certification was revoked already."))
    if not reason.strip():
        raise DomainError(_("Give the reason: the enterprise reads it."), field="reason")
    row.state, row.revoked_on = Certification.State.REVOKED, day or timezone.localdate()
    row.revoked_because = reason.strip()[:300]
    row.save()
    return row


def add_many(rows: Iterable[Certification]) -> int:
    """Write many certifications of one source at once, those already there left out; the number given.

    For loaders that have checked their rows; people use :func:`add_certification`.
    """
    return len(Certification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000))


def usual_end(tier: str, issued_on: date) -> date | None:
    """The last day that the rules of a rung give: three years, the calendar year, or none."""
    if tier == HNTE:
        return _years_on(issued_on, 3)
    return date(issued_on.year, 12, 31) if tier == TECH_SME else None


def _years_on(day: date, years: int) -> date:
    """The last day of a term that begins on ``day``: the day before its anniversary."""
    from datetime import timedelta

    try:
        return day.replace(year=day.year + years) - timedelta(days=1)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)


def _require_reach(actor: Actor, organisation: Organisation) -> None:
    if not within_reach(actor, organisation.region.path):
        raise Refused(_("This enterprise lies outside your region."))


def _save(row: Certification) -> None:
    if row.tier not in tiers():
        raise DomainError(_("Choose a tier of the ladder."), field="tier")
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=None if field == "__all__" else field) from error
    except IntegrityError as error:
        raise DomainError(_("This recognition of that day is recorded already.")) from error

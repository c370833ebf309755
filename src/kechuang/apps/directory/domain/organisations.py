"""Registering, verifying and correcting organisations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from kechuang.apps.directory.domain.memberships import grant
from kechuang.apps.directory.models import Membership, Organisation, Region, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.directory.uscc import clean_uscc
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.files import Upload, store
from kechuang.kit.models import StoredFile
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM, Actor, authorise
from kechuang.kit.workflow import advance

EDITABLE = ("name", "kind", "region", "industry", "founded_on", "address", "contact_name", "contact_phone")


class AlreadyRegistered(DomainError):
    """The code belongs to an organisation that is already here; the person may ask to join it."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(
            _("An organisation with this code is already registered. You can ask its administrator to add you."),
            field="uscc",
        )
        self.organisation = organisation


@transaction.atomic
def register_organisation(
    actor: Actor, *, user: User, uscc: str, name: str, region: Region, licence: Upload | None = None, **values: Any
) -> Organisation:
    """A person registers the own organisation and becomes its administrator; its county is told and verifies it.

    Raises AlreadyRegistered where the code is taken, DomainError naming the field where something is not valid.
    """
    if actor.user_id != user.pk and not actor.is_system:
        raise Refused(_("You can register an organisation only in your own name."))
    organisation = _create(uscc=uscc, name=name, region=region, licence=_licence(actor, licence), **values)
    grant(SYSTEM, user=user, role=Role.ORGANISATION_ADMIN, organisation=organisation)
    _tell_county(organisation)
    return organisation


@transaction.atomic
def add_organisation(actor: Actor, *, verified: bool = False, **values: Any) -> Organisation:
    """An official enters an organisation, if wished as verified at once."""
    authorise(actor, "add", Organisation)
    organisation = _create(**values)
    _require_own_region(actor, organisation.region)
    if verified:
        advance(organisation, "verify", actor=actor)
    return organisation


@transaction.atomic
def change_organisation(
    actor: Actor, *, organisation: Organisation, licence: Upload | None = None, **values: Any
) -> Organisation:
    """Correct the record. After verification its administrator can change contact and address, the county the rest.

    Raises DomainError naming the field, Refused where the field is no longer the administrator's to change.
    """
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    authorise(actor, "change", locked)
    changed = {name: value for name, value in values.items() if name in EDITABLE and getattr(locked, name) != value}
    _require_still_own(actor, locked, changed)
    for name, value in changed.items():
        setattr(locked, name, value)
    if licence is not None:
        locked.licence = _licence(actor, licence)
    _require_own_region(actor, locked.region)
    _save(locked)
    return locked


@transaction.atomic
def decide_organisation(actor: Actor, *, organisation: Organisation, step: str, reason: str = "") -> Organisation:
    """Take a step of its life (verify, return, refuse, resubmit, suspend, restore) and tell those who wait for it."""
    advance(organisation, step, actor=actor, reason=reason)
    if step == "resubmit":
        _tell_county(organisation)
    else:
        _tell_administrators(organisation, reason)
    return organisation


def _licence(actor: Actor, upload: Upload | None) -> StoredFile | None:
    """A scan or photo of the business licence, stored; errors are shown at the field ``licence``."""
    if upload is None:
        return None
    try:
        return store(upload, actor=actor, allowed=("pdf", "jpg", "png"))
    except DomainError as error:
        raise DomainError(error.message, field="licence") from None


def _create(**values: Any) -> Organisation:
    values["uscc"] = clean_uscc(values["uscc"])
    existing = Organisation.objects.filter(uscc=values["uscc"]).first()
    if existing:
        raise AlreadyRegistered(existing)
    if not values["region"].is_county:
        raise DomainError(_("Please choose the county or zone where the organisation is registered."), field="region")
    organisation = Organisation(**values)
    _save(organisation)
    return organisation


def _save(organisation: Organisation) -> None:
    organisation.name = " ".join(organisation.name.split())
    if organisation.founded_on and organisation.founded_on > date.today():
        raise DomainError(_("The day of registration lies in the future."), field="founded_on")
    try:
        organisation.full_clean(exclude=["bigrams", "verified_by"], validate_unique=False)
        with transaction.atomic():
            organisation.save()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=None if field == "__all__" else field) from None
    except IntegrityError:
        # Two people registered the same code in the same moment; the first one stands.
        raise AlreadyRegistered(Organisation.objects.get(uscc=organisation.uscc)) from None


def _require_own_region(actor: Actor, region: Region) -> None:
    """Officials act within their regions; the administrator of an organisation chooses its county freely."""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return
    official = actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION)
    if official and not any(region.path.startswith(path) for path in official):
        raise DomainError(_("This county lies outside your region."), field="region")


def _require_still_own(actor: Actor, organisation: Organisation, changed: dict[str, Any]) -> None:
    official = actor.is_system or actor.has({Role.PLATFORM_ADMIN, Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION})
    own = {"address", "contact_name", "contact_phone"}
    if official or organisation.state in (Organisation.State.PENDING, Organisation.State.RETURNED):
        return
    for name in changed.keys() - own:
        raise DomainError(_("This was verified by the county. Ask your county's workstation to change it."), field=name)


def _tell_county(organisation: Organisation) -> None:
    officials = User.objects.filter(
        memberships__role=Role.COUNTY_WORKSTATION,
        memberships__region=organisation.region,
        memberships__state=Membership.State.ACTIVE,
    )
    message = _("%(name)s waits for your verification.") % {"name": organisation.name}
    notify(officials, message, organisation.get_absolute_url(), kind="organisation", subject=organisation)


def _tell_administrators(organisation: Organisation, reason: str) -> None:
    people = User.objects.filter(
        memberships__role=Role.ORGANISATION_ADMIN,
        memberships__organisation=organisation,
        memberships__state=Membership.State.ACTIVE,
    )
    message = _("%(name)s: %(state)s.") % {"name": organisation.name, "state": organisation.get_state_display()}
    url = reverse("directory:my_organisation", args=[organisation.pk])
    notify(people, f"{message} {reason}".strip(), url, kind="organisation", subject=organisation)

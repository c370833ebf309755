"""Who may see and do what with the models of this app.

Certifications in force are public. Officials see the records of their regions, an enterprise its own.
"""

from __future__ import annotations

from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import OFFICERS, READERS, STAFF, Role
from kechuang.kit.permissions import ALLOWED, EVERYONE, Actor, Decision, Policy, register

OWNERS = frozenset({Role.ORGANISATION_ADMIN.value, Role.ORGANISATION_MEMBER.value})
KEEPERS = OFFICERS | {Role.COUNTY_WORKSTATION.value}
"""The officials who keep certifications and the reserve library of their regions."""
VIEWERS = READERS | KEEPERS
_REGIONAL = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)


def in_force() -> Q:
    """Certifications that hold today."""
    until = Q(valid_until__isnull=True) | Q(valid_until__gte=timezone.localdate())
    return Q(state=Certification.State.GRANTED) & until


def _of_organisation(actor: Actor) -> Q:
    own = actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)
    return within("organisation__region__path", actor.regions(*_REGIONAL)) | Q(organisation__in=own)


@register
class CertificationPolicy(Policy):
    model = Certification
    actions = {
        "view": EVERYONE,
        "add": KEEPERS,
        "change": KEEPERS,
        "import": KEEPERS,
        "revoke": OFFICERS,
        "export": STAFF,
        "history": STAFF,
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return in_force() | _of_organisation(actor)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        assert isinstance(obj, Certification)  # noqa: S101 -- the policy is registered for this model
        if action in {"change", "revoke"}:
            if not within_reach(actor, obj.organisation.region.path):
                return Decision(False, _("This enterprise lies outside your region."))
            if obj.state == Certification.State.REVOKED:
                return Decision(False, _("This certification was revoked. Nothing more can be done with it."))
        return ALLOWED


@register
class ReserveEntryPolicy(Policy):
    """The library is a working list: officials see it by region, an enterprise that it is in it."""

    model = ReserveEntry
    actions = {
        "view": VIEWERS | OWNERS,
        "add": KEEPERS,
        "change": KEEPERS,
        "import": KEEPERS,
        "leave": KEEPERS,
        "export": VIEWERS,
        "history": VIEWERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        return None if Role.PLATFORM_ADMIN in actor.roles else _of_organisation(actor)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        assert isinstance(obj, ReserveEntry)  # noqa: S101 -- the policy is registered for this model
        if action in {"leave", "change"} and obj.left_on is not None:
            return Decision(False, _("This enterprise has left the library already."))
        return ALLOWED


def within_reach(actor: Actor, path: str) -> bool:
    """May the actor keep records of an organisation in the region of that path?"""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return True
    return any(path.startswith(own) for own in actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION))

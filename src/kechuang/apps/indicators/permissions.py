"""Who may see and do what with the models of this app."""

from __future__ import annotations

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import OFFICERS, STAFF, Role
from kechuang.apps.indicators.models import Indicator, IndicatorName, Observation, PeriodLock, Target
from kechuang.kit.permissions import ALLOWED, EVERYONE, READING, Actor, Decision, Policy, register

REPORTERS = OFFICERS | {Role.COUNTY_WORKSTATION.value, Role.RESPONSIBLE_UNIT.value}
_REGIONAL = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR)
_PUBLISHED = Q(state=Target.State.ACTIVE, origin=Target.Origin.DOCUMENT, parent__isnull=True)


def may_report(actor: Actor, indicator: Indicator, region: Region) -> Decision:
    """May the actor hand in this indicator's figures of this region?

    Officers for every place in their region, a county for itself, the responsible unit for the place it works for.
    """
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return ALLOWED
    own = actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION)
    if any(region.path.startswith(path) for path in own):
        return ALLOWED
    unit = indicator.responsible_unit
    if unit and unit.pk in actor.units(Role.RESPONSIBLE_UNIT) and unit.region_id == region.pk:
        return ALLOWED
    return Decision(False, _("You report for your own region or unit only; this figure belongs to another."))


@register
class IndicatorPolicy(Policy):
    """The catalogue is public; the bureau's officers keep it."""

    model = Indicator
    actions = {
        "view": EVERYONE,
        "add": OFFICERS,
        "change": OFFICERS,
        "delete": OFFICERS,
        "import": OFFICERS,
        "merge": OFFICERS,
        "confirm": OFFICERS,
        "history": STAFF,
        "export": STAFF,
    }

    def rows(self, actor: Actor) -> Q | None:
        return None if actor.has(STAFF) else Q(state=Indicator.State.CONFIRMED)


@register
class IndicatorNamePolicy(Policy):
    model = IndicatorName
    actions = {"view": STAFF, "add": OFFICERS, "change": OFFICERS, "delete": OFFICERS}


@register
class TargetPolicy(Policy):
    """What a document published is public; staff see all targets of their region, units those of their indicators."""

    model = Target
    actions = {
        "view": EVERYONE,
        "add": OFFICERS,
        "change": OFFICERS,
        "delete": OFFICERS,
        "import": OFFICERS,
        "decompose": OFFICERS,
        "history": STAFF,
        "export": STAFF,
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        units = actor.units(Role.RESPONSIBLE_UNIT)
        return (
            _PUBLISHED
            | within("region__path", actor.regions(*_REGIONAL))
            | Q(indicator__responsible_unit__in=units, state=Target.State.ACTIVE)
        )

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        """Everyone may read what is published; only the officers of its region change a target."""
        assert isinstance(obj, Target)  # noqa: S101 -- the policy is registered for this model
        if action in READING or Role.PLATFORM_ADMIN in actor.roles:
            return ALLOWED
        if any(obj.region.path.startswith(path) for path in actor.regions(Role.BUREAU_OFFICER)):
            return ALLOWED
        return Decision(False, _("This target belongs to another region."))


@register
class ObservationPolicy(Policy):
    """Reported figures are for staff: of the own region, or of the indicators the own unit answers for."""

    model = Observation
    actions = {
        "view": STAFF,
        "add": REPORTERS,
        "change": REPORTERS,
        "submit": REPORTERS,
        "withdraw": REPORTERS,
        "approve": OFFICERS,
        "return": OFFICERS,
        "revise": REPORTERS,
        "import": REPORTERS,
        "delete": REPORTERS,
        "supersede": frozenset(),
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        units = actor.units(Role.RESPONSIBLE_UNIT)
        return within("region__path", actor.regions(*_REGIONAL)) | Q(indicator__responsible_unit__in=units)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        assert isinstance(obj, Observation)  # noqa: S101 -- the policy is registered for this model
        if action in {"change", "delete"} and obj.state not in (Observation.State.DRAFT, Observation.State.RETURNED):
            return Decision(False, _("Only a draft is changed. Take back what is handed in; revise what is approved."))
        if action in {"change", "submit", "withdraw", "revise", "delete"}:
            return may_report(actor, obj.indicator, obj.region)
        return ALLOWED


@register
class PeriodLockPolicy(Policy):
    model = PeriodLock
    actions = {"view": STAFF, "add": OFFICERS}

"""Who may see and do what with the models of this app."""

from __future__ import annotations

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import OFFICERS, READERS, STAFF, Role
from kechuang.apps.indicators.models import (
    Fact,
    FactContest,
    FactKind,
    Indicator,
    IndicatorName,
    Observation,
    PeriodLock,
    RdExpense,
    RdProject,
    RdYear,
    Snapshot,
    Target,
)
from kechuang.kit.permissions import ALLOWED, EVERYONE, READING, Actor, Decision, Policy, register

REPORTERS = OFFICERS | {Role.COUNTY_WORKSTATION.value, Role.RESPONSIBLE_UNIT.value}
OWNERS = frozenset({Role.ORGANISATION_ADMIN.value, Role.ORGANISATION_MEMBER.value})
KEEPERS = OFFICERS | {Role.COUNTY_WORKSTATION.value}
"""The officials who verify what enterprises of their region say."""
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


def of_organisation(actor: Actor, path: str = "organisation") -> Q | None:
    """Rows that belong (by ``path``) to an organisation of the actor's regions, or to the actor's own; None: all."""
    if Role.PLATFORM_ADMIN in actor.roles:
        return None
    own = actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)
    return within(f"{path}__region__path", actor.regions(*_REGIONAL)) | Q(**{f"{path}__in": own})


def speaks_for(actor: Actor, organisation: Organisation) -> bool:
    """The actor is one of the organisation's own people."""
    return organisation.pk in actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)


def may_keep(actor: Actor, organisation: Organisation) -> Decision:
    """May the actor enter facts of this organisation: as one of its people, or as an official of its region?"""
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles or speaks_for(actor, organisation):
        return ALLOWED
    official = actor.regions(Role.BUREAU_OFFICER, Role.COUNTY_WORKSTATION)
    if any(organisation.region.path.startswith(path) for path in official):
        return ALLOWED
    return Decision(False, _("You enter facts of your own organisation, or of those in your region, only."))


@register
class FactKindPolicy(Policy):
    """What can be known of an organisation is public; the bureau's officers keep the catalogue."""

    model = FactKind
    actions = {"view": EVERYONE, "add": OFFICERS, "change": OFFICERS, "history": STAFF, "export": STAFF}

    def rows(self, actor: Actor) -> Q | None:
        return None if actor.has(STAFF) else Q(active=True)


@register
class FactPolicy(Policy):
    """An organisation sees and declares its own facts; the officials of its region see and verify them."""

    model = Fact
    actions = {
        "view": READERS | KEEPERS | OWNERS,
        "add": KEEPERS | OWNERS,
        "import": KEEPERS,
        "verify": KEEPERS,
        "contest": KEEPERS | OWNERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        return of_organisation(actor)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        assert isinstance(obj, Fact)  # noqa: S101 -- the policy is registered for this model
        if action != "verify":
            return ALLOWED
        if obj.source == Fact.Source.VERIFIED or obj.state != Fact.State.IN_FORCE:
            return Decision(False, _("This fact is verified already, or no longer in force."))
        if actor.user_id is not None and actor.user_id == obj.entered_by_id:
            return Decision(False, _("You entered this fact yourself. Another official verifies it."))
        return ALLOWED


@register
class FactContestPolicy(Policy):
    """Whoever sees the fact sees that it is contested; an official other than who raised it answers."""

    model = FactContest
    actions = {
        "view": READERS | KEEPERS | OWNERS,
        "add": KEEPERS | OWNERS,
        "accept": KEEPERS,
        "refuse": KEEPERS,
        "withdraw": KEEPERS | OWNERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        return of_organisation(actor)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        assert isinstance(obj, FactContest)  # noqa: S101 -- the policy is registered for this model
        own = actor.user_id is not None and actor.user_id == obj.raised_by_id
        if action in {"accept", "refuse"} and own:
            return Decision(False, _("You raised this yourself. Another official answers it."))
        if action == "withdraw" and not (own or speaks_for(actor, obj.organisation)):
            return Decision(False, _("Only who raised it takes it back."))
        return ALLOWED


@register
class SnapshotPolicy(Policy):
    """A frozen frame holds the facts of everyone: for those who read the whole of it."""

    model = Snapshot
    actions = {"view": READERS, "add": OFFICERS}


class _AccountPolicy(Policy):
    """The research account is kept by the enterprise itself; the officials of its region read it."""

    path = "organisation"
    actions = {
        "view": READERS | KEEPERS | OWNERS,
        "add": OWNERS,
        "change": OWNERS,
        "delete": OWNERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        return of_organisation(actor, self.path)


@register
class RdProjectPolicy(_AccountPolicy):
    model = RdProject


@register
class RdExpensePolicy(_AccountPolicy):
    model = RdExpense
    path = "project__organisation"


@register
class RdYearPolicy(_AccountPolicy):
    model = RdYear

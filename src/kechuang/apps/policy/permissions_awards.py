"""Who assesses, confirms, releases and pays; who tries what a change would do. Auditors read all of it."""

from __future__ import annotations

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import BUREAU, OFFICERS, READERS, Role
from kechuang.apps.indicators.permissions import OWNERS
from kechuang.apps.policy.models.award import Award, EligibilityRun
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.kit.permissions import ALLOWED, READING, Actor, Decision, Policy, register

_REGIONAL = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.AUDITOR)


class _Regional(Policy):
    """Rows of the own region."""

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return within("region__path", actor.regions(*_REGIONAL))


@register
class EligibilityRunPolicy(_Regional):
    model = EligibilityRun
    actions = {"view": READERS, "add": OFFICERS}


@register
class AwardPolicy(_Regional):
    """Officers confirm and publish; a payment is released by another officer or a leader. An organisation reads what
    was granted to it, and nobody else's."""

    model = Award
    actions = {
        "view": READERS | OWNERS,
        "list": READERS,
        "export": READERS,
        "confirm": OFFICERS,
        "publish": OFFICERS,
        "release": BUREAU,
        "pay": BUREAU,
        "withdraw": OFFICERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        regional = super().rows(actor)
        return None if regional is None else regional | Q(organisation__in=actor.organisations(*OWNERS))

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        if action == "release" and actor.user_id is not None and getattr(obj, "confirmed_by_id", 0) == actor.user_id:
            return Decision(False, _("You confirmed this yourself: a colleague or a leader releases the payment."))
        return ALLOWED


@register
class ScenarioPolicy(_Regional):
    """A scenario is its owner's until it is shared with the bureau."""

    model = Scenario
    actions = {"view": READERS, "add": BUREAU, "change": BUREAU, "delete": BUREAU}

    def rows(self, actor: Actor) -> Q | None:
        shared = super().rows(actor)
        own = Q(owner=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
        return own | (Q(shared=True) if shared is None else (Q(shared=True) & shared))

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        if action in READING or getattr(obj, "owner_id", None) == actor.user_id:
            return ALLOWED
        return Decision(False, _("This scenario is somebody else's: open it and save it as your own."))

"""The way of an award: confirmed, on public notice, released for payment, paid; or withdrawn with a reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.models.award import Award, AwardState
from kechuang.kit.workflow import Transition, Workflow, register

AWARD = register(
    Award,
    Workflow(
        "award",
        [
            Transition("confirm", {AwardState.PROPOSED}, AwardState.CONFIRMED, _("Confirm")),
            Transition("publish", {AwardState.CONFIRMED}, AwardState.PUBLIC_NOTICE, _("Put on public notice")),
            Transition("release", {AwardState.PUBLIC_NOTICE}, AwardState.PAYABLE, _("Release for payment")),
            Transition("pay", {AwardState.PAYABLE}, AwardState.PAID, _("Record as paid")),
            Transition(
                "withdraw",
                {AwardState.PROPOSED, AwardState.CONFIRMED, AwardState.PUBLIC_NOTICE, AwardState.PAYABLE},
                AwardState.WITHDRAWN,
                _("Withdraw"),
                needs_reason=True,
            ),
        ],
    ),
)

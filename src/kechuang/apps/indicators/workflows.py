"""The way of a figure: entered, handed in, decided on by a second pair of eyes."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.indicators.models import Observation
from kechuang.kit.permissions import ALLOWED, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, register

State = Observation.State


def _second_pair_of_eyes(observation: Observation, actor: Actor) -> Decision:
    if actor.user_id is not None and actor.user_id == observation.submitted_by_id:
        return Decision(False, _("You handed this figure in yourself. Another officer decides on it."))
    return ALLOWED


OBSERVATION = register(
    Observation,
    Workflow(
        "observation",
        [
            Transition(
                "submit",
                sources={State.DRAFT, State.RETURNED},
                target=State.SUBMITTED,
                label=gettext_lazy("Hand in"),
                deadline_days=5,
            ),
            Transition("withdraw", sources={State.SUBMITTED}, target=State.DRAFT, label=gettext_lazy("Take back")),
            Transition(
                "approve",
                sources={State.SUBMITTED},
                target=State.APPROVED,
                label=gettext_lazy("Approve"),
                guard=_second_pair_of_eyes,
            ),
            Transition(
                "return",
                sources={State.SUBMITTED},
                target=State.RETURNED,
                label=gettext_lazy("Return"),
                needs_reason=True,
                guard=_second_pair_of_eyes,
            ),
            Transition(
                "supersede",
                sources={State.APPROVED},
                target=State.SUPERSEDED,
                label=gettext_lazy("Replace by a revision"),
            ),
        ],
    ),
)

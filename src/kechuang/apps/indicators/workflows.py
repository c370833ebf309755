"""The way of a figure: entered, handed in, decided on by a second pair of eyes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.indicators.models import FactContest, Observation
from kechuang.kit.permissions import ALLOWED, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, register

State = Observation.State


def _second_pair_of_eyes(observation: Observation, actor: Actor) -> Decision:
    if actor.user_id is not None and actor.user_id == observation.submitted_by_id:
        return Decision(False, _("You handed this figure in yourself. Another officer decides on it."))
    return ALLOWED


def _handed_in(observation: Observation, actor: Actor, reason: str) -> dict[str, Any]:
    return {"submitted_by_id": actor.user_id, "submitted_at": timezone.now(), "approved_by_id": None}


def _decided(observation: Observation, actor: Actor, reason: str) -> dict[str, Any]:
    return {"approved_by_id": actor.user_id, "approved_at": timezone.now(), "return_reason": reason[:300]}


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
                changes=_handed_in,
            ),
            Transition("withdraw", sources={State.SUBMITTED}, target=State.DRAFT, label=gettext_lazy("Take back")),
            Transition(
                "approve",
                sources={State.SUBMITTED},
                target=State.APPROVED,
                label=gettext_lazy("Approve"),
                guard=_second_pair_of_eyes,
                changes=_decided,
            ),
            Transition(
                "return",
                sources={State.SUBMITTED},
                target=State.RETURNED,
                label=gettext_lazy("Return"),
                needs_reason=True,
                guard=_second_pair_of_eyes,
                changes=_decided,
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


def _answered(contest: FactContest, actor: Actor, reason: str) -> dict[str, Any]:
    return {"answer": reason[:300], "answered_by_id": actor.user_id, "answered_at": timezone.now()}


FACT_CONTEST = register(
    FactContest,
    Workflow(
        "fact_contest",
        [
            Transition(
                "accept",
                sources={FactContest.State.OPEN},
                target=FactContest.State.ACCEPTED,
                label=gettext_lazy("Accept"),
                changes=_answered,
            ),
            Transition(
                "refuse",
                sources={FactContest.State.OPEN},
                target=FactContest.State.REFUSED,
                label=gettext_lazy("The known value stands"),
                needs_reason=True,
                changes=_answered,
            ),
            Transition(
                "withdraw",
                sources={FactContest.State.OPEN},
                target=FactContest.State.WITHDRAWN,
                label=gettext_lazy("Take back"),
            ),
        ],
    ),
)

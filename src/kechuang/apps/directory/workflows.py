"""The life of an organisation's record: registered, verified by its county, perhaps suspended."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.directory.roles import OFFICERS, Role
from kechuang.kit.models import StepLog
from kechuang.kit.permissions import Actor
from kechuang.kit.workflow import Transition, Workflow, register

State = Organisation.State
VERIFIERS = OFFICERS | {Role.COUNTY_WORKSTATION.value}


def _verified(organisation: Organisation, actor: Actor, step: StepLog) -> None:
    organisation.verified_by_id = actor.user_id
    organisation.verified_at = timezone.now()
    _note(organisation, actor, step)


def _note(organisation: Organisation, actor: Actor, step: StepLog) -> None:
    organisation.state_note = step.reason
    organisation.save()


WORKFLOW = Workflow(
    "organisation",
    [
        Transition(
            "verify",
            sources={State.PENDING},
            target=State.VERIFIED,
            label=_("Verify"),
            roles=VERIFIERS,
            effect=_verified,
        ),
        Transition(
            "return",
            sources={State.PENDING},
            target=State.RETURNED,
            label=_("Return for correction"),
            roles=VERIFIERS,
            needs_reason=True,
            effect=_note,
        ),
        Transition(
            "refuse",
            sources={State.PENDING},
            target=State.REFUSED,
            label=_("Refuse"),
            roles=VERIFIERS,
            needs_reason=True,
            effect=_note,
        ),
        Transition(
            "resubmit",
            sources={State.RETURNED},
            target=State.PENDING,
            label=_("Submit again"),
            roles={Role.ORGANISATION_ADMIN.value},
        ),
        Transition(
            "suspend",
            sources={State.VERIFIED},
            target=State.SUSPENDED,
            label=_("Suspend"),
            roles=OFFICERS,
            needs_reason=True,
            effect=_note,
        ),
        Transition(
            "restore",
            sources={State.SUSPENDED},
            target=State.VERIFIED,
            label=_("Restore"),
            roles=OFFICERS,
            effect=_note,
        ),
    ],
)
register(Organisation, WORKFLOW)

"""The life of a document. Steps without roles are the platform's own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.roles import OFFICERS
from kechuang.apps.policy.models import IN_FORCE_STATES, REVIEW_STATES, Document, DocumentState
from kechuang.kit.permissions import ALLOWED, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, register


def _nothing_is_missing(document: Any, actor: Actor) -> Decision:
    from kechuang.apps.policy.domain.queries.progress import obstacles

    missing = obstacles(document)
    return Decision(False, " ".join(missing)) if missing else ALLOWED


DOCUMENT = register(
    Document,
    Workflow(
        "policy document",
        [
            Transition(
                "read",
                sources={DocumentState.UPLOADED, DocumentState.FAILED},
                target=DocumentState.EXTRACTING,
                label=_("Read"),
            ),
            Transition(
                "fail", sources={DocumentState.EXTRACTING}, target=DocumentState.FAILED, label=_("Could not be read")
            ),
            Transition(
                "ready", sources={DocumentState.EXTRACTING}, target=DocumentState.IN_REVIEW, label=_("Ready for review")
            ),
            Transition(
                "publish",
                sources=set(REVIEW_STATES),
                target=DocumentState.PUBLISHED,
                label=_("Publish"),
                roles=OFFICERS,
                guard=_nothing_is_missing,
            ),
            Transition(
                "reopen",
                sources={DocumentState.PUBLISHED},
                target=DocumentState.REVISING,
                label=_("Reopen for correction"),
                roles=OFFICERS,
                needs_reason=True,
            ),
            Transition(
                "repeal",
                sources=set(IN_FORCE_STATES),
                target=DocumentState.REPEALED,
                label=_("Repeal"),
                roles=OFFICERS,
                needs_reason=True,
            ),
            Transition(
                "supersede",
                sources={*IN_FORCE_STATES, DocumentState.REPEALED},
                target=DocumentState.SUPERSEDED,
                label=_("Superseded by a newer version"),
            ),
        ],
    ),
)

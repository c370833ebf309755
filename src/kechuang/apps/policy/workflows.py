"""The life of a document.

Every step is the platform's own: a person's decision runs through the verbs of ``domain.publication``, which do all
that goes with it and then take the step in the person's name with :func:`take_step`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.models import IN_FORCE_STATES, REVIEW_STATES, Document, DocumentState
from kechuang.kit.permissions import ALLOWED, Actor, Decision
from kechuang.kit.workflow import Transition, Workflow, advance, register


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
                "go_public",
                sources=set(REVIEW_STATES),
                target=DocumentState.PUBLISHED,
                label=_("Publish"),
                guard=_nothing_is_missing,
            ),
            Transition(
                "open_again",
                sources={DocumentState.PUBLISHED},
                target=DocumentState.REVISING,
                label=_("Reopen for correction"),
                needs_reason=True,
            ),
            Transition(
                "end",
                sources=set(IN_FORCE_STATES),
                target=DocumentState.REPEALED,
                label=_("Repeal"),
                needs_reason=True,
            ),
            Transition(
                "give_way",
                sources={*IN_FORCE_STATES, DocumentState.REPEALED},
                target=DocumentState.SUPERSEDED,
                label=_("Superseded by a newer version"),
            ),
        ],
    ),
)


def take_step(actor: Actor, document: Document, name: str, reason: str = "") -> None:
    """Take a step of the document's life in the name of an actor whom the calling verb has authorised."""
    advance(document, name, actor=replace(actor, is_system=True), reason=reason)

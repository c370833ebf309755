"""Workflows: declared state machines over a field of a model.

    REPORTING = register(
        Report,
        Workflow(
            "report",
            [
                Transition("submit", {"draft", "returned"}, "submitted", _("Submit"), deadline_days=5),
                Transition("return", {"submitted"}, "returned", _("Return"), needs_reason=True),
            ],
        ),
    )
    advance(report, "submit", actor=actor)

A step is allowed to whoever the model's policy allows the action of the same name, or where the policy knows no such
action, to the transition's ``roles`` on rows that they see. Every step is logged, and the log can only grow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kechuang.kit.calendar import add_working_days
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import StepLog
from kechuang.kit.permissions import ALLOWED, Actor, Decision, can, policy_for
from kechuang.kit.references import pointing_at

Guard = Callable[[Any, Actor], Decision]
Changes = Callable[[Any, Actor, str], Mapping[str, Any]]
Effect = Callable[[Any, Actor, StepLog], None]


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: from which states to which, by whom, under which condition, and what else happens with it.

    ``guard(obj, actor)`` answers with a reason that is shown beside the step. ``changes(obj, actor, reason)`` gives
    fields to write with the state, in the same entry of the record's history. ``effect(obj, actor, step)`` runs inside
    the step's transaction, on the locked record after its state changed. ``deadline_days`` are the working days that
    the next step may take.
    """

    name: str
    sources: Collection[str]
    target: str
    label: str | Promise
    roles: Collection[str] = ()
    guard: Guard | None = None
    needs_reason: bool = False
    deadline_days: int | None = None
    changes: Changes | None = None
    effect: Effect | None = None


class Workflow:
    """The transitions of one field of a model; their names are unique in the model."""

    def __init__(self, name: str, transitions: Iterable[Transition], field: str = "state") -> None:
        self.name = name
        self.field = field
        self.transitions = {transition.name: transition for transition in transitions}

    def state_of(self, obj: Model) -> str:
        """The state that the object is in, as far as this copy of it knows."""
        return str(getattr(obj, self.field))


_workflows: dict[type[Model], list[Workflow]] = {}


def register(model: type[Model], workflow: Workflow) -> Workflow:
    """Declare that records of ``model`` follow ``workflow``; a model may follow several, over different fields."""
    others = [other for other in _workflows.get(model, []) if other.name != workflow.name]
    for other in others:
        if twice := other.transitions.keys() & workflow.transitions.keys():
            raise ValueError(f"{model.__name__} has two transitions named {', '.join(sorted(twice))}")
    _workflows[model] = [*others, workflow]
    return workflow


def workflow_models() -> tuple[type[Model], ...]:
    """The models that follow a workflow."""
    return tuple(_workflows)


def workflows_of(model: type[Model]) -> tuple[Workflow, ...]:
    """The workflows that records of a model follow."""
    return tuple(_workflows.get(model, ()))


def available(obj: Model, actor: Actor) -> list[tuple[Transition, Decision]]:
    """The steps from the object's state that are the actor's to take; a refusing decision says what is missing."""
    steps = []
    for workflow in workflows_of(type(obj)):
        for transition in workflow.transitions.values():
            if workflow.state_of(obj) in transition.sources and _may(transition, obj, actor):
                steps.append((transition, _guarded(transition, obj, actor)))
    return steps


@transaction.atomic
def advance(obj: Model, name: str, *, actor: Actor, reason: str = "") -> StepLog:
    """Take the step ``name``: lock the record, ask, change its state, run the effect, log.

    Raises :class:`Stale` where the record is no longer in a state that the step starts from (a second click), and
    :class:`Refused` with the reason where the actor may not or the guard says no. Save other changes to ``obj`` before:
    it is read again from the database at the end.
    """
    workflow, transition = _find(type(obj), name)
    locked = type(obj)._default_manager.select_for_update(of=("self",)).get(pk=obj.pk)
    before = workflow.state_of(locked)
    if before not in transition.sources:
        raise Stale(_state_message(workflow, locked))
    decision = _may(transition, locked, actor) and _guarded(transition, locked, actor)
    if not decision:
        raise Refused(decision.reason)
    if transition.needs_reason and not reason.strip():
        raise DomainError(_("Write down why: the other side will read it."), field="reason")
    changes = transition.changes(locked, actor, reason.strip()) if transition.changes is not None else {}
    for field, value in {**changes, workflow.field: transition.target}.items():
        setattr(locked, field, value)
    locked.save()
    step = StepLog.objects.create(
        subject=locked,
        workflow=workflow.name,
        transition=transition.name,
        from_state=before,
        to_state=transition.target,
        actor_id=actor.user_id,
        reason=reason.strip(),
        deadline=_deadline(transition),
    )
    if transition.effect is not None:
        transition.effect(locked, actor, step)
    obj.refresh_from_db()
    return step


def history(obj: Model) -> QuerySet[StepLog]:
    """The steps that the object took, oldest first, each with its person."""
    return StepLog.objects.filter(**pointing_at(obj, "subject")).select_related("actor").order_by("at", "pk")


def _find(model: type[Model], name: str) -> tuple[Workflow, Transition]:
    for workflow in workflows_of(model):
        if name in workflow.transitions:
            return workflow, workflow.transitions[name]
    raise LookupError(f"{model.__name__} has no transition {name}")


def _may(transition: Transition, obj: Model, actor: Actor) -> Decision:
    policy = policy_for(type(obj))
    if transition.roles and not actor.has(transition.roles):
        return Decision(False, policy.refusal(transition.name))
    if transition.name in policy.actions:
        return can(actor, transition.name, obj)
    if not transition.roles and not actor.is_system:
        return Decision(False, policy.refusal(transition.name))
    return can(actor, "view", obj)


def _guarded(transition: Transition, obj: Model, actor: Actor) -> Decision:
    return transition.guard(obj, actor) if transition.guard is not None else ALLOWED


def _state_message(workflow: Workflow, obj: Model) -> str:
    display = getattr(obj, f"get_{workflow.field}_display", None)
    state = display() if display is not None else workflow.state_of(obj)
    return _("Someone was faster: this is now “%(state)s”. Load the page again to see what can be done.") % {
        "state": state
    }


def _deadline(transition: Transition) -> Any:
    if transition.deadline_days is None:
        return None
    return add_working_days(timezone.localdate(), transition.deadline_days)

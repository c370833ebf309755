from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from kechuang.apps.directory.models import Organisation, Unit, User
from kechuang.kit import workflow
from kechuang.kit.calendar import add_working_days
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import StepLog
from kechuang.kit.permissions import ALLOWED, PUBLIC, SYSTEM, Actor, Decision, Grant, visible
from kechuang.kit.workflow import Transition, Workflow, advance, available, history, register

CLERK = Actor(user_id=None, grants=(Grant("clerk"),))


def has_address(organisation: Any, actor: Actor) -> Decision:
    return ALLOWED if organisation.address else Decision(False, "Write the address first.")


def note(organisation: Any, actor: Actor, step: StepLog) -> None:
    organisation.state_note = f"{step.transition}: {step.reason}"
    organisation.save()


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "_workflows", {})
    register(
        Unit,
        Workflow(
            "kind",
            [
                Transition("hand_in", {"agency"}, "party", "Hand in", roles={"clerk"}, deadline_days=5),
                Transition("send_back", {"party"}, "agency", "Send back", roles={"clerk"}, needs_reason=True),
                Transition("expire", {"agency", "party"}, "mass_organisation", "Expire"),
            ],
            field="kind",
        ),
    )
    register(
        Organisation,
        Workflow(
            "state",
            [
                Transition(
                    "verify",
                    {"pending"},
                    "verified",
                    "Verify",
                    guard=has_address,
                    changes=lambda organisation, actor, reason: {"contact_name": reason},
                    effect=note,
                )
            ],
        ),
    )


@pytest.fixture
def unit(units: list[Unit]) -> Unit:
    Unit.objects.filter(pk=units[0].pk).update(kind="agency")
    return Unit.objects.get(pk=units[0].pk)


def test_a_step_changes_the_state_and_is_logged(unit: Unit, users: list[User]) -> None:
    actor = Actor(user_id=users[0].pk, grants=(Grant("clerk"),))
    step = advance(unit, "hand_in", actor=actor, reason="  ready ")
    assert unit.kind == "party"
    assert (step.from_state, step.to_state, step.reason) == ("agency", "party", "ready")
    assert step.deadline == add_working_days(date.today(), 5)
    assert [(each.transition, each.actor) for each in history(unit)] == [("hand_in", users[0])]


def test_a_second_click_finds_the_state_changed(unit: Unit) -> None:
    same = Unit.objects.get(pk=unit.pk)
    advance(unit, "hand_in", actor=CLERK)
    with pytest.raises(Stale, match=str(Unit.Kind.PARTY.label)):
        advance(same, "hand_in", actor=CLERK)
    assert history(unit).count() == 1


def test_a_step_that_needs_a_reason_says_so(unit: Unit) -> None:
    advance(unit, "hand_in", actor=CLERK)
    with pytest.raises(DomainError) as error:
        advance(unit, "send_back", actor=CLERK, reason="   ")
    assert error.value.field == "reason"
    assert advance(unit, "send_back", actor=CLERK, reason="incomplete").reason == "incomplete"


def test_only_the_roles_of_a_step_take_it(unit: Unit) -> None:
    with pytest.raises(Refused):
        advance(unit, "hand_in", actor=PUBLIC)
    assert available(unit, PUBLIC) == []
    assert [step.name for step, _decision in available(unit, CLERK)] == ["hand_in"]


def test_a_step_without_roles_is_the_platform_s_own(unit: Unit) -> None:
    with pytest.raises(Refused):
        advance(unit, "expire", actor=CLERK)
    assert advance(unit, "expire", actor=SYSTEM).actor is None


def test_where_the_policy_knows_the_action_its_rows_decide(people: dict[str, User], officer: Actor) -> None:
    own = Organisation.objects.get(memberships__user=people["organisation_member"])
    Organisation.objects.filter(pk=own.pk).update(state="pending", address="路")
    own.refresh_from_db()
    elsewhere = Actor(grants=(Grant("bureau_officer", region="999999/"),))
    with pytest.raises(Refused):
        advance(own, "verify", actor=elsewhere)
    advance(own, "verify", actor=officer)
    assert own.state == "verified"


def test_a_step_writes_fields_and_has_its_effect(organisations: list[Organisation]) -> None:
    organisation = organisations[0]
    Organisation.objects.filter(pk=organisation.pk).update(address="路")
    advance(organisation, "verify", actor=SYSTEM, reason="李")
    assert (organisation.contact_name, organisation.state_note) == ("李", "verify: 李")
    told = organisation.events.filter(state="verified").order_by("pgh_id").values_list("contact_name", "state_note")
    assert list(told) == [("李", ""), ("李", "verify: 李")]


def test_a_guard_gives_its_reason_beside_the_step_and_when_taken(organisations: list[Organisation]) -> None:
    [(step, decision)] = available(organisations[0], SYSTEM)
    assert (step.name, decision.allowed, decision.reason) == ("verify", False, "Write the address first.")
    with pytest.raises(Refused, match="address"):
        advance(organisations[0], "verify", actor=SYSTEM)
    assert not history(organisations[0]).exists()


def test_a_failing_effect_leaves_the_state(organisations: list[Organisation], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(organisation: Any, actor: Actor, step: StepLog) -> None:
        raise DomainError("no")

    transition = Transition("verify", {"pending"}, "verified", "Verify", effect=fail)
    register(Organisation, Workflow("state", [transition]))
    with pytest.raises(DomainError), transaction.atomic():
        advance(organisations[0], "verify", actor=SYSTEM)
    organisations[0].refresh_from_db()
    assert organisations[0].state == "pending"
    assert not StepLog.objects.exists()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda step: StepLog.objects.filter(pk=step.pk).update(reason="nicer"),
        lambda step: step.delete(),
        lambda step: connection.cursor().execute("TRUNCATE kit_steplog"),
    ],
)
def test_the_log_can_only_grow(unit: Unit, tamper: Callable[[StepLog], object]) -> None:
    step = advance(unit, "hand_in", actor=CLERK)
    with pytest.raises(DatabaseError), transaction.atomic():
        tamper(step)
    assert history(unit).get().reason == ""


def test_steps_are_as_visible_as_their_record(people: dict[str, User], officer: Actor, member: Actor) -> None:
    own = Organisation.objects.get(memberships__user=people["organisation_member"])
    other = Organisation.objects.create(uscc="other", name="他方", region=own.region)
    for organisation in (own, other):
        Organisation.objects.filter(pk=organisation.pk).update(state="pending", address="路")
        organisation.refresh_from_db()
        advance(organisation, "verify", actor=SYSTEM)
    assert visible(officer, StepLog).count() == 2
    assert visible(member, StepLog).get().subject == own
    assert not visible(PUBLIC, StepLog).exists()


def test_history_costs_one_query(unit: Unit, users: list[User]) -> None:
    actor = Actor(user_id=users[0].pk, grants=(Grant("clerk"),))
    for _round in range(3):
        advance(unit, "hand_in", actor=actor)
        advance(unit, "send_back", actor=actor, reason="again")
    with CaptureQueriesContext(connection) as queries:
        assert {str(step.actor) for step in history(unit)} == {"an"}
    assert len(queries) == 1


def test_names_of_steps_are_unique_in_a_model(unit: Unit) -> None:
    with pytest.raises(ValueError, match="hand_in"):
        register(Unit, Workflow("other", [Transition("hand_in", {"a"}, "b", "Again")]))
    with pytest.raises(LookupError):
        advance(unit, "no_such_step", actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_take_the_step_once(unit: Unit) -> None:
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def click() -> None:
        try:
            copy = Unit.objects.get(pk=unit.pk)
            barrier.wait(timeout=10)
            advance(copy, "hand_in", actor=CLERK)
            outcomes.append("taken")
        except Stale:
            outcomes.append("stale")
        finally:
            connections.close_all()

    clicks = [threading.Thread(target=click) for _number in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["stale", "taken"]
    assert history(unit).count() == 1

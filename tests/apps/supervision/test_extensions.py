"""More time: asked for, decided, and the deadline that moves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kechuang.apps.directory.models import Unit, User
from kechuang.apps.supervision.domain.extensions import decide_extension, request_extension
from kechuang.apps.supervision.domain.tasks import add_subtask, set_deadline
from kechuang.apps.supervision.models import ExtensionRequest
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.models import Notification
from kechuang.kit.permissions import SYSTEM, Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(actors: dict[str, Actor], finance: Unit, today: date) -> Any:
    def run(task: Any, days: int = 300) -> ExtensionRequest:
        return request_extension(
            actors["responsible_unit"],
            task=task,
            unit=finance,
            requested_due=today + timedelta(days=days),
            reason="财政评审排期推迟",
        )

    return run


def test_granting_moves_the_deadline_and_tells_the_unit(
    make_task: Any, ask: Any, actors: dict[str, Actor], people: dict[str, User], finance: Unit, today: date
) -> None:
    task = make_task(units=[finance], days=10)
    request = ask(task)
    assert Notification.objects.filter(user=people["bureau_leader"], kind="supervision.extension").exists()
    decide_extension(actors["bureau_leader"], request=request, grant=True, note="同意")
    task.refresh_from_db()
    assert task.due_on == today + timedelta(days=300)
    assert request.state == ExtensionRequest.State.GRANTED
    assert Notification.objects.filter(user=people["responsible_unit"], kind="supervision.extension").count() == 1


def test_refusing_needs_a_reason_and_leaves_the_deadline(
    make_task: Any, ask: Any, actors: dict[str, Actor], finance: Unit, today: date
) -> None:
    task = make_task(units=[finance], days=10)
    request = ask(task)
    with pytest.raises(DomainError) as error:
        decide_extension(actors["bureau_leader"], request=request, grant=False)
    assert error.value.field == "note"
    decide_extension(actors["bureau_leader"], request=request, grant=False, note="不影响节点")
    task.refresh_from_db()
    assert task.due_on == today + timedelta(days=10)
    ask(task)


def test_only_a_leader_decides(make_task: Any, ask: Any, actors: dict[str, Actor], finance: Unit) -> None:
    request = ask(make_task(units=[finance], days=10))
    for role in ("bureau_officer", "responsible_unit", "county_workstation", "auditor"):
        with pytest.raises(Refused):
            decide_extension(actors[role], request=request, grant=True)


def test_one_request_waits_at_a_time(make_task: Any, ask: Any, finance: Unit) -> None:
    task = make_task(units=[finance], days=10)
    ask(task)
    with pytest.raises(DomainError):
        ask(task, 400)


def test_a_later_day_must_be_asked_for(make_task: Any, ask: Any, finance: Unit) -> None:
    with pytest.raises(DomainError) as error:
        ask(make_task("甲", units=[finance], days=10), 5)
    assert error.value.field == "requested_due"
    with pytest.raises(DomainError):
        ask(make_task("过期", units=[finance], days=-50), -10)
    with pytest.raises(DomainError):
        ask(make_task("无期限", units=[finance], days=None))


def test_a_request_is_not_granted_after_the_deadline_was_moved(
    make_task: Any, ask: Any, finance: Unit, today: date
) -> None:
    task = make_task(units=[finance], days=10)
    request = ask(task)
    set_deadline(SYSTEM, tasks=[task], due_on=today + timedelta(days=20))
    with pytest.raises(Refused):
        decide_extension(SYSTEM, request=request, grant=True)


def test_a_part_is_not_extended_beyond_the_whole(make_task: Any, ask: Any, finance: Unit) -> None:
    whole = make_task(units=[finance], days=10)
    part = add_subtask(SYSTEM, task=whole, title="部分", units=[finance])
    with pytest.raises(DomainError):
        decide_extension(SYSTEM, request=ask(part), grant=True)

"""Two people at the same moment, on real parallel connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.extensions import decide_extension, request_extension
from kechuang.apps.supervision.domain.reminders import send_reminders
from kechuang.apps.supervision.domain.reports import Content, accept_report, return_report, save_draft
from kechuang.apps.supervision.domain.tasks import add_subtask, decompose_to_counties
from kechuang.apps.supervision.models import ExtensionRequest, ProgressReport, Reminder, Task
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Run every verb in a thread and connection of its own, all starting together; gives results or domain errors."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return verb()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_one_of_two_decisions_about_a_report_holds(make_task: Any, send: Any, finance: Unit) -> None:
    report = send(SYSTEM, make_task(units=[finance]), finance, 40)
    copies = [ProgressReport.objects.get(pk=report.pk) for _n in range(2)]
    results = at_once(
        lambda: accept_report(SYSTEM, report=copies[0]),
        lambda: return_report(SYSTEM, report=copies[1], reason="补充"),
    )
    assert sum(isinstance(result, DomainError) for result in results) == 1


def test_two_clicks_make_one_draft(make_task: Any, finance: Unit) -> None:
    task = make_task(units=[finance])
    at_once(*[lambda: save_draft(SYSTEM, task=task, unit=finance, content=Content(5, "草稿")) for _n in range(4)])
    assert ProgressReport.objects.count() == 1


def test_reports_on_parts_accepted_together_all_count(make_task: Any, send: Any, finance: Unit) -> None:
    whole = make_task(units=[finance])
    parts = [add_subtask(SYSTEM, task=whole, title=f"部分{n}", units=[finance]) for n in range(4)]
    reports = [send(SYSTEM, part, finance, 80) for part in parts]
    results = at_once(*[lambda report=report: accept_report(SYSTEM, report=report) for report in reports])
    assert not [result for result in results if isinstance(result, DomainError)]
    whole.refresh_from_db()
    assert whole.percent == 80


def test_handing_to_counties_twice_at_once_makes_one_part_each(make_task: Any, counties: Unit) -> None:
    task = make_task(units=[counties])
    at_once(*[lambda: decompose_to_counties(SYSTEM, task=task) for _n in range(2)])
    assert Counter(Task.objects.filter(parent=task).values_list("region", flat=True)).most_common(1)[0][1] == 1


def test_two_workers_send_a_reminder_once(make_task: Any, finance: Unit, today: Any) -> None:
    for number in range(5):
        make_task(f"任务{number}", units=[finance], days=3)
    assert sum(at_once(*[lambda: send_reminders(on=today) for _n in range(3)])) == 5
    assert Reminder.objects.count() == 5


def test_one_of_two_answers_to_a_request_holds(make_task: Any, finance: Unit, today: Any) -> None:
    task = make_task(units=[finance], days=10)
    request = request_extension(
        SYSTEM, task=task, unit=finance, requested_due=task.due_on.replace(year=task.due_on.year + 1), reason="推迟"
    )
    copies = [ExtensionRequest.objects.get(pk=request.pk) for _n in range(2)]
    results = at_once(
        lambda: decide_extension(SYSTEM, request=copies[0], grant=True),
        lambda: decide_extension(SYSTEM, request=copies[1], grant=False, note="不同意"),
    )
    assert sum(isinstance(result, DomainError) for result in results) == 1

"""Lights: the truth table, and SQL against Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone, translation

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.lights import Light, light_of
from kechuang.apps.supervision.domain.queries.lights import (
    light_counts,
    lights_by_county,
    lights_by_unit,
    with_lights,
)
from kechuang.apps.supervision.domain.tasks import decompose_to_counties
from kechuang.apps.supervision.models import Plan, Task, TaskState
from kechuang.kit.packs import Supervision
from kechuang.kit.permissions import SYSTEM

DAY = date(2025, 6, 10)
RULES = Supervision(
    due_soon_days=30,
    silent_days=45,
    remind_before=(30, 7, 1),
    remind_after=(1, 7, 30),
    report_frequency="monthly",
    working_calendar="CN",
)


def task_with(
    state: str = TaskState.IN_PROGRESS, due: int | None = None, heard: int | None = None, listed: int = 0
) -> Task:
    """An unsaved task: due in so many days, last heard of and listed so many days ago."""
    return Task(
        title="某任务",
        state=state,
        due_on=None if due is None else DAY + timedelta(days=due),
        last_reported_on=None if heard is None else DAY - timedelta(days=heard),
        listed_on=DAY - timedelta(days=listed),
    )


@pytest.mark.parametrize(
    ("task", "light"),
    [
        (task_with(TaskState.DONE, due=-100), Light.DONE),
        (task_with(TaskState.STOPPED, due=-100), Light.STOPPED),
        (task_with(due=-1, heard=0), Light.OVERDUE),
        (task_with(due=0, heard=0), Light.DUE_SOON),
        (task_with(due=30, heard=0), Light.DUE_SOON),
        (task_with(due=30, heard=400), Light.DUE_SOON),
        (task_with(due=31, heard=45), Light.ON_TRACK),
        (task_with(due=31, heard=46), Light.SILENT),
        (task_with(due=31, listed=45), Light.ON_TRACK),
        (task_with(TaskState.PLANNED, due=31, listed=46), Light.SILENT),
        (task_with(due=31, heard=0, listed=400), Light.ON_TRACK),
        (task_with(heard=46), Light.SILENT),
        (task_with(heard=1), Light.NO_DEADLINE),
    ],
)
def test_the_truth_table(task: Task, light: Light) -> None:
    assert light_of(task, on=DAY, by=RULES).light == light


def test_every_light_says_why() -> None:
    with translation.override("en"):
        assert "41 days past" in light_of(task_with(due=-41), on=DAY, by=RULES).reason
        assert "12 days left" in light_of(task_with(due=12), on=DAY, by=RULES).reason
        assert "1 day left" in light_of(task_with(due=1), on=DAY, by=RULES).reason
        assert "60 days old" in light_of(task_with(due=99, heard=60), on=DAY, by=RULES).reason
        assert "45 days" in light_of(task_with(due=99, listed=60), on=DAY, by=RULES).reason
        assert light_of(task_with(heard=1), on=DAY, by=RULES).reason


@pytest.mark.django_db
def test_sql_agrees_with_python(plan: Plan) -> None:
    """Three hundred tasks around every boundary, each read both ways, on several days."""
    random = Random(7)  # noqa: S311 -- a test, no secret
    edges = [None, -31, -2, -1, 0, 1, 29, 30, 31, 45, 400]
    rows = []
    for _number in range(300):
        state = random.choice(TaskState.values)
        settled = state in (TaskState.DONE, TaskState.STOPPED)
        due, heard, listed = random.choice(edges), random.choice(edges), random.choice(edges)
        task = task_with(state, due, heard, listed or 0)
        task.plan, task.region = plan, plan.region
        task.closed_at = timezone.make_aware(datetime(2025, 6, 1)) if settled else None
        task.closed_reason = "调整" if settled else ""
        rows.append(task)
    Task.objects.bulk_create(rows)
    for shift in (-46, -1, 0, 1, 30, 46):
        day = DAY + timedelta(days=shift)
        for task in with_lights(Task.objects.all(), on=day, by=RULES):
            assert task.light == light_of(task, on=day, by=RULES).light


@pytest.mark.django_db
def test_counts_sum_to_the_ledger(
    make_task: Callable[..., Task], city: Region, science: Unit, finance: Unit, counties: Unit
) -> None:
    for days in (-5, 10, 200, None):
        make_task(f"任务{days}", units=[science, finance], days=days)
    shared = make_task("各县任务", units=[counties], days=100)
    decompose_to_counties(SYSTEM, task=shared)
    unassigned = make_task("无单位任务", days=100)

    total = light_counts(SYSTEM, city)
    assert total.total == 6
    assert (total["overdue"], total["due_soon"], total["no_deadline"], total["on_track"]) == (1, 1, 1, 3)
    by_unit = {row.key: row for row in lights_by_unit(SYSTEM, city)}
    assert sum(row.total for row in by_unit.values()) == total.total
    assert by_unit[str(science.pk)].total == 4
    assert by_unit[str(counties.pk)].total == 1
    assert by_unit[""].total == 1, unassigned
    by_county = lights_by_county(SYSTEM, city)
    assert len(by_county) == 18
    assert {row.total for row in by_county} == {1}


@pytest.mark.django_db
def test_a_county_counts_what_was_handed_to_it(make_task: Callable[..., Task], county: Region, counties: Unit) -> None:
    task = make_task("各县任务", units=[counties])
    decompose_to_counties(SYSTEM, task=task)
    assert light_counts(SYSTEM, county).total == 1
    assert light_counts(SYSTEM).total == 1

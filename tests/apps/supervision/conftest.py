"""A ledger to work on: one plan of Nanyang with a few tasks of different units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, Unit, User
from kechuang.apps.supervision.domain.reports import Content, accept_report, save_draft, submit_report
from kechuang.apps.supervision.domain.tasks import add_plan, add_task
from kechuang.apps.supervision.models import Plan, ProgressReport, Task
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def city(pack: Pack) -> Region:
    return Region.objects.get(code="411300")


@pytest.fixture
def county(pack: Pack) -> Region:
    """The county of the demo account of the county workstation."""
    return Region.objects.get(code="411302")


@pytest.fixture
def finance(pack: Pack) -> Unit:
    """The unit of the demo account of the responsible unit."""
    return Unit.objects.get(code="nanyang/czj")


@pytest.fixture
def science(pack: Pack) -> Unit:
    return Unit.objects.get(code="nanyang/kjj")


@pytest.fixture
def counties(pack: Pack) -> Unit:
    """The class of units 各县（市、区）人民政府（管委会）."""
    return Unit.objects.get(code="nanyang/counties")


@pytest.fixture
def wancheng(pack: Pack) -> Unit:
    return Unit.objects.get(code="nanyang/wancheng")


@pytest.fixture
def actors(people: dict[str, User]) -> dict[str, Actor]:
    """The actor of every role's account."""
    return {role: actor_for(user) for role, user in people.items()}


@pytest.fixture
def plan(city: Region) -> Plan:
    return add_plan(SYSTEM, title="创新行动方案", region=city, doc_number="宛办〔2022〕16号", is_public=True)


@pytest.fixture
def make_task(plan: Plan, today: date) -> Callable[..., Task]:
    """``make_task(title, units=[…], lead=…, days=30)``: due in so many days, None for no deadline."""

    def make(title: str = "实施重大科技专项", *, days: int | None = 200, **values: Any) -> Task:
        values.setdefault("due_on", None if days is None else today + timedelta(days=days))
        return add_task(SYSTEM, plan=values.pop("plan", plan), title=title, **values)

    return make


@pytest.fixture
def send() -> Callable[..., ProgressReport]:
    """``send(actor, task, unit, 40)`` drafts and submits a report."""

    def run(actor: Actor, task: Task, unit: Unit, percent: int, narrative: str = "已完成方案编制") -> ProgressReport:
        draft = save_draft(actor, task=task, unit=unit, content=Content(percent, narrative))
        return submit_report(actor, report=draft)

    return run


@pytest.fixture
def report(send: Callable[..., ProgressReport]) -> Callable[..., ProgressReport]:
    """``report(task, unit, 40)`` drafts, submits and accepts a report."""

    def run(task: Task, unit: Unit, percent: int) -> ProgressReport:
        return accept_report(SYSTEM, report=send(SYSTEM, task, unit, percent))

    return run

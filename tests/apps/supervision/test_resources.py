"""The resources of the ledger keep to what every resource must do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db.models import Model

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.bulletins import issue_bulletin
from kechuang.apps.supervision.domain.extensions import request_extension
from kechuang.apps.supervision.domain.tasks import add_plan
from kechuang.apps.supervision.interfaces.fields import UnitsField
from kechuang.apps.supervision.interfaces.resources import (
    BulletinResource,
    ExtensionResource,
    PlanResource,
    ReportResource,
    TaskResource,
)
from kechuang.apps.supervision.models import ProgressReport, Task
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing import ResourceConformance

pytestmark = pytest.mark.django_db


class TestTasks(ResourceConformance):
    resource_class = TaskResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _ledger(self, make_task: Callable[..., Task], finance: Unit, counties: Unit) -> None:
        self.make_task, self.units = make_task, [finance, counties]

    def make(self, count: int) -> Sequence[Model]:
        number = Task.objects.count()
        return [self.make_task(f"培育创新主体第{number + n}批", units=self.units) for n in range(count)]

    def cells(self, importer: Any, obj: Model) -> list[Any]:
        form = self.resource.form(actor=SYSTEM, instance=obj)
        cells = super().cells(importer, obj)
        for index, (name, field) in enumerate(importer.fields.items()):
            if isinstance(field, UnitsField):
                cells[index] = field.prepare_value(form[name].initial)
        return cells


class TestPlans(ResourceConformance):
    resource_class = PlanResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _city(self, city: Region) -> None:
        self.city = city

    def make(self, count: int) -> Sequence[Model]:
        return [add_plan(SYSTEM, title=f"行动方案{n}", region=self.city) for n in range(count)]


class TestReports(ResourceConformance):
    resource_class = ReportResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _ledger(self, make_task: Callable[..., Task], send: Callable[..., ProgressReport], finance: Unit) -> None:
        self.make_task, self.send, self.finance = make_task, send, finance

    def make(self, count: int) -> Sequence[Model]:
        tasks = [self.make_task(f"任务{n}", units=[self.finance]) for n in range(count)]
        return [self.send(SYSTEM, task, self.finance, 30) for task in tasks]

    def searchable(self, obj: Any) -> str:
        return str(obj.task)


class TestExtensions(TestReports):
    resource_class = ExtensionResource

    def make(self, count: int) -> Sequence[Model]:
        found = []
        for number in range(count):
            task = self.make_task(f"任务{number}", units=[self.finance], days=5)
            later = task.due_on.replace(year=task.due_on.year + 1, day=1)
            found.append(request_extension(SYSTEM, task=task, unit=self.finance, requested_due=later, reason="推迟"))
        return found


class TestBulletins(ResourceConformance):
    resource_class = BulletinResource
    role = "bureau_leader"

    @pytest.fixture(autouse=True)
    def _ledger(self, make_task: Callable[..., Task], city: Region) -> None:
        make_task()
        self.city = city

    def make(self, count: int) -> Sequence[Model]:
        return [issue_bulletin(SYSTEM, region=self.city) for _n in range(count)]

    def searchable(self, obj: Any) -> str:
        return str(obj.title)

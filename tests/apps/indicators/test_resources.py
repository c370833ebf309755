"""The resources of this app keep to what every resource must do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.indicators import add_indicator
from kechuang.apps.indicators.domain.locks import lock_period
from kechuang.apps.indicators.domain.observations import record_observation, submit_observation
from kechuang.apps.indicators.domain.periods import parse_period
from kechuang.apps.indicators.domain.targets import add_target
from kechuang.apps.indicators.interfaces.resources import (
    ApprovalResource,
    IndicatorResource,
    ObservationResource,
    PeriodLockResource,
    TargetResource,
)
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing import ResourceConformance

pytestmark = pytest.mark.django_db


class TestIndicators(ResourceConformance):
    resource_class = IndicatorResource
    role = "bureau_officer"

    def make(self, count: int) -> Sequence[Model]:
        first = Indicator.objects.count()
        return [
            add_indicator(SYSTEM, code=f"measure_{n}", name=f"第{n}项试验指标", unit="家", aliases=[f"试验指标之{n}"])
            for n in range(first, first + count)
        ]

    def searchable(self, obj: Any) -> str:
        return str(obj.name)


class TestTargets(ResourceConformance):
    resource_class = TargetResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _place(self, stock: Indicator, city: Region) -> None:
        self.stock, self.city = stock, city

    def make(self, count: int) -> Sequence[Model]:
        first = Target.objects.count()
        return [
            add_target(
                SYSTEM,
                indicator=self.stock,
                region=self.city,
                title=f"试验企业达到{500 + n}家",
                value=Decimal(500 + n),
                period_end=date(2030, 12, 31),
            )
            for n in range(first, first + count)
        ]


class TestObservations(ResourceConformance):
    resource_class = ObservationResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _place(self, stock: Indicator, counties: list[Region]) -> None:
        self.stock, self.counties, self.number = stock, counties, 0

    def make(self, count: int) -> Sequence[Model]:
        rows = []
        for county in self.counties[self.number : self.number + count]:
            period = parse_period("2025-03")
            rows.append(
                record_observation(
                    SYSTEM, indicator=self.stock, region=county, period=period, value=Decimal(10), source="名录"
                )
            )
        self.number += count
        return rows

    def searchable(self, obj: Any) -> str:
        return str(obj.indicator.name)


class TestApprovals(TestObservations):
    resource_class = ApprovalResource

    def make(self, count: int) -> Sequence[Model]:
        return [submit_observation(SYSTEM, observation=row) for row in super().make(count)]  # type: ignore[arg-type]

    def test_list_opens_where_the_policy_allows_and_nowhere_else(self) -> None:
        """The queue is for those who decide, though others may see figures."""
        for role in (*self.people, "public"):
            status = self.client_as(role).get(self.resource.url("list")).status_code
            assert (status == 200) == (role in ("bureau_officer", "platform_admin")), f"{role}: {status}"


class TestClosedMonths(ResourceConformance):
    resource_class = PeriodLockResource
    role = "bureau_officer"

    @pytest.fixture(autouse=True)
    def _place(self, city: Region) -> None:
        self.city, self.number = city, 0

    def make(self, count: int) -> Sequence[Model]:
        self.number += count
        months = range(self.number - count + 1, self.number + 1)
        return [lock_period(SYSTEM, month=date(2025, month, 1), region=self.city) for month in months]

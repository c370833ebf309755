"""A catalogue, a county, and who reports and decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, User
from kechuang.apps.indicators.domain.indicators import add_indicator
from kechuang.apps.indicators.domain.observations import (
    approve_observation,
    record_observation,
    submit_observation,
)
from kechuang.apps.indicators.domain.packs import load_indicators
from kechuang.apps.indicators.domain.periods import parse_period
from kechuang.apps.indicators.domain.targets import add_target
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor

Recorder = Callable[..., Observation]


@pytest.fixture
def actors(people: dict[str, User]) -> dict[str, Actor]:
    """What each person may do, by role."""
    return {role: actor_for(user) for role, user in people.items()}


@pytest.fixture
def catalogue(pack: Pack) -> Pack:
    """The pack's indicators."""
    load_indicators(pack, SYSTEM)
    return pack


@pytest.fixture
def city(pack: Pack) -> Region:
    return Region.objects.get(code=pack.region)


@pytest.fixture
def county(city: Region) -> Region:
    """The county of the demonstration's workstation."""
    found = Region.objects.filter(parent=city, level=Region.Level.COUNTY).order_by("order").first()
    assert found is not None
    return found


@pytest.fixture
def counties(city: Region) -> list[Region]:
    return list(Region.objects.filter(parent=city).order_by("order"))


@pytest.fixture
def stock(pack: Pack) -> Indicator:
    """A monthly count that adds up over the counties."""
    return add_indicator(SYSTEM, code="firms", name="试验企业数量", unit="家", kind="stock", frequency="monthly")


@pytest.fixture
def flow(pack: Pack) -> Indicator:
    return add_indicator(
        SYSTEM, code="deals", name="试验成交额", unit="元", display_unit="亿元", kind="flow", frequency="monthly"
    )


@pytest.fixture
def target(stock: Indicator, city: Region) -> Target:
    """From 300 at the end of 2024 to 500 at the end of 2025."""
    return add_target(
        SYSTEM,
        indicator=stock,
        region=city,
        title="试验企业达到500家以上",
        comparator=">=",
        value=Decimal(500),
        period="2025",
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
        baseline=Decimal(300),
        baseline_on=date(2024, 12, 31),
        baseline_source="统计年鉴",
    )


@pytest.fixture
def approved(actors: dict[str, Actor]) -> Recorder:
    """Record a figure as the administrator, and have the officer approve it."""

    def record(indicator: Indicator, region: Region, period: str, value: object, **more: object) -> Observation:
        row = record_observation(
            actors["platform_admin"],
            indicator=indicator,
            region=region,
            period=parse_period(period),
            value=Decimal(str(value)),
            **more,  # type: ignore[arg-type]
        )
        submit_observation(actors["platform_admin"], observation=row)
        return approve_observation(actors["bureau_officer"], observation=row)

    return record

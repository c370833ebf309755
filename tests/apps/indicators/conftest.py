"""A catalogue, a county, and who reports and decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Organisation, Region, User
from kechuang.apps.indicators.domain.fact_kinds import keep_fact_kinds
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


FACT_KINDS: list[dict[str, object]] = [
    {"code": "registered_on", "name": "注册日期", "kind": "date", "period": "moment"},
    {"code": "region", "name": "所在县区", "kind": "region", "period": "moment"},
    {"code": "industry", "name": "行业", "kind": "industry", "period": "moment"},
    {"code": "staff_count", "name": "职工总数", "kind": "count", "unit": "人", "section": "people"},
    {"code": "rd_staff_count", "name": "科技人员数", "kind": "count", "unit": "人", "section": "people"},
    {"code": "revenue", "name": "营业收入", "kind": "money", "unit": "元", "low": 0, "section": "money",
     "name_en": "Revenue", "question": "上一年营业收入是多少？"},
    {"code": "revenue_y1", "name": "上一年营业收入", "kind": "money", "unit": "元"},
    {"code": "revenue_y2", "name": "前年营业收入", "kind": "money", "unit": "元"},
    {"code": "hitech_revenue", "name": "高新技术产品收入", "kind": "money", "unit": "元", "low": 0},
    {"code": "rd_expense", "name": "研发费用", "kind": "money", "unit": "元", "low": 0},
    {"code": "rd_expense_y1", "name": "上一年研发费用", "kind": "money", "unit": "元"},
    {"code": "rd_expense_domestic_share", "name": "境内研发费用占比", "kind": "ratio"},
    {"code": "ip_class1", "name": "Ⅰ类知识产权", "kind": "count", "unit": "件", "period": "moment"},
    {"code": "ip_owned_core", "name": "拥有核心知识产权", "kind": "boolean", "period": "moment"},
    {"code": "designated_size", "name": "规模以上", "kind": "boolean"},
    {"code": "hnte_until", "name": "高企证书有效期至", "kind": "date", "period": "moment"},
    {"code": "tier", "name": "梯次", "kind": "text", "period": "moment",
     "choices": [["gazelle", "瞪羚企业", "Gazelle"], ["leader", "创新龙头", "Leader"]]},
    {"code": "rd_intensity", "name": "研发投入强度", "kind": "ratio", "formula": "rd_expense / revenue"},
]  # fmt: skip


@pytest.fixture
def fact_kinds(pack: Pack) -> list[dict[str, object]]:
    """A small catalogue of facts."""
    keep_fact_kinds(SYSTEM, kinds=FACT_KINDS)
    return FACT_KINDS


@pytest.fixture
def company(people: dict[str, User]) -> Organisation:
    """The organisation of the demonstration's enterprise accounts, in the county of the workstation."""
    return Organisation.objects.select_related("region").get(memberships__user=people["organisation_admin"])


@pytest.fixture
def stranger(counties: list[Region]) -> Organisation:
    """An organisation of another county."""
    return make_companies(counties[1], 1)[0]


def make_companies(county: Region, count: int) -> list[Organisation]:
    """Verified enterprises of a county."""
    start = Organisation.objects.count() + 500
    return Organisation.objects.bulk_create(
        Organisation(
            uscc=synthetic_uscc(county.code, start + number),
            name=f"试验企业{start + number:04d}有限公司",
            region=county,
            industry="C38",
            state="verified",
        )
        for number in range(count)
    )

"""A county with enterprises, and facts of the enterprise of the demonstration's accounts."""

from __future__ import annotations

import pytest

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Organisation, Region, User
from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.indicators.domain.packs import load_facts, load_indicators
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.policy.interfaces.loading import load_rules
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor

FACTS = {
    "staff_count": 100,
    "rd_staff_count": 8,
    "revenue": 40_000_000,
    "revenue_y1": 30_000_000,
    "revenue_y2": 30_000_000,
    "rd_expense": 2_000_000,
    "rd_expense_y1": 2_000_000,
    "rd_expense_y2": 2_000_000,
    "ip_class1": 1,
    "ip_class2": 4,
    "ip_owned_core": True,
    "field_national": True,
    "major_offence": False,
}
"""Eight of a hundred are research staff: ten are needed. R&D is six of a hundred million: five per cent are needed."""


@pytest.fixture
def catalogue(pack: Pack) -> Pack:
    """The regions, the catalogue of facts and the published rules of Nanyang."""
    load_indicators(pack, SYSTEM)
    load_facts(pack, SYSTEM)
    load_rules(pack, SYSTEM)
    return pack


@pytest.fixture
def actors(people: dict[str, User]) -> dict[str, Actor]:
    return {role: actor_for(user) for role, user in people.items()}


@pytest.fixture
def counties(pack: Pack) -> list[Region]:
    return list(Region.objects.filter(parent__code=pack.region).order_by("order"))


@pytest.fixture
def county(counties: list[Region]) -> Region:
    """The county of the demonstration's workstation."""
    return next(region for region in counties if region.level == Region.Level.COUNTY)


@pytest.fixture
def company(people: dict[str, User]) -> Organisation:
    """The organisation of the enterprise accounts."""
    found = Organisation.objects.select_related("region").get(memberships__user=people["organisation_admin"])
    Organisation.objects.filter(pk=found.pk).update(state="verified")
    found.state = "verified"
    return found


@pytest.fixture
def known_company(catalogue: Pack, company: Organisation) -> Organisation:
    """The same with the facts above."""
    year = return_year()
    values = {code: value for code, value in FACTS.items() if not code.endswith(("_y1", "_y2"))}
    declare_facts(SYSTEM, organisation=company, year=year, values=values)
    for lag in (1, 2):
        earlier = {code[:-3]: value for code, value in FACTS.items() if code.endswith(f"_y{lag}")}
        declare_facts(SYSTEM, organisation=company, year=year - lag, values=earlier)
    return company


def make_companies(county: Region, count: int) -> list[Organisation]:
    """Verified enterprises of a county."""
    start = Organisation.objects.count() + 500
    return Organisation.objects.bulk_create(
        Organisation(
            uscc=synthetic_uscc(county.code[:6], start + number),
            name=f"试验企业{start + number:04d}有限公司",
            region=county,
            industry="C38",
            state="verified",
        )
        for number in range(count)
    )

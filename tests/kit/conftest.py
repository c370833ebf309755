"""Small records for the tests of the building blocks."""

from __future__ import annotations

import pytest

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Organisation, Region, Unit, User
from kechuang.kit.permissions import Actor


@pytest.fixture
def region(db: None) -> Region:
    return Region.objects.create(
        code="990000", name="示例市", short_name="示例", level=Region.Level.PREFECTURE, path="990000/"
    )


@pytest.fixture
def units(region: Region) -> list[Unit]:
    names = ["市科技局", "市财政局", "市教育局", "市发展改革委"]
    return [
        Unit.objects.create(code=f"u{n}", name=name, kind=Unit.Kind.DEPARTMENT, region=region, order=n)
        for n, name in enumerate(names)
    ]


@pytest.fixture
def organisations(region: Region) -> list[Organisation]:
    """Stand for documents, too: seen by the officials of their region alone."""
    return [Organisation.objects.create(uscc=f"uscc-{name}", name=name, region=region) for name in ("甲公司", "乙公司")]


@pytest.fixture
def users(db: None) -> list[User]:
    return [User.objects.create_user(name, f"{name}@example.org") for name in ("an", "bo", "chen")]


@pytest.fixture
def officer(people: dict[str, User]) -> Actor:
    return actor_for(people["bureau_officer"])


@pytest.fixture
def member(people: dict[str, User]) -> Actor:
    return actor_for(people["organisation_member"])

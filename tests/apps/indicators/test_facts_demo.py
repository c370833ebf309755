"""The demonstration's facts and the generator."""

from __future__ import annotations

from itertools import islice
from random import Random
from typing import Any

import pytest

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.domain.demo import directory_demo
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain import enterprises
from kechuang.apps.indicators.domain.enterprises import GENERATED, generate_enterprises
from kechuang.apps.indicators.domain.facts_demo import facts_demo
from kechuang.apps.indicators.domain.packs import load_facts
from kechuang.apps.indicators.domain.queries.frames import snapshot
from kechuang.apps.indicators.models import Fact, FactContest, FactKind, Snapshot
from kechuang.kit.history import event_model
from kechuang.kit.permissions import SYSTEM

STABLE = ("name", "region", "industry", "revenue", "rd_expense", "staff_count", "tier")


@pytest.fixture
def loaded(pack: Any) -> Any:
    load_facts(pack, SYSTEM)
    return pack


def test_the_packs_catalogue_is_loaded_once(loaded) -> None:
    assert FactKind.objects.filter(formula="").count() == len(loaded.facts)
    assert FactKind.objects.exclude(formula="").count() == len(loaded.derived)
    before = set(FactKind.objects.values_list("pk", "updated_at"))
    load_facts(loaded, SYSTEM)
    assert set(FactKind.objects.values_list("pk", "updated_at")) == before


def test_every_column_that_the_rules_declare_is_there(loaded, people) -> None:
    frame = snapshot(year=2025)
    assert loaded.fact_kinds.keys() <= set(frame.columns)


def test_same_seed_same_enterprises(loaded, city) -> None:
    assert generate_enterprises(SYSTEM, city=city, count=60, seed=7, year=2025) == 60
    assert generate_enterprises(SYSTEM, city=city, count=60, seed=7, year=2025) == 0
    assert generate_enterprises(SYSTEM, city=city, count=90, seed=7, year=2025) == 30
    rows = Organisation.objects.filter(uscc__regex=GENERATED)
    assert rows.count() == rows.filter(synthetic=True, state="verified").count() == 90
    for row in rows[:5]:
        row.full_clean()
    first = snapshot(year=2025, organisations=rows).select(STABLE)
    assert first["revenue"].null_count() > 0
    assert first["revenue"].drop_nulls().len() > 60
    assert first.filter(first["rd_expense"] > first["revenue"]).is_empty()
    history = event_model(Fact).objects.filter(pgh_label="insert").count()
    assert history == Fact.objects.count()


def test_the_demonstration(loaded, people, settings) -> None:
    settings.KECHUANG_DEMO_ENTERPRISES = 10
    for step in (directory_demo, facts_demo, facts_demo):
        step(loaded, SYSTEM, Random(1))  # noqa: S311 -- a demo, no secret
    company = Organisation.objects.get(memberships__user=people["organisation_admin"])
    assert FactContest.objects.get().organisation == company
    assert Snapshot.objects.count() == 1
    assert not Fact.objects.filter(synthetic=False).exists()
    assert Organisation.objects.filter(uscc__regex=GENERATED).count() == 10


def test_a_broken_off_run_is_taken_up_where_it_ended(loaded, city, monkeypatch) -> None:
    monkeypatch.setattr(enterprises, "PORTION", 20)
    told: list[int] = []

    def stop_after_two(number: int) -> None:
        told.append(number)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_enterprises(SYSTEM, city=city, count=90, seed=7, year=2025, written=stop_after_two)
    rows = Organisation.objects.filter(uscc__regex=GENERATED)
    assert rows.count() == 40
    assert generate_enterprises(SYSTEM, city=city, count=90, seed=7, year=2025, written=told.append) == 50
    assert told == [20, 40, 60, 80, 90]
    parts = set(rows.values_list("uscc", "name", "industry", "founded_on"))
    counties = list(Region.objects.filter(parent=city, level__in=("county", "zone")).order_by("order"))
    whole = islice(enterprises._enterprises(Random(7), counties, 2025), 90)  # noqa: S311 -- a demo
    assert parts == {
        (synthetic_uscc(each.county.code, each.serial), f"{each.name}（示例）", each.trade.code, each.founded)
        for each in whole
    }

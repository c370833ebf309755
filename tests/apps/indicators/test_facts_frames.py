"""The frame of all organisations, and frozen ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.facts import declare_facts, verify_fact
from kechuang.apps.indicators.domain.queries.facts import facts_of, values_of
from kechuang.apps.indicators.domain.queries.frames import portions_of, snapshot
from kechuang.apps.indicators.domain.snapshots import frame_of, freeze_snapshot
from kechuang.apps.indicators.models import FactKind, Snapshot
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import SYSTEM
from tests.apps.indicators.conftest import make_companies


@pytest.fixture
def companies(fact_kinds: Any, county: Any) -> list[Organisation]:
    rows = make_companies(county, 5)
    for number, row in enumerate(rows[:4]):
        declare_facts(
            SYSTEM,
            organisation=row,
            year=2025,
            values={
                "revenue": 1_000_000 * number,
                "staff_count": 10 + number,
                "ip_owned_core": number % 2 == 0,
                "tier": "gazelle" if number else "",
                "hnte_until": "2027-01-31",
                "rd_expense_domestic_share": "0.9",
            },
        )
        declare_facts(SYSTEM, organisation=row, year=2024, values={"revenue": 900_000.5 * number})  # fmt: skip
    return rows


def test_one_row_each_with_what_is_known(companies) -> None:
    frame = snapshot(year=2025, organisations=[row.pk for row in companies])
    assert frame["subject"].to_list() == [row.pk for row in companies]
    assert frame["revenue"].to_list() == [0.0, 1e6, 2e6, 3e6, None]
    assert frame["revenue_y1"].to_list() == [0.0, 900_000.5, 1_800_001.0, 2_700_001.5, None]
    assert frame["revenue_y2"].to_list() == [None] * 5
    assert frame["ip_owned_core"].to_list() == [True, False, True, False, None]
    assert frame["tier"].to_list() == [None, "gazelle", "gazelle", "gazelle", None]
    assert frame["hnte_until"][0] == date(2027, 1, 31)
    assert frame["region"].to_list() == [row.region.code for row in companies]
    assert frame["rd_intensity" if "rd_intensity" in frame.columns else "industry"][0] == "C38"
    assert frame.schema["designated_size"] == pl.Boolean
    assert frame.schema["registered_on"] == pl.Date


def test_a_row_says_what_the_page_of_the_organisation_says(companies, actors) -> None:
    industry = FactKind.objects.get(code="industry")
    fact = declare_facts(SYSTEM, organisation=companies[1], year=2025, values={"revenue": 7}).facts[0]
    verify_fact(actors["bureau_officer"], fact=fact)
    assert industry.is_stored
    frame = snapshot(year=2025)
    for row in companies:
        known = {k: v for k, v in frame.filter(pl.col("subject") == row.pk).to_dicts()[0].items() if v is not None}
        for lead in ("subject", "uscc", "name", "organisation_kind"):
            known.pop(lead)
        assert known == values_of(facts_of(row, 2025))


def test_only_verified_organisations_unless_named(companies) -> None:
    Organisation.objects.filter(pk=companies[0].pk).update(state="pending")
    assert companies[0].pk not in snapshot(year=2025)["subject"]
    assert snapshot(year=2025, organisations=[companies[0].pk]).height == 1
    assert snapshot(year=2025, organisations=[]).height == 0
    assert snapshot(year=2025, organisations=[]).schema == snapshot(year=2025).schema
    with pytest.raises(ValueError, match="person"):
        snapshot("person")


def test_as_many_queries_for_five_as_for_fifty(companies, county) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            snapshot(year=2025)
        return len(captured)

    few = asked()
    for row in make_companies(county, 45):
        declare_facts(SYSTEM, organisation=row, year=2025, values={"revenue": 5})
    assert asked() == few <= 12


def test_portions_make_the_whole(companies) -> None:
    whole = snapshot(year=2025)
    portions = list(portions_of(2025, size=2))
    assert [part.height for part in portions][:2] == [2, 2]
    assert pl.concat(portions).equals(whole)


def test_frozen_for_good(companies, actors) -> None:
    officer = actors["bureau_officer"]
    frozen = freeze_snapshot(officer, year=2025, title="2025年度测算")
    before = snapshot(year=2025)
    declare_facts(SYSTEM, organisation=companies[0], year=2025, values={"revenue": 99})
    assert frame_of(frozen).equals(before)
    assert not snapshot(year=2025).equals(before)
    assert (frozen.rows, frozen.columns, len(frozen.sha256)) == (before.height, before.width, 64)
    for step in (lambda: Snapshot.objects.update(rows=1), frozen.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            step()
    with pytest.raises(Refused):
        freeze_snapshot(actors["organisation_admin"], year=2025)
    with pytest.raises(DomainError):
        freeze_snapshot(officer, year=2025, organisations=[])

"""The API and the search tell what the pages tell, and no more."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification
from kechuang.apps.cultivation.domain.reserve import enter_reserve, leave_reserve
from kechuang.apps.cultivation.interfaces.panels import find_certifications, find_entries
from kechuang.apps.directory.models import Organisation
from kechuang.kit.permissions import PUBLIC, SYSTEM
from kechuang.kit.testing import assert_constant_queries
from tests.apps.cultivation.conftest import make_companies

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def items(client: Any, name: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(reverse(f"api-0.1.0:cultivation_{name}"), query)
    assert answer.status_code == 200
    return list(answer.json()["items"])


def test_everyone_reads_what_holds_and_officials_what_has_ended(client_as: Any, county: Any) -> None:
    first, second = make_companies(county, 2)
    add_certification(SYSTEM, organisation=first, tier="hnte", issued_on=TODAY - timedelta(days=9), number="GR1")
    add_certification(SYSTEM, organisation=second, tier="hnte", issued_on=date(2015, 3, 1), number="GR2")
    assert [row["number"] for row in items(client_as("public"), "certifications")] == ["GR1"]
    officer = client_as("bureau_officer")
    assert [row["number"] for row in items(officer, "certifications")] == ["GR1", "GR2"]
    assert [row["number"] for row in items(officer, "certifications", valid="false")] == ["GR2"]
    assert [row["number"] for row in items(officer, "certifications", q="gr2")] == ["GR2"]
    assert [row["uscc"] for row in items(officer, "certifications", q=first.name)] == [first.uscc]
    assert items(officer, "certifications", tier="gazelle") == []
    assert len(items(officer, "certifications", region=county.code)) == 2


def test_the_library_is_read_by_its_keepers_and_by_the_enterprise_itself(
    client_as: Any, company: Organisation, counties: Any, county: Any
) -> None:
    (stranger,) = make_companies(next(each for each in counties if each != county), 1)
    left = enter_reserve(SYSTEM, organisation=stranger, tier="hnte", entered_on=TODAY - timedelta(days=5))
    leave_reserve(SYSTEM, entry=left, exit_reason="closed", exit_note="已迁往外地")
    enter_reserve(SYSTEM, organisation=company, tier="hnte", reason="有研发投入")
    officer = client_as("bureau_officer")
    assert [row["exit_note"] for row in items(officer, "reserve", now="false")] == ["已迁往外地"]
    assert [row["uscc"] for row in items(officer, "reserve", now="true")] == [company.uscc]
    assert [row["uscc"] for row in items(client_as("organisation_admin"), "reserve")] == [company.uscc]
    assert items(client_as("public"), "reserve") == items(client_as("expert"), "reserve") == []


def test_the_ladder_tells_each_condition_with_its_gap(client_as: Any, known_company: Organisation) -> None:
    url = reverse("api-0.1.0:cultivation_ladder", args=[known_company.pk])
    answer = client_as("organisation_admin").get(url).json()
    rung = next(each for each in answer["rungs"] if each["tier"] == "hnte")
    staff = next(each for each in rung["conditions"] if each["sql"].startswith("rd_staff_share"))
    assert (rung["rule"], rung["reached"], staff["verdict"]) == ("hnte", False, "short")
    assert staff["gaps"]["rd_staff_count"] == {"has": 8.0, "needs": 10.0, "short": 2.0}
    assert client_as("public").get(url).status_code == 403
    assert client_as("expert").get(url).status_code == 403
    assert client_as("organisation_admin").get(url.replace(str(known_company.pk), "999999")).status_code == 404


@pytest.mark.parametrize("name", ["certifications", "reserve"])
def test_queries_do_not_grow_with_the_records(client_as: Any, county: Any, name: str) -> None:
    def make(count: int) -> None:
        for organisation in make_companies(county, count):
            enter_reserve(SYSTEM, organisation=organisation, tier="gazelle")
            add_certification(SYSTEM, organisation=organisation, tier="hnte", issued_on=TODAY)

    assert_constant_queries(client_as("bureau_officer"), reverse(f"api-0.1.0:cultivation_{name}"), make)


def test_the_search_finds_records_by_enterprise_and_number_in_the_readers_scope(
    client_as: Any, actors: Any, company: Organisation, counties: Any, county: Any
) -> None:
    (stranger,) = make_companies(next(each for each in counties if each != county), 1)
    for organisation, number in ((company, "GR202541000001"), (stranger, "GR202541000002")):
        enter_reserve(SYSTEM, organisation=organisation, tier="gazelle")
        add_certification(SYSTEM, organisation=organisation, tier="hnte", issued_on=TODAY, number=number)
    assert len(find_certifications(PUBLIC, "GR202541000002", 9)) == 1
    assert find_entries(PUBLIC, stranger.name, 9) == []
    assert find_entries(actors["county_workstation"], stranger.name, 9) == []
    assert find_entries(actors["organisation_admin"], stranger.name, 9) == []
    (hit,) = find_entries(actors["bureau_officer"], stranger.name, 9)
    assert stranger.name in hit.title
    page = client_as("bureau_officer").get(reverse("search"), {"q": stranger.name}).content.decode()
    assert hit.url in page

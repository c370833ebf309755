"""The officials' pages: calendar, funnel, suggestions, bulletin; and the reminders."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification
from kechuang.apps.cultivation.domain.queries.region import funnel, hnte_by_county
from kechuang.apps.cultivation.domain.reminders import remind_of_expiry
from kechuang.apps.cultivation.domain.reserve import enter_reserve, leave_reserve
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Organisation
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import PUBLIC, SYSTEM, visible
from kechuang.kit.testing import assert_constant_queries, spreadsheet
from tests.apps.cultivation.conftest import make_companies

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def certify(company: Organisation, *, days: int = 30, times: int | None = 1, tier: str = "hnte") -> Certification:
    """A certificate issued so many days ago."""
    return add_certification(
        SYSTEM, organisation=company, tier=tier, issued_on=TODAY - timedelta(days=days), times=times
    )


def test_the_bulletin_adds_up_and_counts_enterprises(counties: Any) -> None:
    first, second = make_companies(counties[0], 2)
    (other,) = make_companies(counties[1], 1)
    certify(first, days=1200)
    certify(first, days=20, times=2)
    certify(second, days=1020)
    certify(other, days=500)
    found = hnte_by_county(SYSTEM, TODAY)
    row = next(each for each in found.rows if each.region == counties[0])
    assert (row.valid, row.expiring) == (2, 1)
    assert found.total.valid == sum(each.valid for each in found.rows) == 3
    assert found.total.a_year_ago == 3
    assert found.total.lapsed == 0


def test_a_county_counts_its_own(actors: Any, counties: Any, county: Any) -> None:
    certify(make_companies(county, 1)[0])
    certify(make_companies(next(each for each in counties if each != county), 1)[0])
    assert hnte_by_county(actors["county_workstation"], TODAY).total.valid == 1
    assert hnte_by_county(actors["bureau_officer"], TODAY).total.valid == 2
    assert len(hnte_by_county(actors["county_workstation"], TODAY).rows) == 1


def test_the_funnel_tells_entries_against_the_target(counties: Any) -> None:
    first, second = make_companies(counties[0], 2)
    enter_reserve(SYSTEM, organisation=first, tier="hnte")
    enter_reserve(SYSTEM, organisation=second, tier="hnte")
    certify(second, days=0)
    found = funnel(SYSTEM, TODAY)
    step = next(each for each in found.steps if each.tier.code == "hnte")
    assert (step.holders, step.reserve, step.first) == (1, 1, 1)
    assert (found.entered, found.left, found.recognised, found.target) == (2, 1, 1, 100)


def test_suggestions_put_the_nearest_first_and_take_them_in(
    client_as: Any, known_company: Organisation, counties: Any
) -> None:
    make_companies(counties[0], 2)
    client = client_as("bureau_officer")
    url = reverse("cultivation:suggestions")
    page = client.get(url, {"tier": "hnte"})
    rows = page.context["rows"]
    assert [row["candidate"].organisation for row in rows] == [known_company]
    assert rows[0]["missed"]
    client.post(url, {"tier": "hnte", "organisation": [known_company.pk]})
    assert ReserveEntry.objects.get().organisation == known_company
    assert client.get(url, {"tier": "hnte"}).context["rows"] == []
    assert client_as("auditor").post(url, {"tier": "hnte"}).status_code == 403


def test_every_page_opens_for_its_people_and_nobody_else(client_as: Any, counties: Any) -> None:
    certify(make_companies(counties[0], 1)[0], days=1050)
    for name in ("calendar", "funnel", "suggestions", "hnte", "hnte_export"):
        url = reverse(f"cultivation:{name}")
        for role in ("platform_admin", "bureau_leader", "county_workstation", "auditor"):
            assert client_as(role).get(url).status_code == 200, (name, role)
        assert client_as("expert").get(url).status_code == 403
        assert client_as("public").get(url).status_code == 302
    table = spreadsheet(client_as("platform_admin").get(reverse("cultivation:hnte_export")).getvalue())
    assert table[-1][1] == 1


@pytest.mark.parametrize("name", ["calendar", "funnel", "hnte"])
def test_queries_do_not_grow_with_the_records(client_as: Any, counties: Any, name: str) -> None:
    def make(count: int) -> None:
        for company in make_companies(counties[0], count):
            certify(company, days=1050)

    assert_constant_queries(client_as("platform_admin"), reverse(f"cultivation:{name}"), make)


def test_the_public_sees_what_holds_and_no_more(company: Organisation, counties: Any) -> None:
    held = certify(company)
    certify(make_companies(counties[0], 1)[0], days=2000)
    assert list(visible(PUBLIC, Certification)) == [held]
    enter_reserve(SYSTEM, organisation=make_companies(counties[0], 1)[0], tier="hnte")
    assert not visible(PUBLIC, ReserveEntry).exists()


def test_a_county_keeps_no_records_of_another(actors: Any, counties: Any, county: Any) -> None:
    (stranger,) = make_companies(next(each for each in counties if each != county), 1)
    with pytest.raises(Refused):
        add_certification(actors["county_workstation"], organisation=stranger, tier="hnte", issued_on=TODAY)
    with pytest.raises(Refused):
        enter_reserve(actors["county_workstation"], organisation=stranger, tier="hnte")


def test_the_library_refuses_what_does_not_fit(counties: Any) -> None:
    (company,) = make_companies(counties[0], 1)
    entry = enter_reserve(SYSTEM, organisation=company, tier="hnte")
    with pytest.raises(DomainError):
        enter_reserve(SYSTEM, organisation=company, tier="hnte")
    with pytest.raises(DomainError):
        leave_reserve(SYSTEM, entry=entry, exit_reason="declined", left_on=TODAY - timedelta(days=1))
    leave_reserve(SYSTEM, entry=entry, exit_reason="declined")
    with pytest.raises(DomainError):
        leave_reserve(SYSTEM, entry=entry, exit_reason="declined")
    enter_reserve(SYSTEM, organisation=company, tier="hnte")
    with pytest.raises(DomainError):
        add_certification(SYSTEM, organisation=company, tier="no-such-rung", issued_on=date(2024, 1, 1))


def test_enterprises_are_told_ninety_and_thirty_days_before_and_each_time_once(company: Organisation) -> None:
    row = certify(company)
    until = row.valid_until
    assert until is not None
    people = company.memberships.filter(role__startswith="organisation").values("user").distinct().count()
    assert remind_of_expiry(until - timedelta(days=91)) == 0
    assert remind_of_expiry(until - timedelta(days=88)) == people > 0
    assert remind_of_expiry(until - timedelta(days=60)) == 0
    assert remind_of_expiry(until - timedelta(days=30)) == people
    assert remind_of_expiry(until - timedelta(days=2)) == 0


def test_who_has_renewed_is_not_told(company: Organisation) -> None:
    old = certify(company, days=1060)
    certify(company, days=0, times=2)
    assert old.valid_until is not None
    assert remind_of_expiry(old.valid_until - timedelta(days=30)) == 0

"""The officials' pages: calendar, funnel, suggestions, bulletin; and the reminders."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification
from kechuang.apps.cultivation.domain.queries.ladder import city_rules
from kechuang.apps.cultivation.domain.queries.region import funnel, hnte_by_county, reserve_goals
from kechuang.apps.cultivation.domain.queries.stages import stages
from kechuang.apps.cultivation.domain.reminders import remind_of_expiry
from kechuang.apps.cultivation.domain.reserve import enter_reserve, leave_reserve
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.targets import add_target
from kechuang.apps.indicators.models import Indicator, Target
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
    assert (found.reserve, found.entered, found.left, found.recognised) == (1, 2, 1, 1)


def test_the_library_is_held_against_what_the_documents_ask(
    client_as: Any, actors: Any, catalogue: Any, counties: Any, county: Any
) -> None:
    city = Region.objects.get(code=catalogue.region)
    for value, recurrence, title in ((100, "yearly", "每年入库100家以上"), (50, "once", "入库企业达到50家")):
        add_target(
            actors["bureau_officer"], indicator=Indicator.objects.get(code="hnte_reserve_count"), region=city,
            title=title, value=Decimal(value), comparator=">=", recurrence=recurrence, unit="家",
        )  # fmt: skip
    Target.objects.update(origin=Target.Origin.DOCUMENT)
    for company in make_companies(counties[0], 2):
        enter_reserve(SYSTEM, organisation=company, tier="hnte")
    yearly, level = reserve_goals(actors["bureau_officer"], funnel(actors["bureau_officer"], TODAY))
    assert (yearly.yearly, yearly.now, yearly.percent) == (True, 2, 2)
    assert (level.yearly, level.now, level.percent) == (False, 2, 4)
    own = funnel(actors["county_workstation"], TODAY)
    assert [goal.now for goal in reserve_goals(actors["county_workstation"], own)] == [None, None]
    assert "每年入库100家以上" in client_as("bureau_officer").get(reverse("cultivation:funnel")).content.decode()


def test_the_stages_count_whom_the_published_rules_name(
    client_as: Any, known_company: Organisation, counties: Any
) -> None:
    make_companies(counties[0], 1)
    declare_facts(
        SYSTEM, organisation=known_company, year=return_year(), values={"tech_sme_valid": True, "hnte_valid": False}
    )
    found = {stage.rule.code: stage for stage in stages(SYSTEM, city_rules(TODAY))}
    assert (found["ny-growth-small"].members, found["ny-growth-micro"].members) == (1, 0)
    assert found["ny-growth-small"].unknown >= 1
    page = client_as("bureau_officer").get(reverse("cultivation:stages")).content.decode()
    assert "小升高" in page
    assert "市科技局确认" in page


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


def test_every_page_opens_for_its_people_and_nobody_else(client_as: Any, catalogue: Any, counties: Any) -> None:
    certify(make_companies(counties[0], 1)[0], days=1050)
    for name in ("calendar", "funnel", "stages", "suggestions", "hnte", "hnte_export"):
        url = reverse(f"cultivation:{name}")
        for role in ("platform_admin", "bureau_leader", "county_workstation", "auditor"):
            assert client_as(role).get(url).status_code == 200, (name, role)
        assert client_as("expert").get(url).status_code == 403
        assert client_as("public").get(url).status_code == 302
    table = spreadsheet(client_as("platform_admin").get(reverse("cultivation:hnte_export")).getvalue())
    assert table[-1][1] == 1


@pytest.mark.parametrize("name", ["calendar", "funnel", "stages", "suggestions", "hnte"])
def test_queries_do_not_grow_with_the_records(client_as: Any, catalogue: Any, counties: Any, name: str) -> None:
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


def test_visitors_read_certifications_in_the_frame_of_the_portal(client_as: Any, counties: Any) -> None:
    row = certify(make_companies(counties[0], 1)[0])
    for url in (
        reverse("cultivation:certifications-list"),
        reverse("cultivation:certifications-detail", args=[row.pk]),
    ):
        assert "kc-portal-nav" in client_as("public").get(url).content.decode()
        assert "kc-portal-nav" not in client_as("bureau_officer").get(url).content.decode()

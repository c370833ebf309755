"""The pages about facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kechuang.apps.indicators.domain.contests import contest_fact
from kechuang.apps.indicators.domain.facts import declare_facts, verify_fact
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.snapshots import freeze_snapshot
from kechuang.apps.indicators.interfaces.fact_resources import (
    FactContestResource,
    FactKindResource,
    FactResource,
    SnapshotResource,
)
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.kit.exporting import workbook
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing import ResourceConformance, spreadsheet
from tests.apps.indicators.conftest import make_companies

YEAR = return_year()


class Made(ResourceConformance):
    @pytest.fixture(autouse=True)
    def _made(self, fact_kinds: Any, county: Any) -> None:
        self.county = county

    def facts(self, count: int) -> list[Fact]:
        return [
            declare_facts(SYSTEM, organisation=row, year=YEAR, values={"revenue": 10_000}).facts[0]
            for row in make_companies(self.county, count)
        ]


class TestFactKinds(Made):
    resource_class = FactKindResource

    def make(self, count: int) -> Sequence[FactKind]:
        start = FactKind.objects.count()
        return [
            FactKind.objects.create(code=f"k{start + n}", name=f"指标{start + n}号", kind="count") for n in range(count)
        ]


class TestFacts(Made):
    resource_class = FactResource

    def make(self, count: int) -> Sequence[Fact]:
        return self.facts(count)

    def searchable(self, obj: Any) -> str:
        return obj.organisation.uscc

    def test_list_shows_its_rows_and_their_number(self) -> None:
        row = self.make(1)[0]
        assert row.organisation.name in self.get("list").content.decode()


class TestContests(Made):
    resource_class = FactContestResource

    def make(self, count: int) -> Sequence[FactContest]:
        kind = FactKind.objects.get(code="revenue")
        return [
            contest_fact(SYSTEM, organisation=fact.organisation, kind=kind, year=YEAR, reason="有误", value=5)
            for fact in self.facts(count)
        ]

    def searchable(self, obj: Any) -> str:
        return obj.organisation.name

    def test_list_shows_its_rows_and_their_number(self) -> None:
        row = self.make(1)[0]
        assert row.organisation.name in self.get("list").content.decode()

    def test_the_county_accepts_on_the_page(self) -> None:
        contest = self.make(1)[0]
        client = self.client_as("county_workstation")
        client.post(self.resource.url("step", contest, "accept"), {"reason": "属实"})
        contest.refresh_from_db()
        assert contest.state == "accepted"
        assert Fact.objects.get(organisation=contest.organisation, state="in_force").number == 5


class TestSnapshots(Made):
    resource_class = SnapshotResource

    def make(self, count: int) -> Sequence[Any]:
        make_companies(self.county, 1)
        return [freeze_snapshot(SYSTEM, year=YEAR, title=f"测算{number}") for number in range(count)]


def test_my_data(client_as, actors, fact_kinds, company) -> None:
    owner = actors["organisation_admin"]
    fact = declare_facts(owner, organisation=company, year=YEAR, values={"revenue": 123_456}).facts[0]
    verify_fact(actors["county_workstation"], fact=fact, source_note="审计报告第3页")
    client = client_as("organisation_member")
    assert client.get(reverse("indicators:mine")).url == reverse("indicators:my_data", args=[company.pk])
    page = client.get(reverse("indicators:my_data", args=[company.pk])).content.decode()
    assert "12.3456万元" in page
    assert "123,456" in page
    assert "审计报告第3页" in page
    assert company.region.name in page
    assert "待补充" in page


def test_contesting_on_the_page(client_as, actors, fact_kinds, company) -> None:
    declare_facts(actors["organisation_admin"], organisation=company, year=YEAR, values={"revenue": 123_456})
    client = client_as("organisation_admin")
    url = reverse("indicators:contest", args=[company.pk, "revenue"])
    assert client.get(url).status_code == 200
    assert client.post(url, {"value": "abc", "reason": "x"}).status_code == 422
    assert client.post(url, {"value": "13", "reason": ""}).status_code == 422
    assert client.post(url, {"value": "13", "reason": "抄错了"}).status_code == 302
    assert FactContest.objects.get().number == 130_000
    assert client.get(reverse("indicators:contest", args=[company.pk, "staff_count"])).status_code == 404


def test_nobody_looks_at_another(client_as, fact_kinds, company, stranger) -> None:
    for name, role in (("my_data", "organisation_admin"), ("data_of", "county_workstation")):
        assert client_as(role).get(reverse(f"indicators:{name}", args=[stranger.pk])).status_code == 404
    assert client_as("bureau_officer").get(reverse("indicators:data_of", args=[stranger.pk])).status_code == 200


def test_the_return_asks_only_what_is_not_known(client_as, actors, fact_kinds, company) -> None:
    declare_facts(actors["organisation_admin"], organisation=company, year=YEAR, values={"revenue": 123_456})
    client = client_as("organisation_admin")
    url = reverse("indicators:return", args=[company.pk])
    page = client.get(url).content.decode()
    assert 'name="revenue"' not in page
    assert 'name="staff_count"' in page
    assert 'name="region"' not in page
    answer = client.post(url, {"staff_count": "viele", "hitech_revenue": "10"})
    assert answer.status_code == 422
    assert "viele" in answer.content.decode()
    assert not Fact.objects.exclude(kind__code="revenue").exists()
    assert client.post(url, {"staff_count": "12", "hitech_revenue": "10", "ip_owned_core": "是"}).status_code == 302
    assert Fact.objects.get(kind__code="hitech_revenue").number == 100_000


def test_a_field_is_kept_when_it_is_left(client_as, fact_kinds, company) -> None:
    client = client_as("organisation_member")
    url = reverse("indicators:return_field", args=[company.pk, "staff_count"])
    assert "已保存" in client.post(url, {"staff_count": "31", "revenue": "x"}).content.decode()
    assert Fact.objects.get().number == 31
    assert "error-staff_count" in client.post(url, {"staff_count": "3.5"}).content.decode()
    assert Fact.objects.filter(state="in_force").get().number == 31


def upload(client: Any, rows: list[list[Any]]) -> Any:
    content = workbook(rows[0], rows[1:]).read()
    return client.post(reverse("indicators:return_upload"), {"file": SimpleUploadedFile("r.xlsx", content)})


def test_the_workbook_of_ones_own(client_as, actors, fact_kinds, company) -> None:
    declare_facts(actors["organisation_admin"], organisation=company, year=YEAR, values={"revenue": 123_456})
    client = client_as("organisation_admin")
    rows = spreadsheet(client.get(reverse("indicators:return_template")).getvalue())
    assert rows[1][:2] == [company.uscc, company.name]
    at = {str(head).split("（")[0]: number for number, head in enumerate(rows[0])}
    rows[1][at["职工总数"]] = 40
    assert upload(client, rows).status_code == 302
    assert Fact.objects.get(kind__code="staff_count").source == "declared"
    assert Fact.objects.count() == 2


def test_the_county_brings_many_and_mistakes_have_their_cell(client_as, fact_kinds, county, stranger) -> None:
    one, two = make_companies(county, 2)
    client = client_as("county_workstation")
    head = ["统一社会信用代码", "企业名称", "营业收入（万元）", "职工总数", "无关"]
    wrong = upload(client, [head, [one.uscc, one.name, "abc", 3], [stranger.uscc, "", 1, 1], [two.uscc, "", 5, 2.5]])
    assert wrong.status_code == 422
    mistakes = wrong.context["outcome"].mistakes
    assert [(m.row, m.column) for m in mistakes] == [(2, "营业收入"), (3, "统一社会信用代码"), (4, "职工总数")]
    assert not Fact.objects.exists()
    assert upload(client, [head, [one.uscc, one.name, 1.5, 3], [two.uscc, "", 5, 2]]).status_code == 302
    fact = Fact.objects.get(organisation=one, kind__code="revenue")
    assert (fact.number, fact.source) == (15_000, "imported")


def test_the_exact_yuan_is_behind_every_figure(client_as, actors, fact_kinds, company) -> None:
    owner = actors["organisation_admin"]
    fact = declare_facts(owner, organisation=company, year=YEAR, values={"revenue": 123_456}).facts[0]
    contest = contest_fact(owner, organisation=company, kind=fact.kind, year=YEAR, reason="有误", value=234_567)
    clerk, county = client_as("organisation_admin"), client_as("county_workstation")
    known, proposed = "精确到元：123,456元", "精确到元：234,567元"
    for client, url, exact in (
        (clerk, reverse("indicators:my_data", args=[company.pk]), (known,)),
        (clerk, reverse("indicators:return", args=[company.pk]), (known,)),
        (clerk, reverse("indicators:contest", args=[company.pk, "revenue"]), (known,)),
        (county, reverse("indicators:facts-list"), (known,)),
        (county, reverse("indicators:facts-detail", args=[fact.pk]), (known,)),
        (county, reverse("indicators:contests-list"), (known, proposed)),
        (county, reverse("indicators:contests-detail", args=[contest.pk]), (known, proposed)),
    ):
        page = client.get(url).content.decode()
        assert all(f'title="{text}"' in page for text in exact), url
    rows = spreadsheet(county.get(reverse("indicators:facts-export", args=["xlsx"])).getvalue())
    assert "12.3456万元" in rows[1]

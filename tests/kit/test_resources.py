"""The generic pages, proven on regions, units and organisations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.interfaces.resources import OrganisationResource, RegionResource, UnitResource
from kechuang.apps.directory.models import Organisation, Region, Unit
from kechuang.kit.models import Job
from kechuang.kit.testing import ResourceConformance
from kechuang.kit.testing_jobs import run_jobs
from kechuang.kit.views.resources import importing
from kechuang.kit.views.resources.editing import dependents

LONG = "南阳市卧龙区超长名称科技创新与成果转化综合服务中心有限责任公司第一分公司及其联合实验室"


def city() -> Region:
    return Region.objects.get(code="411300")


class TestRegions(ResourceConformance):
    resource_class = RegionResource

    def make(self, count: int) -> Sequence[Model]:
        start = Region.objects.count()
        return [
            Region.objects.create(
                code=f"4113ZZ{n}", name=f"试验区{n}", short_name=f"试验{n}", level="zone", parent=city(), path=f"zz{n}/"
            )
            for n in range(start, start + count)
        ]


class TestUnits(ResourceConformance):
    resource_class = UnitResource

    def make(self, count: int) -> Sequence[Model]:
        start = Unit.objects.count()
        return [
            Unit.objects.create(code=f"t{n}", name=f"试验单位{n}", kind=Unit.Kind.AGENCY, region=city())
            for n in range(start, start + count)
        ]


class TestOrganisations(ResourceConformance):
    resource_class = OrganisationResource

    def make(self, count: int) -> Sequence[Model]:
        start = Organisation.objects.count()
        county = Region.objects.get(code="411303")
        return [
            Organisation.objects.create(uscc=synthetic_uscc("411303", 900 + n), name=f"{LONG}{n}", region=county)
            for n in range(start, start + count)
        ]


@pytest.fixture
def unit(pack: Any) -> Unit:
    return Unit.objects.create(code="t1", name="试验单位", kind=Unit.Kind.AGENCY, region=city())


@pytest.fixture
def officer(client_as: Callable[[str], Client]) -> Client:
    return client_as("bureau_officer")


def form_data(unit: Unit, **changes: Any) -> dict[str, Any]:
    data = {
        "name": unit.name,
        "full_name": "",
        "aliases": "",
        "kind": unit.kind,
        "region": unit.region_id,
        "active": "on",
    }
    return {**data, **changes}


def test_a_change_is_saved_and_stands_in_the_history(officer: Client, unit: Unit) -> None:
    page = officer.get(f"/directory/units/{unit.pk}/edit/")
    data = form_data(unit, name="改过的单位", _version=page.context["version"])
    assert officer.post(f"/directory/units/{unit.pk}/edit/", data).status_code == HTTPStatus.FOUND
    unit.refresh_from_db()
    assert unit.name == "改过的单位"
    history = officer.get(f"/directory/units/{unit.pk}/history/").context["changes"]
    assert (history[0].fields[0].before, history[0].fields[0].after) == ("试验单位", "改过的单位")
    assert history[0].who.startswith("林晓云")


def test_a_stale_form_is_refused_and_keeps_what_was_typed(officer: Client, unit: Unit) -> None:
    seen = officer.get(f"/directory/units/{unit.pk}/edit/").context["version"]
    Unit.objects.get(pk=unit.pk).save()
    data = form_data(unit, name="我写的名称", _version=seen)
    answer = officer.post(f"/directory/units/{unit.pk}/edit/", data)
    assert answer.status_code == 422
    assert "别人修改了这条记录" in answer.content.decode()
    assert "我写的名称" in answer.content.decode()
    unit.refresh_from_db()
    assert unit.name == "试验单位"
    again = officer.post(f"/directory/units/{unit.pk}/edit/", {**data, "_version": answer.context["version"]})
    assert again.status_code == HTTPStatus.FOUND


def test_mistakes_stand_at_their_field_and_in_the_summary(officer: Client, unit: Unit) -> None:
    answer = officer.post(f"/directory/units/{unit.pk}/edit/", form_data(unit, name=""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_name"' in text
    assert 'id="id_name_error"' in text
    assert 'aria-invalid="true"' in text


def test_bulk_reports_what_was_done_and_what_not_with_the_reason(client_as: Callable[[str], Client], pack: Any) -> None:
    officer = client_as("bureau_officer")
    county = Region.objects.get(code="411303")
    rows = [
        Organisation.objects.create(uscc=synthetic_uscc("411303", 900 + n), name=f"单位{n}", region=county)
        for n in range(2)
    ]
    rows[1].state = Organisation.State.REFUSED
    rows[1].save()
    data = {"action": "verify", "selected": [row.pk for row in rows]}
    assert officer.post("/directory/organisations/bulk/", data).status_code == HTTPStatus.OK
    answer = officer.post("/directory/organisations/bulk/", {**data, "confirmed": "1"})
    assert answer.context["done"] == 1
    assert [failure.record for failure in answer.context["failures"]] == ["单位1"]
    rows[0].refresh_from_db()
    assert rows[0].state == Organisation.State.VERIFIED


def test_import_writes_good_rows_only_when_told_to(client_as: Callable[[str], Client], pack: Any) -> None:
    officer = client_as("bureau_officer")
    good, bad = synthetic_uscc("411303", 951), "123"
    lines = ["统一社会信用代码,名称,类别,所在县区,无关列", f"{good},甲公司,企业,卧龙区,x", f"{bad},乙公司,企业,火星,x"]
    answer = upload(officer, "\n".join(lines))
    page = officer.get(answer.headers["location"])
    assert page.context["counts"] == {"add": 1, "change": 0, "same": 0, "wrong": 1}
    assert page.context["report"].ignored == ["无关列"]
    assert {m.row for m in page.context["report"].mistakes} == {3}
    officer.post(answer.headers["location"])
    assert not Organisation.objects.filter(uscc=good).exists()
    officer.post(answer.headers["location"], {"rows": "good"})
    assert Organisation.objects.get(uscc=good).name == "甲公司"
    assert officer.get(answer.headers["location"]).status_code == 422


def upload(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("rows.csv", text.encode("gb18030"))
    return client.post("/directory/organisations/import/", {"file": file})


def test_a_region_with_units_cannot_vanish(client_as: Callable[[str], Client], pack: Any) -> None:
    assert any(protects for _what, _count, protects in dependents(city()))


def test_everyone_without_the_right_reads_why(client_as: Callable[[str], Client], pack: Any) -> None:
    answer = client_as("organisation_member").get("/directory/people/add/")
    assert answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)
    refused = client_as("organisation_member").get("/directory/units/add/")
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert "您的角色没有这项操作" in refused.content.decode()
    anonymous = client_as("public").get("/directory/units/add/")
    assert anonymous.status_code == HTTPStatus.FOUND
    assert "/accounts/login/" in anonymous.headers["location"]


def test_a_big_import_is_checked_and_written_in_the_background(
    client_as: Callable[[str], Client], pack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    officer = client_as("bureau_officer")
    codes = [synthetic_uscc("411303", 960 + n) for n in range(3)]
    lines = ["uscc,name,kind,region", *(f"{code},公司{code},企业,卧龙区" for code in codes)]
    job_page = upload(officer, "\n".join(lines)).headers["location"]
    assert job_page.startswith("/kit/jobs/")
    run_jobs()
    check = Job.objects.get().result_url
    assert officer.get(check).context["counts"]["add"] == 3
    officer.post(check)
    run_jobs()
    assert Organisation.objects.filter(uscc__in=codes).count() == 3
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}

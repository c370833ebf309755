"""The pages: what each person sees, and that a form leads where it should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.extensions import request_extension
from kechuang.apps.supervision.domain.queries.inbox import inbox_of
from kechuang.apps.supervision.domain.reports import Content, return_report, save_draft
from kechuang.apps.supervision.domain.tasks import decompose_to_counties
from kechuang.apps.supervision.models import ExtensionRequest, ProgressReport, ReportState, Task, TaskUnit
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import assert_constant_queries

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
Browser = Callable[[str], Client]


def test_inbox_puts_what_came_back_first(
    client_as: Browser, make_task: Any, send: Any, actors: dict[str, Actor], finance: Unit
) -> None:
    late, back = make_task("逾期任务", units=[finance], days=-3), make_task("退回任务", units=[finance])
    return_report(SYSTEM, report=send(actors["responsible_unit"], back, finance, 40), reason="请补充凭证")
    page = client_as("responsible_unit").get(reverse("supervision:inbox"))
    text = page.content.decode()
    assert "请补充凭证" in text
    assert text.index("退回任务") < text.index("逾期任务")
    assert [duty.task for duty in inbox_of(actors["responsible_unit"]).duties] == [back, late]


def test_a_county_owes_its_part_and_what_is_given_to_its_class(
    make_task: Any, actors: dict[str, Actor], counties: Unit, county: Region
) -> None:
    handed_on, shared = make_task("已分解", units=[counties]), make_task("未分解", units=[counties])
    part = decompose_to_counties(SYSTEM, task=handed_on, regions=[county])[0]
    duties = inbox_of(actors["county_workstation"]).duties
    assert {(duty.task, str(duty.unit)) for duty in duties} == {(part, "宛城区人民政府"), (shared, "宛城区人民政府")}


def test_inbox_needs_as_many_queries_for_one_task_as_for_three(
    client_as: Browser, make_task: Any, finance: Unit
) -> None:
    url = reverse("supervision:inbox")
    assert_constant_queries(
        client_as("responsible_unit"), url, lambda count: [make_task(units=[finance]) for _n in range(count)]
    )


def test_review_needs_as_many_queries_for_one_report_as_for_three(
    client_as: Browser, make_task: Any, send: Any, finance: Unit
) -> None:
    def make(count: int) -> None:
        for _n in range(count):
            send(SYSTEM, make_task(units=[finance]), finance, 20)

    assert_constant_queries(client_as("bureau_officer"), reverse("supervision:review"), make)


@pytest.mark.parametrize("page", ["overview", "extensions", "unknown_units"])
def test_queues_need_constant_queries(
    client_as: Browser, make_task: Any, finance: Unit, counties: Unit, page: str
) -> None:
    def make(count: int) -> None:
        for _n in range(count):
            task = make_task(units=[finance, counties], days=5)
            later = task.due_on + timedelta(days=90)
            request_extension(SYSTEM, task=task, unit=finance, requested_due=later, reason="推迟")
            TaskUnit.objects.create(task=task, raw_name="市大数据局", order=9)

    assert_constant_queries(client_as("platform_admin"), reverse(f"supervision:{page}"), make)


def test_public_pages_need_constant_queries(client_as: Browser, make_task: Any, finance: Unit, plan: Any) -> None:
    url = reverse("supervision:public_plan", args=[plan.pk])
    assert_constant_queries(client_as("public"), url, lambda n: [make_task(units=[finance]) for _n in range(n)])


def test_a_report_from_draft_to_receipt(
    client_as: Browser, make_task: Any, actors: dict[str, Actor], finance: Unit
) -> None:
    task, client = make_task(units=[finance]), client_as("responsible_unit")
    url = reverse("supervision:report", args=[task.pk])
    assert client.get(url).status_code == 200
    typed = {"unit": finance.pk, "percent": "35", "narrative": "", "problems": "", "next_steps": ""}
    saved = client.post(reverse("supervision:report_draft", args=[task.pk]), typed)
    assert saved.status_code == 200
    assert ProgressReport.objects.get().percent == 35
    refused = client.post(url, {**typed, "step": "submit"})
    assert refused.status_code == 422
    assert "narrative" in refused.context["form"].errors
    files = {"files": [SimpleUploadedFile("凭证.pdf", PDF)]}
    sent = client.post(url, {**typed, "narrative": "资金已拨付", "step": "submit", **files})
    report = ProgressReport.objects.get()
    assert sent.headers["location"] == reverse("supervision:report_sent", args=[report.pk])
    assert (report.state, report.files.count()) == (ReportState.SUBMITTED, 1)
    assert f"R{report.pk:06d}" in client.get(sent.headers["location"]).content.decode()
    waiting = client.get(url)
    assert "资金已拨付" in waiting.content.decode()
    assert not waiting.context.get("form")


def test_accepting_and_returning_from_the_queue(client_as: Browser, make_task: Any, send: Any, finance: Unit) -> None:
    reports = [send(SYSTEM, make_task(f"任务{n}", units=[finance]), finance, 30) for n in range(4)]
    client = client_as("bureau_officer")
    client.post(reverse("supervision:decide_report", args=[reports[0].pk]), {"step": "accept"})
    client.post(reverse("supervision:decide_report", args=[reports[1].pk]), {"step": "return", "reason": "补充"})
    client.post(reverse("supervision:accept_many"), {"selected": [reports[2].pk, reports[3].pk]})
    states = list(ProgressReport.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["accepted", "returned", "accepted", "accepted"]


def test_an_extension_from_request_to_decision(client_as: Browser, make_task: Any, finance: Unit, today: Any) -> None:
    task = make_task(units=[finance], days=10)
    later = (today + timedelta(days=200)).isoformat()
    values = {"unit": finance.pk, "requested_due": later, "reason": "评审推迟"}
    asked = client_as("responsible_unit").post(reverse("supervision:extension", args=[task.pk]), values)
    assert asked.status_code == 302
    request = ExtensionRequest.objects.get()
    decide = reverse("supervision:decide_extension", args=[request.pk])
    assert client_as("bureau_officer").post(decide, {"step": "grant"}).status_code in (302, 403)
    task.refresh_from_db()
    assert task.due_on == today + timedelta(days=10)
    client_as("bureau_leader").post(decide, {"step": "grant"})
    task.refresh_from_db()
    assert task.due_on.isoformat() == later


def test_handing_to_counties_and_naming_a_unit(client_as: Browser, make_task: Any, counties: Unit) -> None:
    task, client = make_task(units=[counties]), client_as("bureau_officer")
    url = reverse("supervision:decompose", args=[task.pk])
    assert "宛城区人民政府" in client.get(url).content.decode()
    client.post(url, {"regions": ["411302", "411303"]})
    assert task.subtasks.count() == 2
    TaskUnit.objects.create(task=task, raw_name="市大数据局")
    client.post(reverse("supervision:unknown_units"), {"raw_name": "市大数据局", "unit": "市统计局"})
    assert task.task_units.filter(unit__code="nanyang/tjj", raw_name="市大数据局").exists()
    part = {"title": "建设孵化器", "region": task.region_id, "weight": "2", "units": "市科技局、市财政局"}
    client.post(reverse("supervision:part", args=[task.pk]), part)
    assert [str(row) for row in Task.objects.get(title="建设孵化器").task_units.all()] == ["市科技局", "市财政局"]


def test_settling_from_the_task_page(client_as: Browser, make_task: Any, finance: Unit) -> None:
    task, client = make_task(units=[finance]), client_as("bureau_officer")
    client.post(reverse("supervision:tasks-step", args=[task.pk, "stop"]), {"reason": "上级调整"})
    task.refresh_from_db()
    assert (task.state, task.closed_reason) == ("stopped", "上级调整")
    client.post(reverse("supervision:tasks-step", args=[task.pk, "reopen"]), {"reason": "恢复"})
    client.post(reverse("supervision:tasks-step", args=[task.pk, "complete"]))
    task.refresh_from_db()
    assert (task.state, task.percent) == ("done", 100)


def test_the_overview_leads_to_lists_of_just_as_many(
    client_as: Browser, make_task: Any, science: Unit, finance: Unit, counties: Unit
) -> None:
    for days in (-5, -6, 10, 200):
        make_task(units=[science, finance], days=days)
    decompose_to_counties(SYSTEM, task=make_task(units=[counties], days=90))
    make_task("无单位", days=100)
    client = client_as("bureau_leader")
    page = client.get(reverse("supervision:overview"))
    rows = [*page.context["unit_rows"], *page.context["county_rows"][:3]]
    for row in rows:
        for number, url in [*row.cells, (row.total, row.url)]:
            assert client.get(url).context["page"].paginator.count == number, url
    for stat in page.context["stats"]:
        assert client.get(stat["url"]).context["page"].paginator.count == stat["number"]
    assert sum(row.total for row in page.context["unit_rows"]) == page.context["unit_total"] == 6
    assert page.context["county_total"] == 18


def test_the_public_learns_nothing_that_units_reported(
    client_as: Browser, make_task: Any, report: Any, finance: Unit, plan: Any
) -> None:
    task = make_task("公开任务", units=[finance])
    report(task, finance, 40)
    url = reverse("supervision:public_plan", args=[plan.pk])
    text = client_as("public").get(url).content.decode()
    assert "公开任务" in text
    assert "已完成方案编制" not in text
    plan.is_public = False
    plan.save()
    assert client_as("public").get(url).status_code == 404


def test_search_and_cards(client_as: Browser, make_task: Any, finance: Unit, actors: dict[str, Actor]) -> None:
    from kechuang.kit.navigation import cards, search

    make_task("实施重大科技专项", units=[finance], days=-4)
    for role in ("bureau_officer", "responsible_unit", "auditor"):
        hits = search(actors[role], "重大科技", only="tasks")
        assert hits, role
    assert not search(actors["expert"], "重大科技", only="tasks")
    titles = [str(getattr(content, "title", "")) for _card, content in cards(actors["responsible_unit"])]
    assert any("1" in title for title in titles)


def test_a_draft_is_the_units_own(
    client_as: Browser, make_task: Any, actors: dict[str, Actor], finance: Unit, science: Unit, wancheng: Unit
) -> None:
    """Units that share a task do not read each other's unsettled reports."""
    task = make_task(units=[finance, wancheng])
    draft = save_draft(SYSTEM, task=task, unit=wancheng, content=Content(10, "草稿"))
    url = reverse("supervision:reports-detail", args=[draft.pk])
    assert client_as("responsible_unit").get(url).status_code == 404
    assert client_as("county_workstation").get(url).status_code == 200
    assert client_as("bureau_officer").get(url).status_code == 200

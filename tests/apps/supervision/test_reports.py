"""Reports: draft, send, return, send again, accept; and the figures that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kechuang.apps.directory.models import Region, Unit, User
from kechuang.apps.supervision.domain.reports import (
    Content,
    accept_report,
    accept_reports,
    attach_file,
    remove_file,
    return_report,
    save_draft,
    submit_report,
)
from kechuang.apps.supervision.domain.tasks import (
    add_subtask,
    confirm_done,
    decompose_to_counties,
    reopen_task,
    stop_task,
)
from kechuang.apps.supervision.models import ProgressReport, ReportState, Task, TaskState
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import Notification
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.workflow import history

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


def test_return_and_send_again(
    make_task: Callable[..., Task],
    send: Callable[..., ProgressReport],
    actors: dict[str, Actor],
    people: dict[str, User],
    finance: Unit,
) -> None:
    task = make_task(units=[finance])
    unit, officer = actors["responsible_unit"], actors["bureau_officer"]
    report = send(unit, task, finance, 40)
    assert Notification.objects.filter(user=people["bureau_officer"], kind="supervision.report").count() == 1
    return_report(officer, report=report, reason="请补充资金拨付凭证")
    assert report.state == ReportState.RETURNED
    assert "请补充资金拨付凭证" in Notification.objects.get(user=people["responsible_unit"]).message
    corrected = save_draft(unit, task=task, unit=finance, content=Content(45, "已补充凭证"))
    assert corrected.pk == report.pk
    assert corrected.reason == "请补充资金拨付凭证"
    submit_report(unit, report=corrected)
    accept_report(officer, report=corrected)
    task.refresh_from_db()
    assert (task.percent, task.state, task.last_reported_on) == (45, TaskState.IN_PROGRESS, timezone.localdate())
    assert [step.transition for step in history(corrected)] == ["submit", "return", "submit", "accept"]
    assert history(corrected)[1].reason == "请补充资金拨付凭证"


def test_a_return_needs_a_reason(make_task: Any, send: Any, finance: Unit) -> None:
    report = send(SYSTEM, make_task(units=[finance]), finance, 40)
    with pytest.raises(DomainError):
        return_report(SYSTEM, report=report, reason="  ")


def test_nothing_new_while_the_last_report_waits(make_task: Any, send: Any, finance: Unit) -> None:
    task = make_task(units=[finance])
    send(SYSTEM, task, finance, 40)
    with pytest.raises(DomainError):
        save_draft(SYSTEM, task=task, unit=finance, content=Content(50, "再报"))


def test_the_second_of_two_decisions_is_stale(make_task: Any, send: Any, finance: Unit) -> None:
    report = send(SYSTEM, make_task(units=[finance]), finance, 40)
    same = ProgressReport.objects.get(pk=report.pk)
    accept_report(SYSTEM, report=report)
    with pytest.raises(Stale):
        return_report(SYSTEM, report=same, reason="晚了一步")


def test_percent_and_narrative_are_asked_for(make_task: Any, finance: Unit) -> None:
    task = make_task(units=[finance])
    with pytest.raises(DomainError) as error:
        save_draft(SYSTEM, task=task, unit=finance, content=Content(101, "超额"))
    assert error.value.field == "percent"
    draft = save_draft(SYSTEM, task=task, unit=finance, content=Content(10))
    with pytest.raises(DomainError) as error:
        submit_report(SYSTEM, report=draft)
    assert error.value.field == "narrative"


def test_the_unit_in_charge_makes_the_figure(make_task: Any, report: Any, science: Unit, finance: Unit) -> None:
    task = make_task(units=[finance], lead=science)
    report(task, finance, 90)
    task.refresh_from_db()
    assert task.percent == 0
    report(task, science, 30)
    task.refresh_from_db()
    assert task.percent == 30


def test_without_a_lead_the_first_named_is_in_charge(make_task: Any, report: Any, science: Unit, finance: Unit) -> None:
    task = make_task(units=[science, finance])
    report(task, finance, 90)
    report(task, science, 20)
    task.refresh_from_db()
    assert task.percent == 20


def test_a_class_of_units_counts_everyone_who_reports(
    make_task: Any, report: Any, counties: Unit, wancheng: Unit
) -> None:
    task = make_task(units=[counties])
    wolong = Unit.objects.get(code="nanyang/wolong")
    report(task, wancheng, 40)
    report(task, wolong, 61)
    task.refresh_from_db()
    assert task.percent == 50


def test_a_whole_has_the_weighted_mean_of_its_parts(make_task: Any, report: Any, science: Unit, finance: Unit) -> None:
    whole = make_task(units=[science])
    first = add_subtask(SYSTEM, task=whole, title="甲部分", units=[science], weight=3)
    second = add_subtask(SYSTEM, task=whole, title="乙部分", units=[finance], weight=1)
    report(first, science, 50)
    report(second, finance, 90)
    whole.refresh_from_db()
    assert whole.percent == 60
    assert whole.last_reported_on == timezone.localdate()
    stop_task(SYSTEM, task=first, reason="合并")
    whole.refresh_from_db()
    assert whole.percent == 90
    confirm_done(SYSTEM, task=second)
    whole.refresh_from_db()
    assert whole.percent == 100
    reopen_task(SYSTEM, task=second, reason="验收未过")
    whole.refresh_from_db()
    assert whole.percent == 90


def test_parts_go_down_two_levels(make_task: Any, report: Any, county: Region, counties: Unit, wancheng: Unit) -> None:
    whole = make_task(units=[counties])
    part = decompose_to_counties(SYSTEM, task=whole, regions=[county])[0]
    detail = add_subtask(SYSTEM, task=part, title="建设孵化器", region=county, units=[wancheng])
    report(detail, wancheng, 70)
    whole.refresh_from_db()
    part.refresh_from_db()
    assert (part.percent, whole.percent) == (70, 70)


def test_decomposition_gives_every_county_its_own_government_once(make_task: Any, counties: Unit) -> None:
    whole = make_task(units=[counties])
    parts = decompose_to_counties(SYSTEM, task=whole)
    assert len(parts) == 18
    assert decompose_to_counties(SYSTEM, task=whole) == []
    units = {part.region.short_name: str(part.task_units.get()) for part in parts}
    assert units["宛城"] == "宛城区人民政府"
    assert units["高新区"] == "高新区管委会"
    assert {part.due_on for part in parts} == {whole.due_on}


def test_a_part_is_not_due_after_the_whole(make_task: Any, today: Any, finance: Unit) -> None:
    whole = make_task(units=[finance], days=10)
    with pytest.raises(DomainError) as error:
        add_subtask(SYSTEM, task=whole, title="部分", due_on=whole.due_on.replace(year=whole.due_on.year + 1))
    assert error.value.field == "due_on"


def test_settling_a_task(make_task: Any, send: Any, report: Any, finance: Unit) -> None:
    task = make_task(units=[finance])
    waiting = send(SYSTEM, task, finance, 80)
    with pytest.raises(Refused):
        confirm_done(SYSTEM, task=task)
    accept_report(SYSTEM, report=waiting)
    confirm_done(SYSTEM, task=task, note="已验收")
    task.refresh_from_db()
    assert (task.state, task.percent, task.closed_reason) == (TaskState.DONE, 100, "已验收")
    with pytest.raises(DomainError):
        save_draft(SYSTEM, task=task, unit=finance, content=Content(100, "补报"))
    with pytest.raises(DomainError):
        stop_task(SYSTEM, task=make_task("另一任务"), reason="")


def test_stopping_a_whole_stops_its_open_parts(make_task: Any, counties: Unit) -> None:
    whole = make_task(units=[counties])
    parts = decompose_to_counties(SYSTEM, task=whole)
    confirm_done(SYSTEM, task=parts[0])
    stop_task(SYSTEM, task=whole, reason="上级调整")
    assert whole.subtasks.filter(state=TaskState.STOPPED).count() == 17
    assert whole.subtasks.filter(state=TaskState.DONE).count() == 1


def test_bulk_acceptance_is_all_or_nothing(make_task: Any, send: Any, finance: Unit) -> None:
    first = send(SYSTEM, make_task("甲", units=[finance]), finance, 10)
    second = send(SYSTEM, make_task("乙", units=[finance]), finance, 20)
    return_report(SYSTEM, report=second, reason="补充")
    stale = ProgressReport.objects.get(pk=second.pk)
    with pytest.raises(Stale):
        accept_reports(SYSTEM, reports=[first, stale])
    first.refresh_from_db()
    assert first.state == ReportState.SUBMITTED
    assert accept_reports(SYSTEM, reports=[first]) == 1


def test_files_may_change_until_the_report_is_sent(make_task: Any, actors: dict[str, Actor], finance: Unit) -> None:
    task, unit = make_task(units=[finance]), actors["responsible_unit"]
    draft = save_draft(unit, task=task, unit=finance, content=Content(10, "已拨付"))
    stored = attach_file(unit, report=draft, upload=SimpleUploadedFile("凭证.pdf", PDF))
    assert [file.name for file in draft.files.all()] == ["凭证.pdf"]
    with pytest.raises(DomainError):
        attach_file(unit, report=draft, upload=SimpleUploadedFile("凭证.exe", b"MZ\x90\x00binary\x00"))
    submit_report(unit, report=draft)
    with pytest.raises(DomainError):
        remove_file(unit, report=draft, file=stored)


def test_a_unit_reports_only_for_itself(
    make_task: Any, actors: dict[str, Actor], finance: Unit, science: Unit, counties: Unit, wancheng: Unit
) -> None:
    shared, foreign = make_task("共同", units=[science, finance]), make_task("他人", units=[science])
    for_counties = make_task("县区", units=[counties])
    with pytest.raises(Refused):
        save_draft(actors["responsible_unit"], task=shared, unit=science, content=Content(1))
    with pytest.raises(Refused):
        save_draft(actors["responsible_unit"], task=foreign, unit=finance, content=Content(1))
    assert save_draft(actors["county_workstation"], task=for_counties, unit=wancheng, content=Content(1)).pk
    with pytest.raises(Refused):
        save_draft(
            actors["county_workstation"],
            task=for_counties,
            unit=Unit.objects.get(code="nanyang/wolong"),
            content=Content(1),
        )
    with pytest.raises(Refused):
        save_draft(actors["auditor"], task=shared, unit=finance, content=Content(1))

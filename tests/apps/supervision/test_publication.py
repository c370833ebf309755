"""From the items of a document to the ledger."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.publication import likeness
from kechuang.apps.supervision.domain.tasks import decompose_to_counties, set_deadline
from kechuang.apps.supervision.domain.units import resolve_name
from kechuang.apps.supervision.models import Plan, Task, TaskState
from kechuang.kit.models import EvidenceLink
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.publication import PublishedDocument, PublishedItem, deliver, withdraw_items

pytestmark = pytest.mark.django_db


def document(city: Region, key: int = 7, number: str = "宛办〔2022〕16号") -> PublishedDocument:
    """A published document; its region stands in for the text that evidence rests on."""
    return PublishedDocument(
        id=key,
        title="创新创业行动实施方案",
        doc_number=number,
        issued_on=date(2022, 9, 1),
        region_code=city.code,
        source=city,
    )


def item(doc: PublishedDocument, key: int, title: str, **payload: Any) -> PublishedItem:
    payload.setdefault("where", "body")
    return PublishedItem(
        kind="task",
        item_id=key,
        document=doc,
        payload={"title": title, **payload},
        start=key * 10,
        end=key * 10 + 5,
        quote=title,
    )


def test_items_become_tasks_with_units_deadline_and_evidence(city: Region) -> None:
    doc = document(city)
    items = [
        item(
            doc,
            1,
            "实施重大科技专项",
            number="1",
            path="附件",
            where="ledger",
            units=["市科技局", "市财政局"],
            deadline="十四五期间",
            measures="聚焦优势产业链",
        ),
        item(doc, 2, "培育创新主体", lead=["市科技局"], units=["市科技局", "市发改委", "各县（市、区）政府"]),
    ]
    deliver(SYSTEM, items)
    plan = Plan.objects.get()
    assert (plan.document, plan.doc_number, plan.issued_on, plan.region) == (7, doc.doc_number, doc.issued_on, city)
    first, second = Task.objects.order_by("order")
    assert first.due_on == date(2025, 12, 31)
    assert (first.deadline_label, first.number, first.section, first.measures) == (
        "十四五期间",
        "1",
        "附件",
        "聚焦优势产业链",
    )
    assert [(str(row), row.role) for row in first.task_units.all()] == [
        ("市科技局", "responsible"),
        ("市财政局", "responsible"),
    ]
    assert [(str(row), row.role) for row in second.task_units.all()] == [
        ("市科技局", "lead"),
        ("市发展改革委", "responsible"),
        ("各县（市、区）人民政府（管委会）", "responsible"),
    ]
    assert second.due_on is None
    assert EvidenceLink.objects.filter(subject_id=first.pk).count() == 1


def test_delivering_again_changes_and_never_doubles(city: Region) -> None:
    doc = document(city)
    deliver(SYSTEM, [item(doc, 1, "培育创新主体", units=["市科技局", "市财政局"], deadline="十四五期间")])
    deliver(SYSTEM, [item(doc, 1, "大力培育创新主体", units=["市科技局", "市教育局"], deadline="2024年底")])
    task = Task.objects.get()
    assert (task.title, task.due_on) == ("大力培育创新主体", date(2024, 12, 31))
    assert [str(row) for row in task.task_units.all()] == ["市科技局", "市教育局"]
    assert Plan.objects.count() == 1


def test_a_deadline_moved_in_the_ledger_survives_republication(city: Region) -> None:
    doc = document(city)
    items = [item(doc, 1, "培育创新主体", units=["市科技局"], deadline="十四五期间")]
    deliver(SYSTEM, items)
    set_deadline(SYSTEM, tasks=Task.objects.all(), due_on=date(2027, 6, 30))
    deliver(SYSTEM, items)
    assert Task.objects.get().due_on == date(2027, 6, 30)


def test_text_and_annex_of_one_document_are_one_task(city: Region) -> None:
    doc = document(city)
    body = [
        item(doc, 1, "实施创新型企业树标引领行动", units=["市科技局", "市财政局", "市税务局"], measures="正文措施"),
        item(doc, 2, "支持科技人才团队建设", units=["市科技局"]),
        item(doc, 3, "大力引进高层次人才团队", units=["市科技局"]),
    ]
    annex = [
        item(
            doc,
            11,
            "实施创新型引领企业标杆行动",
            units=["市科技局"],
            where="ledger",
            deadline="十四五期间",
            measures="台账措施",
        ),
        item(doc, 12, "大力引进高层次人才团队", units=["市科技局"], where="ledger", deadline="十四五期间"),
        item(doc, 13, "支持科技人才团队建设", units=["市科技局"], where="ledger", deadline="十四五期间"),
    ]
    records = deliver(SYSTEM, [*body, *annex])
    assert Task.objects.count() == 3
    assert records[1] == records[11]
    assert records[2] == records[13]
    task = Task.objects.get(pk=records[1].pk)
    assert (task.title, task.measures, task.due_on) == ("实施创新型引领企业标杆行动", "台账措施", date(2025, 12, 31))
    assert [str(row) for row in task.task_units.all()] == ["市科技局"]
    assert EvidenceLink.objects.filter(subject_id=task.pk).count() == 2
    deliver(SYSTEM, body)
    task.refresh_from_db()
    assert (task.title, task.measures, task.task_units.count()) == ("实施创新型引领企业标杆行动", "台账措施", 1)


def test_annex_first_then_text(city: Region) -> None:
    doc = document(city)
    deliver(SYSTEM, [item(doc, 11, "发展壮大技术转移示范机构", units=["市科技局"], where="ledger")])
    deliver(SYSTEM, [item(doc, 1, "发展壮大技术转移示范机构", units=["市科技局", "市财政局"], measures="正文措施")])
    task = Task.objects.get()
    assert task.measures == "正文措施"
    assert task.task_units.count() == 1


def test_an_unknown_unit_keeps_its_name_until_an_officer_says_whom_it_means(city: Region) -> None:
    doc = document(city)
    items = [item(doc, 1, "甲任务", units=["市大数据局", "市科技局"]), item(doc, 2, "乙任务", units=["市大数据局"])]
    deliver(SYSTEM, items)
    unknown = Task.objects.get(title="甲任务").task_units.get(unit__isnull=True)
    assert str(unknown) == "市大数据局"
    statistics = Unit.objects.get(code="nanyang/tjj")
    assert resolve_name(SYSTEM, raw_name="市大数据局", unit=statistics) == 2
    deliver(SYSTEM, items)
    assert [str(row) for row in Task.objects.get(title="甲任务").task_units.all()] == ["市统计局", "市科技局"]


def test_repeal_stops_open_tasks_with_the_reason_and_a_new_delivery_opens_them(city: Region) -> None:
    doc = document(city)
    items = [item(doc, 1, "甲任务", units=["各县（市、区）政府"]), item(doc, 2, "乙任务")]
    deliver(SYSTEM, items)
    decompose_to_counties(SYSTEM, task=Task.objects.get(title="甲任务"))
    withdraw_items(SYSTEM, items)
    assert set(Task.objects.values_list("state", flat=True)) == {TaskState.STOPPED}
    assert all(Task.objects.values_list("closed_reason", flat=True))
    assert Plan.objects.get().withdrawn_on is not None
    deliver(SYSTEM, items)
    assert set(Task.objects.filter(parent=None).values_list("state", flat=True)) == {TaskState.IN_PROGRESS}
    assert Plan.objects.get().withdrawn_on is None


def test_taking_back_one_of_two_sentences_stops_nothing(city: Region) -> None:
    doc = document(city)
    body, annex = item(doc, 1, "甲任务"), item(doc, 2, "甲任务", where="ledger")
    deliver(SYSTEM, [body, annex])
    withdraw_items(SYSTEM, [body])
    assert Task.objects.get().is_open


def test_likeness_tells_spellings_from_other_tasks() -> None:
    assert likeness("实施创新型企业树标引领行动", "实施创新型引领企业标杆行动") > 0.5
    assert likeness("加大科技成果转移转化力度", "加大科技成果转化转移力度") > 0.5
    assert likeness("实行“揭榜挂帅”", "实行揭榜挂帅") == 1
    assert likeness("大力引进高层次人才团队", "支持科技人才团队建设") < 0.5
    assert likeness("", "甲") == 0

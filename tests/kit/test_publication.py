from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from django.db.models import Model

from kechuang.apps.directory.models import Organisation, Region, Unit
from kechuang.kit import evidence, publication
from kechuang.kit.evidence import links_for, register_source
from kechuang.kit.models import EvidenceLink, PublishedRecord
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.publication import (
    PublishedDocument,
    PublishedItem,
    deliver,
    existing,
    received_kinds,
    receives,
    withdraw,
    withdraw_items,
)


@pytest.fixture(autouse=True)
def receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Items of kind task become units; organisations stand for documents."""
    monkeypatch.setattr(evidence, "_sources", {})
    monkeypatch.setattr(publication, "_receivers", {})
    monkeypatch.setattr(publication, "_withdrawers", {})
    register_source(Organisation, label=str, url=lambda source, start, end: f"/{source.pk}/{start}")

    @receives("task")
    def receive(actor: Actor, items: Sequence[PublishedItem]) -> Sequence[Model]:
        known = existing("task", [item.item_id for item in items])
        records = []
        for item in items:
            unit = known.get(item.item_id) or Unit(code=f"item-{item.item_id}", kind=Unit.Kind.AGENCY)
            assert isinstance(unit, Unit)
            unit.name, unit.region = item.payload["title"], Region.objects.get(code=item.document.region_code)
            unit.save()
            records.append(unit)
        return records

    @withdraw("task")
    def take_back(actor: Actor, item_ids: Sequence[int]) -> None:
        for record in existing("task", item_ids).values():
            Unit.objects.filter(pk=record.pk).update(active=False)


@pytest.fixture
def items(organisations: list[Organisation]) -> list[PublishedItem]:
    document = PublishedDocument(1, "实施意见", "宛政办〔2022〕59号", date(2022, 8, 26), "990000", organisations[0])
    return [
        PublishedItem("task", n, document, {"title": f"任务{n}"}, start=n * 10, end=n * 10 + 4, quote=f"第{n}句")
        for n in (1, 2, 3)
    ]


def test_items_become_records_that_rest_on_their_sentences(items: list[PublishedItem]) -> None:
    records = deliver(SYSTEM, items)
    assert {item_id: str(record) for item_id, record in records.items()} == {1: "任务1", 2: "任务2", 3: "任务3"}
    links = links_for(records.values())
    assert [link.quote for link in links[records[2].pk]] == ["第2句"]
    assert links[records[2].pk][0].item_id == 2


def test_publishing_again_changes_the_record_and_makes_no_second(items: list[PublishedItem]) -> None:
    before = deliver(SYSTEM, items)
    changed = replace(items[0], payload={"title": "改了"}, start=500, end=504, quote="改后的句")
    after = deliver(SYSTEM, [changed, *items[1:]])
    assert {key: record.pk for key, record in after.items()} == {key: record.pk for key, record in before.items()}
    assert str(after[1]) == "改了"
    assert EvidenceLink.objects.count() == PublishedRecord.objects.count() == 3
    [link] = links_for(after[1])[after[1].pk]
    assert (link.start, link.quote) == (500, "改后的句")


def test_kinds_without_a_receiver_are_left_alone(items: list[PublishedItem]) -> None:
    assert received_kinds() == {"task"}
    assert deliver(SYSTEM, [replace(items[0], kind="fund")]) == {}
    assert not PublishedRecord.objects.exists()


def test_withdrawn_items_are_told_and_remembered(items: list[PublishedItem]) -> None:
    records = deliver(SYSTEM, items)
    withdraw_items(SYSTEM, items[:1])
    assert not Unit.objects.get(pk=records[1].pk).active
    assert PublishedRecord.objects.get(item_id=1).withdrawn_at is not None
    assert existing("task", [1]) == {1: records[1]}
    deliver(SYSTEM, items)
    assert PublishedRecord.objects.filter(withdrawn_at=None).count() == 3


def test_a_failing_receiver_leaves_nothing_behind(items: list[PublishedItem], region: Region) -> None:
    @receives("target")
    def fail(actor: Actor, items: Sequence[PublishedItem]) -> Sequence[Model]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        deliver(SYSTEM, [*items, replace(items[0], kind="target", item_id=9)])
    assert not Unit.objects.filter(region=region).exists()
    assert not EvidenceLink.objects.exists()


def test_a_receiver_answers_for_every_item(items: list[PublishedItem]) -> None:
    @receives("target")
    def forgetful(actor: Actor, items: Sequence[PublishedItem]) -> Sequence[Model]:
        return []

    with pytest.raises(ValueError, match="0 records for 1 items"):
        deliver(SYSTEM, [replace(items[0], kind="target")])


def test_a_kind_has_one_receiver() -> None:
    with pytest.raises(ValueError, match="already have a receiver"):
        receives("task")(lambda actor, items: [])

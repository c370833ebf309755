"""The original takes its restatement's place: records stay, evidence moves, what found no place is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.documents import correct_metadata
from kechuang.apps.policy.domain.matching import match_items
from kechuang.apps.policy.domain.queries.library import Wanted, find_documents
from kechuang.apps.policy.interfaces.loading import load_document, load_documents
from kechuang.apps.policy.models import Document, DocumentState, Item
from kechuang.kit.evidence import attach, links_for
from kechuang.kit.models import EvidenceLink, PublishedRecord
from kechuang.kit.notifications import inbox
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import PUBLIC, SYSTEM, Actor
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]
Publish = Callable[[Document], Document]
SEEDS = Path(__file__).resolve().parents[4] / "shared" / "seeds"

RESTATEMENT = """南阳市人民政府办公室
关于支持科技创新的若干措施
宛政办〔2025〕7号
【本文为改写稿，非原文；原文文号：宛政办〔2025〕7号】
一、主要目标
高新技术企业到2026年做到全市800家以上，技术合同成交额同年突破200亿元。
二、重点任务
（一）壮大创新主体
1.推进高新技术企业倍增计划。企业首次认定高新技术企业的，受益财政一次性奖励10万元。新培育高新技术企业每年60家以上。另对孵化器最高给予30万元补助。
责任单位：市科技局、市财政局，各县（市、区）人民政府
2.建设创新平台。国家级重点实验室新认定的，由市财政最高补助500万元。
责任单位：市科技局、市发展改革委
南阳市人民政府办公室
2025年3月10日
"""


@pytest.fixture
def restatement(upload: Upload, publish: Publish) -> Document:
    return publish(upload(RESTATEMENT, "restated.txt", is_restatement=True, synthetic=True))


def test_records_live_on_and_their_evidence_moves(
    restatement: Document, upload: Upload, publish: Publish, officer: Actor
) -> None:
    old = restatement.items.get(kind="target", payload__value=800)
    record = PublishedRecord.objects.get(kind="target", item_id=old.pk)
    city = Region.objects.get(code="411300")
    attach(city, restatement, old.start, old.end, old.quote, "headline")
    original = publish(upload())
    new = original.items.get(kind="target", payload__value=800)
    record.refresh_from_db()
    assert record.item_id == new.pk
    assert record.withdrawn_at is None
    target = record.record
    assert target is not None
    (link,) = [link for link in links_for([target])[target.pk] if link.item_id == new.pk]
    assert link.source == original
    assert original.text[link.start : link.end] == link.quote == new.quote
    (figure,) = links_for([city])[city.pk]
    assert (figure.source, figure.quote, figure.state) == (original, new.quote, "moved")
    assert not EvidenceLink.objects.filter(source_id=restatement.pk, state="exact").exists()


def test_the_restatement_gives_way_and_leads_to_the_original(
    restatement: Document, upload: Upload, publish: Publish, officer: Actor
) -> None:
    original = publish(upload())
    restatement.refresh_from_db()
    assert (restatement.state, restatement.superseded_by) == (DocumentState.SUPERSEDED, original)
    assert list(find_documents(PUBLIC, Wanted())) == [original]
    response = Client().get(f"/policy/{restatement.pk}/")
    assert response.headers["Location"] == f"/policy/{original.pk}/"
    assert inbox(officer).filter(kind="policy.replaced").count() == 1


def test_what_found_no_place_is_reported_and_withdrawn(
    restatement: Document, upload: Upload, publish: Publish, client_as: Any
) -> None:
    lonely = restatement.items.get(kind="benefit", payload__amount=300_000)
    original = publish(upload())
    report = original.replacement_report
    assert report is not None
    assert lonely.quote in [row["quote"] for row in report["only_restatement"]]
    assert "南阳市科技成果转化基金" in [row["label"] for row in report["only_original"]]
    page = client_as("bureau_officer").get(f"/policy/{original.pk}/report/")
    assert "30万元" in page.content.decode()


def test_filing_is_inherited(upload: Upload, publish: Publish) -> None:
    publish(upload(RESTATEMENT, "r.txt", is_restatement=True, industries=["C34"], keywords=["高企"]))
    original = publish(upload())
    assert (original.industries, original.keywords) == (["C34"], ["高企"])


def test_another_number_or_region_replaces_nothing(restatement: Document, upload: Upload, publish: Publish) -> None:
    other = publish(upload(TEXT.replace("7号", "8号"), "other.txt"))
    restatement.refresh_from_db()
    assert restatement.state == DocumentState.PUBLISHED
    assert other.supersedes is None


def test_a_document_without_a_number_is_known_by_its_title(upload: Upload, publish: Publish, officer: Actor) -> None:
    plan = "市科技局2026年年度工作计划\n一、重点工作\n（一）平台建设\n新建创新平台{n}家以上。\n"
    given = {"issuers": ["南阳市科学技术局"], "absent": ["doc_number"]}
    old = upload(plan.format(n=50), "r.txt", is_restatement=True, **given)
    publish(old)
    new = upload(plan.format(n=50) + "力争组织实施科技项目30项以上。\n", "o.txt", **given)
    correct_metadata(officer, document_id=new.pk, title="市科技局2026年年度工作计划")
    publish(new)
    old.refresh_from_db()
    assert old.superseded_by == new


def test_a_pack_loads_once_and_leaves_originals_alone(pack: Pack, people: Any) -> None:
    entry = min(pack.documents, key=lambda entry: len(entry.read_bytes()))
    document = load_document(entry, SYSTEM)
    assert document is not None
    assert (document.state, document.is_restatement, document.synthetic) == (DocumentState.PUBLISHED, True, True)
    assert not document.items.filter(state="proposed").exists()
    revision = document.revision
    again = load_document(entry, SYSTEM)
    assert again == document
    assert Document.objects.get().revision == revision
    Document.objects.filter(pk=document.pk).update(is_restatement=False)
    assert load_document(entry, SYSTEM) is None


def item(kind: str, pk: int, place: int, **payload: Any) -> Item:
    return Item(pk=pk, kind=kind, payload=payload, start=place, end=place + 1, quote="x")


def test_figures_must_agree_and_names_may_differ() -> None:
    old = [
        item("target", 1, 5, indicator="高企数", value=500, unit="家"),
        item("target", 2, 9, indicator="平台", value=3),
    ]
    new = [
        item("target", 11, 5, indicator="高新技术企业数量（高企数）", value=500, unit="家"),
        item("target", 12, 9, indicator="平台", value=4),
    ]
    assert {key: found.pk for key, found in match_items(old, new).items()} == {1: 11}


def test_equal_figures_are_told_apart_by_their_names() -> None:
    names = ("省级重点实验室", "国家级重点实验室", "院士工作站")
    old = [item("benefit", n, n, beneficiary=name, amount=1_000_000) for n, name in enumerate(names, 1)]
    new = [item("benefit", 10 + n, n, beneficiary=name, amount=1_000_000) for n, name in enumerate(reversed(names), 1)]
    assert {key: found.pk for key, found in match_items(old, new).items()} == {1: 13, 2: 12, 3: 11}


@pytest.mark.slow
@pytest.mark.skipif(not SEEDS.is_dir(), reason="the originals are not on this machine")
def test_a_real_original_takes_the_place_of_the_packs_restatement(pack: Pack, upload: Upload, publish: Publish) -> None:
    load_documents(pack, SYSTEM)
    restatement = Document.objects.get(doc_number="宛政办〔2022〕59号")
    before = set(PublishedRecord.objects.filter(withdrawn_at=None).values_list("record_type", "record_id"))
    source = next(path for path in SEEDS.glob("000_*.txt"))
    original = publish(upload(source.read_bytes(), source.name))
    restatement.refresh_from_db()
    assert restatement.superseded_by == original
    report = original.replacement_report
    assert report is not None
    published = restatement.items.filter(published__isnull=False).count()
    assert report["matched"] >= 0.8 * published, report["only_restatement"]
    tasks = restatement.items.filter(kind="task").count()
    kept = PublishedRecord.objects.filter(kind="task", item_id__in=original.items.values("pk"))
    assert kept.count() >= tasks - 1
    assert {(row.record_type_id, row.record_id) for row in kept} & before
    for link in EvidenceLink.objects.filter(source_id=original.pk):
        assert original.text[link.start : link.end] == link.quote


def test_the_demonstration_leaves_a_document_to_review(pack: Pack, people: Any) -> None:
    from random import Random

    from kechuang.apps.policy.interfaces.demo import leave_a_document_in_review

    for _time in range(2):
        leave_a_document_in_review(pack, SYSTEM, Random(1))  # noqa: S311
    document = Document.objects.get()
    assert (document.state, document.synthetic, document.uploaded_by) == (
        DocumentState.IN_REVIEW,
        True,
        people["bureau_officer"],
    )
    assert document.items.filter(state="accepted").count() == 3
    assert set(document.items.values_list("kind", flat=True)) >= {"task", "target", "benefit", "fund", "facility"}


def test_a_newer_restatement_takes_the_older_ones_place(
    restatement: Document, upload: Upload, publish: Publish
) -> None:
    newer = publish(upload(RESTATEMENT + "附则\n", "newer.txt", is_restatement=True))
    restatement.refresh_from_db()
    assert (restatement.state, restatement.superseded_by) == (DocumentState.SUPERSEDED, newer)
    assert list(find_documents(PUBLIC, Wanted())) == [newer]

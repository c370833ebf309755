"""Bringing documents in: which files are taken, what is read from them, what is said about those that cannot be."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connections
from docx import Document as Word
from weasyprint import HTML

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.documents import (
    AlreadyThere,
    correct_metadata,
    discard_document,
    read_later,
    upload_document,
)
from kechuang.apps.policy.domain.extraction import extract_document, kind_of_title
from kechuang.apps.policy.models import Document, DocumentState, Item, ItemKind
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.models import Job
from kechuang.kit.notifications import inbox
from kechuang.kit.permissions import Actor
from kechuang.kit.testing_jobs import run_jobs
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]


def test_a_text_is_read_into_passages_and_findings(upload: Upload) -> None:
    document = upload()
    assert document.state == DocumentState.IN_REVIEW
    assert document.title == "南阳市人民政府办公室关于支持科技创新的若干措施"
    assert document.doc_number == "宛政办〔2025〕7号"
    assert document.issuers == ["南阳市人民政府办公室"]
    assert document.issued_on == date(2025, 3, 10)
    assert document.kind == "measures"
    assert "hnte" in document.beneficiaries
    kinds = set(document.items.values_list("kind", flat=True))
    assert kinds == set(ItemKind.values)


def test_every_span_quotes_the_text(upload: Upload) -> None:
    document = upload()
    for item in document.items.all():
        assert document.text[item.start : item.end] == item.quote
    for passage in document.passages.all():
        assert document.text[passage.start : passage.end] == passage.text
    assert list(document.passages.values_list("seq", flat=True)) == list(range(1, document.passages.count() + 1))


def test_headings_are_known_as_such(upload: Upload) -> None:
    levels = dict(upload().passages.filter(level__gt=0).values_list("text", "level"))
    assert levels["一、主要目标"] == 1
    assert levels["（一）培育创新主体"] == 2


def test_the_same_file_leads_to_the_document_that_is_there(upload: Upload) -> None:
    first = upload()
    with pytest.raises(AlreadyThere) as there:
        upload(name="again.txt")
    assert there.value.document == first
    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("tool.txt", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" * 30, "tool.txt"),
        ("empty.txt", b"   \n", "empty.txt"),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + b"0" * 200, "png"),
        ("text.pdf", TEXT.encode(), "txt"),
    ],
)
def test_files_that_are_no_documents_are_refused_by_name(upload: Upload, name: str, content: bytes, word: str) -> None:
    with pytest.raises(DomainError, match=word) as refusal:
        upload(content, name)
    assert refusal.value.field == "file"
    assert not Document.objects.exists()


def test_too_large_a_file_is_refused(upload: Upload, settings: Any) -> None:
    settings.KECHUANG_UPLOAD_LIMIT = 100
    with pytest.raises(DomainError, match="measures"):
        upload()


def test_an_officer_uploads_for_the_own_region_only(officer: Actor, city: Region) -> None:
    elsewhere = Region.objects.create(
        code="410400", name="平顶山市", short_name="平顶山", level="prefecture", path="410000/410400/"
    )
    with pytest.raises(Refused):
        upload_document(officer, upload=ContentFile(TEXT.encode(), name="a.txt"), region=elsewhere)


@pytest.mark.parametrize("role", ["auditor", "bureau_leader", "county_workstation", "responsible_unit", "public"])
def test_others_do_not_upload(actor: Callable[[str], Actor], city: Region, role: str) -> None:
    with pytest.raises(Refused):
        upload_document(actor(role), upload=ContentFile(TEXT.encode(), name="a.txt"), region=city)


def pdf(text: str) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines() if line)
    return HTML(string=f"<body style='font-family: sans-serif'>{paragraphs}</body>").write_pdf() or b""


def locked_pdf() -> bytes:
    """A PDF whose trailer names an encryption that nobody has the key of."""
    key = "<" + "41" * 32 + ">"
    body = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\n"
        b"4 0 obj<</Filter/Standard/V 1/R 2/O " + key.encode() + b"/U " + key.encode() + b"/P -44>>endobj\n"
    )
    trailer = b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]/Size 5>>\n%%EOF"
    return body + trailer


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (locked_pdf(), "密码"),
        (pdf(""), "OCR"),
        (b"%PDF-1.7\n" + bytes(range(32, 127)) * 20, "损坏"),
    ],
)
def test_a_pdf_without_readable_text_fails_with_advice(upload: Upload, content: bytes, advice: str) -> None:
    document = upload(content, "scan.pdf")
    assert document.state == DocumentState.FAILED
    assert advice in document.state_note
    assert not document.items.exists()


def test_garbled_characters_are_noticed(upload: Upload) -> None:
    document = upload("\ue010\ue123\ue456\ue777 " * 200, "garbled.txt")
    assert document.state == DocumentState.FAILED
    assert ".docx" in document.state_note


def test_characters_that_the_database_cannot_store_do_not_shift_the_text(upload: Upload) -> None:
    document = upload("<html><body>" + TEXT.replace("每年", "每&#0;年") + "</body></html>", "page.html")
    assert document.state == DocumentState.IN_REVIEW
    assert all(document.text[i.start : i.end] == i.quote for i in document.items.all())


def test_a_real_pdf_is_read(upload: Upload) -> None:
    document = upload(pdf(TEXT), "measures.pdf")
    assert document.state == DocumentState.IN_REVIEW
    assert document.items.filter(kind="benefit", payload__amount=100_000).exists()


def test_a_word_table_becomes_a_ledger(upload: Upload) -> None:
    word = Word()
    for line in TEXT.splitlines():
        word.add_paragraph(line)
    word.add_paragraph("附件 重点任务分工台账")
    table = word.add_table(rows=2, cols=4)
    for column, text in enumerate(("序号", "任务", "责任单位", "完成时限")):
        table.cell(0, column).text = text
    for column, text in enumerate(("1", "建设中试基地5家", "市科技局", "2026年底")):
        table.cell(1, column).text = text
    buffer = io.BytesIO()
    word.save(buffer)
    document = upload(buffer.getvalue(), "measures.docx")
    rows = document.items.filter(kind="task", payload__where="ledger")
    assert [row.payload["units"] for row in rows] == [["市科技局"]]
    assert document.passages.filter(text__contains="\t").exists()


def test_reading_twice_does_no_harm(upload: Upload) -> None:
    document = upload()
    items = list(document.items.values_list("pk", flat=True))
    extract_document(document_id=document.pk)
    assert list(document.items.values_list("pk", flat=True)) == items


def test_a_job_reads_and_leads_to_the_review(upload: Upload, officer: Actor) -> None:
    document = upload(read=False)
    job = read_later(officer, document_id=document.pk)
    assert run_jobs() == 1
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.result_url == f"/policy/{document.pk}/review/"
    assert inbox(officer).filter(kind="policy.read").count() == 1


def test_a_failed_reading_fails_the_job_with_the_reason_and_can_be_repeated(upload: Upload, officer: Actor) -> None:
    document = upload(locked_pdf(), "locked.pdf", read=False)
    job = read_later(officer, document_id=document.pk)
    run_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "密码" in job.error
    document.refresh_from_db()
    assert document.state == DocumentState.FAILED
    read_later(officer, document_id=document.pk)


def test_a_reading_that_a_dead_worker_left_is_taken_up(upload: Upload) -> None:
    document = upload(read=False)
    Document.objects.filter(pk=document.pk).update(state=DocumentState.EXTRACTING)
    extract_document(document_id=document.pk)
    document.refresh_from_db()
    assert document.state == DocumentState.IN_REVIEW


def test_metadata_is_corrected_and_checked(upload: Upload, officer: Actor) -> None:
    document = upload()
    correct_metadata(officer, document_id=document.pk, title="新标题", keywords=["高企"], industries=["C34"])
    document.refresh_from_db()
    assert (document.title, document.keywords, document.industries) == ("新标题", ["高企"], ["C34"])
    with pytest.raises(DomainError) as wrong:
        correct_metadata(officer, document_id=document.pk, industries=["Z99"])
    assert wrong.value.field == "industries"
    with pytest.raises(DomainError) as wrong:
        correct_metadata(
            officer, document_id=document.pk, effective_from=date(2025, 1, 1), effective_until=date(2024, 1, 1)
        )
    assert wrong.value.field == "effective_until"


def test_what_was_never_published_can_be_thrown_away(upload: Upload, officer: Actor, publish: Any) -> None:
    document = upload()
    discard_document(officer, document_id=document.pk)
    assert not Document.objects.exists()
    assert not Item.objects.exists()
    published = publish(upload())
    with pytest.raises(DomainError):
        discard_document(officer, document_id=published.pk)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于印发《南阳市科技奖励办法》的通知", "measures"),
        ("“科创南阳”三年行动计划（2023—2025年）", "action_plan"),
        ("关于加强科技创新推动产业升级发展的意见", "opinion"),
        ("市科技局2024年年度工作计划", "work_plan"),
        ("关于召开会议的通知", "notice"),
        ("", "other"),
    ],
)
def test_titles_announce_their_kind(title: str, kind: str) -> None:
    assert kind_of_title(title) == kind


@pytest.mark.django_db(transaction=True)
def test_two_people_uploading_one_file_make_one_document(officer: Actor, city: Region) -> None:
    def once(_n: int) -> str:
        try:
            return str(upload_document(officer, upload=ContentFile(TEXT.encode(), name="a.txt"), region=city).pk)
        except AlreadyThere as there:
            return str(there.document.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(once, range(4)))
    assert len(set(results)) == 1
    assert Document.objects.count() == 1

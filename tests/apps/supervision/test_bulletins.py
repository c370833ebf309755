"""Bulletins: frozen figures equal to the ledger, and files that open and say them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.bulletins import issue_bulletin
from kechuang.apps.supervision.domain.queries.lights import light_counts, lights_by_county, lights_by_unit
from kechuang.apps.supervision.domain.tasks import confirm_done, decompose_to_counties
from kechuang.apps.supervision.models import Bulletin
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing_jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def ledger(make_task: Any, science: Unit, finance: Unit, counties: Unit) -> None:
    for number, days in enumerate((-40, -3, 12, 300, None)):
        make_task(f"重点任务{number}", units=[science if number % 2 else finance], days=days)
    confirm_done(SYSTEM, task=make_task("已办结任务", units=[finance]))
    decompose_to_counties(SYSTEM, task=make_task("县区任务", units=[counties], days=100))


def test_figures_are_those_of_the_ledger(ledger: None, city: Region) -> None:
    figures = issue_bulletin(SYSTEM, region=city).figures
    total = light_counts(SYSTEM, city)
    assert figures["total"]["lights"] == {light.value: number for light, number in total.cells}
    assert figures["total"]["total"] == total.total == 7
    assert {row["name"]: row["total"] for row in figures["units"]} == {
        row.name: row.total for row in lights_by_unit(SYSTEM, city)
    }
    assert [row["total"] for row in figures["counties"]] == [row.total for row in lights_by_county(SYSTEM, city)]
    assert [row["title"] for row in figures["listed"]] == ["重点任务0", "重点任务1", "重点任务2"]


def test_issues_are_numbered_and_frozen(ledger: None, make_task: Any, city: Region) -> None:
    first = issue_bulletin(SYSTEM, region=city)
    make_task("后来的任务")
    second = issue_bulletin(SYSTEM, region=city)
    assert (first.issue, second.issue) == (1, 2)
    first.refresh_from_db()
    assert (first.figures["total"]["total"], second.figures["total"]["total"]) == (7, 8)


def test_the_same_job_makes_the_same_issue(ledger: None, city: Region) -> None:
    assert issue_bulletin(SYSTEM, region=city, job=5) == issue_bulletin(SYSTEM, region=city, job=5)


def test_an_empty_ledger_is_not_reported(city: Region) -> None:
    with pytest.raises(DomainError):
        issue_bulletin(SYSTEM, region=city)


def test_from_the_button_to_the_files(
    ledger: None, client_as: Callable[[str], Client], city: Region, settings: Any, tmp_path: Any
) -> None:
    client = client_as("bureau_officer")
    started = client.post(reverse("supervision:bulletin_make"), {"region": city.pk})
    assert started.status_code == 302
    run_jobs()
    bulletin = Bulletin.objects.get()
    assert bulletin.docx is not None
    assert bulletin.pdf is not None
    words = io.BytesIO(b"".join(client.get(bulletin.docx.get_absolute_url()).streaming_content))
    document = Document(words)
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for part in (
        "南阳市科技创新重点任务督导通报",
        "一、总体情况",
        "重点任务7项",
        "已逾期2项",
        "临近到期1项",
        "已完成1项",
        "三、县（市、区）",
    ):
        assert part in text, part
    assert len(document.inline_shapes) == 2
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "重点任务0" in cells
    pdf = pypdfium2.PdfDocument(bulletin.pdf.file.read())
    assert len(pdf) >= 3
    printed = "".join(page.get_textpage().get_text_range() for page in pdf).replace("\r\n", "")
    assert "重点任务7项" in printed
    assert client.get(reverse("supervision:bulletins-detail", args=[bulletin.pk])).status_code == 200
    assert client_as("responsible_unit").get(bulletin.pdf.get_absolute_url()).status_code in (403, 404)

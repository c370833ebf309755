"""An enterprise sees what it lacks for the next rung and takes the diagnosis along; the bureau keeps the library."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
from docx import Document
from playwright.sync_api import Page, expect

from tests.e2e import policy_pages as policy
from tests.e2e.browsing import JOB_PATIENCE
from tests.e2e.conftest import Visit

REASON = "不再符合条件"


def test_the_enterprise_reads_its_gap_and_takes_the_diagnosis_along(visit: Visit, tmp_path: Path) -> None:
    page = visit("company")
    page.goto("/cultivation/ladder/")
    page.locator(".cu-rung a").filter(has_text="高新技术企业").click()
    conditions = page.locator(".cu-gaps tbody tr")
    expect(conditions.filter(has_text="科技人员")).to_have_count(1)
    labels = [text.strip() for text in conditions.locator("td:first-child").all_inner_texts()]
    name = page.locator("main").locator("text=有限公司").first.inner_text().partition(" · ")[0]

    words = "\n".join(_text_of_docx(_download(page, "docx", tmp_path)))
    print_out = policy.plain(_text_of_pdf(_download(page, "pdf", tmp_path)))
    assert len(labels) >= 8
    for label in [name, *labels]:
        assert label in words
        assert policy.plain(label) in print_out


def _download(page: Page, kind: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator(f"a[href*='diagnosis.{kind}']").click()
    file = folder / waiting.value.suggested_filename
    assert file.suffix == f".{kind}"
    waiting.value.save_as(file)
    return file


def _text_of_docx(path: Path) -> list[str]:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def _text_of_pdf(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)


def test_the_basis_of_a_rung_leads_to_its_sentence(visit: Visit) -> None:
    page = visit("company")
    page.goto("/cultivation/ladder/")
    page.locator(".cu-rung a").filter(has_text="创新龙头").click()
    chip = page.locator(".cu-source .kc-evidence").first
    quote = policy.plain(str(chip.locator(".kc-quote").text_content()))
    page.goto(str(chip.locator("a").get_attribute("href")))
    assert f"“{policy.plain(policy.highlighted(page))}”" in quote


def test_an_enterprise_enters_the_library_and_leaves_it_and_the_funnel_follows(visit: Visit) -> None:
    page = visit("officer")
    page.goto("/cultivation/suggestions/?tier=hnte")
    row = page.locator("main tbody tr").first
    name = row.locator("td.kc-cell-main").inner_text().strip()
    entered, left = _movements(page)
    page.goto("/cultivation/suggestions/?tier=hnte")
    row.locator("input[name=organisation]").check()
    page.locator("main form[method=post] button").click()
    expect(page.locator(".kc-notice").first).to_be_visible()
    assert _movements(page) == (entered + 1, left)

    page.goto(f"/cultivation/reserve/?standing=open&tier=hnte&q={name}")
    page.locator("main td input[name=selected]").first.check()
    page.locator("button[name=action][value=leave]").click()
    page.locator("select[name=exit_reason]").select_option(label=REASON)
    page.locator("[name=exit_note]").fill("上一年度没有研发投入")
    page.locator("main form button[type=submit], main form button.btn-primary").last.click()
    expect(page.locator(".kc-notice").first).to_be_visible()
    assert _movements(page) == (entered + 1, left + 1)
    page.goto(f"/cultivation/reserve/?standing=left&q={name}")
    expect(page.locator("main tbody tr").first).to_contain_text(REASON)


def _movements(page: Page) -> tuple[int, int]:
    """How many entered the library this year and how many left it, as the ladder of the region tells."""
    page.goto("/cultivation/funnel/")
    found = []
    for label in ("年入库", "年出库"):
        value = page.locator(".kc-stat").filter(has_text=re.compile(rf"\d{{4}}{label}")).locator(".kc-stat-value")
        found.append(int(value.inner_text().replace(",", "")))
    return found[0], found[1]


def test_the_stages_and_the_targets_stand_with_their_sentences(visit: Visit) -> None:
    page = visit("leader")
    page.goto("/cultivation/funnel/")
    stages = page.locator("table").filter(has_text="小升高")
    expect(stages).to_be_visible(timeout=JOB_PATIENCE)
    for stage in ("微成长", "小升高", "高变强"):
        expect(stages.locator("tr").filter(has_text=stage).first.locator(".kc-evidence")).to_be_visible()
    expect(page.locator(".cu-goals .kc-evidence").first).to_be_visible()

"""The second main job: a unit reports from a phone, the bureau answers, deadlines move, a bulletin tells how it is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e import policy_pages as policy
from tests.e2e.browsing import JOB_PATIENCE
from tests.e2e.conftest import Visit

LIGHT = ".sv-lead .kc-badge, .sv-lead .kc-state, .sv-lead .kc-light"
REPORT = "main a[href*='/supervision/tasks/'][href*='/report/']"


def test_report_return_correct_accept(visit: Visit, tmp_path: Path) -> None:
    phone, office = visit("unit", phone=True), visit("officer")
    phone.goto("/supervision/inbox/")
    address = str(phone.locator(f"{REPORT}.btn-outline-primary").first.get_attribute("href"))
    task = int(re.findall(r"/tasks/(\d+)/", address)[0])
    photo = tmp_path / "现场.png"
    photo.write_bytes(_png())

    phone.goto(address)
    _report(phone, percent=100, narrative="已完成。", photo=photo)
    _return_for_correction(office, task, "请写明兑现了多少家企业。")

    phone.goto("/supervision/inbox/")
    returned = phone.locator("tr").filter(has=phone.locator(f"a[href*='/tasks/{task}/']"))
    expect(returned.first).to_contain_text("请写明兑现了多少家企业。")
    phone.goto(address)
    expect(phone.locator("main")).to_contain_text("请写明兑现了多少家企业。")
    expect(phone.locator("[name=narrative]")).to_have_value("已完成。")
    _report(phone, percent=100, narrative="已兑现32家企业的研发奖补，资金全部到位。")

    before = _light(office, task)
    office.goto("/supervision/review/")
    section = _waiting(office, task)
    expect(section).to_contain_text("已兑现32家企业")
    expect(section.locator(".sv-files a")).to_have_text("现场.png")
    section.locator("button[value=accept]").click()
    expect(office.locator(".kc-notice").first).to_be_visible()
    expect(_waiting(office, task)).to_have_count(0)

    office.goto(f"/supervision/tasks/{task}/")
    _step(office, "complete")
    after = _light(office, task)
    assert before != after
    assert "已完成" in after or "办结" in after


def _report(page: Page, *, percent: int, narrative: str, photo: Path | None = None) -> None:
    page.locator("[name=percent]").fill(str(percent))
    page.locator("[name=narrative]").fill(narrative)
    if photo:
        page.locator("#id_files").set_input_files(photo)
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/sent/")


def _waiting(page: Page, task: int) -> object:
    return page.locator(".sv-check").filter(has=page.locator(f"h2 a[href='/supervision/tasks/{task}/']"))


def _return_for_correction(page: Page, task: int, reason: str) -> None:
    page.goto("/supervision/review/")
    section = page.locator(".sv-check").filter(has=page.locator(f"h2 a[href='/supervision/tasks/{task}/']"))
    section.locator("summary").click()
    section.locator("button[value=return]").click()
    expect(page.locator(".kc-notice").first, "a return without a reason is refused").to_be_visible()
    page.goto("/supervision/review/")
    section.locator("summary").click()
    section.locator("textarea").fill(reason)
    section.locator("button[value=return]").click()
    expect(page.locator(".kc-notice").first).to_be_visible()


def _light(page: Page, task: int) -> str:
    page.goto(f"/supervision/tasks/{task}/")
    return page.locator(".sv-lead").first.inner_text()


def _step(page: Page, name: str) -> None:
    """Take a step of the record's workflow, with a reason where it asks for one."""
    form = page.locator(f"form[action$='/do/{name}/']")
    details = page.locator("details.kc-step").filter(has=form)
    if details.count():
        details.locator("summary").click()
        form.locator("textarea").fill("已核对。")
    form.locator("button").click()
    page.wait_for_load_state("networkidle")


def _png() -> bytes:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\x00\x1f\x60\xa8")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_more_time_is_asked_for_and_granted(visit: Visit) -> None:
    unit, leader = visit("unit"), visit("leader")
    unit.goto("/supervision/tasks/")
    for address in unit.locator("main td.kc-cell-main a").evaluate_all("links => links.map((a) => a.href)"):
        unit.goto(address)
        if unit.locator("a[href$='/extension/']").count():
            break
    unit.locator("a[href$='/extension/']").first.click()
    wanted = date.fromisoformat(str(unit.locator("[name=requested_due]").get_attribute("min"))) + timedelta(days=60)
    unit.locator("[name=requested_due]").fill(wanted.isoformat())
    unit.locator("[name=reason]").fill("省级评审结果尚未公布，批复后两个月内完成。")
    unit.locator("main form button.btn-primary").click()
    unit.wait_for_url(lambda url: "/extension/" not in url)
    title = unit.locator("h1").inner_text()

    leader.goto("/supervision/extensions/")
    request = leader.locator(".sv-check").filter(has_text="省级评审结果尚未公布，批复后两个月内完成。")
    expect(request.locator("h2")).to_have_text(title)
    request.locator("button[value=grant]").click()
    expect(leader.locator(".kc-notice").first).to_contain_text(wanted.isoformat())
    unit.reload()
    expect(unit.locator("main")).to_contain_text(wanted.isoformat())


def test_ledger_chip_leads_to_its_sentence(visit: Visit) -> None:
    page = visit("officer")
    page.goto("/supervision/tasks/")
    for address in page.locator("main td.kc-cell-main a").evaluate_all("links => links.slice(0, 5).map((a) => a.href)"):
        page.goto(address)
        chips = page.locator("main .kc-evidence")
        if not chips.count():
            continue
        quote = policy.plain(str(chips.first.locator(".kc-quote").text_content()))
        page.goto(str(chips.first.locator("a").get_attribute("href")))
        assert f"“{policy.plain(policy.highlighted(page))}”" in quote


def test_bulletin_comes_as_word_and_pdf(visit: Visit) -> None:
    page = visit("officer")
    page.goto("/supervision/bulletins/make/")
    page.locator("main form button.btn-primary").click()
    page.locator(".kc-job a.btn-primary").click(timeout=JOB_PATIENCE)
    for label, magic in (("Word", b"PK\x03\x04"), ("PDF", b"%PDF-")):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=label, exact=True).click()
        content = Path(waiting.value.path()).read_bytes()
        assert content.startswith(magic)
        assert len(content) > 20_000


def test_every_figure_of_the_overview_counts_its_list(visit: Visit) -> None:
    page = visit("leader")
    page.goto("/supervision/overview/")
    figures = page.evaluate(
        """() => [...document.querySelectorAll("main a.kc-stat, main .sv-matrix tbody td a")].map((link) =>
          [link.href, Number((link.querySelector(".kc-stat-value") || link).innerText)])"""
    )
    assert len(figures) > 8
    for address, number in {**dict(figures[:6]), **dict(figures[-4:])}.items():
        page.goto(address)
        assert listed(page) == number, address


def listed(page: Page) -> int:
    """How many records a list says it has."""
    foot = page.locator(".kc-list-foot [role=status]")
    if not foot.count():
        expect(page.locator(".kc-empty")).to_be_visible()
        return 0
    found = re.search(r"\d+", foot.first.inner_text())
    assert found
    return int(found[0])

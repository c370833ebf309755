"""The officer's main job without a mouse: sign in, review, publish."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e import policy_pages as policy
from tests.e2e.browsing import JOB_PATIENCE, PASSWORD
from tests.e2e.conftest import Visit

NOTICE = """南阳市科学技术局文件

宛科〔2026〕3号

南阳市科学技术局关于做好2026年科技特派员工作的通知

一、工作任务

1.选派科技特派员。2026年12月底前选派科技特派员200名。（责任单位：市科技局、农业农村局）

2.开展技术培训。全年举办培训班不少于30期。（责任单位：市科技局）

南阳市科学技术局

2026年2月3日
"""


def test_sign_in_review_publish_by_keyboard_alone(visit: Visit) -> None:
    with_mouse = visit("officer")
    file = {"name": "tepaiyuan.txt", "mimeType": "text/plain", "buffer": NOTICE.encode()}
    number = policy.upload(with_mouse, file, name="tepaiyuan.txt")

    page = visit()
    page.goto(f"/accounts/login/?next=/policy/{number}/review/")
    _tab_to(page, "input[name=login]")
    page.keyboard.type("officer")
    _tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#work").wait_for()
    for tab in range(1, 7):
        page.keyboard.press(str(tab))
        panel = page.locator("[data-panel]:not([hidden])")
        waiting = panel.locator(".pol-card[data-state=proposed]")
        if waiting.count():
            page.keyboard.press("j")
            panel.locator(".pol-card.is-active[data-state=proposed]").wait_for()
        for _ in range(waiting.count()):
            page.keyboard.press("a")  # without waiting for the answer: what is pressed in haste is not lost
        expect(waiting).to_have_count(0)
    _tab_to(page, ".kc-reading-head [data-kc-drawer].btn-primary")
    page.keyboard.press("Enter")
    page.locator("#drawer form").wait_for()
    _tab_to(page, "#drawer form button.btn-primary")
    page.keyboard.press("Enter")
    expect(page.locator(".kc-reading-head .pol-meta").first).to_contain_text("已发布", timeout=JOB_PATIENCE)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
        return
    for _step in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


def test_skip_link_leads_to_the_content(visit: Visit) -> None:
    page = visit()
    page.goto("/policy/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"

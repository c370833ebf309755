"""A rule from the first row to the enterprise that reads it: rows, text, examples, a second person."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

TITLE = "在宛企业安家补助（浏览器检验）"


def test_a_rule_from_rows_to_my_policies(visit: Visit) -> None:
    officer = visit("officer")
    _write(officer)
    officer.locator("#save").click()
    officer.wait_for_url(re.compile(r"/policy/rule/\d+/draft/"))
    draft = officer.url
    _expect_wrongly(officer)

    leader = visit("leader")
    leader.goto(draft)
    expect(leader.locator("#publish")).to_be_disabled()

    officer.locator("#examples a[href*='name=']").click()
    officer.locator("[name=expect][value=yes]").check()
    officer.locator(".kc-form-foot .btn-primary").click()
    officer.wait_for_url(draft)
    expect(officer.locator("#examples [data-passed='1']")).to_have_count(1)
    expect(officer.locator("#publish")).to_have_count(0)

    leader.reload()
    leader.locator("#publish").click()
    leader.wait_for_url(re.compile(r"/versions/"))

    company = visit("company")
    company.goto("/policy/my/")
    expect(company.locator("main")).to_contain_text(TITLE)


def _write(page: Page) -> None:
    """By rows; the condition turned to text and back says the same."""
    page.goto("/policy/rules/new/")
    page.locator("[name=title]").fill(TITLE)
    page.locator("#c-1-figure").fill("注册地")
    page.keyboard.press("Tab")
    expect(page.locator("#c-1-op")).to_have_value("within")
    page.locator("#c-1-value").fill("南阳")
    page.keyboard.press("Tab")
    expect(page.locator("#c-1-said")).to_contain_text("列表中没有“南阳”")
    page.locator("#c-1-value").fill("南阳市")
    page.keyboard.press("Tab")
    expect(page.locator("#c-1-said")).to_contain_text("注册地属于南阳市")
    page.locator("#c-1-text").click()
    expect(page.locator("#c-1-sql")).to_have_value("within(region, '411300')")
    page.locator("#c-1-row").click()
    expect(page.locator("#c-1-value")).to_have_value("南阳市")
    page.locator("#a-form-fixed").check()
    page.locator("#a-fixed").fill("3")
    page.locator("[name=document]").fill("宛政〔2026〕99号")


def _expect_wrongly(page: Page) -> None:
    """An enterprise in Wancheng, of which the author first thinks that it gets nothing."""
    page.locator("#examples .card-header a").click()
    page.locator("[name=name]").fill("宛城区企业")
    page.locator("[name='w.region']").select_option("411302")
    page.locator("[name=expect][value=no]").check()
    page.locator(".kc-form-foot .btn-primary").click()
    expect(page.locator("#examples [data-passed='0']")).to_have_count(1)
    expect(page.locator("#examples [data-passed='0']")).to_contain_text("3万元")

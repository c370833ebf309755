"""A person registers an organisation, its county returns and verifies it; the auditor sees all and changes nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit

NEW = "卧龙区晨曦精密仪器有限公司"
USCC = "91411302MA9E2E0012"
AUDITED = (
    "/workbench/",
    "/policy/documents/",
    "/policy/findings/",
    "/policy/conflicts/",
    "/supervision/tasks/",
    "/supervision/plans/",
    "/supervision/reports/",
    "/supervision/extensions/",
    "/supervision/bulletins/",
    "/supervision/overview/",
    "/indicators/targets/",
    "/indicators/observations/",
    "/indicators/catalogue/",
    "/directory/organisations/",
    "/directory/people/",
    "/directory/memberships/",
)


def test_registration_return_and_verification(visit: Visit) -> None:
    person, county = visit("expert", phone=True), visit("county")
    person.goto("/directory/register/")
    person.locator("main form button[type=submit]").last.click()
    expect(person.locator(".kc-summary")).to_be_visible()
    person.locator("[name=uscc]").fill(f" {USCC[:8].lower()}-{USCC[8:]} ")
    person.locator("[name=name]").fill(NEW)
    person.locator("[name=kind]").select_option("enterprise")
    _choose_county(person, county)
    person.locator("[name=contact_name]").fill("陈一鸣")
    person.locator("[name=contact_phone]").fill("13800000000")
    person.locator("main form button[type=submit]").last.click()
    person.wait_for_url("**/registered/")
    home = person.url.replace("/registered/", "/")

    number = home.rstrip("/").rpartition("/")[2]
    record = f"/directory/organisations/{number}/"
    county.goto(record)
    _take(county, "return", "请补上营业执照上的住所。")
    person.goto(home)
    expect(person.locator("main")).to_contain_text("请补上营业执照上的住所。")
    person.goto(f"{home}edit/")
    person.locator("[name=address]").fill("南阳市卧龙区示范路1号")
    person.locator("button[name=resubmit]").click()
    county.goto(record)
    expect(county.locator("main")).to_contain_text("南阳市卧龙区示范路1号")
    _take(county, "verify")
    person.goto(home)
    expect(person.locator("main")).to_contain_text("已核验")


def _choose_county(person: Page, county: Page) -> None:
    """The registration goes to the county whose workstation the other page belongs to."""
    county.goto("/workbench/")
    lead = county.locator("main .text-secondary").first.inner_text()
    options = person.locator("[name=region] option").all_inner_texts()
    person.locator("[name=region]").select_option(label=next(option for option in options if option and option in lead))


def _take(page: Page, step: str, reason: str = "") -> None:
    form = page.locator(f"form[action$='/do/{step}/']")
    if reason:
        page.locator("details.kc-step").filter(has=form).locator("summary").click()
        form.locator("textarea").fill(reason)
    form.locator("button").click()
    expect(page.locator(".kc-notice").first).to_be_visible()


def test_known_organisation_leads_to_joining(visit: Visit) -> None:
    person = visit("expert")
    company = visit("company")
    company.goto("/directory/mine/")
    company.locator("main h2 a").first.click()
    uscc = company.locator("dd.kc-number").first.inner_text()
    person.goto("/directory/register/")
    person.locator("[name=uscc]").fill(uscc)
    person.locator("main form button[type=submit]").last.click()
    expect(person.locator("form[action='/directory/mine/join/']")).to_be_visible()


@pytest.mark.parametrize("path", AUDITED)
def test_auditor_sees_everything_and_changes_nothing(visit: Visit, path: str) -> None:
    page = visit("auditor")
    response = page.goto(path)
    assert response
    assert response.ok
    _nothing_to_change(page)
    detail = page.locator("main td.kc-cell-main a")
    if detail.count() and path != "/directory/people/":  # one's own name may be corrected
        page.goto(str(detail.first.get_attribute("href")))
        _nothing_to_change(page)


def _nothing_to_change(page: Page) -> None:
    forms = page.locator("main form[method=post]:has(button, input[type=submit])").filter(visible=True)
    buttons = forms.locator("button:visible").all_inner_texts()
    assert not buttons, f"{page.url}: {buttons}"
    paths = page.locator("main a:visible").evaluate_all("links => links.map((a) => a.pathname)")
    doors = [path for path in paths if re.search(r"/(add|edit|delete|import|upload|make)/$", path)]
    assert not doors, f"{page.url}: {doors}"


def test_auditor_is_refused_where_things_are_changed(visit: Visit) -> None:
    page = visit("auditor")
    page.faults.forgive("403")  # type: ignore[attr-defined]
    for path in ("/policy/upload/", "/supervision/tasks/add/", "/supervision/bulletins/make/", "/indicators/entry/"):
        response = page.goto(path)
        assert response
        assert response.status == 403, path
        expect(page.locator("h1")).to_be_visible()

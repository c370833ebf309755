"""The county enters its figures, the bureau approves them and closes the month; home and wall show what came of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e import policy_pages as policy
from tests.e2e.conftest import Visit
from tests.e2e.test_supervision import listed


def test_county_hands_in_and_officer_approves(visit: Visit) -> None:
    county, officer = visit("county"), visit("officer")
    county.goto("/indicators/entry/")
    period = county.locator("#entry-period").input_value()
    fields = county.locator("input[name^=value-]")
    expect(fields.first).to_be_visible()
    key = str(fields.first.get_attribute("name")).removeprefix("value-")
    county.locator(f"[name='value-{key}']").fill("不是数")
    county.locator(f"[name='source-{key}']").click()
    expect(county.locator(f"#error-{key}")).to_be_visible()
    county.locator(f"[name='value-{key}']").fill("7")
    county.locator(f"[name='source-{key}']").click()
    expect(county.locator(f"#line-{key} [role=status]")).to_be_visible()
    county.locator(f"[name='source-{key}']").fill("县科技局台账")
    county.keyboard.press("Tab")
    county.wait_for_load_state("networkidle")
    for each in county.locator("input[name^=reason-]").all():
        each.fill("按县科技局台账填报")
    county.locator("button[name=submit]").click()
    expect(county.locator(".kc-notice").first).to_be_visible()
    county.goto(f"/indicators/entry/?period={period}")
    link = county.locator(f"#line-{key} a[href*='/observations/']")
    expect(link).to_be_visible()
    address = str(link.get_attribute("href"))

    officer.goto(address.replace("/observations/", "/approvals/"))
    officer.locator("form[action$='/do/approve/'] button").click()
    officer.goto("/indicators/approvals/")
    county.goto(address)
    expect(county.locator("main")).to_contain_text("已批准")


def test_a_closed_month_is_closed_for_the_county(visit: Visit) -> None:
    officer, county = visit("officer"), visit("county")
    officer.goto("/indicators/months/")
    row = officer.locator("main tr").filter(has=officer.locator("details.kc-step")).last
    month = row.locator("input[name=month]").input_value()[:7]
    row.locator("summary").click()
    row.locator("button.btn-primary").click()
    expect(officer.locator(".kc-notice").first).to_contain_text(month)
    county.goto(f"/indicators/entry/?period={month}")
    expect(county.locator("main tr[id^=line-] .kc-badge").first).to_contain_text("锁定")


def test_target_page_draws_its_line(visit: Visit) -> None:
    page = visit("leader")
    page.goto("/indicators/targets/?level=whole")
    page.goto(str(page.locator("main td.kc-cell-main a").first.get_attribute("href")))
    expect(page.locator("[data-kc-chart] canvas, [data-kc-chart] svg").first).to_be_visible()
    page.goto("/indicators/targets/?level=whole&light=unknown")
    for address in page.locator("main td.kc-cell-main a").evaluate_all("links => links.slice(0, 9).map((a) => a.href)"):
        page.goto(address)
        if page.locator("main .kc-evidence").count():
            break
    quote = policy.plain(str(page.locator("main .kc-evidence .kc-quote").first.text_content()))
    page.goto(str(page.locator("main .kc-evidence a").first.get_attribute("href")))
    assert f"“{policy.plain(policy.highlighted(page))}”" in quote


def test_wall_draws_and_its_figures_count_their_lists(visit: Visit) -> None:
    page = visit("leader")
    page.goto("/wall/")
    charts = page.locator("[data-kc-chart]")
    expect(charts.locator("canvas, svg").first).to_be_visible()
    expect(page.locator("[data-kc-chart]:has(canvas), [data-kc-chart]:has(svg)")).to_have_count(charts.count())
    figures = page.locator(".kc-wall-lights a").evaluate_all(
        "links => links.map((link) => [link.href, Number(link.querySelector('.kc-wall-figure').innerText)])"
    )
    assert len(figures) >= 5
    for address, number in figures:
        page.goto(address)
        assert listed(page) == number, address


def test_home_figures_count_their_lists(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    figures = page.locator("main a.kc-stat").evaluate_all(
        "links => links.map((link) => [link.href, Number(link.querySelector('.kc-stat-value').innerText)])"
    )
    assert figures
    for address, number in figures:
        page.goto(address)
        assert listed(page) == number, address

"""The real documents, where this checkout has them beside it: each from upload to published ledger, and how long.

``pytest tests/e2e/test_seeds.py -s`` prints the times.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import policy_pages as policy
from tests.e2e.browsing import Browsing, seeds
from tests.e2e.platform import running_platform

PLACE = seeds()
KINDS = ("task", "target", "benefit", "fund", "facility", "reference")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PLACE is None, reason="the real documents are not beside this checkout"),
]


def documents() -> dict[str, list[Path]]:
    """The documents of each city."""
    cities: dict[str, list[Path]] = {"nanyang": [], "pingdingshan": []}
    for path in sorted(PLACE.glob("*.txt")) if PLACE else ():
        cities["pingdingshan" if "平顶山市" in path.read_text(encoding="utf-8")[:400] else "nanyang"].append(path)
    return cities


@pytest.fixture(scope="module", params=list(documents()))
def city(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Browsing, list[Path]]]:
    with running_platform(request.param) as platform:
        yield Browsing(browser, platform, {}), documents()[request.param]


def test_from_upload_to_published_ledger(city: tuple[Browsing, list[Path]]) -> None:
    browsing, files = city
    for file in files:
        with browsing.session("officer") as page:
            begun = time.monotonic()
            number = policy.upload(page, file)
            read = time.monotonic()
            _say_what_is_missing(page)
            for kind in KINDS:
                policy.accept_rest(page, kind)
            counts = {kind: policy.count(page, kind)[1] for kind in KINDS}
            publishing = time.monotonic()
            policy.publish(page)
            done = time.monotonic()
            print(
                f"\n{file.name}: {done - begun:.1f} s from upload to published ledger (read in {read - begun:.1f} s, "
                f"published in {done - publishing:.1f} s); "
                + ", ".join(f"{count} {kind}" for kind, count in counts.items())
            )
            _chips_lead_to_the_original(page, number)


def _say_what_is_missing(page: Page) -> None:
    """A document without a number or a date needs a person to say so."""
    page.locator(".kc-reading-head .pol-meta [data-kc-drawer]").click()
    form = page.locator("#drawer form")
    if not form.locator("[name=doc_number]").input_value():
        form.locator("[name=no_number]").check()
    if not form.locator("[name=issued_on]").input_value():
        form.locator("[name=no_date]").check()
    if not form.locator("[name=issuers]").input_value():
        form.locator("[name=issuers]").fill("南阳市科学技术局")
    form.locator("button.btn-primary").click()
    expect(page.locator(".kc-reading-head .kc-notice")).to_be_visible()


def _chips_lead_to_the_original(page: Page, number: int) -> None:
    """What rested on the restatement rests on the original now, sentence by sentence."""
    page.goto(f"/policy/{number}/report/")
    expect(page.locator("h1")).to_be_visible()
    page.goto("/supervision/tasks/?per_page=100")
    chips = page.locator("main td.kc-cell-main a").evaluate_all("links => links.slice(0, 40).map((a) => a.href)")
    looked_at = 0
    for address in chips:
        page.goto(address)
        link = page.locator(f"main .kc-evidence:has(a[href^='/policy/{number}/'])")
        if link.count():
            quote = policy.plain(str(link.first.locator(".kc-quote").text_content()))
            page.goto(str(link.first.locator("a").get_attribute("href")))
            assert f"“{policy.plain(policy.highlighted(page))}”" in quote
            looked_at += 1
        if looked_at == 3:
            return
    assert looked_at, "no task of the ledger leads to the document"

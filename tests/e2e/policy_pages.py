"""What an officer does on the pages of policy documents, from the upload to the publication."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import JOB_PATIENCE

CARDS = "[data-panel]:not([hidden]) .pol-card"


def choose_files(page: Page, *files: Path | dict[str, Any]) -> None:
    """Choosing a file sends it at once."""
    page.goto("/policy/upload/")
    page.locator("#files").set_input_files(list(files))


def upload(page: Page, file: Path | dict[str, Any], *, name: str = "") -> int:
    """Upload one file, wait until it is read, open its review; gives the document's number."""
    choose_files(page, file)
    box = page.locator("#uploaded .pol-file").filter(has_text=name or (file.name if isinstance(file, Path) else ""))
    finished = box.locator(".kc-job a.btn-primary")
    finished.wait_for(timeout=JOB_PATIENCE)
    finished.click()
    page.locator("#work").wait_for()
    found = re.search(r"/policy/(\d+)/review/", page.url)
    assert found, page.url
    return int(found[1])


def open_tab(page: Page, kind: str) -> Locator:
    """The findings of one kind."""
    page.locator(f'[data-tab="{kind}"]').click()
    return page.locator(f"#panel-{kind} .pol-card")


def card(page: Page, kind: str, text: str) -> Locator:
    """The finding with this headline, chosen."""
    found = open_tab(page, kind).filter(has=page.locator("h3", has_text=text)).first
    found.locator("h3").click()
    expect(found).to_have_class(re.compile("is-active"))
    return found


def count(page: Page, kind: str) -> tuple[int, int]:
    """How many findings of a kind are reviewed, and how many there are."""
    done, _, total = page.locator(f"#count-{kind}").inner_text().partition("/")
    return int(done), int(total)


def look_at_all(page: Page, kind: str) -> None:
    """Bring every finding of a tab on the screen, as one does by scrolling."""
    open_tab(page, kind)
    page.evaluate(
        """async (kind) => {
          for (const card of document.querySelectorAll(`#panel-${kind} .pol-card`)) {
            card.scrollIntoView({block: "center", behavior: "instant"});
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 5)));
          }
        }""",
        kind,
    )


def accept_rest(page: Page, kind: str) -> None:
    """Accept everything that waits in a tab, after having seen it, with the confirmation."""
    done, total = count(page, kind)
    if done == total:
        return
    look_at_all(page, kind)
    panel = page.locator(f"#panel-{kind}")
    button = panel.locator("[data-kc-drawer]")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    form = page.locator("#drawer form")
    expect(form.locator("ol > li")).to_have_count(total - done)
    form.locator("button.btn-primary").click()
    expect(page.locator(f"#count-{kind}")).to_have_text(f"{total}/{total}")


def publish(page: Page) -> None:
    """Publish what is open in the review, and wait until it is done."""
    page.locator(".kc-reading-head [data-kc-drawer].btn-primary").click()
    page.locator("#drawer form button.btn-primary").click()
    expect(page.locator(".kc-reading-head .pol-meta").first).to_contain_text("已发布", timeout=JOB_PATIENCE)


def highlighted(page: Page) -> str:
    """The sentence that an address with ``?at=`` leads to."""
    page.locator("#at").wait_for()
    expect(page.locator("#at")).to_be_in_viewport()
    return page.evaluate("[...document.querySelectorAll('.pol-at')].map((part) => part.textContent).join('')")


def plain(text: str) -> str:
    """Without white space and marks of emphasis: a quote may run over lines, and the page draws no asterisks."""
    return re.sub(r"[\s*]+", "", text)

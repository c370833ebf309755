"""Every main page, as the person who works with it: without errors, usable by all, at any width, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import grave_violations
from tests.e2e.browsing import PHONE, overflow
from tests.e2e.conftest import Visit
from tests.e2e.pages import PLACES, Place

CHINESE = re.compile("[\\u4e00-\\u9fff]")
ENGLISH = re.compile("[A-Za-z]{3,}")
# What the interface itself says; records keep the language in which they were written.
LABELS = """() => {
  const visible = (part) => part.checkVisibility() && !part.closest("[lang]:not(html), svg, .kc-wall-choice");
  const parts = "main button, main label, main th[scope=col], main summary, main legend, h1," +
    " .kc-side h2, .kc-side-link, .kc-portal-nav a, .card-header, .kc-badge, .btn, .kc-stat-label, .kc-tabs a";
  return [...new Set([...document.querySelectorAll(parts)].filter(visible).map((part) => part.innerText.trim()))];
}"""
# Names of things, the same in every language.
NAMES = re.compile(r"Excel|Word|PDF|CSV|Kechuang|English|GB/T|R&D|USCC|TOTP|Ctrl|Esc|TXT|HTML|DOCX", re.IGNORECASE)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_page_is_sound(visit: Visit, place: Place) -> None:
    page = visit(place.person)
    place.open(page)
    faults = [*grave_violations(page), *(f"not Chinese: {label}" for label in _foreign_labels(page))]
    if page.locator("h1").count() != 1:
        faults.append(f"{page.locator('h1').count()} first headings")
    faults += [f"sticks out at 1440: {part}" for part in overflow(page)]
    page.set_viewport_size(PHONE)
    faults += [f"sticks out at 375: {part}" for part in overflow(page)]
    assert not faults, "\n    ".join([page.url, *faults])


def _foreign_labels(page: Page) -> list[str]:
    labels = [NAMES.sub("", label) for label in page.evaluate(LABELS)]
    return [label for label in labels if ENGLISH.search(label) and not CHINESE.search(label)]


def test_language_switch(visit: Visit) -> None:
    page = visit("officer")
    for path in ("/workbench/", "/supervision/tasks/", "/indicators/targets/", "/policy/upload/", "/"):
        page.goto(path)
        if page.locator("html").get_attribute("lang") != "en":
            page.get_by_role("button", name="English").click()
            expect(page.locator("html")).to_have_attribute("lang", "en")
        assert not (foreign := _chinese_controls(page)), f"{path}: {foreign}"
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def _chinese_controls(page: Page) -> list[str]:
    parts = "main button, main label, main th[scope=col], main .btn, .kc-side-link, .kc-side h2"
    controls = page.locator(parts).filter(visible=True)
    return [text for text in controls.all_inner_texts() if CHINESE.search(text)]


def test_focus_is_visible(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    for _step in range(12):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
            }"""
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")

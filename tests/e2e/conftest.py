"""One real platform and one real browser for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsing import Browsing, chromium_path, launch
from tests.e2e.platform import Platform, running_platform

HERE = Path(__file__).parent
Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        message = "no Chromium is installed here (apt install chromium, or name one in KECHUANG_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    # Playwright's synchronous face keeps an event loop in this thread until the session ends; Django would refuse to
    # speak to the database beside it, in tests that have nothing to do with a browser.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def platform(browser: Browser) -> Iterator[Platform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture(scope="session")
def browsing(browser: Browser, platform: Platform) -> Browsing:
    return Browsing(browser, platform)


@pytest.fixture
def visit(browsing: Browsing) -> Iterator[Visit]:
    """A page as someone: ``visit("officer", phone=True)``. Its faults fail the test."""
    with ExitStack() as sessions:

        def open_page(person: str = "public", **options: Any) -> Page:
            session: AbstractContextManager[Page] = browsing.session(person, **options)
            return sessions.enter_context(session)

        yield open_page

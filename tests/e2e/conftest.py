"""One real platform and one real browser for all tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsing import Browsing, SignedIn, chromium_path, launch
from tests.e2e.platform import Platform, running_platform

HERE = Path(__file__).parent
Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium() -> str:
    path = chromium_path()
    if path is None:
        message = "no Chromium is installed here (apt install chromium, or name one in KECHUANG_CHROMIUM)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def platform(chromium: str) -> Iterator[Platform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Closed after each module: Playwright's synchronous face keeps an event loop in this thread while it is open,
    beside which neither Django nor the job queue works in the tests that follow in the same process."""
    with sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def signed_in() -> SignedIn:
    """What each person's browser keeps from signing in once."""
    return {}


@pytest.fixture(scope="module")
def browsing(browser: Browser, platform: Platform, signed_in: SignedIn) -> Browsing:
    return Browsing(browser, platform, signed_in)


@pytest.fixture
def visit(browsing: Browsing) -> Iterator[Visit]:
    """A page as someone: ``visit("officer", phone=True)``. Its faults fail the test."""
    with ExitStack() as sessions:

        def open_page(person: str = "public", **options: Any) -> Page:
            session: AbstractContextManager[Page] = browsing.session(person, **options)
            return sessions.enter_context(session)

        yield open_page

"""Browser sessions of the demonstration's people, and everything that went wrong on their pages."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response, expect

from tests.e2e.platform import Platform

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 812}
PASSWORD = "kechuang-demo"  # of every demonstration account, as printed at the start of the trial
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PUBLIC = "public"
PATIENCE = 15_000  # milliseconds for a page or a fragment; jobs have their own patience
JOB_PATIENCE = 120_000
SignedIn = dict[str, Any]
expect.set_options(timeout=PATIENCE)


def chromium_path() -> str | None:
    """The Chromium to drive: the one that KECHUANG_CHROMIUM names, else the system's."""
    return os.environ.get("KECHUANG_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def launch(playwright: Playwright, path: str) -> Browser:
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@dataclass
class Faults:
    """Errors of scripts, refusals of the content policy, failed requests and server errors of one browser session."""

    origin: str
    found: list[str] = field(default_factory=list)
    forgiven: list[re.Pattern[str]] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"script error: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def forgive(self, pattern: str) -> None:
        """What is expected to fail in this test, such as a page that must be refused."""
        self.forgiven.append(re.compile(pattern))

    def check(self) -> None:
        rest = [fault for fault in self.found if not any(pattern.search(fault) for pattern in self.forgiven)]
        self.found.clear()
        assert not rest, "the browser met:\n  " + "\n  ".join(dict.fromkeys(rest))

    def _note(self, fault: str) -> None:
        self.found.append(fault)

    def _console(self, message: ConsoleMessage) -> None:
        # A form with mistakes is answered with 422, which the browser counts as an error.
        if message.type == "error" and "status of 422" not in message.text:
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        # A request that the browser itself gave up, on leaving a page or for a download, is no failure.
        if request.url.startswith(self.origin) and request.failure != "net::ERR_ABORTED":
            self._note(f"request failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._note(f"{response.status}: {response.request.method} {response.url}")


class Browsing:
    """Opens browser sessions as anyone, on a desktop or a phone, and signs in once per person."""

    def __init__(self, browser: Browser, platform: Platform, signed_in: SignedIn) -> None:
        self.browser = browser
        self.platform = platform
        self._signed_in = signed_in

    @contextmanager
    def session(
        self, person: str = PUBLIC, *, phone: bool = False, language: str = "zh-CN", **options: Any
    ) -> Iterator[Page]:
        """A page of this person's; what goes wrong on it fails the test at the end."""
        state = None if person == PUBLIC else self._state(person)
        with self._context(storage_state=state, phone=phone, language=language, **options) as (context, faults):
            page = context.new_page()
            page.faults = faults  # type: ignore[attr-defined]
            yield page
            faults.check()

    def _state(self, person: str) -> Any:
        if person not in self._signed_in:
            with self._context() as (context, faults):
                sign_in(context.new_page(), person)
                faults.check()
                self._signed_in[person] = context.storage_state()
        return self._signed_in[person]

    @contextmanager
    def _context(
        self, *, phone: bool = False, language: str = "zh-CN", **options: Any
    ) -> Iterator[tuple[BrowserContext, Faults]]:
        context = self.browser.new_context(
            base_url=self.platform.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            locale=language,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        faults = Faults(self.platform.address)
        faults.watch(context)
        try:
            yield context, faults
        finally:
            context.close()


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Through the form, as a person does."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def overflow(page: Page) -> list[str]:
    """What sticks out of the page at its right; nothing may, at any width."""
    return page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const wide = [...document.querySelectorAll("body *")].filter((part) =>
            part.getBoundingClientRect().right > root.clientWidth + 1);
          return wide.slice(0, 6).map((part) => `${part.tagName.toLowerCase()}.${part.className}`.slice(0, 80));
        }"""
    ) or ([] if not page.evaluate("document.documentElement.scrollWidth > innerWidth") else ["the page"])


def seeds() -> Path | None:
    """The real documents, where this checkout has them beside it."""
    place = Path(__file__).resolve().parents[3] / "shared" / "seeds"
    return place if place.is_dir() else None

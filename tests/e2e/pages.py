"""The main pages of every role: where each one is looked at for errors, accessibility, width and language."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Place:
    """A page: its address, or that of a list whose first link matching ``first`` leads there."""

    name: str
    person: str
    path: str
    first: str = ""

    def __str__(self) -> str:
        return f"{self.person}-{self.name}"

    def open(self, page: Page) -> None:
        page.goto(self.path)
        if self.first:
            address = page.locator(self.first).first.get_attribute("href")
            assert address, f"{self.path} has no link {self.first}"
            page.goto(address)
        page.wait_for_load_state("networkidle")


ROW = "main td.kc-cell-main a, main td a"

PLACES = (
    Place("home", "public", "/"),
    Place("library", "public", "/policy/"),
    Place("benefits", "public", "/policy/?what=benefit&q=企业"),
    Place("document", "public", "/policy/", ".pol-results h2 a"),
    Place("plans", "public", "/supervision/public/"),
    Place("progress", "public", "/indicators/progress/"),
    Place("calculator", "public", "/policy/calculator/"),
    Place("calculator-question", "public", "/policy/calculator/?kind=enterprise"),
    Place("rule", "public", "/policy/rule/1/"),
    Place("certifications", "public", "/cultivation/certifications/"),
    Place("search", "public", "/search/?q=高新技术企业"),
    Place("sign-in", "public", "/accounts/login/"),
    Place("workbench", "officer", "/workbench/"),
    Place("upload", "officer", "/policy/upload/"),
    Place("documents", "officer", "/policy/documents/"),
    Place("review", "officer", "/policy/documents/", "main a[href$='/review/'], main td.kc-cell-main a"),
    Place("findings", "officer", "/policy/findings/"),
    Place("conflicts", "officer", "/policy/conflicts/"),
    Place("rule-editor", "officer", "/policy/rules/new/"),
    Place("rule-drafts", "leader", "/policy/rules/drafts/"),
    Place("ledger", "officer", "/supervision/tasks/"),
    Place("task", "officer", "/supervision/tasks/", ROW),
    Place("ledger-import", "officer", "/supervision/tasks/import/"),
    Place("reports-to-check", "officer", "/supervision/review/"),
    Place("extensions", "leader", "/supervision/extensions/"),
    Place("overview", "leader", "/supervision/overview/"),
    Place("wall", "leader", "/wall/"),
    Place("bulletins", "officer", "/supervision/bulletins/"),
    Place("unknown-units", "officer", "/supervision/unknown-units/"),
    Place("targets", "officer", "/indicators/targets/"),
    Place("target", "officer", "/indicators/targets/", ROW),
    Place("approvals", "officer", "/indicators/approvals/"),
    Place("months", "officer", "/indicators/months/"),
    Place("catalogue", "officer", "/indicators/catalogue/"),
    Place("rules", "officer", "/policy/rules/"),
    Place("assessments", "officer", "/policy/assessments/"),
    Place("awards", "officer", "/policy/awards/"),
    Place("sandbox", "officer", "/policy/sandbox/"),
    Place("funnel", "officer", "/cultivation/funnel/"),
    Place("suggestions", "officer", "/cultivation/suggestions/"),
    Place("reserve", "county", "/cultivation/reserve/"),
    Place("reserve-entry", "county", "/cultivation/reserve/", ROW),
    Place("hnte", "leader", "/cultivation/hnte/"),
    Place("certification", "officer", "/cultivation/certifications/", ROW),
    Place("calendar", "county", "/cultivation/calendar/"),
    Place("inbox", "unit", "/supervision/inbox/"),
    Place("report", "unit", "/supervision/inbox/", "main a[href*='/report/']"),
    Place("workbench", "unit", "/workbench/"),
    Place("entry", "county", "/indicators/entry/"),
    Place("organisations", "county", "/directory/organisations/"),
    Place("workbench", "county", "/workbench/"),
    Place("mine", "company", "/directory/mine/"),
    Place("organisation", "company", "/directory/mine/", "main a[href*='/mine/']"),
    Place("register", "company", "/directory/register/"),
    Place("my-policies", "company", "/policy/my/"),
    Place("ladder", "company", "/cultivation/ladder/"),
    Place("calendar", "company", "/cultivation/calendar/"),
    Place("data", "company", "/indicators/mine/"),
    Place("workbench", "auditor", "/workbench/"),
    Place("ledger", "auditor", "/supervision/tasks/"),
    Place("people", "admin", "/directory/people/"),
    Place("memberships", "admin", "/directory/memberships/"),
    Place("notifications", "officer", "/kit/notifications/"),
)

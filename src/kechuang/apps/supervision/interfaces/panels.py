"""What supervision adds to navigation, workbench, search and the kit's registries."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kechuang.apps.directory.roles import BUREAU, OFFICERS, READERS, STAFF, Role
from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.inbox import (
    Duty,
    extensions_to_decide,
    inbox_of,
    reports_to_check,
    unknown_names,
)
from kechuang.apps.supervision.domain.queries.lights import light_counts
from kechuang.apps.supervision.domain.queries.overview import overdue
from kechuang.apps.supervision.models import Bulletin, ProgressReport, Task
from kechuang.kit import search
from kechuang.kit.files import register_file_owner
from kechuang.kit.navigation import (
    Card,
    CardRow,
    Hit,
    NavItem,
    WorkbenchCard,
    register_card,
    register_nav,
    register_portal_link,
    register_search_source,
)
from kechuang.kit.permissions import Actor, visible

UNITS = frozenset({Role.RESPONSIBLE_UNIT.value, Role.COUNTY_WORKSTATION.value})
LEADERS = frozenset({Role.BUREAU_LEADER.value, Role.PLATFORM_ADMIN.value})
GROUP = gettext_lazy("Supervision")
SHOWN = 5


def inbox_card(actor: Actor) -> Card:
    """What a unit owes, returned reports first."""
    inbox = inbox_of(actor)
    counts = {"owed": len(inbox.owed), "returned": len(inbox.returned)}
    title = _("My tasks: %(owed)s to report")
    if inbox.returned:
        title = _("My tasks: %(owed)s to report, %(returned)s returned")
    return Card(
        title=title % counts,
        rows=[_duty_row(duty) for duty in inbox.duties[:SHOWN]],
        total=len(inbox.duties),
        url=reverse("supervision:inbox"),
        icon="list-check",
        empty=_("Everything is reported for %(period)s.") % {"period": inbox.period},
    )


def _duty_row(duty: Duty) -> CardRow:
    reason = duty.report.reason if duty.report and duty.is_returned else duty.reading.reason
    return CardRow(
        str(duty.task),
        f"{reverse('supervision:report', args=[duty.task.pk])}?unit={duty.unit.pk}",
        meta=reason,
        due=duty.clock,
        light="returned" if duty.is_returned else duty.reading.light.value,
    )


def review_card(actor: Actor) -> Card:
    """Reports that wait for the bureau."""
    rows = reports_to_check(actor)
    url = reverse("supervision:review")
    return Card(
        title=_("Reports to check"),
        rows=[
            CardRow(f"{each.unit} · {each.task}", url, meta=f"{each.percent}%", light="submitted")
            for each in rows[:SHOWN]
        ],
        total=rows.count(),
        url=url,
        icon="send",
        empty=_("Everything that units sent in has been answered."),
    )


def extensions_card(actor: Actor) -> Card:
    """Requests for more time that wait for a leader."""
    rows = extensions_to_decide(actor)
    url = reverse("supervision:extensions")
    return Card(
        title=_("More time: to decide"),
        rows=[
            CardRow(
                f"{each.unit} · {each.task}", url, meta=f"{each.current_due} → {each.requested_due}", light="requested"
            )
            for each in rows[:SHOWN]
        ],
        total=rows.count(),
        url=url,
        icon="hourglass",
        empty=_("No request waits."),
    )


def overdue_card(actor: Actor) -> Card:
    """The tasks that are longest overdue."""
    rows = [
        CardRow(
            str(task),
            reverse("supervision:tasks-detail", args=[task.pk]),
            meta="、".join(str(row) for row in list(task.task_units.all())[:2]),
            due=task.due_on,
            light=Light.OVERDUE.value,
        )
        for task in overdue(actor, SHOWN)
    ]
    return Card(
        title=_("Overdue tasks"),
        rows=rows,
        total=light_counts(actor)[Light.OVERDUE.value],
        url=reverse("supervision:tasks-list") + "?light=overdue&part=whole",
        icon="alert-triangle",
        empty=_("No task is overdue."),
    )


def names_card(actor: Actor) -> Card | None:
    """Names of units that nobody knows; no card where there are none."""
    names = unknown_names(actor)
    if not names:
        return None
    url = reverse("supervision:unknown_units")
    rows = [
        CardRow(name, url, meta=ngettext("%(n)s task", "%(n)s tasks", len(tasks)) % {"n": len(tasks)}, light="pending")
        for name, tasks in names[:SHOWN]
    ]
    return Card(title=_("Unknown units"), rows=rows, total=len(names), url=url, icon="help-circle")


def find(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Tasks by what they say, as far as the actor may see them."""
    rows = search.search(visible(actor, Task).select_related("plan"), query, first=("title",))
    return [
        Hit(
            title=task.title,
            url=reverse("supervision:tasks-detail", args=[task.pk]),
            snippet=search.snippet(task.measures or task.section or str(task.plan), query),
            kind=_("task"),
        )
        for task in rows[:limit]
    ]


for _key, _label, _url, _icon, _roles, _order in (
    ("inbox", gettext_lazy("My tasks"), "inbox", "home", UNITS, 300),
    ("overview", gettext_lazy("Overview of the ledger"), "overview", "dashboard", READERS, 305),
    ("tasks", gettext_lazy("Task ledger"), "tasks-list", "list-check", STAFF, 310),
    ("review", gettext_lazy("Reports to check"), "review", "send", OFFICERS, 320),
    ("extensions", gettext_lazy("More time: to decide"), "extensions", "hourglass", READERS, 330),
    ("plans", gettext_lazy("Plans"), "plans-list", "book-2", READERS, 340),
    ("bulletins", gettext_lazy("Bulletins"), "bulletins-list", "printer", READERS, 350),
    ("unknown-units", gettext_lazy("Unknown units"), "unknown_units", "help-circle", OFFICERS, 360),
):
    register_nav(NavItem(f"supervision-{_key}", _label, f"supervision:{_url}", _icon, _roles, GROUP, _order))

register_portal_link(
    NavItem("supervision-public", gettext_lazy("Task ledgers"), "supervision:public_plans", "list-check", order=40)
)
register_card(WorkbenchCard("supervision-inbox", UNITS, inbox_card, order=10))
register_card(WorkbenchCard("supervision-review", OFFICERS, review_card, order=20))
register_card(WorkbenchCard("supervision-extensions", LEADERS, extensions_card, order=25))
register_card(WorkbenchCard("supervision-overdue", BUREAU, overdue_card, order=30))
register_card(WorkbenchCard("supervision-names", OFFICERS, names_card, order=90))
register_search_source("tasks", find, gettext_lazy("Tasks"))
register_file_owner(ProgressReport, "files")
register_file_owner(Bulletin, "docx")
register_file_owner(Bulletin, "pdf")

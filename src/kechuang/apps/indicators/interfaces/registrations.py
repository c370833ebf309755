"""What this app adds to navigation, workbench, search and files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.roles import OFFICERS, READERS, STAFF, Role
from kechuang.apps.indicators.domain.contests import waiting_contests
from kechuang.apps.indicators.domain.periods import PeriodKind, period_of
from kechuang.apps.indicators.domain.queries.overview import running_first
from kechuang.apps.indicators.domain.queries.reporting import latest_month, owed, waiting_for
from kechuang.apps.indicators.domain.queries.words import demand
from kechuang.apps.indicators.domain.units import text_of
from kechuang.apps.indicators.models import Fact, FactContest, Indicator, Observation, Snapshot, Target
from kechuang.apps.indicators.permissions import KEEPERS, OWNERS, REPORTERS
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
from kechuang.kit.permissions import EVERYONE, Actor, visible
from kechuang.kit.search import search

GROUP = gettext_lazy("Targets and figures")
FACTS = gettext_lazy("Facts of organisations")
REPORTING = frozenset({Role.COUNTY_WORKSTATION.value, Role.RESPONSIBLE_UNIT.value})


def to_report(actor: Actor) -> Card:
    """The figures that the actor still owes for the latest month."""
    month = latest_month()
    found = owed(actor)
    rows = [
        CardRow(
            title=str(due.indicator),
            url=f"{reverse('indicators:entry')}?region={due.region.pk}&period={due.period.key}",
            meta=f"{due.region} · {due.period.label}",
            due=due.due,
            light="returned" if due.open and due.open.state == Observation.State.RETURNED else _light(due.due),
        )
        for due in found[:5]
    ]
    label = period_of(month, PeriodKind.MONTHLY).label
    return Card(
        title=_("Figures to report for %(month)s") % {"month": label},
        rows=rows,
        total=len(found),
        url=reverse("indicators:entry"),
        icon="chart-bar",
        empty=_("Everything for %(month)s is handed in.") % {"month": label},
    )


def to_decide(actor: Actor) -> Card:
    """The figures that wait longest for the actor's decision."""
    waiting = waiting_for(actor).select_related("indicator", "region")
    rows = [
        CardRow(
            title=f"{row.indicator} · {text_of(row.value, row.indicator)}",
            url=reverse("indicators:observations-detail", args=[row.pk]),
            meta=str(row.region),
            light="submitted",
        )
        for row in waiting.order_by("submitted_at", "pk")[:5]
    ]
    return Card(
        title=_("Figures to approve"),
        rows=rows,
        total=waiting.count(),
        url=reverse("indicators:approvals-list"),
        icon="checks",
        empty=_("No figure waits for your decision."),
    )


def falling_behind(actor: Actor) -> Card:
    """The targets in force that run behind their line."""
    behind = visible(actor, Target).filter(state=Target.State.ACTIVE, light=Target.Light.BEHIND, parent__isnull=True)
    rows = [
        CardRow(
            title=str(target.indicator),
            url=reverse("indicators:targets-detail", args=[target.pk]),
            meta=f"{target.region} · {demand(target)}",
            due=target.period_end,
            light="behind",
        )
        for target in running_first(behind.select_related("indicator", "region"))[:5]
    ]
    return Card(
        title=_("Targets behind their line"),
        rows=rows,
        total=behind.count(),
        url=f"{reverse('indicators:targets-list')}?light=behind&level=whole",
        icon="target-arrow",
        empty=_("No target is behind its line."),
    )


def to_confirm(actor: Actor) -> Card | None:
    """Indicators that documents brought and nobody has looked at."""
    strangers = visible(actor, Indicator).filter(state=Indicator.State.TO_CONFIRM)
    total = strangers.count()
    if not total:
        return None
    return Card(
        title=_("New indicators to confirm or merge"),
        rows=[
            CardRow(title=row.name, url=reverse("indicators:catalogue-detail", args=[row.pk]), light="to_confirm")
            for row in strangers.order_by("created_at", "pk")[:5]
        ],
        total=total,
        url=f"{reverse('indicators:catalogue-list')}?state=to_confirm",
        icon="chart-line",
    )


def to_answer(actor: Actor) -> Card:
    """The contested facts that wait longest for the actor's answer."""
    waiting = waiting_contests(actor).select_related("kind", "organisation")
    rows = [
        CardRow(
            title=f"{row.kind} · {row.organisation}",
            url=reverse("indicators:contests-detail", args=[row.pk]),
            meta=row.reason,
            light="pending",
        )
        for row in waiting[:5]
    ]
    return Card(
        title=_("Contested facts"),
        rows=rows,
        total=waiting.count(),
        url=f"{reverse('indicators:contests-list')}?state=open",
        icon="message-question",
        empty=_("Nothing is contested in your region."),
    )


def contest_count(actor: Actor) -> int:
    return int(waiting_contests(actor).count())


def find(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Targets by wording, indicator, place or period; for the public those that documents published."""
    rows = visible(actor, Target).filter(state=Target.State.ACTIVE, parent__isnull=True)
    found = search(rows.select_related("indicator", "region"), query, first=("indicator__name",))[:limit]
    page = "indicators:targets-detail" if actor.has(STAFF) else "indicators:public_target"
    return [
        Hit(
            title=f"{target.indicator} · {target.region}",
            url=reverse(page, args=[target.pk]),
            snippet=f"{demand(target)} · {target.title}",
            kind=_("target"),
        )
        for target in found
    ]


def waiting_count(actor: Actor) -> int:
    return waiting_for(actor).count()


def owed_count(actor: Actor) -> int:
    return len(owed(actor)) if actor.has(REPORTING) and not actor.is_system else 0


def _light(due: date) -> str:
    from django.utils import timezone

    return "overdue" if timezone.localdate() > due else "due_soon"


register_nav(NavItem("targets", gettext_lazy("Targets"), "indicators:targets-list", "target-arrow", STAFF, GROUP, 300))
register_nav(
    NavItem(
        "entry", gettext_lazy("Report figures"), "indicators:entry", "pencil", REPORTERS, GROUP, 310, badge=owed_count
    )
)
register_nav(
    NavItem(
        "approvals",
        gettext_lazy("Figures to approve"),
        "indicators:approvals-list",
        "checks",
        OFFICERS,
        GROUP,
        320,
        badge=waiting_count,
    )
)
register_nav(
    NavItem("figures", gettext_lazy("Figures"), "indicators:observations-list", "chart-bar", STAFF, GROUP, 330)
)
register_nav(NavItem("months", gettext_lazy("Close months"), "indicators:months", "archive", READERS, GROUP, 340))
register_nav(
    NavItem("catalogue", gettext_lazy("Indicators"), "indicators:catalogue-list", "chart-line", READERS, GROUP, 350)
)
register_portal_link(
    NavItem(
        "progress", gettext_lazy("Progress of the targets"), "indicators:progress", "target-arrow", EVERYONE, order=30
    )
)
register_card(WorkbenchCard("figures-to-report", REPORTING, to_report, order=20))
register_card(WorkbenchCard("figures-to-approve", OFFICERS, to_decide, order=25))
register_card(WorkbenchCard("targets-behind", READERS, falling_behind, order=30))
register_card(WorkbenchCard("indicators-to-confirm", OFFICERS, to_confirm, order=55))
register_search_source("targets", find, gettext_lazy("Targets"))
register_file_owner(Observation, "evidence")
register_nav(
    NavItem(
        "my-data", gettext_lazy("Known data"), "indicators:mine", "database", OWNERS, gettext_lazy("My enterprise"), 40
    )
)
register_nav(
    NavItem(
        "facts",
        gettext_lazy("Facts of organisations"),
        "indicators:facts-list",
        "database",
        READERS | KEEPERS,
        FACTS,
        360,
    )
)
register_nav(
    NavItem(
        "contests",
        gettext_lazy("Contested facts"),
        "indicators:contests-list",
        "message-question",
        KEEPERS,
        FACTS,
        362,
        badge=contest_count,
    )
)
register_nav(
    NavItem("returns", gettext_lazy("Import yearly returns"), "indicators:return_upload", "upload", KEEPERS, FACTS, 364)
)
register_nav(
    NavItem(
        "fact-kinds",
        gettext_lazy("Catalogue of facts"),
        "indicators:fact-kinds-list",
        "list-details",
        READERS,
        FACTS,
        366,
    )
)
register_nav(
    NavItem("snapshots", gettext_lazy("Snapshots"), "indicators:snapshots-list", "camera", READERS, FACTS, 368)
)
register_nav(
    NavItem(
        "rd-account",
        gettext_lazy("R&D account"),
        "indicators:my_account",
        "book-2",
        OWNERS,
        gettext_lazy("My enterprise"),
        45,
    )
)
register_nav(
    NavItem(
        "coverage",
        gettext_lazy("R&D coverage of industry"),
        "indicators:coverage",
        "building-factory-2",
        READERS | KEEPERS,
        FACTS,
        365,
    )
)
register_portal_link(NavItem("my-data", gettext_lazy("Known data"), "indicators:mine", "database", OWNERS, order=60))
register_portal_link(
    NavItem("rd-account", gettext_lazy("R&D account"), "indicators:my_account", "book-2", OWNERS, order=65)
)
register_card(WorkbenchCard("facts-to-answer", KEEPERS, to_answer, order=27))
register_file_owner(Fact, "evidence")
register_file_owner(FactContest, "evidence")
register_file_owner(Snapshot, "file")

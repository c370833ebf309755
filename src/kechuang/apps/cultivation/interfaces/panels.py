"""What cultivation adds to navigation, header and workbench."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.cultivation.domain.queries.finding import certifications_named, entries_named
from kechuang.apps.cultivation.interfaces import lights  # noqa: F401 -- registers the lights
from kechuang.apps.cultivation.models import SOON_DAYS, Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS, in_force
from kechuang.kit.lights import light
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

GROUP = gettext_lazy("Cultivation")
SHOWN = 5


def expiring_card(actor: Actor) -> Card | None:
    """Certifications of one's own enterprises, or of one's region, that expire within 90 days."""
    until = timezone.localdate() + timedelta(days=SOON_DAYS)
    rows = visible(actor, Certification).filter(in_force(), valid_until__lte=until)
    own = actor.organisations(*OWNERS)
    if own and not actor.has(VIEWERS):
        rows = rows.filter(organisation__in=own)
    elif "platform_admin" not in actor.roles:
        from kechuang.apps.cultivation.domain.queries.scope import of_office

        rows = of_office(actor, rows)
    total = rows.count()
    if not total:
        return None
    return Card(
        title=_("Certifications that expire soon"),
        rows=[
            CardRow(
                row.organisation.name,
                reverse("cultivation:ladder", args=[row.organisation_id]),
                meta=row.tier_name,
                due=row.valid_until,
                light="cert_soon",
            )
            for row in rows.select_related("organisation").order_by("valid_until", "pk")[:SHOWN]
        ],
        total=total,
        url=reverse("cultivation:calendar"),
        icon="calendar-event",
    )


def find_certifications(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Certifications by the enterprise's name or code or by their number, as far as the actor may see them."""
    rows = certifications_named(visible(actor, Certification), query).select_related("organisation__region")
    return [
        Hit(
            title=str(row),
            url=reverse("cultivation:certifications-detail", args=[row.pk]),
            snippet=" · ".join(filter(None, (row.number, str(row.organisation.region)))),
            kind=light(row.light).label,
        )
        for row in rows.order_by("-issued_on", "-pk")[:limit]
    ]


def find_entries(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Stays in the reserve library by the enterprise's name or code, as far as the actor may see them."""
    rows = entries_named(visible(actor, ReserveEntry), query).select_related("organisation__region")
    return [
        Hit(
            title=str(row),
            url=reverse("cultivation:reserve-detail", args=[row.pk]),
            snippet=" · ".join((_("entered on %(day)s") % {"day": row.entered_on}, str(row.organisation.region))),
            kind=light(row.light).label,
        )
        for row in rows.order_by("-entered_on", "-pk")[:limit]
    ]


register_nav(NavItem("ladder-mine", gettext_lazy("My ladder"), "cultivation:mine", "target-arrow", OWNERS, GROUP, 240))
register_nav(
    NavItem("funnel", gettext_lazy("Ladder of the region"), "cultivation:funnel", "chart-bar", VIEWERS, GROUP, 250)
)
register_nav(
    NavItem("reserve", gettext_lazy("Reserve library"), "cultivation:reserve-list", "bookmark", VIEWERS, GROUP, 252)
)
register_nav(
    NavItem("certifications", gettext_lazy("Certifications"), "cultivation:certifications-list", "list-check",
            VIEWERS, GROUP, 254)
)  # fmt: skip
register_nav(
    NavItem("cert-calendar", gettext_lazy("Expiry calendar"), "cultivation:calendar", "calendar-event",
            VIEWERS | OWNERS, GROUP, 256)
)  # fmt: skip
register_nav(
    NavItem("hnte", gettext_lazy("High-tech enterprises by county"), "cultivation:hnte", "chart-line", VIEWERS, GROUP,
            258)
)  # fmt: skip
register_portal_link(NavItem("ladder", gettext_lazy("My ladder"), "cultivation:mine", "target-arrow", OWNERS, order=22))
register_card(WorkbenchCard("certifications-expiring", VIEWERS | OWNERS, expiring_card, order=28))
register_search_source("certifications", find_certifications, gettext_lazy("Certifications"))
register_search_source("reserve", find_entries, gettext_lazy("Reserve library"))

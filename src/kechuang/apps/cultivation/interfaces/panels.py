"""What cultivation adds to navigation, header and workbench."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.cultivation.interfaces import lights  # noqa: F401 -- registers the lights
from kechuang.apps.cultivation.models import SOON_DAYS, Certification
from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS, in_force
from kechuang.kit.navigation import (
    Card,
    CardRow,
    NavItem,
    WorkbenchCard,
    register_card,
    register_nav,
    register_portal_link,
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

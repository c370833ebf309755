"""What the directory adds to navigation, workbench and search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.directory.roles import BUREAU, OFFICERS, READERS, Role
from kechuang.kit import search
from kechuang.kit.navigation import (
    Card,
    CardRow,
    Hit,
    NavItem,
    WorkbenchCard,
    register_card,
    register_nav,
    register_search_source,
    set_role_labels,
)
from kechuang.kit.permissions import Actor, visible

GROUP = _("Directory")
COUNTY = frozenset({Role.COUNTY_WORKSTATION.value})
MEMBERS = frozenset({Role.ORGANISATION_ADMIN.value, Role.ORGANISATION_MEMBER.value})


def waiting(actor: Actor) -> int:
    """How many organisations wait for this actor's verification."""
    return visible(actor, Organisation).filter(state=Organisation.State.PENDING).count()


def waiting_card(actor: Actor) -> Card:
    """The organisations that wait longest for verification."""
    rows = visible(actor, Organisation).filter(state=Organisation.State.PENDING).select_related("region")
    listed = [
        CardRow(title=each.name, url=each.get_absolute_url(), meta=f"{each.region.name} · {each.uscc}")
        for each in rows.order_by("created_at", "pk")[:5]
    ]
    return Card(
        title=_("Organisations to verify"),
        rows=listed,
        total=rows.count(),
        url=reverse("directory:organisations-list") + "?state=pending",
        icon="building-factory-2",
        empty=_("No registration waits for you."),
    )


def find(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Organisations by name or code, as far as the actor may see them."""
    rows = search.search(visible(actor, Organisation).select_related("region"), query, first=("name",))
    return [
        Hit(
            title=each.name, url=_page(actor, each), snippet=f"{each.region.name} · {each.uscc}", kind=_("organisation")
        )
        for each in rows[:limit]
    ]


def role_labels(user: Any) -> list[str]:
    """The person's roles in words, each with its scope."""
    held = user.memberships.select_related("region", "unit", "organisation")
    return [
        " · ".join(
            str(part) for part in (each.get_role_display(), each.organisation or each.unit or each.region) if part
        )
        for each in held
    ]


def _page(actor: Actor, organisation: Organisation) -> str:
    if actor.has(READERS | COUNTY):
        return organisation.get_absolute_url()
    return reverse("directory:my_organisation", args=[organisation.pk])


register_nav(
    NavItem(
        "organisations",
        _("Organisations"),
        "directory:organisations-list",
        "building-factory-2",
        READERS | COUNTY,
        GROUP,
        800,
    )
)
register_nav(
    NavItem("units", _("Units of government"), "directory:units-list", "building-bank", READERS | COUNTY, GROUP, 810)
)
register_nav(NavItem("regions", _("Regions"), "directory:regions-list", "map-pin", BUREAU, GROUP, 820))
register_nav(NavItem("people", _("People"), "directory:people-list", "users", READERS, GROUP, 830))
register_nav(NavItem("memberships", _("Roles"), "directory:memberships-list", "user", READERS, GROUP, 840))
register_nav(NavItem("mine", _("My organisations"), "directory:mine", "building", MEMBERS, _("My organisation"), 700))
register_card(WorkbenchCard("organisations", OFFICERS | COUNTY, waiting_card, order=60))
register_search_source("organisations", find, _("Organisations"))
set_role_labels(role_labels)

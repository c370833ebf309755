"""Why a reviewer should look closely at a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.policy.models import ItemKind
from kechuang.kit.packs import fold

LABELS = {
    "no_units": _("no responsible unit was found"),
    "unknown_unit": _("names a unit that is not in the directory"),
    "no_unit": _("the number has no unit"),
    "no_amount": _("the text names no amount"),
    "repeated": _("the document says the same elsewhere"),
    "long_quote": _("the passage is very long"),
}
LONG_QUOTE = 600


def known_units(region: Region) -> frozenset[str]:
    """Every name of the units of a region, of the regions above and below it, as names are compared."""
    codes = [code for code in region.path.split("/") if code]
    units = Unit.objects.filter(Q(region__code__in=codes) | Q(region__path__startswith=region.path))
    return frozenset(
        fold(name)
        for unit in units.only("name", "full_name", "aliases")
        for name in (unit.name, unit.full_name, *unit.aliases)
        if name
    )


def of_item(kind: str, payload: Mapping[str, Any], quote: str, units: frozenset[str]) -> list[str]:
    """The codes of everything remarkable about one finding."""
    found = []
    if kind == ItemKind.TASK:
        named = [*(payload.get("lead") or ()), *(payload.get("units") or ())]
        if not named:
            found.append("no_units")
        elif units and any(fold(name) not in units for name in named):
            found.append("unknown_unit")
    if kind == ItemKind.TARGET and not payload.get("unit"):
        found.append("no_unit")
    if kind in (ItemKind.BENEFIT, ItemKind.FUND) and not _has_sum(payload):
        found.append("no_amount")
    if len(quote) > LONG_QUOTE:
        found.append("long_quote")
    return found


def _has_sum(payload: Mapping[str, Any]) -> bool:
    return any(payload.get(name) is not None for name in ("amount", "amount_max", "rate", "rate_max"))

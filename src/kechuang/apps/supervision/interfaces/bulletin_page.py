"""A bulletin on the screen: its frozen figures, and its files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import Bulletin


def heading(bulletin: Bulletin) -> str:
    values = {"title": bulletin.title, "year": bulletin.year, "issue": bulletin.issue}
    return _("%(title)s, %(year)s issue %(issue)s") % values


def context(bulletin: Bulletin) -> dict[str, Any]:
    lights = bulletin.figures["total"]["lights"]
    return {
        "stats": [(drawn(light.value), lights[light.value]) for light in Light],
        "total": bulletin.figures["total"]["total"],
        "plans": bulletin.figures["plans"],
        "listed": [{**row, "drawn": drawn(row["light"])} for row in bulletin.figures["listed"]],
    }

"""挂图作战: the city on one dark screen. Every figure leads to the records that sum to it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import READERS
from kechuang.apps.indicators.domain.queries.overview import TargetCard, map_chart, target_cards
from kechuang.apps.indicators.models import Indicator
from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.lights import Counts, light_counts, lights_by_county
from kechuang.apps.supervision.domain.queries.overview import movement, overdue
from kechuang.apps.supervision.interfaces.filters import COUNTIES, WHOLE
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.interfaces.overview_page import tasks_url
from kechuang.kit.charts import Chart, Place, county_map, gauge
from kechuang.kit.errors import Refused
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, visible
from kechuang.site.city import city

GAUGES = 6
LATE = 6


@login_required
@handles_domain_errors
def wall(request: HttpRequest) -> HttpResponse:
    """Targets as gauges, counties on the map, tasks by light, and what is longest overdue."""
    actor = actor_of(request)
    if not actor.has(READERS):
        raise Refused(_("The wall is for the bureau. Your own tasks and figures are on your workbench."))
    here = city()
    if here is None:
        return render(request, "site/wall.html", {"city": None})
    return render(request, "site/wall.html", _context(actor, here, request.GET.get("map", "")))


def _context(actor: Actor, here: Region, chosen: str) -> dict[str, Any]:
    cards = target_cards(here, actor, limit=GAUGES)
    total = light_counts(actor, here)
    mapped = _mapped_indicators(actor, cards)
    indicator = next((each for each in mapped if str(each.pk) == chosen), None)
    counties = lights_by_county(actor, here)
    return {
        "city": here,
        "cards": [(card, gauge(card.standing.percent, state=card.light)) for card in cards],
        "lights": [
            {"light": drawn(light.value), "number": total[light.value], "url": tasks_url(light=light.value, part=WHOLE)}
            for light in Light
            if total[light.value]
        ],
        "total": total.total,
        "total_url": tasks_url(part=WHOLE),
        "map": map_chart(indicator, here) if indicator else _tasks_map(here, counties),
        "map_title": _("%(indicator)s by county") % {"indicator": indicator}
        if indicator
        else _tasks_sentence(counties),
        "mapped": mapped,
        "indicator": indicator,
        "late": [
            {"task": task, "url": reverse("supervision:tasks-detail", args=[task.pk])}
            for task in overdue(actor, LATE, region=here)
        ],
        "late_url": tasks_url(light=Light.OVERDUE.value, part=WHOLE),
        "movement": movement(actor, region=here),
    }


def _mapped_indicators(actor: Actor, cards: list[TargetCard]) -> list[Indicator]:
    """Of the indicators on the gauges, those that counties report on."""
    keys = {card.target.indicator_id for card in cards}
    level = (Region.Level.COUNTY, Region.Level.ZONE)
    rows = visible(actor, Indicator).filter(pk__in=keys, observations__region__level__in=level)
    return list(rows.distinct().order_by("pk"))


def _tasks_map(here: Region, counties: list[Counts]) -> Chart:
    """The share of done tasks of each county, in percent."""
    names = dict(Region.objects.filter(code__in=[row.key for row in counties]).values_list("code", "name"))
    places = [
        Place(
            row.key,
            names.get(row.key, row.name),
            None if row.done_share is None else round(row.done_share * 100),
            tasks_url(part=COUNTIES, region=row.key),
        )
        for row in counties
    ]
    return county_map(here.code, places, unit="%")


def _tasks_sentence(counties: list[Counts]) -> str:
    late = sum(bool(row[Light.OVERDUE.value]) for row in counties)
    if not any(row.total for row in counties):
        return _("No task has been handed to the counties yet")
    if not late:
        return _("Share of tasks done by county: no county is overdue")
    return _("Share of tasks done by county: %(n)s counties have overdue tasks") % {"n": late}

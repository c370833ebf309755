"""Which place a document's scope means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from kechuang.apps.directory.models import Region
from kechuang.kit.permissions import Actor

EACH_COUNTY = re.compile(r"^(?:每个|每|各)[\s（(]*(?:县|区|市、?县|市辖区)")
WITH_ZONES = re.compile(r"管委会|功能区|示范区")


@dataclass(frozen=True, slots=True)
class Scope:
    """A region as a whole, or (``each``) every one of ``counties`` by itself."""

    region: Region
    each: bool = False
    counties: tuple[Region, ...] = ()


def counties_of(region: Region, *, zones: bool = True) -> QuerySet[Region]:
    """The county-level divisions of a city and, with ``zones``, its functional zones."""
    levels = [Region.Level.COUNTY, Region.Level.ZONE] if zones else [Region.Level.COUNTY]
    return Region.objects.filter(parent=region, level__in=levels)


def city_of(actor: Actor) -> Region | None:
    """The city that the actor works in; the first one for whoever has no region. None where there is none yet."""
    cities = list(
        Region.objects.filter(level=Region.Level.PREFECTURE, children__isnull=False).distinct().order_by("path")
    )
    paths = [grant.region for grant in actor.grants if grant.region]
    own = [city for city in cities if any(path.startswith(city.path) for path in paths)]
    return next(iter(own or cities), None)


def scope_of(text: str | None, region: Region, counties: Iterable[Region]) -> Scope:
    """The place of a target in a document of ``region``, whose counties and zones are ``counties``.

    全市, nothing, or a class of things (每个重点产业) is the region; 每个县市区 is each county, with the zones only
    where the text names them; a county's own name is that county.
    """
    counties = tuple(counties)
    text = (text or "").strip()
    if EACH_COUNTY.match(text):
        zones = bool(WITH_ZONES.search(text))
        chosen = tuple(each for each in counties if zones or each.level == Region.Level.COUNTY)
        if chosen:
            return Scope(region, each=True, counties=chosen)
    named = next((each for each in counties if text in (each.name, each.short_name)), None)
    return Scope(named or region)

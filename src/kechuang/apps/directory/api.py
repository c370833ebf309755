"""Regions, units and organisations over the API, in the same scope as the pages."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from kechuang.apps.directory.models import Organisation, Region, Unit
from kechuang.kit.permissions import actor_of, visible
from kechuang.kit.search import search

router = Router(tags=["directory"])


class RegionOut(Schema):
    code: str
    name: str
    name_en: str
    level: str
    parent: str | None = None

    @staticmethod
    def resolve_parent(region: Region) -> str | None:
        return region.parent.code if region.parent else None


class UnitOut(Schema):
    code: str
    name: str
    full_name: str
    aliases: list[str]
    kind: str
    region: str

    @staticmethod
    def resolve_region(unit: Unit) -> str:
        return unit.region.code


class OrganisationOut(Schema):
    id: int
    uscc: str
    name: str
    kind: str
    region: str
    industry: str
    founded_on: date | None
    state: str

    @staticmethod
    def resolve_region(organisation: Organisation) -> str:
        return organisation.region.code


@router.get("/regions", response=list[RegionOut], url_name="directory_regions")
@paginate
def regions(request: HttpRequest, level: str = "", parent: str = "") -> QuerySet[Region]:
    """Divisions after GB/T 2260 and functional zones, parents first."""
    rows = visible(actor_of(request), Region).select_related("parent").order_by("path")
    rows = rows.filter(level=level) if level else rows
    return rows.filter(parent__code=parent) if parent else rows


@router.get("/units", response=list[UnitOut], url_name="directory_units")
@paginate
def units(request: HttpRequest, region: str = "") -> QuerySet[Unit]:
    """Units of government, under the names that documents use."""
    rows = visible(actor_of(request), Unit).select_related("region").order_by("region__order", "order", "code")
    return rows.filter(region__code=region) if region else rows


@router.get("/organisations", response=list[OrganisationOut], url_name="directory_organisations")
@paginate
def organisations(request: HttpRequest, q: str = Query(""), region: str = "") -> QuerySet[Organisation]:
    """Organisations that the caller may see: officials those of their regions, members their own."""
    rows = visible(actor_of(request), Organisation).select_related("region").order_by("name", "pk")
    rows = rows.filter(region__code=region) if region else rows
    return search(rows, q) if q else rows

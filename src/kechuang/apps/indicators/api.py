"""Indicators, targets and figures over the API: to read only, in the same scope as the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from kechuang.apps.indicators.domain.observations import period_of_observation
from kechuang.apps.indicators.domain.queries.standing import Standing, standing_of
from kechuang.apps.indicators.domain.queries.words import reason
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.permissions import actor_of, visible
from kechuang.kit.search import search

router = Router(tags=["indicators"])


class IndicatorOut(Schema):
    code: str
    name: str
    name_en: str
    names: list[str]
    unit: str
    direction: str
    kind: str
    frequency: str
    aggregation: str
    state: str

    @staticmethod
    def resolve_names(indicator: Indicator) -> list[str]:
        return [row.name for row in indicator.names.all()]


class TargetOut(Schema):
    id: int
    indicator: str
    region: str
    title: str
    comparator: str
    value: Decimal | None
    value_max: Decimal | None
    unit: str
    change: str
    scope: str
    period: str
    period_start: date | None
    period_end: date | None
    parent: int | None
    current: Decimal | None
    current_on: date | None
    progress: Decimal | None
    light: str

    @staticmethod
    def resolve_indicator(target: Target) -> str:
        return target.indicator.code

    @staticmethod
    def resolve_region(target: Target) -> str:
        return target.region.code

    @staticmethod
    def resolve_parent(target: Target) -> int | None:
        return target.parent_id


class PointOut(Schema):
    on: date
    value: Decimal


class StandingOut(Schema):
    """How a target stands today. What is not known is null."""

    target: int
    light: str
    reason: str
    goal: Decimal | None
    baseline: PointOut | None
    current: PointOut | None
    progress: Decimal | None
    required: Decimal | None
    forecast: Decimal | None
    points: list[PointOut]


class ObservationOut(Schema):
    id: int
    indicator: str
    region: str
    period: str
    value: Decimal
    unit: str
    state: str
    revision: int
    revision_reason: str
    source_kind: str
    source: str

    @staticmethod
    def resolve_indicator(observation: Observation) -> str:
        return observation.indicator.code

    @staticmethod
    def resolve_region(observation: Observation) -> str:
        return observation.region.code

    @staticmethod
    def resolve_period(observation: Observation) -> str:
        return period_of_observation(observation).key

    @staticmethod
    def resolve_unit(observation: Observation) -> str:
        return observation.indicator.unit


@router.get("/catalogue", response=list[IndicatorOut], url_name="indicators_catalogue")
@paginate
def catalogue(request: HttpRequest, q: str = Query("")) -> QuerySet[Indicator]:
    """What is measured, with every name that a document may use."""
    rows = visible(actor_of(request), Indicator).prefetch_related("names").order_by("code")
    return search(rows, q) if q else rows


@router.get("/targets", response=list[TargetOut], url_name="indicators_targets")
@paginate
def targets(request: HttpRequest, indicator: str = "", region: str = "", light: str = "") -> QuerySet[Target]:
    """Targets in force that the caller may see, with how they stood when last reckoned."""
    rows = visible(actor_of(request), Target).filter(state=Target.State.ACTIVE).select_related("indicator", "region")
    rows = rows.filter(indicator__code=indicator) if indicator else rows
    rows = rows.filter(region__code=region) if region else rows
    return (rows.filter(light=light) if light else rows).order_by("pk")


@router.get("/targets/{int:target_id}", response=StandingOut, url_name="indicators_target")
def target(request: HttpRequest, target_id: int) -> dict[str, Any]:
    """How one target stands today, with its observed points."""
    rows = visible(actor_of(request), Target).select_related("indicator", "region")
    return _standing(standing_of(get_object_or_404(rows, pk=target_id)))


@router.get("/observations", response=list[ObservationOut], url_name="indicators_observations")
@paginate
def observations(request: HttpRequest, indicator: str = "", region: str = "", state: str = "") -> QuerySet[Observation]:
    """Reported figures in the caller's scope, every revision of them."""
    rows = visible(actor_of(request), Observation).select_related("indicator", "region")
    rows = rows.filter(indicator__code=indicator) if indicator else rows
    rows = rows.filter(region__code=region) if region else rows
    return (rows.filter(state=state) if state else rows).order_by("-period_end", "pk")


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "target": standing.target.pk,
        "light": str(standing.light),
        "reason": reason(standing),
        "goal": standing.goal.value if standing.goal else None,
        "baseline": standing.baseline,
        "current": standing.current,
        "progress": standing.share,
        "required": standing.required,
        "forecast": standing.forecast.value if standing.forecast else None,
        "points": list(standing.points),
    }

"""Certifications, the reserve library and gap reports over the API: to read only, in the same scope as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from ninja.pagination import paginate

from kechuang.apps.cultivation.domain.queries.finding import certifications_named, entries_named
from kechuang.apps.cultivation.domain.queries.ladder import Judged, Report, Rung, place_of
from kechuang.apps.cultivation.domain.queries.scope import with_ladder
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import in_force
from kechuang.kit.permissions import actor_of, visible

router = Router(tags=["cultivation"])


class OfOrganisation(Schema):
    """What every record here says of its enterprise."""

    id: int
    organisation: str
    uscc: str
    region: str
    tier: str

    @staticmethod
    def resolve_organisation(row: Any) -> str:
        return row.organisation.name

    @staticmethod
    def resolve_uscc(row: Any) -> str:
        return row.organisation.uscc

    @staticmethod
    def resolve_region(row: Any) -> str:
        return row.organisation.region.code


class CertificationOut(OfOrganisation):
    number: str
    issued_on: date
    valid_until: date | None
    times: int | None
    state: str
    source: str
    source_note: str


class ReserveEntryOut(OfOrganisation):
    entered_on: date
    reason: str
    left_on: date | None
    exit_reason: str
    exit_note: str


class GapOut(Schema):
    """How much of one indicator is short; money in yuan, shares from 0 to 1."""

    has: Any
    needs: Any
    short: float | None


class ConditionOut(Schema):
    """One condition of a rung: met, short, unknown, or unset where no document states the threshold."""

    label: str
    sql: str
    verdict: str
    missing: list[str]
    gaps: dict[str, GapOut]


class RungOut(Schema):
    """A rung with its state (held, expired, next, open); no conditions where no rule in force says what it takes."""

    tier: str
    step: int
    state: str
    rule: str | None
    reached: bool | None
    missing: list[str]
    conditions: list[ConditionOut]


class LadderOut(Schema):
    organisation: str
    uscc: str
    day: date
    rungs: list[RungOut]


@router.get("/certifications", response=list[CertificationOut], url_name="cultivation_certifications")
@paginate
def certifications(
    request: HttpRequest, q: str = "", tier: str = "", region: str = "", valid: bool | None = None
) -> QuerySet[Certification]:
    """Certifications, the newest first: those in force for everyone, others for the officials of their region.

    ``q`` searches name, credit code and certificate number; ``valid`` asks for those that hold today, or do not.
    """
    rows = certifications_named(visible(actor_of(request), Certification), q)
    rows = _narrowed(rows, tier, region)
    if valid is not None:
        rows = rows.filter(in_force()) if valid else rows.exclude(in_force())
    return rows.order_by("-issued_on", "-pk")


@router.get("/reserve", response=list[ReserveEntryOut], url_name="cultivation_reserve")
@paginate
def reserve(
    request: HttpRequest, q: str = "", tier: str = "", region: str = "", now: bool | None = None
) -> QuerySet[ReserveEntry]:
    """Stays in the reserve library, the newest first: for officials those of their region, for an enterprise its own.

    ``now`` asks for those that are in the library now, or for those that have left.
    """
    rows = _narrowed(entries_named(visible(actor_of(request), ReserveEntry), q), tier, region)
    if now is not None:
        rows = rows.filter(left_on__isnull=now)
    return rows.order_by("-entered_on", "-pk")


@router.get("/ladder/{int:organisation_id}", response=LadderOut, url_name="cultivation_ladder")
def ladder(request: HttpRequest, organisation_id: int) -> Mapping[str, Any]:
    """Every rung of an enterprise with its conditions, for its own people and the officials of its region."""
    organisation = get_object_or_404(with_ladder(actor_of(request)), pk=organisation_id)
    place = place_of(organisation)
    return {
        "organisation": organisation.name,
        "uscc": organisation.uscc,
        "day": place.day,
        "rungs": [_rung(rung, rung.report) for rung in place.rungs],
    }


def _narrowed(rows: QuerySet[Any], tier: str, region: str) -> QuerySet[Any]:
    rows = rows.select_related("organisation__region")
    rows = rows.filter(tier=tier) if tier else rows
    return rows.filter(organisation__region__code=region) if region else rows


def _rung(rung: Rung, report: Report | None) -> Mapping[str, Any]:
    return {
        "tier": rung.tier.code,
        "step": rung.tier.step,
        "state": rung.state,
        "rule": report.rule.code if report else None,
        "reached": report.reached if report else None,
        "missing": list(report.missing) if report else [],
        "conditions": [_condition(each) for each in report.judged] if report else [],
    }


def _condition(judged: Judged) -> Mapping[str, Any]:
    explained = judged.explained
    gaps = {code: {"has": gap.has, "needs": gap.needs, "short": gap.short} for code, gap in judged.gaps.items()}
    return {
        "label": judged.label,
        "sql": explained.text,
        "verdict": judged.verdict,
        "missing": list(explained.missing),
        "gaps": gaps,
    }

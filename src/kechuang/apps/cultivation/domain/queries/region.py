"""The ladder of a region: how many stand on each rung, who moved this year, and high-tech enterprises by county."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kechuang.apps.cultivation.domain.queries.scope import enterprises, of_office, sees_all_of
from kechuang.apps.cultivation.ladder import HNTE, tiers
from kechuang.apps.cultivation.models import SOON_DAYS, Certification, ReserveEntry
from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Target
from kechuang.kit.packs import Tier
from kechuang.kit.packs.installed import installed_pack
from kechuang.kit.permissions import Actor, visible

RESERVE = "hnte_reserve_count"
"""The indicator whose targets say how many the reserve library is to hold or to take in."""
GRANTED, REVOKED = Certification.State.GRANTED, Certification.State.REVOKED


@dataclass(frozen=True, slots=True)
class Step:
    """One rung in the region: enterprises that hold it, entries open for it, and the year's movements."""

    tier: Tier
    holders: int
    reserve: int
    first: int
    renewed: int
    lapsed: int
    share: float


@dataclass(frozen=True)
class Funnel:
    """``total``: verified enterprises of the region; ``reserve``: now in the library, for whichever rung. Entries and
    exits of the library are those of ``year``."""

    year: int
    total: int
    steps: tuple[Step, ...]
    reserve: int
    entered: int
    left: int
    recognised: int


@dataclass(frozen=True, slots=True)
class Goal:
    """What a document asks of the reserve library: so many at a time, or so many entries a year (``yearly``).

    ``now`` is the figure to hold against it and ``percent`` the share reached; None where the reader's region is only a
    part of the target's.
    """

    target: Target
    yearly: bool
    now: int | None
    percent: int | None


def held_on(day: date) -> Q:
    """Certifications that held on that day, seen from today."""
    until = Q(valid_until__isnull=True) | Q(valid_until__gte=day)
    return Q(issued_on__lte=day) & until & (Q(state=GRANTED) | Q(revoked_on__gt=day))


def funnel(actor: Actor, day: date) -> Funnel:
    """The ladder of the actor's regions as of ``day``; the same few queries for any number of enterprises."""
    rows = of_office(actor, Certification.objects.all())
    entries = of_office(actor, ReserveEntry.objects.all())
    total = enterprises(actor).count()
    holders = _by_tier(rows.filter(held_on(day)))
    reserve = _by_tier(entries.filter(left_on=None))
    issued = Q(issued_on__year=day.year, issued_on__lte=day) & ~Q(state=REVOKED)
    earlier = Certification.objects.filter(
        organisation=OuterRef("organisation"), tier=OuterRef("tier"), issued_on__lt=OuterRef("issued_on")
    )
    new = rows.filter(issued).annotate(before=Exists(earlier))
    is_first = Q(times=1) | Q(times=None, before=False)
    first, renewed = _by_tier(new.filter(is_first)), _by_tier(new.exclude(is_first))
    holding = Certification.objects.filter(held_on(day), organisation=OuterRef("organisation"), tier=OuterRef("tier"))
    ended = Q(valid_until__year=day.year, valid_until__lt=day) | Q(revoked_on__year=day.year)
    lapsed = _by_tier(rows.filter(ended).annotate(again=Exists(holding)).filter(again=False))
    steps = tuple(
        Step(
            tier,
            holders.get(code, 0),
            reserve.get(code, 0),
            first.get(code, 0),
            renewed.get(code, 0),
            lapsed.get(code, 0),
            holders.get(code, 0) / total if total else 0.0,
        )
        for code, tier in tiers().items()
    )
    moved = entries.aggregate(
        reserve=Count("organisation", filter=Q(left_on=None), distinct=True),
        entered=Count("pk", filter=Q(entered_on__year=day.year)),
        left=Count("pk", filter=Q(left_on__year=day.year)),
        recognised=Count("pk", filter=Q(left_on__year=day.year, exit_reason=ReserveEntry.Exit.RECOGNISED)),
    )
    return Funnel(day.year, total, steps, moved["reserve"], moved["entered"], moved["left"], moved["recognised"])


def reserve_goals(actor: Actor, found: Funnel) -> list[Goal]:
    """The city's targets for the reserve library, the yearly ones first."""
    rows = visible(actor, Target).filter(
        indicator__code=RESERVE, region__code=installed_pack().region, state=Target.State.ACTIVE
    )
    goals = []
    for target in rows.filter(value__gt=0).select_related("region").order_by("-recurrence", "period_end", "pk"):
        yearly = target.recurrence == Target.Recurrence.YEARLY
        whole = sees_all_of(actor, target.region.path)
        now = (found.entered if yearly else found.reserve) if whole else None
        percent = None if now is None or target.value is None else int(100 * now / target.value)
        goals.append(Goal(target, yearly, now, percent))
    return goals


def _by_tier(rows: QuerySet[Any]) -> dict[str, int]:
    counted = rows.order_by().values("tier").annotate(number=Count("organisation", distinct=True))
    return {row["tier"]: row["number"] for row in counted}


@dataclass(slots=True)
class CountyRow:
    """High-tech enterprises of a county (``region`` None: what lies in no county)."""

    region: Region | None
    valid: int = 0
    a_year_ago: int = 0
    new: int = 0
    renewed: int = 0
    expiring: int = 0
    lapsed: int = 0
    reserve: int = 0

    @property
    def change(self) -> int:
        return self.valid - self.a_year_ago

    @property
    def growth(self) -> float | None:
        """Against a year ago, in percent; None where there were none."""
        return 100 * self.change / self.a_year_ago if self.a_year_ago else None


@dataclass(frozen=True)
class Bulletin:
    """Rows by county, most enterprises first, and their sum."""

    day: date
    rows: tuple[CountyRow, ...]
    total: CountyRow = field(repr=False)


FIGURES = ("valid", "a_year_ago", "new", "renewed", "expiring", "lapsed", "reserve")


def hnte_by_county(actor: Actor, day: date) -> Bulletin:
    """Counts of enterprises, not of certificates, in the actor's regions as of ``day``; the rows add up to the sum."""
    before = _year_before(day)
    rows = of_office(actor, Certification.objects.filter(tier=HNTE))
    holding = Certification.objects.filter(held_on(day), organisation=OuterRef("organisation"), tier=HNTE)
    renewed_later = Certification.objects.filter(
        held_on(day), organisation=OuterRef("organisation"), tier=HNTE, valid_until__gt=day + timedelta(days=SOON_DAYS)
    )
    rows = rows.annotate(holding=Exists(holding), safe=Exists(renewed_later))
    this_year = Q(issued_on__year=day.year, issued_on__lte=day) & ~Q(state=REVOKED)
    ended = Q(valid_until__year=day.year, valid_until__lt=day) | Q(revoked_on__year=day.year)
    figures = {
        "valid": held_on(day),
        "a_year_ago": held_on(before),
        "new": this_year & Q(times=1),
        "renewed": this_year & ~Q(times=1),
        "expiring": held_on(day) & Q(valid_until__lte=day + timedelta(days=SOON_DAYS), safe=False),
        "lapsed": ended & Q(holding=False),
    }
    counted = (
        rows.order_by()
        .values("organisation__region__path")
        .annotate(
            **{name: Count("organisation", distinct=True, filter=condition) for name, condition in figures.items()}
        )
    )
    reserve = of_office(actor, ReserveEntry.objects.filter(tier=HNTE, left_on=None))
    waiting = reserve.order_by().values("organisation__region__path").annotate(reserve=Count("pk"))
    return _bulletin(actor, day, [*counted, *waiting])


def _bulletin(actor: Actor, day: date, counted: Iterable[dict[str, Any]]) -> Bulletin:
    counties = {region.path: CountyRow(region) for region in _counties(actor)}
    elsewhere, total = CountyRow(None), CountyRow(None)
    for each in counted:
        path = each["organisation__region__path"]
        row = next((row for prefix, row in counties.items() if path.startswith(prefix)), elsewhere)
        for name in FIGURES:
            number = each.get(name, 0)
            setattr(row, name, getattr(row, name) + number)
            setattr(total, name, getattr(total, name) + number)
    rows = sorted(counties.values(), key=lambda row: (-row.valid, row.region.order if row.region else 0))
    if any(getattr(elsewhere, name) for name in FIGURES):
        rows.append(elsewhere)
    return Bulletin(day, tuple(rows), total)


def _counties(actor: Actor) -> list[Region]:
    """The counties of the city that lie in the actor's regions."""
    from kechuang.apps.cultivation.domain.queries.scope import OFFICES
    from kechuang.apps.directory.permissions import within
    from kechuang.apps.directory.roles import Role

    rows = Region.objects.filter(parent__code=installed_pack().region)
    if not actor.is_system and Role.PLATFORM_ADMIN not in actor.roles:
        rows = rows.filter(within("path", actor.regions(*OFFICES)))
    return list(rows.order_by("order"))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return date(day.year - 1, 2, 28)


@dataclass(slots=True)
class Month:
    """What expires in a month."""

    first: date
    rows: list[Certification]


def expiring(actor: Actor, day: date, months: int = 12) -> list[Month]:
    """The certifications of the actor's regions or enterprises that expire within ``months``, by month.

    One that a later one of the same rung follows is left out: nothing is lost with it.
    """
    last = day + timedelta(days=31 * months)
    later = Certification.objects.filter(
        organisation=OuterRef("organisation"), tier=OuterRef("tier"), state=GRANTED,
        valid_until__gt=OuterRef("valid_until"),
    )  # fmt: skip
    rows = of_office(actor, Certification.objects.filter(state=GRANTED, valid_until__gte=day, valid_until__lte=last))
    rows = rows.annotate(followed=Exists(later)).filter(followed=False).select_related("organisation__region")
    found: dict[date, list[Certification]] = defaultdict(list)
    for row in rows.order_by("valid_until", "organisation__name"):
        assert row.valid_until is not None  # noqa: S101 -- filtered above
        found[row.valid_until.replace(day=1)].append(row)
    return [Month(first, listed) for first, listed in found.items()]

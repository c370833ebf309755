"""R&D activity coverage: which industrial enterprises above designated size do research, by county and year.

Above designated size is whoever the statistical register names (the fact ``designated_size`` of the year). An
enterprise has R&D activity where its R&D expense of the year is above zero. The coverage is the number of those with
activity over the number of all; an enterprise whose expense nobody knows counts as one without until it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import REGION_ROLES, Role
from kechuang.apps.indicators.domain.queries.research import Category, closed_totals
from kechuang.apps.indicators.domain.scopes import counties_of
from kechuang.apps.indicators.models import Fact, RdExpense, RdYear
from kechuang.kit.permissions import Actor, visible

DESIGNATED, EXPENSE = "designated_size", "rd_expense"
INDICATOR = "industrial_rd_coverage"
"""The indicator of the catalogue that the figure is of."""
STEP = Decimal("0.01")


class Activity(TextChoices):
    WITH = "rd_with", _("with R&D activity")
    WITHOUT = "rd_without", _("without R&D activity")
    UNKNOWN = "unknown", _("to be supplied")


@dataclass(slots=True)
class CountyRow:
    """Enterprises above designated size of a county (``region`` None: of no county)."""

    region: Region | None
    active: int = 0
    idle: int = 0
    unknown: int = 0

    @property
    def all(self) -> int:
        return self.active + self.idle + self.unknown

    @property
    def coverage(self) -> Decimal | None:
        """In percent; None where there is no such enterprise."""
        return (Decimal(100 * self.active) / self.all).quantize(STEP) if self.all else None


def enterprises(actor: Actor, year: int) -> QuerySet[Any]:
    """The organisations above designated size of the actor's regions, each with its ``activity`` in the year.

    Which value of the R&D expense holds is as everywhere: verified by an official, else from a complete research
    account, else as declared or imported.
    """
    stored = Fact.objects.filter(organisation=OuterRef("pk"), year=year, state=Fact.State.IN_FORCE)
    expense = stored.filter(kind__code=EXPENSE)
    account = RdYear.objects.filter(organisation=OuterRef("pk"), year=year, complete=True)
    spent = RdExpense.objects.filter(
        project__organisation=OuterRef("pk"), month__gte=date(year, 1, 1), month__lte=date(year, 12, 31), amount__gt=0
    ).exclude(category=Category.OTHER)  # other expense counts beside another class only
    rows = visible(actor, Organisation).filter(
        Exists(stored.filter(kind__code=DESIGNATED, truth=True)), state=Organisation.State.VERIFIED
    )
    rows = rows.annotate(
        verified=Exists(expense.filter(source=Fact.Source.VERIFIED)),
        declared=Subquery(expense.values("number")[:1], output_field=DecimalField()),
        account=Exists(account),
        spent=Exists(spent),
    )
    by_account = Q(account=True, verified=False)
    activity = Case(
        When(by_account & Q(spent=True), then=Value(Activity.WITH.value)),
        When(by_account, then=Value(Activity.WITHOUT.value)),
        When(declared__gt=0, then=Value(Activity.WITH.value)),
        When(declared__isnull=False, then=Value(Activity.WITHOUT.value)),
        default=Value(Activity.UNKNOWN.value),
        output_field=CharField(),
    )
    return rows.annotate(activity=activity)


def expenses(rows: Sequence[Any], year: int) -> dict[int, Decimal]:
    """The R&D expense of such enterprises, as far as it is known: two queries."""
    totals = closed_totals([row.pk for row in rows if row.account and not row.verified], year)
    found = {row.pk: row.declared for row in rows if row.declared is not None}
    return found | {key: total.expense for key, total in totals.items()}


def by_county(actor: Actor, city: Region, year: int) -> tuple[list[CountyRow], CountyRow]:
    """The counties of the city that lie in the actor's regions, and their sum. The rows add up to it."""
    counties = {region.path: CountyRow(region) for region in counties_in(actor, city)}
    elsewhere, total = CountyRow(None), CountyRow(None)
    counted = (
        enterprises(actor, year).order_by().values("region__path", "activity").annotate(number=Count("pk")).iterator()
    )
    names = {Activity.WITH: "active", Activity.WITHOUT: "idle", Activity.UNKNOWN: "unknown"}
    for each in counted:
        row = next((row for path, row in counties.items() if each["region__path"].startswith(path)), elsewhere)
        name = names[Activity(each["activity"])]
        for place in (row, total):
            setattr(place, name, getattr(place, name) + each["number"])
    rows = list(counties.values())
    return [*rows, elsewhere] if elsewhere.all else rows, total


def counties_in(actor: Actor, city: Region) -> list[Region]:
    """The counties and zones of the city that lie in the actor's regions."""
    rows = counties_of(city)
    if not actor.is_system and Role.PLATFORM_ADMIN not in actor.roles:
        rows = rows.filter(within("path", actor.regions(*REGION_ROLES)))
    return list(rows.order_by("order", "pk"))

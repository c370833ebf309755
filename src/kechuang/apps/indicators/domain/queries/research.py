"""Totals of research accounts by class of expense, and the two limits of the super-deduction rules.

Sources: 财税〔2015〕119号, 国家税务总局公告2017年第40号, 财税〔2018〕64号. Other expense counts up to a tenth of
what may be deducted in all, commissioned research with 80 %, abroad up to two thirds of the domestic expense that
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum
from django.db.models.functions import ExtractYear

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.models import RdExpense, RdYear

Category = RdExpense.Category
OWN = (Category.STAFF, Category.DIRECT, Category.DEPRECIATION, Category.AMORTISATION, Category.DESIGN)
COMMISSIONED_SHARE = Decimal("0.8")
CENT = Decimal("0.01")
STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Totals:
    """A year of an account, yuan. ``by_category`` as booked; the rest as the rules count it."""

    by_category: Mapping[str, Decimal]

    def of(self, *categories: str) -> Decimal:
        return sum((self.by_category.get(category, Decimal(0)) for category in categories), Decimal(0))

    @property
    def booked(self) -> Decimal:
        """Everything as it was spent."""
        return self.of(*Category.values)

    @property
    def other_limit(self) -> Decimal:
        """A tenth of the total is a ninth of the rest."""
        return (self.of(*OWN) / 9).quantize(CENT, ROUND_HALF_UP)

    @property
    def other_counted(self) -> Decimal:
        return min(self.of(Category.OTHER), self.other_limit)

    @property
    def commissioned_counted(self) -> Decimal:
        return (self.of(Category.COMMISSIONED) * COMMISSIONED_SHARE).quantize(CENT, ROUND_HALF_UP)

    @property
    def domestic_counted(self) -> Decimal:
        return self.of(*OWN) + self.other_counted + self.commissioned_counted

    @property
    def abroad_counted(self) -> Decimal:
        """80 % of the amount, at most two thirds of the domestic expense that counts."""
        limit = (self.domestic_counted * 2 / 3).quantize(CENT, ROUND_HALF_UP)
        return min((self.of(Category.ABROAD) * COMMISSIONED_SHARE).quantize(CENT, ROUND_HALF_UP), limit)

    @property
    def deductible(self) -> Decimal:
        """The base of the super deduction."""
        return self.domestic_counted + self.abroad_counted

    @property
    def expense(self) -> Decimal:
        """The research expense of the year as 工作指引 counts it: commissioned with 80 %, other up to a fifth of it."""
        commissioned = (self.of(Category.COMMISSIONED, Category.ABROAD) * COMMISSIONED_SHARE).quantize(CENT)
        own = self.of(*OWN)
        other = min(self.of(Category.OTHER), ((own + commissioned) / 4).quantize(CENT, ROUND_HALF_UP))
        return own + commissioned + other

    @property
    def domestic_share(self) -> Decimal | None:
        """What was spent in China, 0..1; None where nothing was spent."""
        if not self.expense:
            return None
        abroad = (self.of(Category.ABROAD) * COMMISSIONED_SHARE).quantize(CENT)
        return (1 - abroad / self.expense).quantize(STEP)


def totals_of(organisation: Organisation, year: int) -> Totals:
    """One account's year."""
    rows = RdExpense.objects.filter(
        project__organisation=organisation, month__gte=date(year, 1, 1), month__lte=date(year, 12, 31)
    )
    return Totals({row["category"]: row["total"] for row in rows.values("category").annotate(total=Sum("amount"))})


def closed_totals(organisations: Sequence[int], year: int) -> dict[int, Totals]:
    """The totals of those accounts whose year is declared complete, in two queries."""
    complete = set(
        RdYear.objects.filter(organisation__in=organisations, year=year, complete=True).values_list(
            "organisation_id", flat=True
        )
    )
    if not complete:
        return {}
    rows = (
        RdExpense.objects.filter(
            project__organisation__in=complete, month__gte=date(year, 1, 1), month__lte=date(year, 12, 31)
        )
        .values("project__organisation", "category")
        .annotate(total=Sum("amount"))
    )
    found: dict[int, dict[str, Decimal]] = {}
    for row in rows:
        found.setdefault(row["project__organisation"], {})[row["category"]] = row["total"]
    return {key: Totals(by_category) for key, by_category in found.items()}


def years_of(organisation: Organisation) -> list[int]:
    """The years in which there are expenses, the latest first."""
    rows = RdExpense.objects.filter(project__organisation=organisation).annotate(year=ExtractYear("month"))
    return sorted(set(rows.values_list("year", flat=True)), reverse=True)

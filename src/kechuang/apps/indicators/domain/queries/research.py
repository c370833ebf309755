"""Totals of research accounts by class of expense, and the two limits of the super-deduction rules.

Sources: 财税〔2015〕119号, 国家税务总局公告2017年第40号, 财税〔2018〕64号, 国家税务总局公告2021年第28号. Other expense
counts up to a tenth of what may be deducted in all, over all projects of the year; commissioned research with 80 %,
abroad up to two thirds of the domestic expense that counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import DecimalField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, ExtractYear

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.models import RdExpense, RdProject, RdYear

Category = RdExpense.Category
OWN = (Category.STAFF, Category.DIRECT, Category.DEPRECIATION, Category.AMORTISATION, Category.DESIGN)
COMMISSIONED_SHARE = Decimal("0.8")
FULL_RATE, LISTED_RATE = Decimal(1), Decimal("1.2")
FIRST_FULL_YEAR, LAST_LISTED_YEAR = 2023, 2027
HNTE_TAX, PLAIN_TAX = Decimal("0.15"), Decimal("0.25")
EXCLUDED_INDUSTRIES = ("C16", "F", "H", "K", "L", "R90")
"""Tobacco, wholesale and retail, accommodation and catering, real estate, leasing and business services,
entertainment."""
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
    def own(self) -> Decimal:
        """The first five classes."""
        return self.of(*OWN)

    @property
    def other_limit(self) -> Decimal:
        """A tenth of the total is a ninth of the rest."""
        return _cents(self.own / 9)

    @property
    def other_counted(self) -> Decimal:
        return min(self.of(Category.OTHER), self.other_limit)

    @property
    def commissioned_counted(self) -> Decimal:
        return _cents(self.of(Category.COMMISSIONED) * COMMISSIONED_SHARE)

    @property
    def domestic_counted(self) -> Decimal:
        return self.own + self.other_counted + self.commissioned_counted

    @property
    def abroad_share(self) -> Decimal:
        """What was commissioned abroad, with 80 %."""
        return _cents(self.of(Category.ABROAD) * COMMISSIONED_SHARE)

    @property
    def abroad_limit(self) -> Decimal:
        """Two thirds of the domestic expense that counts."""
        return _cents(self.domestic_counted * 2 / 3)

    @property
    def abroad_counted(self) -> Decimal:
        return min(self.abroad_share, self.abroad_limit)

    @property
    def deductible(self) -> Decimal:
        """The base of the super deduction."""
        return self.domestic_counted + self.abroad_counted

    @property
    def expense_other_limit(self) -> Decimal:
        """Of the research expense of the year other expense may be a fifth: a quarter of the rest."""
        return _cents((self.own + self.commissioned_counted + self.abroad_share) / 4)

    @property
    def expense(self) -> Decimal:
        """The research expense of the year as 工作指引 counts it: commissioned with 80 %, other up to a fifth of it."""
        other = min(self.of(Category.OTHER), self.expense_other_limit)
        return self.own + self.commissioned_counted + self.abroad_share + other

    @property
    def domestic_share(self) -> Decimal | None:
        """What was spent in China, 0..1; None where nothing was spent."""
        if not self.expense:
            return None
        return (1 - self.abroad_share / self.expense).quantize(STEP)


@dataclass(frozen=True, slots=True)
class Deduction:
    """What the super deduction of a year is worth, estimated.

    ``rate`` is the part of the base that is deducted once more; None where no rate of the rules in force holds for
    the year or the industry (``why`` says which of them: ``year`` or ``industry``). ``tax_rates`` are the rates of
    income tax that may apply: one where it is known whether a high-tech certificate is valid, else both.
    """

    base: Decimal
    rate: Decimal | None
    tax_rates: tuple[Decimal, ...]
    why: str = ""

    @property
    def amount(self) -> Decimal | None:
        """Yuan deducted once more from taxable income; None where no rate holds."""
        return None if self.rate is None else _cents(self.base * self.rate)

    @property
    def saved(self) -> tuple[tuple[Decimal, Decimal], ...]:
        """(rate of income tax, yuan of tax less) for each rate that may apply; empty where no rate holds."""
        amount = self.amount
        return () if amount is None else tuple((rate, _cents(amount * rate)) for rate in self.tax_rates)


def deduction_of(totals: Totals, year: int, facts: Mapping[str, object]) -> Deduction:
    """The deduction of a year from the account's totals and what is known of the enterprise (values by code).

    财政部 税务总局公告2023年第7号: 100 % from 2023 on, not for some industries; 公告2023年第44号: 120 % for integrated
    circuits and machine tools on the year's list, 2023 to 2027. 企业所得税法 第四条、第二十八条: 25 %, 15 % for a valid
    high-tech certificate.
    """
    certified = facts.get("hnte_valid")
    tax_rates = (HNTE_TAX,) if certified is True else (PLAIN_TAX,) if certified is False else (HNTE_TAX, PLAIN_TAX)
    if year < FIRST_FULL_YEAR:
        return Deduction(totals.deductible, None, tax_rates, why="year")
    if str(facts.get("industry") or "").startswith(EXCLUDED_INDUSTRIES):
        return Deduction(totals.deductible, None, tax_rates, why="industry")
    listed = facts.get("on_ic_machine_tool_list") is True and year <= LAST_LISTED_YEAR
    return Deduction(totals.deductible, LISTED_RATE if listed else FULL_RATE, tax_rates)


def projects_of(organisation: Organisation, year: int) -> QuerySet[RdProject]:
    """The projects of an account, each with ``spent``, what is booked on it in the year."""
    in_year = Q(expenses__month__gte=date(year, 1, 1), expenses__month__lte=date(year, 12, 31))
    spent = Coalesce(Sum("expenses__amount", filter=in_year), Decimal(0), output_field=DecimalField())
    return RdProject.objects.filter(organisation=organisation).annotate(spent=spent).order_by("code")


def expenses_of(projects: Sequence[RdProject], year: int) -> dict[tuple[int, int], dict[str, Decimal]]:
    """(project, month 1–12) → class → yuan, for the months with expenses; one query."""
    rows = RdExpense.objects.filter(
        project__in=projects, month__gte=date(year, 1, 1), month__lte=date(year, 12, 31)
    ).values_list("project_id", "month", "category", "amount")
    found: dict[tuple[int, int], dict[str, Decimal]] = {}
    for project, month, category, amount in rows:
        found.setdefault((project, month.month), {})[category] = amount
    return found


def is_closed(organisation: Organisation, year: int) -> bool:
    """The enterprise has declared the account of this year complete."""
    return RdYear.objects.filter(organisation=organisation, year=year, complete=True).exists()


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


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

"""What the directory and the research accounts tell of organisations, so that nobody is asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.research import Category, closed_totals
from kechuang.kit.facts import ProvidedFacts, fact_provider

COST_CODES = {
    "rd_cost_staff": Category.STAFF,
    "rd_cost_input": Category.DIRECT,
    "rd_cost_depreciation": Category.DEPRECIATION,
    "rd_cost_amortisation": Category.AMORTISATION,
    "rd_cost_design": Category.DESIGN,
    "rd_cost_other": Category.OTHER,
    "rd_cost_commissioned": Category.COMMISSIONED,
    "rd_cost_commissioned_abroad": Category.ABROAD,
}
"""The facts that are a class of the account, as booked."""


@fact_provider(
    codes=("region", "industry", "registered_on"), label=_("the directory"), correct="directory:my_organisation"
)
def directory_facts(organisations: Sequence[int], year: int) -> ProvidedFacts:
    """Where an organisation is, what it does and since when, as its county verified it."""
    rows = Organisation.objects.filter(pk__in=organisations).values_list("pk", "region__code", "industry", "founded_on")
    found: dict[str, dict[int, object]] = {"region": {}, "industry": {}, "registered_on": {}}
    for key, region, industry, founded in rows.iterator(chunk_size=10_000):
        found["region"][key] = region
        found["industry"][key] = industry
        found["registered_on"][key] = founded
    return found  # type: ignore[return-value]


@fact_provider(
    codes=("rd_expense", "rd_expense_domestic_share", *COST_CODES),
    label=_("the research account"),
    correct="indicators:rd_account",
    yearly=True,
)
def research_account_facts(organisations: Sequence[int], year: int) -> ProvidedFacts:
    """The totals of the accounts whose year is complete; an account still being kept tells nothing."""
    totals = closed_totals(organisations, year)
    costs = {code: {key: total.of(category) for key, total in totals.items()} for code, category in COST_CODES.items()}
    return {
        **costs,
        "rd_expense": {key: total.expense for key, total in totals.items()},
        "rd_expense_domestic_share": {
            key: total.domestic_share for key, total in totals.items() if total.domestic_share is not None
        },
    }

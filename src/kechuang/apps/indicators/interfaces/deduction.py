"""How the figures of a research account come about: one line for each step, with the clause that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kechuang.apps.indicators.domain.queries.research import OWN, Category, Deduction, Totals
from kechuang.kit.numbers import number_text


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: what, how it is reckoned with the figures put in, yuan, and the clause."""

    label: str
    reckoning: str
    amount: Decimal
    clause: str
    result: bool = False


def base_steps(totals: Totals) -> list[Step]:
    """From the classes as booked to the base of the super deduction."""
    own, other, abroad = totals.own, totals.of(Category.OTHER), totals.of(Category.ABROAD)
    parts = " + ".join(_n(totals.of(kind)) for kind in OWN)
    domestic = (own, totals.other_counted, totals.commissioned_counted)
    return [
        Step(_("The first five classes"), parts, own, _("Caishui [2015] 119, article 1 (1), items 1 to 5")),
        Step(
            _("Limit of other related expense"),
            f"{_n(own)} × 10% ÷ (1 − 10%)",
            totals.other_limit,
            _("State Taxation Administration, notice 28 of 2021, item 3"),
        ),
        Step(
            _("Other related expense that counts"),
            _("the lesser of %(one)s and %(two)s") % {"one": _n(other), "two": _n(totals.other_limit)},
            totals.other_counted,
            _("Caishui [2015] 119, article 1 (1), item 6"),
        ),
        Step(
            _("Commissioned in China, that counts"),
            f"{_n(totals.of(Category.COMMISSIONED))} × 80%",
            totals.commissioned_counted,
            _("Caishui [2015] 119, article 2, item 1"),
        ),
        Step(
            _("Domestic expense that counts"),
            " + ".join(_n(part) for part in domestic),
            totals.domestic_counted,
            _("Caishui [2018] 64, article 1"),
        ),
        Step(
            _("Limit of what is commissioned abroad"),
            f"{_n(totals.domestic_counted)} × 2 ÷ 3",
            totals.abroad_limit,
            _("Caishui [2018] 64, article 1"),
        ),
        Step(
            _("Commissioned abroad, that counts"),
            _("the lesser of %(one)s and %(two)s") % {"one": f"{_n(abroad)} × 80%", "two": _n(totals.abroad_limit)},
            totals.abroad_counted,
            _("Caishui [2018] 64, article 1"),
        ),
        Step(
            _("Base of the super deduction"),
            f"{_n(totals.domestic_counted)} + {_n(totals.abroad_counted)}",
            totals.deductible,
            _("Caishui [2015] 119, article 1"),
            result=True,
        ),
    ]


def tax_steps(deduction: Deduction) -> list[Step]:
    """From the base to the tax that is saved, as an estimate; none where no rate holds."""
    if deduction.rate is None or deduction.amount is None:
        return []
    listed = deduction.rate != 1
    steps = [
        Step(
            _("Deducted once more"),
            f"{_n(deduction.base)} × {percent(deduction.rate)}",
            deduction.amount,
            _("Ministry of Finance and others, notice 44 of 2023")
            if listed
            else _("Ministry of Finance and State Taxation Administration, notice 7 of 2023"),
        )
    ]
    for rate, saved in deduction.saved:
        reduced = rate < Decimal("0.25")
        steps.append(
            Step(
                _("Income tax saved with a valid high-tech certificate, estimated")
                if reduced
                else _("Income tax saved, estimated"),
                f"{_n(deduction.amount)} × {percent(rate)}",
                saved,
                _("Enterprise Income Tax Law, article 28") if reduced else _("Enterprise Income Tax Law, article 4"),
                result=True,
            )
        )
    return steps


def expense_steps(totals: Totals) -> list[Step]:
    """From the classes as booked to the research expense that certificates and benefits ask for."""
    guide = _("Guidelines of the high-tech certification, Guokefahuo [2016] 195")
    commissioned = totals.commissioned_counted + totals.abroad_share
    other = min(totals.of(Category.OTHER), totals.expense_other_limit)
    booked = totals.of(Category.COMMISSIONED, Category.ABROAD)
    words = {"one": _n(totals.of(Category.OTHER)), "two": f"({_n(totals.own)} + {_n(commissioned)}) × 20% ÷ (1 − 20%)"}
    return [
        Step(_("All that is commissioned"), f"{_n(booked)} × 80%", commissioned, guide),
        Step(
            _("Other expense, up to a fifth of the total"),
            _("the lesser of %(one)s and %(two)s") % words,
            other,
            guide,
        ),
        Step(
            _("R&D expense of the year"),
            f"{_n(totals.own)} + {_n(commissioned)} + {_n(other)}",
            totals.expense,
            guide,
            result=True,
        ),
    ]


def class_rows(totals: Totals) -> list[tuple[str, Decimal, Decimal]]:
    """(class, as booked, what of it counts towards the base)."""
    counted = {
        Category.OTHER: totals.other_counted,
        Category.COMMISSIONED: totals.commissioned_counted,
        Category.ABROAD: totals.abroad_counted,
    }
    return [(capfirst(str(kind.label)), totals.of(kind), counted.get(kind, totals.of(kind))) for kind in Category]


def sheet_rows(totals: Totals, deduction: Deduction) -> tuple[list[str], list[list[Any]]]:
    """The calculation as a workbook: classes as booked, then every step."""
    heads = [_("Item"), _("Reckoned as"), _("Yuan"), _("Clause")]
    rows: list[list[Any]] = [[label, "", booked, ""] for label, booked, _counted in class_rows(totals)]
    steps: Sequence[Step] = [*base_steps(totals), *tax_steps(deduction), *expense_steps(totals)]
    rows += [[step.label, step.reckoning, step.amount, step.clause] for step in steps]
    return heads, rows


def percent(share: Decimal) -> str:
    return f"{number_text(share * 100, 2)}%"


def _n(amount: Decimal) -> str:
    return number_text(amount, 2)

"""Sums, payers and periods of rules in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.policy.domain.queries.vocabulary import figure_names
from kechuang.apps.policy.models import AmountIs, Rule, RuleKind, RuleVersion
from kechuang.kit.numbers import money_text, number_text, value_text

PAYERS: Mapping[str, Any] = {
    "city": gettext_lazy("the city"),
    "benefiting_treasury": gettext_lazy("the benefiting treasury"),
    "city_and_county": gettext_lazy("the city and the county"),
    "province": gettext_lazy("the province"),
    "province_and_city": gettext_lazy("the province and the city"),
    "state": gettext_lazy("the state"),
    "bank": gettext_lazy("the bank"),
    "unstated": gettext_lazy("not stated"),
    "none": gettext_lazy("no payment"),
}
PER: Mapping[str, Any] = {
    "once": gettext_lazy("once"),
    "month": gettext_lazy("every month"),
    "year": gettext_lazy("every year"),
    "project": gettext_lazy("for each project"),
}
_SIGNS = {AmountIs.CEILING: gettext_lazy("at most {amount}"), AmountIs.FLOOR: gettext_lazy("at least {amount}")}


def per_text(per: str) -> str:
    """How often, in words; empty where the document does not say."""
    return str(PER.get(per, ""))


def formula_text(unit: str, value: Any) -> str:
    """The value of a derived figure with its unit: shares as percent, money in 万元."""
    number = Decimal(str(round(float(value), 6)))
    if unit in ("比例", "%"):
        return f"{number_text(number * 100, 2)}%"
    if unit == "元":
        return money_text(number.quantize(Decimal("0.01")).normalize())
    return value_text(number_text(number, 2).replace(",", ""), unit)


def amount_text(rule: Rule, amount: Decimal | None, definition: Mapping[str, Any]) -> str:
    """The sum of a rule: what was reckoned where it is known, else what the definition states; empty without one."""
    if amount is not None:
        figure = money_text(amount.normalize() if amount else Decimal(0))
        if rule.amount_is == AmountIs.RANGE and rule.amount_from is not None:
            return f"{money_text(rule.amount_from)}–{figure}"
        return _signed(rule, figure)
    return stated_text(rule, definition)


def _signed(rule: Rule, figure: str) -> str:
    sign = _SIGNS.get(AmountIs(rule.amount_is))
    return str(sign).format(amount=figure) if sign else figure


def stated_text(rule: Rule, definition: Mapping[str, Any]) -> str:
    """What the definition says of the sum without knowing anybody's figures; empty where it cannot be said shortly."""
    content = definition.get("amount")
    number = _number(content)
    if number is not None:
        if rule.amount_is == AmountIs.RANGE and rule.amount_from is not None:
            return f"{money_text(rule.amount_from)}–{money_text(number)}"
        return _signed(rule, money_text(number))
    if isinstance(content, dict):
        cap = _number(content.get("cap"))
        rate = _number(content.get("rate"))
        parts = [_rate(rate, content.get("of"))] if rate is not None else []
        sums = [found for tier in content.get("tiers") or () if (found := _number(tier.get("amount"))) is not None]
        if sums:
            parts = [f"{money_text(min(sums))}–{money_text(max(sums))}" if len(set(sums)) > 1 else money_text(sums[0])]
        if cap is None:
            return "".join(parts)
        highest = money_text(cap)
        if parts:
            return _("{share}, at most {amount}").format(share=parts[0], amount=highest)
        return _("at most {amount}").format(amount=highest)
    return ""


def _rate(rate: Decimal, base: Any) -> str:
    share = f"{number_text(rate * 100, 2)}%"
    name = figure_names().get(str(base))
    return _("{rate} of {base}").format(rate=share, base=name) if name else share


def sum_text(rule: Rule, definition: Mapping[str, Any]) -> str:
    """What the definition says of the sum, also where it names none or it has to be reckoned."""
    if stated := stated_text(rule, definition):
        return stated
    if "amount" in definition:
        return _("reckoned from the figures")
    return _("no sum stated") if rule.kind in (RuleKind.BENEFIT, RuleKind.TAX) else _("no payment")


def _number(content: Any) -> Decimal | None:
    if isinstance(content, bool) or content is None or isinstance(content, dict):
        return None
    try:
        return Decimal(str(content))
    except ArithmeticError:
        return None


def condition_rows(version: RuleVersion) -> list[tuple[str, str]]:
    """Each condition in words with its expression."""
    entries = version.definition.get("when") or []
    listed = entries if isinstance(entries, list) else [entries]
    rows = []
    for number, entry in enumerate(listed):
        sql = str(entry.get("sql") if isinstance(entry, dict) else entry)
        rows.append((version.label_of(number) or sql, sql))
    for name, codes in (version.definition.get("scope") or {}).items():
        listed = codes if isinstance(codes, list) else [codes]
        rows.append((_("within {codes}").format(codes="、".join(map(str, listed))), f"within({name}, …)"))
    return rows


def rule_facts(rule: Rule, version: RuleVersion | None) -> list[tuple[str, str]]:
    """What a rule says beside its conditions, as label and value."""
    definition = version.definition if version else {}
    limits = definition.get("limits") or {}
    rows = [
        (_("For"), str(rule.get_subject_display())),
        (_("Form"), str(rule.get_form_display()) if rule.form else ""),
        (_("Paid by"), str(PAYERS.get(rule.payer, rule.payer)) if rule.payer not in ("none", "") else ""),
        (_("How often"), per_text(rule.per)),
        (_("In force"), _validity(version)),
        (_("Once only"), _("yes") if limits.get("once") else ""),
        (_("At most a year"), money_text(limits["per_year"]) if limits.get("per_year") is not None else ""),
        (_("At most in all"), money_text(limits["total"]) if limits.get("total") is not None else ""),
        (_("Highest, not both"), str(definition.get("group") or "")),
        (_("Application"), _("not needed") if rule.without_application else _("needed")),
    ]
    return [(label, text) for label, text in rows if text]


def _validity(version: RuleVersion | None) -> str:
    if version is None or (version.valid_from is None and version.valid_to is None):
        return _("the text states no period")
    days = [f"{day:%Y-%m-%d}" if day else "" for day in (version.valid_from, version.valid_to)]
    return _("from {day}").format(day=days[0]) if not days[1] else " – ".join(days)

# ruff: noqa: E501
"""Thirty rules in the style of city policy, said once: as our rule file and as functions on numpy arrays.

Imports nothing but the standard library and numpy, for both sides of the comparison read it.
"""

from __future__ import annotations

from typing import Any

NUMBERS = (
    "revenue", "revenue_y1", "revenue_y2", "rd_expense", "rd_expense_y1", "rd_expense_y2", "hitech_revenue",
    "total_assets", "net_assets", "staff_count", "rd_staff_count", "ip_class1", "ip_class2", "hnte_times",
    "loan_interest", "contract_sum",
)  # fmt: skip
FLAGS = ("hnte_valid", "tech_sme_valid", "abnormal_listing", "major_offence", "designated_size", "field_national")
DAYS = ("registered_on",)
CODES = ("region", "industry")
INDICATORS = (*NUMBERS, *FLAGS, *DAYS, *CODES)

DERIVED: dict[str, tuple[Any, ...]] = {
    "rd_intensity": ("/", "rd_expense", "revenue"),
    "growth": ("/", "revenue", "revenue_y1"),
    "hitech_share": ("/", "hitech_revenue", "revenue"),
    "rd_staff_share": ("/", "rd_staff_count", "staff_count"),
    "rd_three_years": ("+", "rd_expense", "rd_expense_y1", "rd_expense_y2"),
}

CLEAN = [("not", "abnormal_listing"), ("not", "major_offence")]
CITY = ("under", "region", 411300)


def _rules() -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [
        {"id": "hnte-first", "when": [("is", "hnte_valid"), ("=", "hnte_times", 1), CITY], "amount": ("fixed", 100000), "group": "hnte"},
        {"id": "hnte-again", "when": [("is", "hnte_valid"), (">", "hnte_times", 1), CITY], "amount": ("fixed", 50000), "group": "hnte"},
        {"id": "hnte-moved", "when": [("is", "hnte_valid"), ("under", "region", 411302)], "amount": ("fixed", 200000), "group": "hnte"},
        {"id": "tech-sme", "when": [("is", "tech_sme_valid"), (">=", "rd_intensity", 0.02), *CLEAN], "amount": ("fixed", 5000)},
        {"id": "hnte-conditions", "when": [("or", ("all", ("<=", "revenue", 5e7), (">=", "rd_intensity", 0.05)),
            ("all", (">", "revenue", 5e7), ("<=", "revenue", 2e8), (">=", "rd_intensity", 0.04)),
            ("all", (">", "revenue", 2e8), (">=", "rd_intensity", 0.03))),
            (">=", "hitech_share", 0.6), (">=", "rd_staff_share", 0.1), ("is", "field_national"), *CLEAN], "amount": None},
    ]  # fmt: skip
    for number, (low, share) in enumerate([(1e6, 0.1), (5e6, 0.08), (1e7, 0.06), (5e7, 0.05), (1e8, 0.03)], 1):
        rules.append({"id": f"rd-subsidy-{number}", "when": [(">=", "rd_expense", low), (">=", "rd_intensity", 0.03), CITY, *CLEAN],
                      "amount": ("rate", "rd_expense", share, 1e6), "group": "rd"})  # fmt: skip
    for number, (growth, staff) in enumerate([(1.1, 20), (1.2, 50), (1.3, 100), (1.5, 200), (2.0, 300)], 1):
        rules.append({"id": f"gazelle-{number}", "when": [(">=", "growth", growth), (">=", "staff_count", staff), ("older", "registered_on", 3),
                      ("is", "hnte_valid"), ("not", "abnormal_listing")], "amount": ("fixed", 100000 * number), "group": "gazelle"})  # fmt: skip
    for number, code in enumerate(["C39", "C38", "C27", "C36", "I65"], 1):
        rules.append({"id": f"sector-{number}", "when": [("under", "industry", code), (">", "contract_sum", 1e5), ("or", ("is", "hnte_valid"), ("is", "tech_sme_valid")), CITY],
                      "amount": ("tiers", "contract_sum", [(1e7, 300000), (1e6, 100000)], 20000)})  # fmt: skip
    for number, rate in enumerate([0.3, 0.4, 0.5, 0.2, 0.1], 1):
        rules.append({"id": f"loan-{number}", "when": [(">", "loan_interest", 10000.0 * number), (">=", "net_assets", 1e6), ("<", "total_assets", 2e9), ("is", "tech_sme_valid"), *CLEAN],
                      "amount": ("rate", "loan_interest", rate, 200000), "group": "loan"})  # fmt: skip
    for number, size in enumerate([3e6, 1e7, 3e7, 1e8, 3e8], 1):
        rules.append({"id": f"ladder-{number}", "when": [("or", (">=", "ip_class1", 1), (">=", "ip_class2", 3)), (">=", "rd_three_years", size), (">=", "revenue_y2", size), ("is", "designated_size"), CITY],
                      "amount": ("tiers", "revenue", [(2e9, 500000), (4e8, 200000), (1e8, 100000)], 30000), "group": "ladder"})  # fmt: skip
    return rules


RULES = _rules()


def rule_file() -> dict[str, Any]:
    """As ``kechuang evaluate`` reads it."""
    indicators = {name: f" {form[0]} ".join(form[1:]) for name, form in DERIVED.items()}
    entries = []
    for rule in RULES:
        entry = {"id": rule["id"], "when": [_sql(criterion) for criterion in rule["when"]]}
        if rule["amount"] is not None:
            entry["amount"] = _amount(rule["amount"])
        if rule.get("group"):
            entry["group"] = rule["group"]
        entries.append(entry)
    return {"indicators": indicators, "rules": entries}


def _sql(criterion: tuple[Any, ...]) -> str:
    match criterion:
        case ("is", name):
            return str(name)
        case ("not", name):
            return f"NOT {name}"
        case ("under", name, code):
            return f"within({name}, '{code}')"
        case ("older", name, years):
            return f"years_between({name}, CURRENT_DATE) >= {years}"
        case ("or", *parts):
            return " OR ".join(f"({_sql(part)})" for part in parts)
        case ("all", *parts):
            return " AND ".join(f"({_sql(part)})" for part in parts)
    operator, name, value = criterion
    return f"{name} {operator} {value!r}"


def _amount(amount: tuple[Any, ...]) -> Any:
    match amount:
        case ("fixed", value):
            return value
        case ("rate", of, rate, cap):
            return {"rate": rate, "of": of, "cap": cap}
    _, of, tiers, otherwise = amount
    return {"tiers": [{"when": f"{of} >= {low!r}", "amount": value} for low, value in tiers], "otherwise": otherwise}

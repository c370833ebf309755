"""Amounts as authors think of them (fixed, rate with a cap, tiers) turned into one SQL expression in yuan.

Where a fact is unknown, such an amount is unknown: LEAST and CASE alone would fall back on the cap or the last tier.
"""

from __future__ import annotations

from collections.abc import Mapping

from kechuang.engines.rules.expression import RuleError

_FORMS = "a number, a SQL expression, {rate, of, cap}, or {tiers: [{when, amount}], otherwise, cap}"


def amount_text(content: object, place: str) -> str:
    """The SQL expression of an amount in any of its forms. Raises :class:`RuleError` naming the place."""
    if isinstance(content, bool):
        raise RuleError("yes or no is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")
    if isinstance(content, int | float | str):
        return str(content)
    if isinstance(content, Mapping):
        text = _rate(content, place) if "rate" in content else _tiers(content, place)
        for key, function in (("cap", "LEAST"), ("floor", "GREATEST")):
            if content.get(key) is not None:
                # The guard keeps an unknown amount unknown; LEAST alone would answer with the cap.
                text = f"CASE WHEN ({text}) IS NULL THEN NULL ELSE {function}({text}, {content[key]}) END"
        return text
    raise RuleError("this is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")


def _rate(content: Mapping[str, object], place: str) -> str:
    extra = set(content) - {"rate", "of", "cap", "floor"}
    if extra or not content.get("of"):
        raise RuleError(
            "a rate is taken of something", place=f"{place}, amount", mend="Write {rate: 0.1, of: rd_expense}"
        )
    return f"({content['of']}) * {content['rate']}"


def _tiers(content: Mapping[str, object], place: str) -> str:
    tiers = content.get("tiers")
    extra = set(content) - {"tiers", "otherwise", "cap", "floor"}
    if extra or not isinstance(tiers, list) or not tiers:
        raise RuleError("this is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")
    parts = []
    for number, tier in enumerate(tiers, 1):
        if not isinstance(tier, Mapping) or set(tier) != {"when", "amount"}:
            raise RuleError("a tier has “when” and “amount”", place=f"{place}, amount, tier {number}", code="form")
        amount = amount_text(tier["amount"], place)
        parts.append(f"WHEN ({tier['when']}) IS NULL THEN NULL WHEN {tier['when']} THEN {amount}")
    otherwise = content.get("otherwise")
    last = amount_text(otherwise, place) if otherwise is not None else "NULL"
    return f"CASE {' '.join(parts)} ELSE {last} END"

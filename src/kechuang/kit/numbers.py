"""How numbers read: thousands separators, 万元 and 亿元, no superfluous zeros."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

WAN = 10_000
MILLION = 1_000_000
YI = 100_000_000


def number_text(number: Any, places: int | None = None) -> str:
    """With thousands separators; ``places`` decimals at most, trailing zeros dropped."""
    value = Decimal(str(number))
    if places is not None:
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(yuan: Any) -> str:
    """Yuan as a person says it: 3,500元, 10万元, 1.25亿元; in English 1.25 million yuan."""
    amount = Decimal(str(yuan))
    if not (get_language() or "zh").startswith("zh"):
        if abs(amount) >= MILLION:
            return f"{number_text(amount / MILLION, 4)} million yuan"
    elif abs(amount) >= YI:
        return f"{number_text(amount / YI, 4)}亿元"
    elif abs(amount) >= WAN:
        return f"{number_text(amount / WAN, 4)}万元"
    return _("%(amount)s yuan") % {"amount": number_text(amount)}


def value_text(number: Any, unit: str = "") -> str:
    """A value with its unit; percentages stand close to the number."""
    return f"{number_text(number)}{unit}"

"""What a person types, and what a value says: numbers, money in 万元, shares in percent, yes and no, days, choices."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import FactKind
from kechuang.kit.errors import DomainError
from kechuang.kit.numbers import money_text, number_text, value_text
from kechuang.kit.packs.installed import industry_name

Kind = FactKind.Kind
Scalar = Decimal | str | bool | date
FACTORS = {"元": Decimal(1), "万元": Decimal(10_000), "万": Decimal(10_000), "亿元": Decimal(100_000_000),
           "亿": Decimal(100_000_000)}  # fmt: skip
WAN = Decimal(10_000)
VALUE_COLUMNS = ("number", "text", "truth", "day")
STEP = Decimal("0.000001")
BIGGEST = Decimal(10) ** 15
YES = {"是", "有", "yes", "y", "true", "1", "√", "on"}
NO = {"否", "无", "没有", "no", "n", "false", "0", "×"}


def read_value(kind: FactKind, raw: Any, *, typed: bool = False) -> Scalar | None:
    """``raw`` as this kind keeps it; None where it is empty.

    ``typed``: by a person, who writes money in 万元 and shares in percent unless a unit stands there. Raises
    DomainError (field: the code) with words on what to write instead.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    match kind.kind:
        case Kind.BOOLEAN:
            value: Scalar = _truth(kind, raw)
        case Kind.DATE:
            value = _day(kind, raw)
        case Kind.TEXT | Kind.REGION | Kind.INDUSTRY:
            value = _text(kind, raw)
        case _:
            value = _number(kind, raw, typed)
            _within(kind, value)
    return value


def _number(kind: FactKind, raw: Any, typed: bool) -> Decimal:
    if isinstance(raw, bool):
        raise _unreadable(kind, raw)
    if isinstance(raw, float) and not math.isfinite(raw):
        raise _unreadable(kind, raw)
    if isinstance(raw, (int, float, Decimal)):
        number, unit = Decimal(str(raw)), ""
    else:
        plain = re.sub(r"[\s,，]", "", unicodedata.normalize("NFKC", str(raw)))
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)(\D*)", plain)
        if match is None:
            raise _unreadable(kind, raw)
        number, unit = Decimal(match[1]), match[2]
    number *= _factor(kind, unit, typed, raw)
    if not number.is_finite() or abs(number) >= BIGGEST:
        raise DomainError(_("This number is too large to be right. Look at its unit."), field=kind.code)
    if kind.kind == Kind.COUNT and number != number.to_integral_value():
        raise DomainError(_("Write a whole number."), field=kind.code)
    try:
        return number.quantize(STEP)
    except InvalidOperation:
        raise _unreadable(kind, raw) from None


def _factor(kind: FactKind, unit: str, typed: bool, raw: Any) -> Decimal:
    if kind.kind == Kind.MONEY:
        if unit and unit not in FACTORS:
            raise _foreign(kind, raw, "万元")
        return FACTORS[unit] if unit else WAN if typed else Decimal(1)
    if kind.kind == Kind.RATIO:
        if unit not in ("", "%"):
            raise _foreign(kind, raw, "%")
        return Decimal("0.01") if unit or typed else Decimal(1)
    if unit and unit != kind.unit:
        raise _foreign(kind, raw, kind.unit)
    return Decimal(1)


def _within(kind: FactKind, value: Decimal) -> None:
    low = kind.low if kind.low is not None else None
    high = kind.high
    if low is None and kind.kind in (Kind.COUNT, Kind.RATIO):
        low = Decimal(0)
    if high is None and kind.kind == Kind.RATIO:
        high = Decimal(1)
    if low is not None and value < low:
        message = _("At least %(low)s is expected here. Is the sign or the unit right?")
        raise DomainError(message % {"low": say(kind, low)}, field=kind.code)
    if high is not None and value > high:
        message = _("At most %(high)s is expected here. Is the unit right?")
        raise DomainError(message % {"high": say(kind, high)}, field=kind.code)


def _truth(kind: FactKind, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in YES | {"1.0"}:
        return True
    if word in NO | {"0.0"}:
        return False
    raise DomainError(_("Write yes or no."), field=kind.code)


def _day(kind: FactKind, raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = re.sub(r"[年月/.]", "-", unicodedata.normalize("NFKC", str(raw)).strip()).rstrip("日")
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        raise DomainError(_("Write the day as 2025-12-31."), field=kind.code) from None


def _text(kind: FactKind, raw: Any) -> str:
    text = str(raw).strip()
    if len(text) > 300:
        raise DomainError(_("At most 300 characters, please."), field=kind.code)
    if kind.choices:
        for row in kind.choices:
            if text in {str(part) for part in row if part}:
                return str(row[0])
        words = "、".join(label for _code, label in kind.options)
        raise DomainError(_("Write one of: %(choices)s.") % {"choices": words}, field=kind.code)
    return text


def _unreadable(kind: FactKind, raw: Any) -> DomainError:
    message = _("“%(text)s” is not a number. Write digits only, such as 1350.") % {"text": raw}
    return DomainError(message, field=kind.code)


def _foreign(kind: FactKind, raw: Any, unit: str) -> DomainError:
    message = _("“%(text)s” is in another unit. Write the value in %(unit)s.")
    return DomainError(message % {"text": raw, "unit": unit or _("plain numbers")}, field=kind.code)


def say(kind: FactKind, value: Any) -> str:
    """The value as people read it, with its unit; empty where it is unknown."""
    if value is None:
        return ""
    match kind.kind:
        case Kind.MONEY:
            return money_text(Decimal(str(value)).quantize(Decimal("0.01")).normalize())
        case Kind.RATIO:
            return f"{number_text(Decimal(str(value)) * 100, 4)}%"
        case Kind.BOOLEAN:
            return _("yes") if value else _("no")
        case Kind.DATE:
            return f"{value:%Y-%m-%d}"
        case Kind.INDUSTRY:
            return industry_name(str(value))
        case Kind.TEXT | Kind.REGION:
            return dict(kind.options).get(str(value), str(value))
    return value_text(Decimal(str(value)).quantize(STEP), kind.unit)


def typed(kind: FactKind, value: Any) -> str:
    """The value as a person would type it into the field (money in 万元, shares in percent)."""
    if value is None:
        return ""
    match kind.kind:
        case Kind.MONEY:
            return number_text(Decimal(str(value)) / WAN, 8).replace(",", "")
        case Kind.RATIO:
            return number_text(Decimal(str(value)) * 100, 6).replace(",", "")
        case Kind.BOOLEAN:
            return _("yes") if value else _("no")
        case Kind.DATE:
            return f"{value:%Y-%m-%d}"
        case Kind.INDUSTRY:
            return industry_name(str(value))
        case Kind.TEXT | Kind.REGION:
            return dict(kind.options).get(str(value), str(value))
    return number_text(Decimal(str(value)), 6).replace(",", "")


def unit_of(kind: FactKind) -> str:
    """The unit that stands inside the field."""
    units = {Kind.MONEY: "万元", Kind.RATIO: "%", Kind.COUNT: kind.unit, Kind.NUMBER: kind.unit}
    return units.get(Kind(kind.kind), "")


def plain(kind: FactKind, value: Any) -> float | str | bool | date:
    """As the rules take it: numbers are doubles (exact for whole yuan up to 10¹⁵), money yuan, shares 0..1."""
    return float(value) if kind.column == "number" else value

"""Values are kept in one unit and read in another: 元 and 亿元."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import Indicator
from kechuang.kit.errors import DomainError
from kechuang.kit.numbers import number_text, value_text

FACTORS = {"万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
STEP = Decimal("0.0001")


def factor(kept: str, shown: str) -> Decimal:
    """How many of the kept unit one of the shown unit is."""
    return FACTORS.get(shown, Decimal(1)) if kept == "元" else Decimal(1)


def shown(value: Decimal, indicator: Indicator) -> Decimal:
    """A kept value in the unit that people read."""
    return value / factor(indicator.unit, indicator.shown_unit)


def kept(value: Decimal, indicator: Indicator) -> Decimal:
    """A value in the unit that people read, as it is kept."""
    return (value * factor(indicator.unit, indicator.shown_unit)).quantize(STEP)


def text_of(value: Decimal | None, indicator: Indicator) -> str:
    """A kept value as people read it, with its unit; nothing where it is unknown."""
    if value is None:
        return ""
    return value_text(shown(value, indicator).quantize(STEP), indicator.shown_unit)


def plain_text(value: Decimal | None, indicator: Indicator) -> str:
    """A kept value as one would type it: no unit, no separators."""
    return "" if value is None else number_text(shown(value, indicator).quantize(STEP)).replace(",", "")


def read_number(text: object, indicator: Indicator, field: str = "value") -> Decimal:
    """What a person typed for this indicator (``1,350``, ``３.５``, ``55%``, ``12.5亿元``), as it is kept."""
    plain = re.sub(r"[\s,，]", "", str(text)).translate(_HALF_WIDTH)
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)(\D*)", plain)
    if match is None:
        raise DomainError(
            _("“%(text)s” is not a number. Write digits only, such as 1350.") % {"text": text}, field=field
        )
    unit = match[2]
    if unit and unit not in {indicator.unit, indicator.shown_unit, *(FACTORS if indicator.unit == "元" else ())}:
        raise DomainError(
            _("“%(text)s” is in another unit. Write the value in %(unit)s.")
            % {"text": text, "unit": indicator.shown_unit},
            field=field,
        )
    try:
        value = Decimal(match[1]) * factor(indicator.unit, unit or indicator.shown_unit)
        return value.quantize(STEP)
    except InvalidOperation:
        raise DomainError(_("“%(text)s” has too many digits.") % {"text": text}, field=field) from None


_HALF_WIDTH = {ord("０") + n: ord("0") + n for n in range(10)} | {ord("．"): ".", ord("％"): "%", ord("－"): "-"}

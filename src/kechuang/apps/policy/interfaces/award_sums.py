"""Sums of awards as an officer types them: in 万元 unless a unit stands there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.http import QueryDict

from kechuang.apps.indicators.domain.fact_values import read_value, typed
from kechuang.apps.indicators.models import FactKind
from kechuang.kit.errors import DomainError

MONEY = FactKind(code="sum", kind=FactKind.Kind.MONEY)
PREFIX = "sum-"


def money_typed(yuan: Any) -> str:
    """A sum in yuan as it stands in its field."""
    return typed(MONEY, yuan)


def sums_typed(given: QueryDict, chosen: Collection[int] | None) -> tuple[dict[int, int], dict[int, str]]:
    """Organisation → fen as typed, for those chosen (None: for all), and what cannot be read; empty fields are left
    out."""
    sums: dict[int, int] = {}
    errors: dict[int, str] = {}
    for name, raw in given.items():
        key = name.removeprefix(PREFIX)
        if not name.startswith(PREFIX) or not key.isdecimal() or (chosen is not None and int(key) not in chosen):
            continue
        try:
            value: Any = read_value(MONEY, str(raw)[:40], typed=True)
        except DomainError as error:
            errors[int(key)] = error.message
            continue
        if value is not None:
            sums[int(key)] = round(value * 100)
    return sums, errors

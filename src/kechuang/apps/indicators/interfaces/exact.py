"""Money as people read it, with the exact yuan behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from kechuang.apps.indicators.domain.fact_values import say
from kechuang.apps.indicators.models import FactKind
from kechuang.kit.templatetags.kechuang import money


class ExactMoney(str):
    """Plain text in a file (``4,680万元``); on a page the same with the exact yuan on hover."""

    __slots__ = ("yuan",)
    yuan: Decimal

    def __html__(self) -> SafeString:
        return money(self.yuan)


def shown(kind: FactKind, value: Any) -> str:
    """The value as people read it, with its unit; empty where it is unknown."""
    text = say(kind, value)
    if value is None or kind.kind != FactKind.Kind.MONEY:
        return text
    exact = ExactMoney(text)
    exact.yuan = Decimal(str(value))
    return exact

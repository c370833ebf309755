"""Figures of a frozen frame as people read them: names instead of codes, yes and no, places and trades by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.fact_values import say
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.batches import BY_WHOM
from kechuang.apps.policy.domain.queries.vocabulary import figure_names
from kechuang.kit.numbers import number_text


def told_values(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of every figure that a condition read, empty where it was unknown. The kind of organisation is
    left out: the words of its condition say it."""
    kinds = {kind.code: kind for kind in FactKind.objects.filter(code__in=values)}
    names = figure_names()
    return [
        (str(kinds.get(code) or names.get(code, code)), _told(kinds.get(code), value))
        for code, value in values.items()
        if code != BY_WHOM
    ]


def _told(kind: FactKind | None, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        value = Decimal(str(round(value, 6)))
    if kind is not None and kind.kind == FactKind.Kind.REGION:
        found = Region.objects.filter(code=value).values_list("short_name", flat=True).first()
        return str(found or value)
    if kind is not None:
        return say(kind, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return number_text(value, 4) if isinstance(value, Decimal) else str(value)

"""Conflicts in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.interfaces import presentation
from kechuang.apps.policy.interfaces.registrations import sentence_url, source_label
from kechuang.apps.policy.models import Item

REASONS = {
    "value_differs": _("another figure"),
    "amount_differs": _("another amount"),
    "rate_differs": _("another rate"),
    "comparator_differs": _("another comparison"),
    "later_figure": _("a later document asks for more"),
    "repealed": _("the earlier document is repealed by the later one"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two statements."""

    item: Item
    document: str
    title: str
    label: str
    figure: str
    facts: list[tuple[str, str]]
    url: str


def side_of(item: Item) -> Side:
    document = item.document
    payload: Any = item.published or item.payload
    return Side(
        item=item,
        document=source_label(document),
        title=document.title,
        label=str(item),
        figure=presentation.figure(item.kind, payload),
        facts=presentation.facts(item.kind, payload),
        url=sentence_url(document, item.start, item.end),
    )


def reason_text(code: str) -> Any:
    """What differs, in words."""
    return REASONS.get(code, code)

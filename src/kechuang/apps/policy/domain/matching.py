"""Which finding of the original says what a finding of its restatement says.

Figures must agree exactly; names may be worded differently, and where they are, the place in the document decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kechuang.apps.policy.models import Item, ItemKind
from kechuang.kit.packs import fold

ENOUGH = 0.45
_NOISE = re.compile(r"[\s，。、；：“”‘’\"'《》（）()【】〔〕*·—-]")

# The fields that must be equal for two findings to be the same, and the ones whose wording is compared.
FIGURES: Mapping[str, tuple[str, ...]] = {
    ItemKind.TARGET: ("value", "value_max", "unit"),
    ItemKind.BENEFIT: ("amount", "amount_max", "rate", "rate_max"),
    ItemKind.FUND: ("amount",),
    ItemKind.REFERENCE: ("doc_number",),
}
WORDING: Mapping[str, tuple[str, ...]] = {
    ItemKind.TASK: ("title",),
    ItemKind.TARGET: ("indicator", "scope", "period"),
    ItemKind.BENEFIT: ("beneficiary", "condition"),
    ItemKind.FUND: ("name",),
    ItemKind.FACILITY: ("name",),
    ItemKind.REFERENCE: ("title",),
}


@dataclass(frozen=True, slots=True)
class _Side:
    """A finding prepared for comparison; ``place`` runs from 0 to 1 through the document's findings of its kind."""

    item: Item
    figures: tuple[Any, ...]
    words: frozenset[str]
    first: frozenset[str]
    place: float


def match_items(old: Iterable[Item], new: Iterable[Item]) -> dict[int, Item]:
    """For each finding of ``old`` (by its key) the finding of ``new`` that takes its place; each is taken once."""
    result: dict[int, Item] = {}
    olds, news = list(old), list(new)
    for kind in ItemKind.values:
        left = _prepare(kind, [item for item in olds if item.kind == kind])
        right = _prepare(kind, [item for item in news if item.kind == kind])
        scored = [
            (score, a.item.pk, b.item)
            for a in left
            for b in right
            if a.figures == b.figures and (score := _similarity(a, b)) >= ENOUGH
        ]
        _take_best(scored, result)
    return result


def _take_best(scored: list[tuple[float, int, Item]], result: dict[int, Item]) -> None:
    taken: set[int] = set()
    for _score, old_id, item in sorted(scored, key=lambda row: (-row[0], row[1], row[2].pk)):
        if old_id not in result and item.pk not in taken:
            result[old_id] = item
            taken.add(item.pk)


def _prepare(kind: str, items: Sequence[Item]) -> list[_Side]:
    ordered = sorted(items, key=lambda item: (item.start, item.pk))
    last = max(len(ordered) - 1, 1)
    return [_side(kind, item, index / last) for index, item in enumerate(ordered)]


def _side(kind: str, item: Item, place: float) -> _Side:
    content = item.payload
    wording = [str(content.get(name) or "") for name in WORDING[kind]]
    figures = tuple(_plain(content.get(name)) for name in FIGURES.get(kind, ()))
    if kind == ItemKind.TASK:
        figures = (content.get("where") == "ledger",)
    return _Side(item, figures, _pairs("".join(wording)), _pairs(wording[0]), place)


def _plain(value: Any) -> Any:
    return _NOISE.sub("", fold(value)) if isinstance(value, str) else value


def _pairs(text: str) -> frozenset[str]:
    plain = _NOISE.sub("", fold(text))
    return frozenset(plain[i : i + 2] for i in range(max(len(plain) - 1, 1)))


def _similarity(a: _Side, b: _Side) -> float:
    """Names count most, the whole wording helps, and equal places break the tie."""
    near = 1 - min(1.0, 4 * abs(a.place - b.place))
    figured = any(value is not None for value in a.figures) and a.item.kind != ItemKind.TASK
    return 0.5 * _overlap(a.first, b.first) + 0.2 * _overlap(a.words, b.words) + 0.3 * near + (0.15 if figured else 0)


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0

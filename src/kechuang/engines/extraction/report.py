"""An extraction as lines of text: one JSON record a line, one JSON document, or a table for reading."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kechuang.engines.extraction.model import Benefit, Extraction, Facility, Fund, Number, Target, Task

FORMATS = ("jsonl", "table", "json")


def render(extraction: Extraction, format: str) -> Iterator[str]:  # noqa: A002 - the public name
    """Lines, without their line ends, of ``extraction`` in one of :data:`FORMATS`; ValueError for any other."""
    if format == "jsonl":
        return (json.dumps(record, ensure_ascii=False) for record in extraction.records())
    if format == "json":
        return iter(json.dumps(list(extraction.records()), ensure_ascii=False, indent=1).split("\n"))
    if format == "table":
        return _table(extraction)
    raise ValueError(f"unknown format {format!r}: choose one of {', '.join(FORMATS)}")


def _table(extraction: Extraction) -> Iterator[str]:
    meta = extraction.meta
    head = (meta.title, meta.doc_number, "、".join(meta.issuer), meta.date)
    yield " · ".join(part for part in head if part) or "—"
    for item in extraction.items():
        yield "\t".join((item.kind, f"{item.start}–{item.end}", *_cells(item)))


def _cells(item: Task | Target | Benefit | Fund | Facility) -> tuple[str, ...]:
    if isinstance(item, Task):
        return (item.number or "", item.title, "、".join(item.lead), "、".join(item.units), item.deadline or "")
    if isinstance(item, Target):
        size = f"{item.comparator} {_range(item.value, item.value_max)}{item.unit or ''}"
        return (item.indicator, size, item.period or "", item.scope or "")
    if isinstance(item, Benefit):
        rate = "" if item.rate is None else f"{_range(item.rate, item.rate_max)}% {item.rate_base or ''}".strip()
        sum_ = "" if item.amount is None else f"{item.comparator or ''} {_range(item.amount, item.amount_max)}元"
        cap = f"<= {item.amount_max}元" if item.amount is None and item.amount_max is not None else ""
        return (item.beneficiary, item.form, rate, sum_, cap, item.per or "", item.payer or "")
    if isinstance(item, Fund):
        return (item.name, "" if item.amount is None else f"{item.amount}元", item.per or "", item.payer or "")
    return (item.name, item.type)


def _range(low: Number, high: Number | None) -> str:
    return f"{low}" if high is None else f"{low}–{high}"

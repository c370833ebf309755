"""The same fact in several documents: where they agree, where a later one overtakes, where they really conflict.

Two items state the same fact only if everything but the figure is the same: the indicator, the period, the scope, and
whether a stock or an addition is meant; for a benefit the class, its level and grade.  Documents of different places
never meet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kechuang.engines.extraction.model import Benefit, Extraction, Facility, Fund, Target, Task
from kechuang.engines.extraction.normalise import (
    normalise_beneficiary,
    normalise_facility,
    normalise_indicator,
    normalise_unit,
)

Aligned = Task | Target | Benefit | Fund | Facility


@dataclass(frozen=True, slots=True)
class AlignedDocument:
    """A document to compare; ``date`` (ISO) overrides the one the document states, for undated documents."""

    id: str
    extraction: Extraction
    date: str | None = None

    @property
    def issued(self) -> str:
        """The date to order by; a document without one counts from the first day of the year in its title."""
        meta = self.extraction.meta
        year = re.search(r"20\d\d", meta.title or "")
        return self.date or meta.date or (f"{year.group()}-01-01" if year else "")

    @property
    def place(self) -> str | None:
        """The city the document belongs to, as far as its issuers or its title say."""
        meta = self.extraction.meta
        for name in (*meta.issuer, meta.title or ""):
            match = re.search(r"(?:中共)?([\u4e00-\u9fff]{2,4}?)(?:市|省)(?!场|级)", name)
            if match and not match[1].endswith(("全", "我", "本")):
                return match[1].removeprefix("中共")
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """An item in a document."""

    document: str
    item: Aligned


@dataclass(frozen=True, slots=True)
class Match:
    """The same thing in two or more documents, under its normal name."""

    kind: str
    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Overtaking:
    """A later document sets a new figure for what an earlier one had set; ``reason`` is repealed or later_figure."""

    earlier: Place
    later: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two documents in force say different things of one fact.

    ``grade``: contradiction (another figure), discrepancy (another figure, but approximate or of a thing named a little
    differently), wording (the same figure under another comparator).  ``reason`` is a code: amount_differs,
    rate_differs, value_differs, comparator_differs.
    """

    earlier: Place
    later: Place
    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """What comparing a set of documents yields."""

    matches: tuple[Match, ...]
    overtakings: tuple[Overtaking, ...]
    conflicts: tuple[Conflict, ...]


def align(documents: Sequence[AlignedDocument]) -> Alignment:
    """Compare every two documents of one place, the earlier with the later."""
    ordered = sorted(documents, key=lambda document: document.issued)
    overtakings: list[Overtaking] = []
    conflicts: list[Conflict] = []
    for earlier, later in combinations(ordered, 2):
        if not _comparable(earlier, later):
            continue
        repealed = _repeals(later, earlier)
        for first, second, certain in _pairs(earlier, later):
            difference = _difference(first, second, certain)
            if difference is None:
                continue
            places = Place(earlier.id, first), Place(later.id, second)
            if repealed:
                overtakings.append(Overtaking(*places, "repealed"))
            else:
                conflicts.append(Conflict(*places, *difference))
        overtakings.extend(_later_figures(earlier, later))
    return Alignment(tuple(_matches(ordered)), tuple(overtakings), tuple(conflicts))


def _pairs(
    earlier: AlignedDocument, later: AlignedDocument
) -> Iterator[tuple[Target | Benefit, Target | Benefit, bool]]:
    yield from _target_pairs(earlier, later)
    yield from _benefit_pairs(earlier, later)


def _comparable(one: AlignedDocument, other: AlignedDocument) -> bool:
    """Of one place: by their issuers and titles, or because one that names no place speaks of the other's."""
    if one.place is not None and other.place is not None:
        return one.place == other.place
    known = one.place or other.place
    silent = other if one.place is not None else one
    return known is None or any(known in task.measures for task in silent.extraction.tasks)


def _repeals(later: AlignedDocument, earlier: AlignedDocument) -> bool:
    meta = earlier.extraction.meta
    return any(
        reference.relation == "repeals"
        and (
            (reference.doc_number is not None and reference.doc_number == meta.doc_number)
            or (reference.title is not None and meta.title is not None and reference.title in meta.title)
        )
        for reference in later.extraction.references
    )


# ── targets ────────────────────────────────────────────────────────────────────────────────────────────────────


def _horizon(period: str | None) -> str | None:
    return {"十三五末": "2020", "十四五末": "2025", "十五五末": "2030"}.get(period or "", period)


def _fact(target: Target) -> tuple[str, str | None, str | None, str | None]:
    return normalise_indicator(target.indicator), target.scope, target.change, target.unit if _measured(target) else ""


def _measured(target: Target) -> bool:
    return target.unit in ("元", "%", "个百分点", "倍", "番")


def _target_pairs(earlier: AlignedDocument, later: AlignedDocument) -> Iterator[tuple[Target, Target, bool]]:
    """Targets of one fact and period, the two nearest in wording first; then those alike in tasks of one title."""
    left, right = _distinct(earlier.extraction.targets), _distinct(later.extraction.targets)
    used: set[int] = set()
    unmatched: list[Target] = []
    for target in left:
        same = [t for t in right if _fact(t) == _fact(target) and _horizon(t.period) == _horizon(target.period)]
        exact = [t for t in same if t.period == target.period] or same
        used.update(id(t) for t in same)
        if exact:
            yield target, exact[0], True
        else:
            unmatched.append(target)
    free = [t for t in right if id(t) not in used]
    for target in unmatched:
        alike = [t for t in free if _alike(target, t) and _title_at(earlier, target) == _title_at(later, t) is not None]
        if len(alike) == 1:
            yield target, alike[0], False


def _distinct(targets: Sequence[Target]) -> list[Target]:
    """One target for each fact and period: the first, which is the body's rather than the ledger's."""
    found: dict[tuple[object, ...], Target] = {}
    for target in targets:
        found.setdefault((*_fact(target), target.period), target)
    return list(found.values())


def _alike(one: Target, other: Target) -> bool:
    if (one.period, one.scope, one.change) != (other.period, other.scope, other.change):
        return False
    if _measured(one) or _measured(other) or _ranks(one.indicator) != _ranks(other.indicator):
        return False
    names = normalise_indicator(one.indicator), normalise_indicator(other.indicator)
    verbs = [re.match(r"新?(?:引进|培育|建|增|认定|组建)?", name).group() for name in names]  # type: ignore[union-attr]
    return verbs[0] == verbs[1] and names[0][-2:] == names[1][-2:] and _dice(*names) >= 0.5


def _title_at(document: AlignedDocument, item: Target) -> str | None:
    """The title of the body task that an item stands in."""
    title = None
    for task in document.extraction.tasks:
        if task.where == "body" and task.start <= item.start:
            title = task.title
    return title


def _later_figures(earlier: AlignedDocument, later: AlignedDocument) -> Iterator[Overtaking]:
    """A later document that asks more for the same or an earlier year: the old figure no longer binds."""
    if not earlier.issued or later.issued[:4] <= earlier.issued[:4]:
        return
    newer = {_fact(target): target for target in reversed(_distinct(later.extraction.targets))}
    seen: set[tuple[object, ...]] = set()
    for target in _distinct(earlier.extraction.targets):
        fact = _fact(target)
        other = newer.get(fact)
        if other is None or fact in seen or other.value <= target.value:
            continue
        old, new = _horizon(target.period), _horizon(other.period)
        if old and new and old.isdigit() and new.isdigit() and new < old:
            seen.add(fact)
            yield Overtaking(Place(earlier.id, target), Place(later.id, other), "later_figure")


# ── benefits ───────────────────────────────────────────────────────────────────────────────────────────────────

_RANK = re.compile(
    r"国家级?|省级?|市级|县级|区级|特等|[一二三]等|金奖|银奖|铜奖|首次|重新|博士|硕士|"
    r"本科|\d+(?:\.\d+)?[万亿]?[元%家个项]"
)


def _benefit_pairs(earlier: AlignedDocument, later: AlignedDocument) -> Iterator[tuple[Benefit, Benefit, bool]]:
    left = [b for b in earlier.extraction.benefits if b.amount is not None or b.rate is not None]
    right = [b for b in later.extraction.benefits if b.amount is not None or b.rate is not None]
    used: set[int] = set()
    seen: set[str] = set()
    for benefit in left:
        name = normalise_beneficiary(benefit.beneficiary)
        scored = [(_dice(name, normalise_beneficiary(b.beneficiary)), -i, b) for i, b in enumerate(right)
                  if id(b) not in used and _same_rank(benefit, b)]  # fmt: skip
        best = max(scored, default=None, key=lambda entry: entry[:2])
        if name not in seen and best is not None and best[0] >= 0.7:
            seen.add(name)
            used.add(id(best[2]))
            yield benefit, best[2], best[0] >= 0.85


def _ranks(name: str) -> set[str]:
    """The levels, grades and thresholds in a name: what they differ in, they differ in altogether."""
    return set(_RANK.findall(name))


def _same_rank(one: Benefit, other: Benefit) -> bool:
    return (
        _ranks(one.beneficiary) == _ranks(other.beneficiary)
        and (one.rate is None) == (other.rate is None)
        and one.rate_base == other.rate_base
        and (one.per in ("月", "人·月", "年")) == (other.per in ("月", "人·月", "年"))
    )


# ── differences and matches ────────────────────────────────────────────────────────────────────────────────────


def _difference(first: Target | Benefit, second: Target | Benefit, certain: bool) -> tuple[str, str] | None:
    """Grade and reason of what differs between two statements of one fact; None where they agree."""
    if isinstance(first, Benefit) and isinstance(second, Benefit):
        if (first.rate, first.rate_max) != (second.rate, second.rate_max):
            return "contradiction" if certain else "discrepancy", "rate_differs"
        if (first.amount, first.amount_max) != (second.amount, second.amount_max):
            return "contradiction" if certain else "discrepancy", "amount_differs"
    if isinstance(first, Target) and isinstance(second, Target):
        firm = certain and "~" not in (first.comparator, second.comparator)
        if (first.value, first.value_max) != (second.value, second.value_max):
            return "contradiction" if firm else "discrepancy", "value_differs"
    return ("wording", "comparator_differs") if first.comparator != second.comparator else None


def _matches(documents: Sequence[AlignedDocument]) -> Iterator[Match]:
    """Indicators, facilities and units that occur in more than one document."""
    groups: dict[tuple[str, str, str], dict[str, Place]] = {}
    for document in documents:
        for kind, name, item in _names(document):
            key = (kind, document.place or "", name)
            groups.setdefault(key, {}).setdefault(document.id, Place(document.id, item))
    for (kind, _, name), places in groups.items():
        if len(places) > 1:
            yield Match(kind, name, tuple(places.values()))


def _names(document: AlignedDocument) -> Iterator[tuple[str, str, Aligned]]:
    for target in document.extraction.targets:
        yield "indicator", normalise_indicator(target.indicator), target
    for facility in document.extraction.facilities:
        yield "facility", normalise_facility(facility.name), facility
    for task in document.extraction.tasks:
        for unit in (*task.lead, *task.units):
            yield "unit", normalise_unit(unit, document.place), task


def _dice(one: str, other: str) -> float:
    """How alike two names are: shared character pairs, 0 to 1."""
    a, b = _bigrams(one), _bigrams(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else float(one == other)


def _bigrams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}

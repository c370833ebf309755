"""What certifications and the reserve library tell of organisations, so that nobody is asked for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.ladder import HNTE, TECH_SME, step_of
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.kit.facts import ProvidedFacts, fact_provider

CODES = (
    "hnte_valid", "hnte_until", "hnte_first_year", "hnte_times", "hnte_consecutive", "tech_sme_valid", "tier",
)  # fmt: skip
FIELDS = ("organisation_id", "tier", "issued_on", "valid_until", "times", "state")
Row = tuple[str, date, date | None, int | None, str]
"""tier, issued, until, which recognition, state"""


@fact_provider(codes=CODES, label=_("the certification records"))
def certification_facts(organisations: Sequence[int], year: int) -> ProvidedFacts:
    """What holds today. A rung of which nothing is recorded stays unknown: the records may begin later than it did.

    How often an enterprise was recognised is told only where the records say which recognition the latest one is.
    """
    today = timezone.localdate()
    found: dict[str, dict[int, Any]] = {code: {} for code in CODES}
    held: dict[int, list[Row]] = defaultdict(list)
    rows = Certification.objects.filter(organisation__in=organisations).order_by("issued_on", "pk")
    for key, *row in rows.values_list(*FIELDS).iterator(chunk_size=10_000):
        held[key].append((row[0], row[1], row[2], row[3], row[4]))
    for key, own in held.items():
        _hnte(found, key, [row for row in own if row[0] == HNTE], today)
        numbers = [row for row in own if row[0] == TECH_SME]
        if numbers:
            found["tech_sme_valid"][key] = any(_holds(row, today) for row in numbers)
        tiers = [row[0] for row in own if _holds(row, today) and step_of(row[0])]
        if tiers:
            found["tier"][key] = max(tiers, key=step_of)
    return found


@fact_provider(codes=("reserve_listed",), label=_("the reserve library"))
def reserve_facts(organisations: Sequence[int], year: int) -> ProvidedFacts:
    """In the library for some rung; no longer, for those who have left it; of others the library knows nothing."""
    rows = ReserveEntry.objects.filter(organisation__in=organisations).order_by().values_list("organisation", "left_on")
    listed: dict[int, bool] = {}
    for key, left_on in rows.iterator(chunk_size=10_000):
        listed[key] = listed.get(key, False) or left_on is None
    return {"reserve_listed": listed}


def _holds(row: Row, today: date) -> bool:
    return row[4] == Certification.State.GRANTED and row[1] <= today and (row[2] is None or row[2] >= today)


def _hnte(found: dict[str, dict[int, Any]], key: int, rows: Sequence[Row], today: date) -> None:
    """``rows`` in the order of issue."""
    granted = [row for row in rows if row[4] == Certification.State.GRANTED]
    if not rows:
        return
    holding = [row for row in granted if _holds(row, today)]
    found["hnte_valid"][key] = bool(holding)
    if holding and holding[-1][2] is not None:
        found["hnte_until"][key] = holding[-1][2]
    if not granted:
        return
    times = granted[-1][3]
    if times is not None:
        found["hnte_times"][key] = times
        consecutive = _consecutive(granted, times)
        if consecutive is not None:
            found["hnte_consecutive"][key] = consecutive
    first = next((row for row in granted if row[3] == 1), None)
    if first is not None:
        found["hnte_first_year"][key] = first[1].year


def _consecutive(granted: Sequence[Row], times: int) -> int | None:
    """How many of the latest recognitions follow on each other: the next in the year in which the last one ends.

    None where the records begin in the middle of the row.
    """
    number = 1
    for earlier, later in zip(reversed(granted[:-1]), reversed(granted[1:]), strict=True):
        if earlier[2] is None or later[1].year > earlier[2].year:
            return number
        number += 1
    return number if number == times else None

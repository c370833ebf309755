"""What is known of one organisation: stored facts in force, and what other apps' records tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.fact_values import plain
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.kit.facts import provided_facts, provider_of


@dataclass(frozen=True, slots=True)
class FactValue:
    """A known value as the rules take it: numbers are doubles, money yuan, shares 0..1.

    ``source`` is one of :class:`Fact.Source`; ``period`` the year, None for what holds now; ``fact_id`` the stored
    fact, None where the records of another app tell it (``origin`` names them).
    """

    value: float | str | bool | date
    source: str
    period: int | None = None
    fact_id: int | None = None
    entered: datetime | None = None
    origin: str = ""
    note: str = ""


def return_year(today: date | None = None) -> int:
    """The last fiscal year that is over: the year that is asked for."""
    return (today or timezone.localdate()).year - 1


def active_kinds() -> list[FactKind]:
    """The catalogue without derived indicators."""
    return list(FactKind.objects.filter(active=True, formula="").select_related("base"))


def facts_of(
    organisation: Organisation, year: int | None = None, *, kinds: Sequence[FactKind] | None = None
) -> Mapping[str, FactValue]:
    """Everything known of an organisation for ``year`` (the last that is over where None), by code.

    A code with ``_y1`` or ``_y2`` is the fact of one or two years before. What is unknown is absent. The caller sees to
    it that the reader may see the organisation.
    """
    wanted = year if year is not None else return_year()
    catalogue = list(kinds) if kinds is not None else active_kinds()
    stored = {(fact.kind_id, fact.year): fact for fact in _in_force(organisation, wanted)}
    provided = {
        lag: provided_facts([organisation.pk], wanted - lag, yearly_only=lag > 0)
        for lag in sorted({0} | {kind.lag for kind in catalogue})
    }
    found = {}
    for kind in catalogue:
        base = kind.base or kind
        period = wanted - kind.lag if base.is_yearly else None
        value = _best(base, period, stored.get((base.pk, period)), provided[kind.lag], organisation.pk)
        if value is not None:
            found[kind.code] = value
    return found


def values_of(facts: Mapping[str, FactValue]) -> dict[str, float | str | bool | date]:
    """The bare values by code, as the rules engine takes them."""
    return {code: fact.value for code, fact in facts.items()}


def unknown_codes(facts: Mapping[str, FactValue], codes: Iterable[str]) -> list[str]:
    """Those of ``codes`` that are not known, in their order: what there is still to ask."""
    return [code for code in codes if code not in facts]


def open_contests(organisation: Organisation) -> dict[tuple[int, int | None], FactContest]:
    """What is contested and not answered yet, by kind and year."""
    rows = FactContest.objects.filter(organisation=organisation, state=FactContest.State.OPEN).select_related("kind")
    return {(row.kind_id, row.year): row for row in rows}


def _in_force(organisation: Organisation, year: int) -> Iterable[Fact]:
    years = [year - lag for lag in range(10)]
    when = Q(year__in=years) | Q(year=None)
    return Fact.objects.filter(when, organisation=organisation, state=Fact.State.IN_FORCE)


def _best(
    kind: FactKind, period: int | None, stored: Fact | None, provided: Mapping[str, Mapping[int, object]], key: int
) -> FactValue | None:
    """Verified by an official, else from records, else as declared or imported."""
    told = provided.get(kind.code, {}).get(key)
    if told is not None and (stored is None or stored.source != Fact.Source.VERIFIED):
        provider = provider_of(kind.code)
        origin = str(provider.label) if provider else ""
        return FactValue(plain(kind, told), Fact.Source.COMPUTED.value, period, origin=origin)
    if stored is None:
        return None
    entered = stored.verified_at or stored.created_at
    return FactValue(plain(kind, stored.value), stored.source, period, stored.pk, entered, note=stored.source_note)

"""Facts of organisations: declared by themselves, imported or verified by officials. Nothing firm is overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.contests import propose
from kechuang.apps.indicators.domain.fact_values import read_value, say
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.apps.indicators.permissions import may_keep, speaks_for
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.facts import facts_changed, provided_facts, provider_of
from kechuang.kit.models import StoredFile
from kechuang.kit.permissions import Actor, authorise

PARTS = (
    ("rd_staff_count", "staff_count"),
    ("hitech_revenue", "revenue"),
    ("net_assets", "total_assets"),
)
"""What is a part of something else and cannot be more than it."""


class FactErrors(DomainError):
    """Several values cannot be taken; ``errors`` says by code what to write instead. Nothing was written."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        message = ngettext("%(n)s value needs another look.", "%(n)s values need another look.", len(self.errors))
        super().__init__(message % {"n": len(self.errors)}, field=next(iter(self.errors), None))

    def __str__(self) -> str:
        return "; ".join(f"{code}: {message}" for code, message in self.errors.items())


@dataclass(slots=True)
class Declared:
    """What became of a declaration: facts now in force, codes that were known alike, and proposals to be answered."""

    facts: list[Fact] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    contests: list[FactContest] = field(default_factory=list)


@transaction.atomic
def declare_facts(
    actor: Actor,
    *,
    organisation: Organisation,
    year: int,
    values: Mapping[str, Any],
    typed: bool = False,
    source: str = "",
    source_note: str = "",
    evidence: StoredFile | None = None,
    synthetic: bool = False,
) -> Declared:
    """Keep what an organisation says of itself for ``year`` (or an official imports), all values or none.

    ``values``: code → value; empty ones are passed over. ``typed`` as in :func:`read_value`. A code of an earlier year
    (``revenue_y1``) is kept as the fact of that year. Where a value is verified or comes from records, the new one
    becomes a proposal that an official answers. Raises FactErrors by code, Refused where the organisation is not the
    actor's to speak for.
    """
    locked = Organisation.objects.select_for_update(no_key=True, of=("self",)).select_related("region")
    organisation = locked.get(pk=organisation.pk)
    _require(actor, organisation, source)
    source = source or (Fact.Source.DECLARED if _declares(actor, organisation) else Fact.Source.IMPORTED)
    wanted = _read(values, year, typed)
    known = _known(organisation, wanted)
    _parts_fit(organisation, wanted, known)
    outcome = Declared()
    told: dict[int | None, dict[str, dict[int, Any]]] = {}
    for (kind, period), value in wanted.items():
        current = known.get((kind.pk, period))
        by_record = _by_record(told, organisation, kind, period, year)
        if _same(kind, current, by_record, value):
            outcome.same.append(kind.code)
        elif (current is not None and current.source in Fact.FIRM) or by_record is not None:
            shown = say(kind, current.value if current is not None else by_record)
            outcome.contests.append(
                propose(
                    actor, organisation=organisation, kind=kind, year=period, fact=current, known=shown, value=value,
                    reason=_("Declared in the return of %(year)s.") % {"year": year}, evidence=evidence,
                )
            )  # fmt: skip
        else:
            outcome.facts.append(
                Fact(
                    organisation=organisation, kind=kind, year=period, supersedes=current, source=source,
                    source_note=source_note[:200], evidence=evidence, entered_by_id=actor.user_id, synthetic=synthetic,
                    **{kind.column: value},
                )
            )  # fmt: skip
    _put(outcome.facts)
    return outcome


@transaction.atomic
def verify_fact(actor: Actor, *, fact: Fact, source_note: str = "", evidence: StoredFile | None = None) -> Fact:
    """An official, not the one who entered it, vouches for a fact; from then on no declaration overwrites it."""
    row = Fact.objects.select_for_update(of=("self",)).select_related("organisation__region", "kind").get(pk=fact.pk)
    authorise(actor, "verify", row)
    row.source, row.verified_by_id, row.verified_at = Fact.Source.VERIFIED, actor.user_id, timezone.now()
    row.source_note = source_note.strip()[:200] or row.source_note
    row.evidence = evidence or row.evidence
    row.save()
    return row


@transaction.atomic
def replace_fact(
    actor: Actor,
    *,
    organisation: Organisation,
    kind: FactKind,
    year: int | None,
    value: Any,
    entered_by: int | None,
    source_note: str = "",
    evidence: StoredFile | None = None,
) -> Fact:
    """Put a value in force as verified by the actor, in the place of whatever is known. For accepted contests."""
    authorise(actor, "verify", Fact)
    current = Fact.objects.select_for_update().filter(
        organisation=organisation, kind=kind, year=year, state=Fact.State.IN_FORCE
    )
    fact = Fact(
        organisation=organisation, kind=kind, year=year, supersedes=current.first(), source=Fact.Source.VERIFIED,
        evidence=evidence, source_note=source_note[:200], entered_by_id=entered_by, verified_by_id=actor.user_id,
        verified_at=timezone.now(), **{kind.column: value},
    )  # fmt: skip
    return _put([fact])[0]


def strike_fact(actor: Actor, *, fact: Fact) -> None:
    """Take a value out of force without another in its place: what was said is not known any more."""
    authorise(actor, "verify", Fact)
    Fact.objects.filter(pk=fact.pk).update(state=Fact.State.SUPERSEDED, updated_at=timezone.now())
    facts_changed.send(Fact, organisations=[fact.organisation_id])


def _require(actor: Actor, organisation: Organisation, source: str) -> None:
    authorise(actor, "add", Fact)
    decision = may_keep(actor, organisation)
    if not decision:
        raise Refused(decision.reason)
    if source in Fact.FIRM:
        raise Refused(_("A declaration is not yet verified. Another official verifies it."))
    if source == Fact.Source.IMPORTED and not actor.is_system:
        authorise(actor, "import", Fact)


def _declares(actor: Actor, organisation: Organisation) -> bool:
    return speaks_for(actor, organisation)


def _read(values: Mapping[str, Any], year: int, typed: bool) -> dict[tuple[FactKind, int | None], Any]:
    """The values by kind and period, every one read; FactErrors where some cannot be."""
    kinds = {
        kind.code: kind for kind in FactKind.objects.filter(active=True, code__in=list(values)).select_related("base")
    }
    errors: dict[str, str] = {}
    found: dict[tuple[FactKind, int | None], Any] = {}
    for code, raw in values.items():
        kind = kinds.get(code)
        if kind is None or kind.formula:
            errors[code] = _("“%(code)s” is not asked for.") % {"code": code}
            continue
        base = kind.base or kind
        try:
            value = read_value(base, raw, typed=typed)
        except DomainError as error:
            errors[code] = error.message
            continue
        if value is not None:
            found[base, year - kind.lag if base.is_yearly else None] = value
    if errors:
        raise FactErrors(errors)
    return found


def _known(
    organisation: Organisation, wanted: Iterable[tuple[FactKind, int | None]]
) -> dict[tuple[int, int | None], Fact]:
    """The facts in force of the kinds wanted, and of those that they are parts of."""
    codes = {kind.code for kind, _year in wanted}
    codes |= {name for pair in PARTS for name in pair if codes & set(pair)}
    rows = Fact.objects.select_for_update(of=("self",)).filter(
        organisation=organisation, kind__code__in=codes, state=Fact.State.IN_FORCE
    )
    return {(fact.kind_id, fact.year): fact for fact in rows.select_related("kind")}


def _parts_fit(
    organisation: Organisation,
    wanted: Mapping[tuple[FactKind, int | None], Any],
    known: Mapping[tuple[int, int | None], Fact],
) -> None:
    new = {(kind.code, period): (kind, value) for (kind, period), value in wanted.items()}
    old = {(fact.kind.code, period): (fact.kind, fact.value) for (_kind, period), fact in known.items()}
    both = old | new
    errors = {}
    for part, whole in PARTS:
        for code, period in new:
            pair = both.get((part, period)), both.get((whole, period))
            if code not in (part, whole) or pair[0] is None or pair[1] is None:
                continue
            if pair[0][1] > pair[1][1]:
                words = {"part": pair[0][0], "whole": pair[1][0], "value": say(*pair[1])}
                errors[code] = _("%(part)s cannot be more than %(whole)s (%(value)s). Which of them is right?") % words
    if errors:
        raise FactErrors(errors)


def _by_record(
    told: dict[int | None, dict[str, dict[int, Any]]],
    organisation: Organisation,
    kind: FactKind,
    period: int | None,
    year: int,
) -> Any:
    """What another app's records tell of this kind, None where nothing; each year is asked once."""
    if provider_of(kind.code) is None:
        return None
    if period not in told:
        told[period] = provided_facts([organisation.pk], period if period is not None else year)
    return told[period].get(kind.code, {}).get(organisation.pk)


def _same(kind: FactKind, current: Fact | None, by_record: Any, value: Any) -> bool:
    if current is not None and (current.source == Fact.Source.VERIFIED or by_record is None):
        return bool(current.value == value)
    return by_record is not None and read_value(kind, by_record) == value


def _put(facts: list[Fact]) -> list[Fact]:
    """New facts in force; those before give way first, so that never two are in force."""
    replaced = [fact.supersedes_id for fact in facts if fact.supersedes_id is not None]
    Fact.objects.filter(pk__in=replaced).update(state=Fact.State.SUPERSEDED, updated_at=timezone.now())
    made = Fact.objects.bulk_create(facts)
    if made:
        facts_changed.send(Fact, organisations=sorted({fact.organisation_id for fact in made}))
    return made

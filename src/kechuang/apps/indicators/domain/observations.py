"""Figures: entered as a draft, handed in, approved by someone else, changed only by revisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.locks import lock_of
from kechuang.apps.indicators.domain.periods import Period
from kechuang.apps.indicators.domain.reckoning import reckon_around
from kechuang.apps.indicators.domain.units import STEP, text_of
from kechuang.apps.indicators.models import Indicator, Observation
from kechuang.apps.indicators.permissions import may_report
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import StoredFile
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.workflow import advance

State = Observation.State
SourceKind = Observation.SourceKind
JUMP = 10
"""A figure ten times the one before, or a tenth of it, is asked back: often it is the unit."""


@transaction.atomic
def record_observation(
    actor: Actor,
    *,
    indicator: Indicator,
    region: Region,
    period: Period,
    value: Decimal,
    source: str = "",
    source_kind: str = SourceKind.DECLARED,
    evidence: StoredFile | None = None,
    reason: str = "",
    seen: datetime | None = None,
    synthetic: bool = False,
) -> Observation:
    """Enter a figure as a draft, or change the draft (or returned figure) that is there.

    Where an approved figure exists or the month is closed, ``reason`` says why it changes, and a revision is begun; the
    approved figure stays in force until the revision is approved. ``seen`` is when the caller's copy of the draft was
    last changed: Stale where someone else changed it since. (A page that saves by itself overtakes its own copy.)
    """
    value, current, reason = _allowed(actor, indicator, region, period, value, reason)
    draft = next((row for row in current if row.is_open), None)
    if draft is not None and seen not in (None, draft.updated_at) and draft.entered_by_id != actor.user_id:
        raise Stale(_("Someone else changed this figure since you opened the page. Load it again."))
    row = draft or Observation(
        indicator=indicator,
        region=region,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        revision=len(current) + 1,
        synthetic=synthetic,
    )
    row.value, row.source, row.source_kind = value, source.strip(), source_kind
    row.evidence = evidence or row.evidence
    row.revision_reason, row.entered_by_id = reason, actor.user_id
    return _saved(row)


@transaction.atomic
def check_observation(
    actor: Actor, *, indicator: Indicator, region: Region, period: Period, value: Decimal, reason: str = ""
) -> None:
    """Would :func:`record_observation` take this figure? Raises what it would raise; writes nothing."""
    _allowed(actor, indicator, region, period, value, reason)


def revise_observation(
    actor: Actor, *, observation: Observation, value: Decimal, reason: str, source: str = ""
) -> Observation:
    """Begin a revision of an approved figure and hand it in at once."""
    authorise(actor, "revise", observation)
    if not reason.strip():
        raise DomainError(_("Write down why the figure changes: it stands in the revision log."), field="reason")
    with transaction.atomic():
        revision = record_observation(
            actor,
            indicator=observation.indicator,
            region=observation.region,
            period=period_of_observation(observation),
            value=value,
            source=source or observation.source,
            reason=reason,
        )
        return submit_observation(actor, observation=revision)


@transaction.atomic
def submit_observation(actor: Actor, *, observation: Observation) -> Observation:
    """Hand a figure in for approval."""
    row = _locked(observation)
    authorise(actor, "submit", row)
    period = period_of_observation(row)
    _require_reason(
        row.indicator, row.region, period, _revisions(row.indicator, row.region, period), row.revision_reason
    )
    advance(row, "submit", actor=actor)
    return row


@transaction.atomic
def withdraw_observation(actor: Actor, *, observation: Observation) -> Observation:
    """Take back a figure that nobody has decided on yet."""
    row = _locked(observation)
    advance(row, "withdraw", actor=actor)
    return row


@transaction.atomic
def approve_observation(actor: Actor, *, observation: Observation) -> Observation:
    """Put a figure in force; the one it revises gives way. Not by whom handed it in."""
    row = _locked(observation)
    authorise(actor, "approve", row)
    if row.state == State.SUBMITTED:
        _supersede(actor, row)
    advance(row, "approve", actor=actor)
    reckon_around(row.indicator, row.region)
    return row


@transaction.atomic
def return_observation(actor: Actor, *, observation: Observation, reason: str) -> Observation:
    """Send a figure back with the reason; whoever entered it is told."""
    row = _locked(observation)
    advance(row, "return", actor=actor, reason=reason)
    people = {person for person in (row.submitted_by_id, row.entered_by_id) if person is not None}
    notify(
        people,
        _("%(indicator)s, %(period)s was returned: %(reason)s")
        % {"indicator": row.indicator, "period": period_of_observation(row).label, "reason": row.return_reason},
        entry_url(row),
        "observation-returned",
        subject=row,
    )
    return row


@transaction.atomic
def delete_observation(actor: Actor, *, observation: Observation) -> None:
    """Throw a draft away. Figures that were approved stay for good."""
    row = _locked(observation)
    authorise(actor, "delete", row)
    row.delete()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of many figures at once: how many went through, and why the others did not."""

    done: int = 0
    refused: list[tuple[Observation, str]] = field(default_factory=list)


def decide_many(actor: Actor, *, observations: Iterable[Observation], approve: bool, reason: str = "") -> Outcome:
    """Approve or return each; one that does not go through leaves the others alone."""
    done, refused = 0, []
    for observation in observations:
        try:
            if approve:
                approve_observation(actor, observation=observation)
            else:
                return_observation(actor, observation=observation, reason=reason)
            done += 1
        except DomainError as error:
            refused.append((observation, error.message))
    return Outcome(done, refused)


def submit_many(actor: Actor, *, observations: Iterable[Observation]) -> Outcome:
    """Hand in each; one that does not go through leaves the others alone."""
    done, refused = 0, []
    for observation in observations:
        try:
            submit_observation(actor, observation=observation)
            done += 1
        except DomainError as error:
            refused.append((observation, error.message))
    return Outcome(done, refused)


def doubtful(observation: Observation, previous: Decimal | None) -> str:
    """A question about a figure that looks wrong beside the one before; empty where nothing does."""
    if previous is None or previous <= 0 or observation.value <= 0:
        return ""
    ratio = observation.value / previous
    if Decimal(1) / JUMP < ratio < JUMP:
        return ""
    return _("Before it was %(previous)s. Is the unit right?") % {"previous": text_of(previous, observation.indicator)}


def period_of_observation(observation: Observation) -> Period:
    """The period that a figure stands for."""
    return Period(observation.period_start, observation.period_kind)


def entry_url(observation: Observation) -> str:
    """Where the figure is entered and corrected."""
    query = f"region={observation.region_id}&period={period_of_observation(observation).key}"
    return f"{reverse('indicators:entry')}?{query}#indicator-{observation.indicator_id}"


def _allowed(
    actor: Actor, indicator: Indicator, region: Region, period: Period, value: Decimal, reason: str
) -> tuple[Decimal, list[Observation], str]:
    """The value as stored, the revisions there are (locked), and the reason that holds; raises what speaks against."""
    authorise(actor, "add", Observation)
    if not (decision := may_report(actor, indicator, region)):
        raise Refused(decision.reason)
    value = checked_value(indicator, period, value)
    current = _revisions(indicator, region, period)
    draft = next((row for row in current if row.is_open), None)
    if draft is not None and draft.state == State.SUBMITTED:
        raise Stale(_("This figure waits for approval. Take it back before changing it."))
    reason = reason.strip() or (draft.revision_reason if draft else "")
    _require_reason(indicator, region, period, current, reason)
    return value, current, reason


def checked_value(indicator: Indicator, period: Period, value: Decimal) -> Decimal:
    """The value as it is stored; DomainError where no such figure can be."""
    if indicator.state == Indicator.State.MERGED:
        raise DomainError(_("This indicator was merged into another. Report that one."), field="indicator")
    if period.end > timezone.localdate():
        raise DomainError(_("%(period)s is not over yet.") % {"period": period.label}, field="period")
    if value < 0 and indicator.kind != Indicator.Kind.GROWTH:
        raise DomainError(_("%(indicator)s is not negative.") % {"indicator": indicator}, field="value")
    if indicator.kind == Indicator.Kind.RATIO and indicator.unit == "%" and value > 100:
        raise DomainError(_("A share is at most 100 percent."), field="value")
    if abs(value) >= Decimal(10) ** 18:
        raise DomainError(_("This number is too large. Is the unit right?"), field="value")
    return value.quantize(STEP)


def _revisions(indicator: Indicator, region: Region, period: Period) -> list[Observation]:
    """All revisions of a figure, locked, oldest first."""
    rows = Observation.objects.select_for_update().filter(
        indicator=indicator, region=region, period_kind=period.kind, period_start=period.start
    )
    return list(rows.order_by("revision"))


def _require_reason(
    indicator: Indicator, region: Region, period: Period, revisions: list[Observation], reason: str
) -> None:
    if reason:
        return
    if any(row.state == State.APPROVED for row in revisions):
        raise DomainError(
            _("%(indicator)s, %(period)s is approved. Say why it changes.")
            % {"indicator": indicator, "period": period.label},
            field="reason",
        )
    if lock_of(period, region) is not None:
        raise DomainError(
            _("%(period)s is closed. Say why the figure comes now.") % {"period": period.label}, field="reason"
        )


def _saved(row: Observation) -> Observation:
    """Save; where someone was faster or closed the month meanwhile, say so."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "observation_one_open" in str(error) or "observation_revision" in str(error):
            raise Stale(_("Someone else entered this figure just now. Load the page again.")) from error
        if "month is closed" in str(error):
            raise DomainError(_("The month was closed just now. Say why the figure comes."), field="reason") from error
        raise
    return row


def _locked(observation: Observation) -> Observation:
    rows = Observation.objects.select_for_update(of=("self",))
    return rows.select_related("indicator__responsible_unit", "region").get(pk=observation.pk)


def _supersede(actor: Actor, row: Observation) -> None:
    for old in _revisions(row.indicator, row.region, period_of_observation(row)):
        if old.state == State.APPROVED:
            advance(old, "supersede", actor=Actor(user_id=actor.user_id, is_system=True))

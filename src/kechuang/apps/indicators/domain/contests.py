"""Contested facts: someone says that what is known is not right; an official looks and answers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Membership, Organisation, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.fact_values import VALUE_COLUMNS, read_value, say
from kechuang.apps.indicators.models import Fact, FactContest, FactKind
from kechuang.apps.indicators.permissions import may_keep
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.models import StoredFile
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import Actor, authorise, visible
from kechuang.kit.workflow import advance


@transaction.atomic
def contest_fact(
    actor: Actor,
    *,
    organisation: Organisation,
    kind: FactKind,
    year: int | None,
    reason: str,
    value: Any = None,
    typed: bool = False,
    known: str = "",
    evidence: StoredFile | None = None,
) -> FactContest:
    """Say that a known value is not right, and propose another where one is at hand; the county's officials answer.

    Raises DomainError at ``reason`` or ``value``, Refused where the organisation is not the actor's to speak for.
    """
    authorise(actor, "add", FactContest)
    decision = may_keep(actor, organisation)
    if not decision:
        raise Refused(decision.reason)
    if not reason.strip():
        raise DomainError(_("Write down why: the other side will read it."), field="reason")
    try:
        proposed = read_value(kind, value, typed=typed)
    except DomainError as error:
        raise DomainError(error.message, field="value") from None
    rows = Fact.objects.select_related("kind").filter(organisation=organisation, kind=kind, year=year)
    fact = rows.filter(state=Fact.State.IN_FORCE).first()
    if fact is not None:
        known = say(kind, fact.value)
    if not known:
        raise DomainError(_("Nothing is known here yet: simply fill it in."), field="value")
    return propose(
        actor, organisation=organisation, kind=kind, year=year, fact=fact, known=known, value=proposed,
        reason=reason.strip(), evidence=evidence,
    )  # fmt: skip


@transaction.atomic
def propose(
    actor: Actor,
    *,
    organisation: Organisation,
    kind: FactKind,
    year: int | None,
    fact: Fact | None,
    known: str,
    value: Any,
    reason: str,
    evidence: StoredFile | None = None,
) -> FactContest:
    """One open contest for each organisation, kind and year: proposing again changes the one that waits.

    For verbs that have asked already whether the actor may.
    """
    Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=organisation.pk)
    waiting = FactContest.objects.select_for_update().filter(
        organisation=organisation, kind=kind, year=year, state=FactContest.State.OPEN
    )
    contest = waiting.first() or FactContest(organisation=organisation, kind=kind, year=year)
    fresh = contest.pk is None
    contest.fact, contest.known, contest.reason = fact, known[:300], reason[:300]
    contest.evidence, contest.raised_by_id = evidence or contest.evidence, actor.user_id
    for column in VALUE_COLUMNS:
        setattr(contest, column, value if column == kind.column else None)
    contest.save()
    if fresh:
        _tell_officials(contest)
    return contest


@transaction.atomic
def answer_contest(actor: Actor, *, contest: FactContest, accept: bool, answer: str = "") -> FactContest:
    """Accept (the proposed value comes in force as verified, or the known one is struck) or let the known value stand.

    Not by whom raised it. Raises Stale where it was answered meanwhile, DomainError where there is nothing to put in
    place of a value that other records tell.
    """
    from kechuang.apps.indicators.domain.facts import replace_fact, strike_fact

    row = FactContest.objects.select_for_update(of=("self",)).select_related("organisation__region", "kind", "fact")
    locked = row.get(pk=contest.pk)
    if accept and locked.value is None and locked.fact is None:
        raise DomainError(_("No other value is proposed. Have the record corrected where it is kept."))
    advance(locked, "accept" if accept else "refuse", actor=actor, reason=answer)
    if accept and locked.value is not None:
        replace_fact(
            actor, organisation=locked.organisation, kind=locked.kind, year=locked.year, value=locked.value,
            entered_by=locked.raised_by_id, source_note=answer or locked.reason, evidence=locked.evidence,
        )  # fmt: skip
    elif accept and locked.fact is not None:
        strike_fact(actor, fact=locked.fact)
    _tell_owner(locked)
    return locked


@transaction.atomic
def withdraw_contest(actor: Actor, *, contest: FactContest) -> FactContest:
    """Take back what nobody has answered yet."""
    advance(contest, "withdraw", actor=actor)
    return contest


def waiting_contests(actor: Actor) -> Any:
    """The contests that the actor may answer, the oldest first."""
    rows = visible(actor, FactContest).filter(state=FactContest.State.OPEN)
    return rows.exclude(raised_by=actor.user_id) if actor.user_id is not None else rows


def _tell_officials(contest: FactContest) -> None:
    officials = User.objects.filter(
        memberships__role=Role.COUNTY_WORKSTATION,
        memberships__region=contest.organisation.region_id,
        memberships__state=Membership.State.ACTIVE,
    )
    message = _("%(name)s contests “%(kind)s”.") % {"name": contest.organisation.name, "kind": contest.kind}
    url = reverse("indicators:contests-detail", args=[contest.pk])
    notify(officials, message, url, kind="fact_contest", subject=contest)


def _tell_owner(contest: FactContest) -> None:
    if contest.raised_by_id is None:
        return
    words = {"kind": contest.kind, "state": contest.get_state_display()}
    message = _("Your remark on “%(kind)s” was answered: %(state)s.") % words
    url = reverse("indicators:my_data", args=[contest.organisation_id])
    notify({contest.raised_by_id}, f"{message} {contest.answer}".strip(), url, kind="fact_contest", subject=contest)

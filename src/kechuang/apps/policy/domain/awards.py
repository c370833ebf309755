"""Who is entitled in a region, and the way of an award from an officer's confirmation to the payment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.snapshots import freeze_snapshot
from kechuang.apps.policy.domain.batches import (
    SUBJECT,
    Places,
    answers,
    county_codes,
    fingerprint,
    frozen_program,
    parquet_of,
    program_of,
    scan,
)
from kechuang.apps.policy.domain.queries.rulebook import program_for
from kechuang.apps.policy.domain.received import frame_of, grants_under, is_received, sums_of
from kechuang.apps.policy.models import AmountIs, RuleVersion
from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun, yuan
from kechuang.engines.rules.evaluate import tallies
from kechuang.kit.calendar import add_working_days
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.files import store_made
from kechuang.kit.models import StepLog
from kechuang.kit.numbers import money_text
from kechuang.kit.permissions import Actor, authorise, can, visible
from kechuang.kit.references import type_of
from kechuang.kit.workflow import Transition, workflows_of

Step = Callable[[int, int, str], None]
NOTICE_DAYS = 5
"""Working days that an award stays on public notice before it may be paid."""


def silent(done: int, total: int, message: str) -> None:
    """Nobody waits."""


def assess(
    actor: Actor, *, region: Region, year: int, day: date | None = None, step: Step = silent, job_key: int | None = None
) -> EligibilityRun:
    """Freeze the facts of all verified organisations of a region and answer every published rule for each.

    ``year`` is the fiscal year of the facts, ``day`` the day whose rules hold (today). Raises DomainError where there
    are no rules or no organisations. With ``job_key`` a second call for the same job gives the run that is there.
    """
    authorise(actor, "add", EligibilityRun)
    authorise_in(actor, region)
    if job_key is not None and (done := EligibilityRun.objects.filter(job_key=job_key).first()):
        return done
    book = program_for(region, day or timezone.localdate())
    frozen = frozen_program(book)
    if not frozen["rules"]:
        raise DomainError(_("There are no published rules for %(region)s yet.") % {"region": region.name})
    step(0, 4, _("freezing what is known of the organisations"))
    rows = Organisation.objects.filter(region__path__startswith=region.path, state=Organisation.State.VERIFIED)
    title = _("Assessment of %(region)s for %(year)s") % {"region": region.name, "year": year}
    snapshot = freeze_snapshot(actor, year=year, organisations=rows, title=title)
    step(1, 4, _("answering every rule for every organisation"))
    places = Places(region)
    received = frame_of(sums_of(book, grants_under(book), year))
    table = computed(scan(snapshot), frozen, places, received)
    step(2, 4, _("counting"))
    program = program_of(frozen)
    subjects, tally = tallies(table.lazy(), program)
    counties = by_county(table, [ready.rule.id for ready in program.rules])
    step(3, 4, _("storing the answers"))
    name = f"eligibility-{region.code}-{year}-{timezone.now():%Y%m%dT%H%M%S}.parquet"
    with parquet_of(table) as stream, transaction.atomic():
        file = store_made(stream, name, kind="parquet", actor=actor)
        return EligibilityRun.objects.create(
            region=region, year=year, day=book.day, snapshot=snapshot, program=frozen, results=file,
            versions={code: version.pk for code, version in book.versions.items()}, sha256=fingerprint(table),
            subjects=subjects, counties=counties, started_by_id=actor.user_id, job_key=job_key,
            tallies={code: {name: int(getattr(each, name) or 0) for name in each.__slots__} for code, each in
                     tally.items()},
        )  # fmt: skip


def computed(
    frame: pl.LazyFrame, frozen: Mapping[str, Any], places: Places, received: pl.DataFrame | None
) -> pl.DataFrame:
    """The table of a run: subject, county, and the answers of every rule, with what had been received."""
    program = program_of(frozen)
    found = answers(frame, program, received=None if received is None else received.lazy()).collect()
    if "region" not in frame.collect_schema():
        return found.with_columns(pl.lit(None, dtype=pl.String).alias("county"))
    return found.hstack(frame.select(county_codes(places).alias("county")).collect())


def by_county(table: pl.DataFrame, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Per county the organisations, and per rule how many are entitled and what is payable (fen)."""
    parts: list[pl.Expr] = [pl.len().alias("subjects")]
    for code in codes:
        parts += [pl.col(code).sum().alias(code), pl.col(f"{code}.payable").sum().alias(f"{code}.payable")]
    grouped = table.group_by("county").agg(parts).sort("county", nulls_last=True)
    return [
        {
            "county": row["county"],
            "subjects": row["subjects"],
            "rules": {c: [int(row[c] or 0), int(row[f"{c}.payable"] or 0)] for c in codes if row[c]},
        }
        for row in grouped.iter_rows(named=True)
    ]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Whether a run comes out as it did: ``differences`` are the columns that do not."""

    same: bool
    sha256: str
    differences: tuple[str, ...] = ()


def recompute(actor: Actor, *, run: EligibilityRun) -> Recomputed:
    """Compute a run again from its frozen facts and rules and hold every value against what was stored.

    Raises ValueError where the frozen facts or the stored answers are not the files that they were.
    """
    authorise(actor, "view", run)
    stored = table_of(run)
    received = stored.select(SUBJECT, *filter(is_received, stored.columns))
    again = computed(scan(run.snapshot), run.program, Places(run.region), received if received.width > 1 else None)
    sha = fingerprint(again)
    if again.columns != stored.columns:
        return Recomputed(False, sha, tuple(sorted({*again.columns} ^ {*stored.columns})))
    different = tuple(name for name in again.columns if not again[name].equals(stored[name], null_equal=True))
    return Recomputed(not different and sha == run.sha256 == fingerprint(stored), sha, different)


def table_of(run: EligibilityRun) -> pl.DataFrame:
    """The stored answers of a run, all of them."""
    with run.results.file.open("rb") as stream:
        return pl.read_parquet(stream.read())


def authorise_in(actor: Actor, region: Region) -> None:
    """Raise Refused where the officer's region does not cover this one."""
    from kechuang.apps.directory.roles import Role

    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return
    if not any(region.path.startswith(path) for path in actor.regions(Role.BUREAU_OFFICER)):
        raise Refused(_("This belongs to another region: its own officers do it."))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How a batch went: new awards, those that were there already, and the sum of the new ones in fen."""

    new: int
    known: int
    payable: int
    batch: str


class LoweredErrors(DomainError):
    """Sums that cannot be granted; ``errors`` says by organisation why. Nothing was confirmed."""

    def __init__(self, errors: Mapping[int, str]) -> None:
        self.errors = dict(errors)
        message = ngettext("%(n)s sum needs another look.", "%(n)s sums need another look.", len(self.errors))
        super().__init__(message % {"n": len(self.errors)}, field="sum")


@transaction.atomic
def confirm_awards(
    actor: Actor,
    *,
    run: EligibilityRun,
    code: str,
    organisations: Collection[int] | None = None,
    sums: Mapping[int, int] | None = None,
    reason: str = "",
) -> Confirmed:
    """Confirm that organisations found by a run get a right; None: all that something is payable to.

    ``sums``: organisation → fen, where less than what is payable is granted; only of a right that is “at most” so much,
    never more, and with a ``reason``. Whoever has the right for the year already, had it once where it is granted once,
    or has another of its group, is passed over: the database decides, so that two officers at once make one award.
    Raises DomainError where nobody is left, LoweredErrors by organisation.
    """
    authorise(actor, "confirm", Award)
    authorise_in(actor, run.region)
    rows = payable_rows(run, code, organisations)
    if not rows.height:
        raise DomainError(_("Nobody was chosen to whom something is payable."))
    entry = next(each for each in run.program["rules"] if each["id"] == code)
    lowered = lowered_sums(entry, rows, sums or {}, reason.strip())
    batch = uuid4()
    drafted = _drafted(actor, run, entry, rows, lowered, reason.strip()[:500], batch)
    Award.objects.bulk_create(drafted, ignore_conflicts=True, batch_size=2000)
    made = list(Award.objects.filter(batch=batch).values_list("pk", "payable", "lowered_because"))
    now = timezone.now()
    for because in {row[2] for row in made}:
        keys = [pk for pk, _payable, why in made if why == because]
        _log(actor, keys, "confirm", AwardState.PROPOSED, AwardState.CONFIRMED, because, now)
    return Confirmed(len(made), rows.height - len(made), sum(row[1] for row in made), str(batch))


def _drafted(
    actor: Actor,
    run: EligibilityRun,
    entry: Mapping[str, Any],
    rows: pl.DataFrame,
    lowered: Mapping[int, int],
    reason: str,
    batch: UUID,
) -> list[Award]:
    """The awards of the rows of :func:`payable_rows`, not in the database yet."""
    version = RuleVersion.objects.select_related("rule").get(pk=run.versions[entry["id"]])
    counties = {region.code: region.pk for region in Places(run.region).counties}
    common = {
        "rule": version.rule, "version": version, "run": run, "year": run.year, "region": run.region, "batch": batch,
        "payer": version.rule.payer, "group": str(entry.get("group") or ""), "confirmed_by_id": actor.user_id,
        "once": bool((entry.get("limits") or {}).get("once")), "state": AwardState.CONFIRMED,
        "synthetic": run.snapshot.synthetic,
    }  # fmt: skip
    drafted = []
    for key, county, amount, payable in rows.iter_rows():
        award = Award(
            organisation_id=key, county_id=counties.get(county or ""), amount=amount, payable=payable, **common
        )
        if key in lowered:
            award.payable, award.lowered_from, award.lowered_because = lowered[key], payable, reason
        drafted.append(award)
    return drafted


def may_be_lowered(entry: Mapping[str, Any]) -> bool:
    """The definition of a right says “at most”."""
    return entry.get("amount_is") == AmountIs.CEILING


def lowered_sums(entry: Mapping[str, Any], rows: pl.DataFrame, sums: Mapping[int, int], reason: str) -> dict[int, int]:
    """Those of ``sums`` (organisation → fen) that are less than what is payable. Raises LoweredErrors where one is no
    sum or more than that, DomainError where less is granted of a right that is not “at most”, or without a reason."""
    payable = dict(zip(rows[SUBJECT], rows[f"{entry['id']}.payable"], strict=True))
    asked = {key: fen for key, fen in sums.items() if key in payable and fen != payable[key]}
    errors = {}
    for key, fen in asked.items():
        if fen > payable[key]:
            words = {"sum": money_text(yuan(payable[key]))}
            errors[key] = _("At most %(sum)s is payable here.") % words
        elif fen <= 0:
            errors[key] = _("A sum above zero, please. Whoever is to get nothing is left unticked.")
    if errors:
        raise LoweredErrors(errors)
    if asked and not may_be_lowered(entry):
        raise DomainError(_("This right is a fixed sum: it is granted in full or not at all."), field="sum")
    if asked and not reason:
        raise DomainError(_("Write down why less is granted: the organisation reads it."), field="reason")
    return asked


def payable_rows(run: EligibilityRun, code: str, organisations: Collection[int] | None = None) -> pl.DataFrame:
    """Subject, county, amount and payable (fen) of those to whom something is payable."""
    frame = pl.scan_parquet(run.results.file.path)
    wanted = frame.filter(pl.col(code), pl.col(f"{code}.payable") > 0)
    if organisations is not None:
        wanted = wanted.filter(pl.col(SUBJECT).is_in(list(organisations)))
    return wanted.select(SUBJECT, "county", f"{code}.amount", f"{code}.payable").collect()


def _log(actor: Actor, keys: Sequence[int], name: str, source: str, target: str, reason: str, now: Any) -> None:
    subject = type_of(Award)
    StepLog.objects.bulk_create(
        [
            StepLog(
                subject_type=subject, subject_id=key, workflow="award", transition=name, from_state=source,
                to_state=target, actor_id=actor.user_id, reason=reason,
            )
            for key in keys
        ],
        batch_size=2000,
    )  # fmt: skip


@transaction.atomic
def step_awards(actor: Actor, *, awards: Collection[int], name: str, reason: str = "") -> int:
    """Take one step with many awards at once, all or none: rows are locked in the order of their keys.

    ``publish`` puts them on notice, ``release`` lets them be paid (by another person than confirmed, after the notice),
    ``pay`` records the payment, ``withdraw`` needs a reason. Gives how many. Raises Stale, Refused, DomainError.
    """
    authorise(actor, name, Award)
    transition = _transition(name)
    reason = reason.strip()
    if transition.needs_reason and not reason:
        raise DomainError(_("Write down why: the other side will read it."), field="reason")
    keys = visible(actor, Award).filter(pk__in=list(awards)).values("pk")
    rows = list(
        Award.objects.filter(pk__in=keys).select_for_update(of=("self",)).select_related("region").order_by("pk")
    )
    if not rows:
        raise DomainError(_("Tick at least one award."))
    for region in {row.region_id: row.region for row in rows}.values():
        _authorise_step(actor, name, region)
    _check(actor, rows, transition)
    now, today = timezone.now(), timezone.localdate()
    fields: dict[str, Any] = {"state": transition.target, "updated_at": now}
    if name == "publish":
        fields |= {"notice_from": today, "notice_until": add_working_days(today, NOTICE_DAYS)}
    elif name == "release":
        fields["released_by_id"] = actor.user_id
    elif name == "pay":
        fields["paid_on"] = today
    elif name == "withdraw":
        fields["reason"] = reason[:500]
    Award.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    for source in {row.state for row in rows}:
        _log(actor, [row.pk for row in rows if row.state == source], name, source, transition.target, reason, now)
    return len(rows)


def _transition(name: str) -> Transition:
    for workflow in workflows_of(Award):
        if name in workflow.transitions:
            return workflow.transitions[name]
    raise LookupError(f"there is no step {name}")


def _authorise_step(actor: Actor, name: str, region: Region) -> None:
    from kechuang.apps.directory.roles import Role

    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return
    roles = [Role.BUREAU_OFFICER, *([Role.BUREAU_LEADER] if name in ("release", "pay") else [])]
    if not any(region.path.startswith(path) for path in actor.regions(*roles)):
        raise Refused(_("This belongs to another region: its own officers do it."))


def _check(actor: Actor, rows: Sequence[Award], transition: Transition) -> None:
    wrong = [row for row in rows if row.state not in transition.sources]
    if wrong:
        message = ngettext(
            "%(count)s of them has moved on meanwhile. Load the page again.",
            "%(count)s of them have moved on meanwhile. Load the page again.",
            len(wrong),
        )
        raise Stale(message % {"count": len(wrong)})
    if transition.name == "release":
        if actor.user_id is not None and any(row.confirmed_by_id == actor.user_id for row in rows):
            raise Refused(_("You confirmed some of these yourself: a colleague or a leader releases the payment."))
        last = max(row.notice_until for row in rows if row.notice_until)
        if last >= timezone.localdate():
            raise DomainError(_("The public notice runs until %(day)s; release them after it.") % {"day": last})


def may_step(actor: Actor, name: str) -> bool:
    return bool(can(actor, name, Award))

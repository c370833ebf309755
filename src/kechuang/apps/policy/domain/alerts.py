"""What changed in the answers of an organisation since it was last told, found for all of them by the batch engine.

The first look at an organisation is kept and told to nobody. What is unknown takes nothing back: the last known answer
stands until there is another, so that a new year without figures tells nobody that a right is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from kechuang.apps.directory.models import Membership, Organisation, Region
from kechuang.apps.directory.roles import ORGANISATION_ROLES
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.domain.queries.frames import portions_of
from kechuang.apps.policy.domain.batches import SUBJECT, answers, frozen_program, program_of
from kechuang.apps.policy.domain.queries.rulebook import RuleBook, program_for
from kechuang.apps.policy.domain.received import Counting, Grant, frame_of, grants_under, sums_of
from kechuang.apps.policy.models import PUBLIC_VERSIONS, Formula, RuleVersion, ToldAnswers
from kechuang.engines.rules.program import Program
from kechuang.kit.notifications import Letter, notify_each

YES, NO, RECEIVED = "yes", "no", "received"
Standing = tuple[str, int | None]
"""One of the three words, and what is payable in fen; None where there is no sum."""
PORTION = 5_000
REMEMBERED = timedelta(days=60)
"""How long the page shows what changed."""
MOST = 30
"""So many changes of an organisation are remembered."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A right whose answer is another than the one last told; ``before``: None where nothing was known."""

    code: str
    before: Standing | None
    after: Standing

    @property
    def gained(self) -> bool:
        """It applies now and did not."""
        return self.after[0] == YES and (self.before is None or self.before[0] != YES)

    @property
    def lost(self) -> bool:
        return self.after[0] == NO


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a look went: organisations looked at, those whose answers changed, messages sent."""

    looked_at: int
    changed: int
    told: int


Say = Callable[[RuleBook, int, Sequence[Changed]], tuple[str, str]]
"""Book, organisation and its changes → the message and the address that it leads to."""


def tell_changes(say: Say, *, organisations: Collection[int] | None = None, day: date | None = None) -> Outcome:
    """Look at these organisations, or at all verified ones, and tell the people of those for whom an answer changed.

    One message for each organisation and look, however many rights changed. Doing it twice tells nothing twice: what
    was told is kept in the same transaction.
    """
    today = day or timezone.localdate()
    looked_at = changed = told = 0
    for region, rows in by_rulebook(organisations):
        book = program_for(region, today)
        frozen = frozen_program(book)
        if not frozen["rules"]:
            continue
        program, kinds, year = program_of(frozen), list(book.kinds.values()), return_year(today)
        for portion in portions_of(year, rows, kinds=kinds, size=PORTION):
            with transaction.atomic():
                news = _look(book, program, portion, year)
                told += _tell(say, book, news)
            looked_at += portion.height
            changed += len(news)
    return Outcome(looked_at, changed, told)


def facts_have_changed(organisations: Collection[int]) -> None:
    """Note that their answers want another look. Who was never looked at waits for the night: there is nothing to
    compare with yet."""
    ToldAnswers.objects.filter(organisation__in=organisations, waiting=False).update(waiting=True)


@transaction.atomic
def take_waiting() -> list[int]:
    """Whose facts have changed since the last look; they wait no more. Taken before the facts are read, so that what
    changes meanwhile waits again."""
    rows = ToldAnswers.objects.select_for_update().filter(waiting=True).order_by("pk")
    keys = list(rows.values_list("organisation", flat=True))
    ToldAnswers.objects.filter(organisation__in=keys).update(waiting=False)
    return keys


def by_rulebook(organisations: Collection[int] | None) -> Iterator[tuple[Region, QuerySet[Organisation]]]:
    """Regions that have rules of their own, each with the organisations whose nearest such region it is."""
    codes = set(RuleVersion.objects.filter(state__in=PUBLIC_VERSIONS).values_list("rule__region", flat=True).distinct())
    codes |= set(Formula.objects.filter(state__in=PUBLIC_VERSIONS).values_list("region", flat=True).distinct())
    regions = list(Region.objects.filter(pk__in=codes).order_by("path"))
    for region in regions:
        rows = Organisation.objects.filter(state=Organisation.State.VERIFIED, region__path__startswith=region.path)
        for other in regions:
            if other.path.startswith(region.path) and other != region:
                rows = rows.exclude(region__path__startswith=other.path)
        yield region, rows if organisations is None else rows.filter(pk__in=organisations)


def _look(book: RuleBook, program: Program, portion: pl.DataFrame, year: int) -> dict[int, list[Changed]]:
    """Keep the answers of a portion; what of them is to be told."""
    keys = portion[SUBJECT].to_list()
    rows = ToldAnswers.objects.select_for_update().filter(organisation__in=keys).order_by("pk")
    known = {row.organisation_id: row for row in rows}
    grants = grants_under(book, keys)
    received = frame_of(sums_of(book, grants, year))
    table = answers(portion.lazy(), program, received=None if received is None else received.lazy()).collect()
    now = standings(table, program, _settled(book, grants, year))
    news, fresh, moved = {}, [], []
    for key in keys:
        row = known.get(key)
        if row is None:
            fresh.append(ToldAnswers(organisation_id=key, as_of=book.day, answers=_plain(now[key])))
            continue
        kept, changes = compared({code: (word, fen) for code, (word, fen) in row.answers.items()}, now[key], book)
        if _plain(kept) == row.answers and not changes:
            continue
        row.answers, row.as_of, row.updated_at = _plain(kept), book.day, timezone.now()
        row.changes = _remembered(row.changes, changes, book.day)
        moved.append(row)
        if changes:
            news[key] = changes
    ToldAnswers.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=2000)
    ToldAnswers.objects.bulk_update(moved, ["answers", "as_of", "changes", "updated_at"], batch_size=2000)
    return news


def standings(
    table: pl.DataFrame, program: Program, settled: Mapping[int, Mapping[str, Grant]]
) -> dict[int, dict[str, Standing]]:
    """Organisation → code → how it stands, from the columns of :func:`batches.answers`; what is unknown is absent."""
    found: dict[int, dict[str, Standing]] = {key: {} for key in table[SUBJECT]}
    for ready in program.rules:
        code = ready.rule.id
        columns = zip(table[SUBJECT], table[code], table[f"{code}.payable"], strict=True)
        for key, answer, fen in columns:
            grant = settled.get(key, {}).get(code)
            if grant is not None and (grant.code == code or answer):
                found[key][code] = (RECEIVED, None)
            elif answer is not None:
                found[key][code] = (YES, fen) if answer else (NO, None)
    return found


def _settled(book: RuleBook, grants: Sequence[Grant], year: int) -> dict[int, dict[str, Grant]]:
    counting = Counting(book)
    of: dict[int, list[Grant]] = {}
    for grant in grants:
        of.setdefault(grant.organisation, []).append(grant)
    return {key: counting.settling(rows, year) for key, rows in of.items()}


def compared(
    before: Mapping[str, Standing], now: Mapping[str, Standing], book: RuleBook
) -> tuple[dict[str, Standing], list[Changed]]:
    """What is to be kept, and what of it is worth telling: a right that applies now, one that does no more, another
    sum. A right that no rule states any more is a no."""
    kept = dict(before)
    gone = {code: (NO, None) for code in before if code not in book.versions}
    changes = []
    for code, after in {**gone, **now}.items():
        old = before.get(code)
        if after[0] == YES and after[1] is None and old is not None and old[0] == YES:
            continue  # the sum cannot be reckoned at present: the last one stands
        kept[code] = after
        if after != old and (after[0] == YES or (after[0] == NO and old is not None and old[0] == YES)):
            changes.append(Changed(code, old, after))
    order = sorted(changes, key=lambda each: (each.lost, not each.gained, -(each.after[1] or 0), each.code))
    return kept, order


def _remembered(earlier: Sequence[Mapping[str, Any]], changes: Sequence[Changed], day: date) -> list[dict[str, Any]]:
    """What the page shows: the changes of the last weeks, of each right the last one."""
    new = [{"code": c.code, "before": c.before, "after": c.after, "on": day.isoformat()} for c in changes]
    codes = {change.code for change in changes}
    since = (day - REMEMBERED).isoformat()
    old = [dict(each) for each in earlier if each["on"] >= since and each["code"] not in codes]
    return [*old, *new][-MOST:]


def recent_changes(organisation: Organisation, day: date) -> list[tuple[date, Changed]]:
    """What changed lately for an organisation, newest first."""
    row = ToldAnswers.objects.filter(organisation=organisation).first()
    since = day - REMEMBERED
    found = []
    for each in reversed(row.changes if row else ()):
        on = date.fromisoformat(each["on"])
        if on >= since:
            before = None if each["before"] is None else (each["before"][0], each["before"][1])
            found.append((on, Changed(each["code"], before, (each["after"][0], each["after"][1]))))
    return found


def _plain(standing: Mapping[str, Standing]) -> dict[str, list[Any]]:
    """As JSON keeps it."""
    return {code: list(each) for code, each in standing.items()}


def _tell(say: Say, book: RuleBook, news: Mapping[int, Sequence[Changed]]) -> int:
    """One message to each person of these organisations, in a constant number of queries."""
    if not news:
        return 0
    members = Membership.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=book.day),
        Q(valid_until__isnull=True) | Q(valid_until__gte=book.day),
        organisation__in=list(news), role__in=ORGANISATION_ROLES, state=Membership.State.ACTIVE, user__is_active=True,
    )  # fmt: skip
    letters = []
    for organisation, user in sorted(set(members.values_list("organisation", "user"))):
        message, url = say(book, organisation, news[organisation])
        letters.append(Letter(user, message, url, "policy.changes"))
    return len(notify_each(letters))

"""Closing months: afterwards a figure of the month changes only by a revision that says why."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import StrIndex
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.periods import Period, period_of
from kechuang.apps.indicators.models import Observation, PeriodKind, PeriodLock
from kechuang.apps.indicators.models.observation import LOCK_SPACE
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def lock_period(actor: Actor, *, month: date, region: Region | None) -> PeriodLock:
    """Close a month for a region and everything below it (for everyone without a region).

    The month must be over, and nothing of it may still wait for a decision.
    """
    authorise(actor, "add", PeriodLock)
    _require_own_region(actor, region)
    month = month.replace(day=1)
    period = period_of(month, PeriodKind.MONTHLY)
    if period.end >= timezone.localdate():
        raise DomainError(_("%(month)s is not over yet.") % {"month": period.label}, field="month")
    _wait_for_writers(month)
    waiting = Observation.objects.filter(period_end__year=month.year, period_end__month=month.month)
    waiting = waiting.filter(state=Observation.State.SUBMITTED)
    if region is not None:
        waiting = waiting.filter(region__path__startswith=region.path)
    if count := waiting.count():
        raise DomainError(
            _("%(count)s figures of %(month)s still wait for a decision. Approve or return them first.")
            % {"count": count, "month": period.label},
            field="month",
        )
    try:
        with transaction.atomic():
            return PeriodLock.objects.create(month=month, region=region, locked_by_id=actor.user_id)
    except IntegrityError:
        raise DomainError(_("%(month)s is closed already.") % {"month": period.label}, field="month") from None


def lock_of(period: Period, region: Region) -> PeriodLock | None:
    """What closed this period in this region, if anything did."""
    return PeriodLock.objects.filter(_covering(region), month=period.month).first()


def locked_months(region: Region) -> set[date]:
    """The closed months of a region."""
    return set(PeriodLock.objects.filter(_covering(region)).values_list("month", flat=True))


def _covering(region: Region) -> Q:
    """Locks whose region is this one or lies above it."""
    above = PeriodLock.objects.alias(at=StrIndex(Value(region.path), F("region__path"))).filter(at=1).values("pk")
    return Q(region__isnull=True) | Q(pk__in=above)


def _require_own_region(actor: Actor, region: Region | None) -> None:
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return
    own = actor.regions(Role.BUREAU_OFFICER)
    if region is None or not any(region.path.startswith(path) for path in own):
        raise Refused(_("You can close months for your own region only."))


def _wait_for_writers(month: date) -> None:
    """Let whoever writes a figure of the month finish first; later writers wait for us (see the model's triggers)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, month.year * 12 + month.month])

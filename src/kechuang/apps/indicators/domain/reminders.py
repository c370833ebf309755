"""Reminding whoever reports figures: when a month opens, shortly before the last day, and after it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Membership
from kechuang.apps.directory.roles import Role
from kechuang.apps.indicators.domain.periods import PeriodKind, period_of
from kechuang.apps.indicators.domain.queries.reporting import Due, dues, latest_month
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM

BEFORE = timedelta(days=3)


def remind(today: date) -> int:
    """Tell the workstations and units that owe figures for the latest month; gives how many people were told.

    Safe to repeat: a person hears of one month at most three times, once on each occasion.
    """
    month = latest_month(today)
    counties: dict[int, list[int]] = defaultdict(list)
    units: dict[int, list[int]] = defaultdict(list)
    for membership in Membership.objects.filter(user__is_active=True).select_related("region"):
        if membership.role == Role.COUNTY_WORKSTATION and membership.region_id:
            counties[membership.region_id].append(membership.user_id)
        elif membership.role == Role.RESPONSIBLE_UNIT and membership.unit_id:
            units[membership.unit_id].append(membership.user_id)
    owed: dict[int, list[Due]] = defaultdict(list)
    for due in _missing(month):
        unit = due.indicator.responsible_unit
        people = set(counties.get(due.region.pk, ()))
        if unit is not None and unit.region_id == due.region.pk:
            people |= set(units.get(unit.pk, ()))
        for person in people:
            owed[person].append(due)
    return sum(_tell(person, found, month, today) for person, found in owed.items())


def _missing(month: date) -> list[Due]:
    from kechuang.apps.indicators.domain.queries.reporting import reporting_regions

    return [due for due in dues(SYSTEM, reporting_regions(SYSTEM), [month]) if due.missing]


def _tell(person: int, found: list[Due], month: date, today: date) -> int:
    last_day = min(due.due for due in found)
    occasion = "late" if today > last_day else "soon" if today >= last_day - BEFORE else "open"
    label = period_of(month, PeriodKind.MONTHLY).label
    text = ngettext(
        "%(n)s figure for %(month)s is still to be handed in, until %(day)s.",
        "%(n)s figures for %(month)s are still to be handed in, until %(day)s.",
        len(found),
    )
    if occasion == "late":
        text = _("%(n)s figures for %(month)s are overdue since %(day)s.")
    told = notify(
        [person],
        text % {"n": len(found), "month": label, "day": last_day.isoformat()},
        reverse("indicators:entry"),
        "figures-due",
        dedupe_key=f"figures-{month:%Y-%m}-{occasion}",
    )
    return len(told)

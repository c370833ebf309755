"""Telling enterprises that a certification is about to expire: 90 and 30 days before, each once."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from kechuang.apps.cultivation.models import Certification
from kechuang.apps.directory.models import Membership
from kechuang.apps.directory.roles import ORGANISATION_ROLES
from kechuang.kit.notifications import notify

DAYS = (90, 30)
"""How long before the last day people are told."""


def remind_of_expiry(today: date) -> int:
    """Tell the people of every enterprise whose certification enters one of the terms; how many messages are new.

    Safe to repeat, and a day without the job is caught up on. One that a longer one of the same rung follows is
    passed over.
    """
    later = Certification.objects.filter(
        organisation=OuterRef("organisation"), tier=OuterRef("tier"), state=Certification.State.GRANTED,
        valid_until__gt=OuterRef("valid_until"),
    )  # fmt: skip
    rows = (
        Certification.objects.filter(
            state=Certification.State.GRANTED, valid_until__gte=today, valid_until__lte=today + timedelta(max(DAYS))
        )
        .annotate(followed=Exists(later))
        .filter(followed=False)
        .select_related("organisation")
    )
    found = list(rows)
    people: dict[int, list[int]] = defaultdict(list)
    members = Membership.objects.filter(
        organisation__in={row.organisation_id for row in found}, role__in=ORGANISATION_ROLES, user__is_active=True
    )
    for organisation, user in members.values_list("organisation", "user"):
        people[organisation].append(user)
    return sum(_tell(row, people[row.organisation_id], today) for row in found if people[row.organisation_id])


def _tell(row: Certification, people: list[int], today: date) -> int:
    assert row.valid_until is not None  # noqa: S101 -- filtered by the caller
    left = (row.valid_until - today).days
    term = min(days for days in DAYS if left <= days)
    text = _("%(tier)s expires on %(day)s, in %(left)s days. See what is needed to renew it.")
    told = notify(
        people,
        text % {"tier": row.tier_name, "day": row.valid_until.isoformat(), "left": left},
        f"{reverse('cultivation:ladder', args=[row.organisation_id])}?tier={row.tier}",
        "certification-expires",
        subject=row,
        dedupe_key=f"certification-{row.pk}-{term}",
    )
    return len(told)

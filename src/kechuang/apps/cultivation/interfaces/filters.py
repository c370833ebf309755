"""Filters of the lists: rung, county, state of the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.ladder import tier_choices
from kechuang.apps.cultivation.models import SOON_DAYS, Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import in_force
from kechuang.apps.directory.models import Region
from kechuang.kit.filters import FilterSet

COUNTIES = (Region.Level.COUNTY, Region.Level.ZONE)


def counties(request: Any) -> QuerySet[Region]:
    """The counties and zones to choose from."""
    return Region.objects.filter(level__in=COUNTIES)


class TierFilter(django_filters.ChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=tier_choices, empty_label=_("all"), label=_("tier"), **kwargs)


class CountyFilter(django_filters.ModelChoiceFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=counties, empty_label=_("all"), label=_("county"), **kwargs)


class CertificationFilters(FilterSet):
    tier = TierFilter()
    county = CountyFilter(field_name="organisation__region")
    standing = django_filters.ChoiceFilter(
        label=_("state"),
        empty_label=_("all"),
        method="filter_standing",
        choices=[("valid", _("valid today")), ("soon", _("expires soon")), ("expired", _("expired")),
                 ("revoked", _("revoked"))],
    )  # fmt: skip

    class Meta:
        model = Certification
        fields = ("tier", "county", "standing", "issued_on")

    def filter_standing(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        today = timezone.localdate()
        wanted = {
            "valid": in_force(),
            "soon": in_force() & Q(valid_until__lte=today + timedelta(days=SOON_DAYS)),
            "expired": Q(state=Certification.State.GRANTED, valid_until__lt=today),
            "revoked": Q(state=Certification.State.REVOKED),
        }
        return rows.filter(wanted[value])


class ReserveFilters(FilterSet):
    tier = TierFilter()
    county = CountyFilter(field_name="organisation__region")
    standing = django_filters.ChoiceFilter(
        label=_("state"),
        empty_label=_("all"),
        method="filter_standing",
        choices=[("open", _("in the library")), ("recognised", _("recognised")), ("left", _("left"))],
    )

    class Meta:
        model = ReserveEntry
        fields = ("tier", "county", "standing", "entered_on")

    def filter_standing(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        recognised = Q(exit_reason=ReserveEntry.Exit.RECOGNISED)
        wanted = {"open": Q(left_on=None), "recognised": recognised, "left": Q(left_on__isnull=False) & ~recognised}
        return rows.filter(wanted[value])

"""Filters of the lists."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.kit.filters import DateRangeFilter, FilterSet, VisibleChoiceFilter


def _regions() -> QuerySet[Region]:
    levels = (Region.Level.PREFECTURE, Region.Level.COUNTY, Region.Level.ZONE)
    return Region.objects.filter(level__in=levels).order_by("path")


class TargetFilters(FilterSet):
    """By indicator, place, light, and the year in which the target ends."""

    indicator = VisibleChoiceFilter(
        queryset=Indicator.objects.exclude(state="merged").order_by("name"), label=_("Indicator"), empty_label=_("all")
    )
    region = VisibleChoiceFilter(queryset=_regions(), label=_("Region"), empty_label=_("all"))
    light = django_filters.ChoiceFilter(choices=Target.Light, label=_("Light"), empty_label=_("all"))
    ends = django_filters.ChoiceFilter(
        method="ends_in", label=_("Ends in"), empty_label=_("all"), choices=lambda: _years()
    )
    level = django_filters.ChoiceFilter(
        method="of_level",
        label=_("Level"),
        empty_label=_("all"),
        choices=[("whole", _("whole targets")), ("part", _("county parts"))],
    )
    state = django_filters.ChoiceFilter(choices=Target.State, label=_("State"), empty_label=_("all"))

    class Meta:
        model = Target
        fields = ("indicator", "region", "light", "ends", "level", "state")

    def ends_in(self, rows: QuerySet[Target], name: str, value: str) -> QuerySet[Target]:
        return rows.filter(period_end=None) if value == "open" else rows.filter(period_end__year=int(value))

    def of_level(self, rows: QuerySet[Target], name: str, value: str) -> QuerySet[Target]:
        return rows.filter(parent__isnull=value == "whole")


def _years() -> list[tuple[str, Any]]:
    years = Target.objects.filter(period_end__isnull=False).order_by().dates("period_end", "year")
    return [*((str(day.year), str(day.year)) for day in years), ("open", _("no end named"))]


class ObservationFilters(FilterSet):
    indicator = VisibleChoiceFilter(
        queryset=Indicator.objects.exclude(state="merged").order_by("name"), label=_("Indicator"), empty_label=_("all")
    )
    region = VisibleChoiceFilter(queryset=_regions(), label=_("Region"), empty_label=_("all"))
    state = django_filters.ChoiceFilter(choices=Observation.State, label=_("State"), empty_label=_("all"))
    period_end = DateRangeFilter(label=_("Period ends"))
    target = django_filters.NumberFilter(method="of_target", label=_("Figure of target no."))

    class Meta:
        model = Observation
        fields = ("indicator", "region", "state", "period_end", "target")

    def of_target(self, rows: QuerySet[Observation], name: str, value: Any) -> QuerySet[Observation]:
        """The records that make up the current value of a target: they sum to its figure."""
        from kechuang.apps.indicators.domain.queries.standing import standing_of

        target = Target.objects.select_related("indicator", "region").filter(pk=int(value)).first()
        return rows.filter(pk__in=standing_of(target).records) if target is not None else rows.none()


class ApprovalFilters(FilterSet):
    indicator = VisibleChoiceFilter(
        queryset=Indicator.objects.exclude(state="merged").order_by("name"), label=_("Indicator"), empty_label=_("all")
    )
    region = VisibleChoiceFilter(queryset=_regions(), label=_("Region"), empty_label=_("all"))

    class Meta:
        model = Observation
        fields = ("indicator", "region")


class IndicatorFilters(FilterSet):
    responsible_unit = VisibleChoiceFilter(
        queryset=Unit.objects.filter(indicators__isnull=False).distinct(),
        label=_("Responsible unit"),
        empty_label=_("all"),
    )

    class Meta:
        model = Indicator
        fields = ("state", "kind", "frequency", "responsible_unit")

"""Filters of the ledger; overviews and the wall lead here with them set."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.lights import in_charge
from kechuang.apps.supervision.domain.queries.participation import COUNTY_LEVELS
from kechuang.apps.supervision.models import ExtensionRequest, Plan, ProgressReport, Task
from kechuang.kit.filters import DateRangeFilter, FilterSet, VisibleChoiceFilter

WHOLE, PARTS = "whole", "parts"
COUNTIES = "counties"
NOBODY = "none"


class LightFilter(django_filters.ChoiceFilter):
    """By the computed light."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Light.choices, empty_label=_("all"), **options)


class PlanChoice(VisibleChoiceFilter):
    """Plans by number and title."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=Plan.objects.all(), empty_label=_("all"), **options)


class TaskFilters(FilterSet):
    light = LightFilter(field_name="light", label=_("light"))
    plan = PlanChoice(label=_("plan"))
    unit = VisibleChoiceFilter(
        queryset=Unit.objects.all(), label=_("the unit"), empty_label=_("all"), method="taking_part"
    )
    charge = VisibleChoiceFilter(
        queryset=Unit.objects.all(),
        label=_("unit in charge"),
        empty_label=_("all"),
        null_label=_("not assigned yet"),
        null_value=NOBODY,
        method="charged",
    )
    region = VisibleChoiceFilter(
        queryset=Region.objects.filter(level__in=[*COUNTY_LEVELS, Region.Level.PREFECTURE]),
        to_field_name="code",
        label=_("region"),
        empty_label=_("all"),
    )
    part = django_filters.ChoiceFilter(
        choices=[(WHOLE, _("whole tasks")), (PARTS, _("parts of tasks")), (COUNTIES, _("handed to counties"))],
        label=_("whole or part"),
        empty_label=_("all"),
        method="whole_or_part",
    )
    due_on = DateRangeFilter(label=_("due"))
    section = django_filters.CharFilter(lookup_expr="icontains", label=_("section"))

    class Meta:
        model = Task
        fields = ("light", "plan", "unit", "charge", "region", "part", "state", "section", "due_on")

    def taking_part(self, rows: QuerySet[Task], name: str, value: Unit) -> QuerySet[Task]:
        return rows.filter(pk__in=value.task_units.values("task"))

    def whole_or_part(self, rows: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        if value == COUNTIES:
            return rows.filter(region__level__in=COUNTY_LEVELS).exclude(parent__region__level__in=COUNTY_LEVELS)
        if value == PARTS:
            return rows.filter(parent__isnull=False)
        seen = rows.model._default_manager.filter(pk__in=self.queryset.order_by().values("pk"))
        return rows.filter(Q(parent__isnull=True) | ~Q(parent__in=seen.values("pk")))

    def charged(self, rows: QuerySet[Any], name: str, value: Unit | str) -> QuerySet[Any]:
        rows = in_charge(rows)
        return rows.filter(in_charge=value.pk) if isinstance(value, Unit) else rows.filter(in_charge__isnull=True)


class ReportFilters(FilterSet):
    plan = PlanChoice(field_name="task__plan", label=_("plan"))
    unit = VisibleChoiceFilter(queryset=Unit.objects.all(), label=_("the unit"), empty_label=_("all"))

    class Meta:
        model = ProgressReport
        fields = ("state", "plan", "unit", "period")


class ExtensionFilters(FilterSet):
    plan = PlanChoice(field_name="task__plan", label=_("plan"))

    class Meta:
        model = ExtensionRequest
        fields = ("state", "plan")

"""The lists and pages of indicators, targets and figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.roles import STAFF
from kechuang.apps.indicators.domain import indicators, observations, targets
from kechuang.apps.indicators.domain.observations import period_of_observation
from kechuang.apps.indicators.domain.queries import words
from kechuang.apps.indicators.domain.queries.overview import running_first
from kechuang.apps.indicators.domain.queries.reporting import waiting_for
from kechuang.apps.indicators.domain.units import text_of
from kechuang.apps.indicators.interfaces.filters import (
    ApprovalFilters,
    IndicatorFilters,
    ObservationFilters,
    TargetFilters,
)
from kechuang.apps.indicators.interfaces.forms import IndicatorForm, ObservationForm, ReasonForm, TargetForm
from kechuang.apps.indicators.interfaces.importers import IndicatorImporter, ObservationImporter, TargetImporter
from kechuang.apps.indicators.models import Indicator, Observation, PeriodLock, Target
from kechuang.kit import search
from kechuang.kit.permissions import Actor, actor_of, visible
from kechuang.kit.resources import BulkAction, Column, Link, Resource, Tab, register


@register
class IndicatorResource(Resource):
    model = Indicator
    slug = "catalogue"
    title = _("Indicators")
    lead = _("What is measured: every name a document may use, the unit, and who answers for the figure.")
    empty = _("No indicator here. The pack of the city brings them, and documents add what they name.")
    icon = "chart-line"
    columns = (
        "name",
        "unit",
        "kind",
        "direction",
        "frequency",
        Column("responsible_unit__name", label=_("responsible unit")),
        Column("in_force", label=_("targets in force"), kind="number", value=lambda row: row.in_force, sort="in_force"),
        "state",
    )
    facts = (
        Column("names", label=_("all names"), kind="list", value=lambda row: _names(row), needs=("names",)),
        "code",
        "unit",
        "display_unit",
        "kind",
        "direction",
        "frequency",
        "aggregation",
        Column("responsible_unit__name", label=_("responsible unit")),
        "definition",
        "standard",
        Column("merged_into__name", label=_("merged into")),
    )
    filters = IndicatorFilters
    search = ("name", "code")
    ordering = ("-state", "name")
    form_class = IndicatorForm
    importer = IndicatorImporter
    bulk_actions = (
        BulkAction(
            "confirm",
            _("Confirm"),
            lambda actor, obj: indicators.confirm_indicator(actor, indicator=obj),
            action="confirm",
        ),
    )
    links = (
        Link(
            _("Merge into another"),
            lambda obj: reverse("indicators:merge", args=[obj.pk]),
            action="merge",
            icon="link",
            show=lambda actor, obj: obj.state != Indicator.State.MERGED,
        ),
        Link(
            _("Figures by county"),
            lambda obj: reverse("indicators:counties", args=[obj.pk]),
            icon="map-pin",
            show=lambda actor, obj: actor.has(STAFF),
        ),
    )
    tabs = (
        Tab(
            "targets",
            _("Targets"),
            lambda actor, obj: visible(actor, Target).filter(indicator=obj, state=Target.State.ACTIVE),
            ("title", "region__name", "period_end", "light"),
            empty=_("No target in force is measured by this indicator."),
            link=lambda obj: reverse("indicators:targets-detail", args=[obj.pk]),
        ),
        Tab(
            "figures",
            _("Figures"),
            lambda actor, obj: visible(actor, Observation).filter(indicator=obj),
            (
                Column("period", label=_("Period"), value=lambda row: period_of_observation(row).label),
                "region__name",
                Column("value", label=_("Value"), value=lambda row: _value(row), needs=("indicator",)),
                "state",
            ),
            empty=_("No figure has been reported yet."),
            link=lambda obj: reverse("indicators:observations-detail", args=[obj.pk]),
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        active = Q(targets__state=Target.State.ACTIVE, targets__parent__isnull=True)
        return super().queryset(actor).annotate(in_force=Count("targets", filter=active))

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return search.search(rows, query, first=("name",))

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Indicator:
        return indicators.add_indicator(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Indicator, **fields: Any) -> Indicator:
        return indicators.change_indicator(actor, indicator=obj, **fields)

    @staticmethod
    def delete(actor: Actor, obj: Indicator) -> None:
        indicators.delete_indicator(actor, indicator=obj)


@register
class TargetResource(Resource):
    model = Target
    slug = "targets"
    title = _("Targets")
    lead = _("What the documents demand, how far it is reached, and whether the pace is enough.")
    empty = _("No target yet. Publish a document, or set a target of the bureau's own.")
    icon = "target-arrow"
    columns = (
        Column(
            "indicator__name",
            label=_("indicator"),
            value=lambda row: str(row.indicator),
            needs=("indicator",),
            sort="indicator__name",
            main=True,
        ),
        Column("region__name", label=_("region")),
        Column("demand", label=_("demand"), value=words.demand, needs=("indicator",), sort=None),
        "period_end",
        Column(
            "current",
            label=_("current value"),
            value=lambda row: words.current(row) or None,
            needs=("indicator",),
            sort=None,
        ),
        "current_on",
        Column(
            "progress", label=_("progress"), kind="percent", value=lambda row: _percent(row.progress), sort="progress"
        ),
        "light",
        Column("title", label=_("wording"), shown=False),
        Column("origin", shown=False),
    )
    export_columns = (
        Column("indicator__name", label=_("indicator")),
        Column("region__name", label=_("region")),
        "title",
        "comparator",
        "value",
        "value_max",
        "unit",
        "change",
        "period",
        "period_start",
        "period_end",
        "baseline",
        "baseline_on",
        "current",
        "current_on",
        Column("progress", label=_("progress"), kind="percent", value=lambda row: _percent(row.progress)),
        "light",
        "origin",
    )
    facts = (
        Column("demand", label=_("demand"), value=words.demand, needs=("indicator", "region", "parent__indicator")),
        Column("region__name", label=_("region")),
        "scope",
        Column("period", label=_("period"), value=words.period),
        "period_start",
        "period_end",
        "recurrence",
        "path",
        "origin",
        "state",
    )
    filters = TargetFilters
    search = ("title", "indicator__name")
    form_class = TargetForm
    importer = TargetImporter
    evidence = True
    detail_template = "indicators/target.html"
    bulk_actions = (
        BulkAction(
            "withdraw",
            _("Take out of force"),
            lambda actor, obj: targets.withdraw_target(actor, target=obj),
            action="delete",
            danger=True,
            icon="ban",
        ),
    )
    links = (
        Link(
            _("Share out to the counties"),
            lambda obj: reverse("indicators:decompose", args=[obj.pk]),
            action="decompose",
            icon="map-pin",
            show=lambda actor, obj: obj.parent_id is None and obj.state == Target.State.ACTIVE,
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return running_first(super().queryset(actor), first=[F("parent_id").asc(nulls_first=True)])

    def heading(self, obj: Target) -> str:
        return f"{obj.indicator} · {obj.region}"

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return search.search(rows, query, first=("indicator__name",))

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> TargetForm:
        return TargetForm(*args, actor=actor, **kwargs)

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Target:
        return targets.add_target(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Target, **fields: Any) -> Target:
        return targets.change_target(actor, target=obj, **fields)

    def context(self, request: Any, obj: Target) -> dict[str, Any]:
        from kechuang.apps.indicators.interfaces.panels import target_context

        return target_context(actor_of(request), obj)


PERIOD = Column(
    "period_start", label=_("period"), value=lambda row: period_of_observation(row).label, sort="period_end"
)
VALUE = Column("value", label=_("value"), value=lambda row: _value(row), needs=("indicator",), sort="value")
FIGURE = Column(
    "indicator__name",
    label=_("indicator"),
    value=lambda row: str(row.indicator),
    needs=("indicator",),
    sort="indicator__name",
    main=True,
)


@register
class ObservationResource(Resource):
    model = Observation
    slug = "observations"
    title = _("Figures")
    lead = _("Every reported figure with its source, who approved it, and its revisions.")
    empty = _("No figure has been reported yet. Enter the month's figures, or import them.")
    icon = "chart-bar"
    columns = (
        FIGURE,
        Column("region__name", label=_("region")),
        PERIOD,
        VALUE,
        "source",
        "state",
        "revision",
        "approved_at",
    )
    facts = (
        PERIOD,
        VALUE,
        "state",
        "revision",
        "revision_reason",
        "source_kind",
        "source",
        Column(
            "submitted_by__display_name",
            label=_("handed in by"),
            value=lambda row: _person(row.submitted_by),
            needs=("submitted_by", "indicator", "region"),
        ),
        "submitted_at",
        Column(
            "approved_by__display_name",
            label=_("decision by"),
            value=lambda row: _person(row.approved_by),
            needs=("approved_by",),
        ),
        "approved_at",
        "return_reason",
        Column("evidence__name", label=_("evidence file"), needs=("evidence",)),
    )
    export_columns = (
        Column("indicator__code", label=_("indicator code")),
        Column("indicator__name", label=_("indicator")),
        Column("region__name", label=_("region")),
        Column("period", label=_("period"), value=lambda row: period_of_observation(row).key),
        Column("value", label=_("value"), kind="number", value=lambda row: _plain(row), needs=("indicator",)),
        Column("unit", label=_("unit"), value=lambda row: row.indicator.shown_unit),
        "source_kind",
        "source",
        "state",
        "revision",
        "revision_reason",
        "approved_at",
    )
    filters = ObservationFilters
    search = ("indicator__name", "source")
    ordering = ("-period_end", "region__order", "indicator__name")
    form_class = ObservationForm
    importer = ObservationImporter
    detail_template = "indicators/observation.html"

    def heading(self, obj: Observation) -> str:
        return f"{obj.indicator} · {obj.region} · {period_of_observation(obj).label}"

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> ObservationForm:
        return ObservationForm(*args, actor=actor, **kwargs)

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Observation:
        return observations.record_observation(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Observation, **fields: Any) -> Observation:
        """A draft is changed in place; an approved figure in a spreadsheet, with its reason, is revised."""
        return observations.record_observation(actor, **fields)

    @staticmethod
    def delete(actor: Actor, obj: Observation) -> None:
        observations.delete_observation(actor, observation=obj)

    def context(self, request: Any, obj: Observation) -> dict[str, Any]:
        from kechuang.apps.indicators.interfaces.panels import observation_context

        return observation_context(actor_of(request), obj)


ObservationResource.step_verbs = {
    "submit": lambda actor, obj, reason: observations.submit_observation(actor, observation=obj),
    "withdraw": lambda actor, obj, reason: observations.withdraw_observation(actor, observation=obj),
    "approve": lambda actor, obj, reason: observations.approve_observation(actor, observation=obj),
    "return": lambda actor, obj, reason: observations.return_observation(actor, observation=obj, reason=reason),
}


@register
class ApprovalResource(ObservationResource):
    """The queue of whoever decides."""

    slug = "approvals"
    title = _("Figures to approve")
    lead = _("Handed in by counties and units. Approve what fits its source; return the rest with a word why.")
    empty = _("Nothing waits for you. Figures that counties and units hand in appear here.")
    icon = "checks"
    columns = (  # type: ignore[assignment]
        FIGURE,
        Column("region__name", label=_("region")),
        PERIOD,
        VALUE,
        Column("before", label=_("period before"), value=lambda row: _before(row), needs=("indicator",), sort=None),
        Column("doubt", label=_("question"), value=lambda row: _doubt(row), needs=("indicator",), sort=None),
        "source",
        Column(
            "submitted_by__display_name",
            label=_("handed in by"),
            value=lambda row: _person(row.submitted_by),
            needs=("submitted_by",),
            sort=None,
        ),
        "submitted_at",
        Column("revision_reason", shown=False),
    )
    filters = ApprovalFilters
    importer = None  # type: ignore[assignment]
    ordering = ("submitted_at",)  # type: ignore[assignment]
    add = None  # type: ignore[assignment]
    change = None  # type: ignore[assignment]
    delete = None  # type: ignore[assignment]
    bulk_actions = (
        BulkAction(
            "approve",
            _("Approve"),
            lambda actor, obj: observations.approve_observation(actor, observation=obj),
            action="approve",
        ),
        BulkAction(
            "return",
            _("Return"),
            lambda actor, obj, reason: observations.return_observation(actor, observation=obj, reason=reason),
            action="return",
            form_class=ReasonForm,
            icon="arrow-back-up",
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        earlier = Observation.objects.filter(
            indicator=OuterRef("indicator"),
            region=OuterRef("region"),
            period_kind=OuterRef("period_kind"),
            period_start__lt=OuterRef("period_start"),
            state=Observation.State.APPROVED,
        ).order_by("-period_start")
        return waiting_for(actor).annotate(before=Subquery(earlier.values("value")[:1]))

    def can(self, actor: Actor, action: str, obj: Any = None) -> Any:
        """The queue is for those who decide."""
        return super().can(actor, "approve" if action == "view" and obj is None else action, obj)


@register
class PeriodLockResource(Resource):
    model = PeriodLock
    slug = "locks"
    title = _("Closed months")
    lead = _("In a closed month a figure changes only by a revision that says why.")
    empty = _("No month is closed yet.")
    icon = "archive"
    columns = (
        Column("month", value=lambda row: f"{row.month:%Y-%m}", sort="month", label=_("month")),
        Column("region__name", label=_("region")),
        Column(
            "locked_by__display_name",
            label=_("closed by"),
            value=lambda row: _person(row.locked_by),
            needs=("locked_by",),
            sort=None,
        ),
        "locked_at",
    )
    ordering = ("-month",)


def _names(indicator: Indicator) -> list[str]:
    return [row.name for row in indicator.names.all()]


def _value(row: Observation) -> str:
    return text_of(row.value, row.indicator)


def _plain(row: Observation) -> Decimal:
    from kechuang.apps.indicators.domain.units import shown

    return shown(row.value, row.indicator)


def _before(row: Any) -> str | None:
    return text_of(row.before, row.indicator) or None


def _doubt(row: Any) -> Any:
    return observations.doubtful(row, row.before) or _("none")


def _person(user: Any) -> str | None:
    return str(user) if user is not None else None


def _percent(share: Decimal | None) -> int | None:
    from kechuang.apps.indicators.domain.arithmetic import percent

    return percent(share)

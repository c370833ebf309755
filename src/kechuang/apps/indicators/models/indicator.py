"""The catalogue: what is measured, in which unit, and which way is better."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Unit
from kechuang.apps.indicators.models.period import PeriodKind
from kechuang.kit.models import Record


@pghistory.track(exclude=["bigrams"])
class Indicator(Record):
    """A figure that targets are set for. Every name it goes by is an :class:`IndicatorName`."""

    class Direction(models.TextChoices):
        UP = "up", _("more is better")
        DOWN = "down", _("less is better")

    class Kind(models.TextChoices):
        STOCK = "stock", _("stock: what there is on a day")
        FLOW = "flow", _("flow: what happened in a period")
        RATIO = "ratio", _("ratio")
        GROWTH = "growth", _("growth rate")

    class Aggregation(models.TextChoices):
        SUM = "sum", _("the counties add up to the city")
        MEAN = "mean", _("the city is the mean of the counties")
        WEIGHTED = "weighted", _("the city is the weighted mean of the counties")
        NONE = "none", _("the city figure stands by itself")

    class State(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        TO_CONFIRM = "to_confirm", _("to be confirmed")
        MERGED = "merged", _("merged into another")

    code = models.CharField(_("code"), max_length=60, unique=True, help_text=_("letters, digits and underscores"))
    name = models.CharField(_("name"), max_length=120, help_text=_("as documents write it, without the number"))
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True, help_text=_("values are kept in it; money in 元"))
    display_unit = models.CharField(
        _("unit shown"), max_length=20, blank=True, help_text=_("in which people read large amounts, such as 亿元")
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.UP)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.STOCK)
    frequency = models.CharField(_("reported"), max_length=10, choices=PeriodKind, default=PeriodKind.QUARTERLY)
    aggregation = models.CharField(_("counties and city"), max_length=10, choices=Aggregation, default=Aggregation.SUM)
    weight = models.ForeignKey(
        "self",
        verbose_name=_("weighted by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="weighs",
        help_text=_("the indicator that weighs each county"),
    )
    definition = models.TextField(_("definition"), blank=True)
    standard = models.CharField(_("standard"), max_length=200, blank=True, help_text=_("the rule that defines it"))
    responsible_unit = models.ForeignKey(
        Unit,
        verbose_name=_("responsible unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CONFIRMED)
    merged_into = models.ForeignKey(
        "self", verbose_name=_("merged into"), null=True, blank=True, on_delete=models.PROTECT, related_name="absorbed"
    )
    bigrams = ArrayField(models.CharField(max_length=4), default=list, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.CheckConstraint(
                condition=~Q(aggregation="weighted") | Q(weight__isnull=False), name="indicator_weighted_names_weight"
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="indicator_merged_names_keeper",
            ),
        ]
        indexes = [
            GinIndex(fields=["bigrams"], name="indicator_bigrams"),
            models.Index(fields=["state", "name"], name="indicator_state_name"),
        ]

    def __str__(self) -> str:
        english = (get_language() or "").startswith("en")
        return (self.name_en or self.name) if english else self.name

    @property
    def is_additive(self) -> bool:
        """Counties' figures add up to the city's."""
        return self.aggregation == self.Aggregation.SUM

    @property
    def is_flow(self) -> bool:
        return self.kind == self.Kind.FLOW

    @property
    def shown_unit(self) -> str:
        """The unit that people read and enter values in."""
        return self.display_unit or self.unit


@pghistory.track()
class IndicatorName(Record):
    """One name of an indicator; its ``key`` leads to one indicator only, whoever writes at the same time."""

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.CASCADE, related_name="names"
    )
    name = models.CharField(_("name"), max_length=160)
    key = models.CharField(_("key"), max_length=160, unique=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("name of an indicator")
        verbose_name_plural = _("names of indicators")

    def __str__(self) -> str:
        return self.name

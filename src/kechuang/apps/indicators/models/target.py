"""What a document demands of an indicator, for a place and until a day."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models.indicator import Indicator
from kechuang.kit.models import Record


@pghistory.track(exclude=["bigrams", "light", "progress", "current", "current_on"])
class Target(Record):
    """One demand. Its parts per county are targets whose ``parent`` it is.

    What several documents (or a body and its annex) say alike is one target with several sentences of evidence: its
    ``identity`` is spelled out by the domain and taken once among the targets in force.
    """

    class Comparator(models.TextChoices):
        AT_LEAST = ">=", _("at least")
        MORE = ">", _("more than")
        AT_MOST = "<=", _("not above")
        LESS = "<", _("less than")
        EQUAL = "=", _("exactly")
        ABOUT = "~", _("about")

    class Recurrence(models.TextChoices):
        ONCE = "once", _("once, over the whole period")
        YEARLY = "yearly", _("anew every year")

    class Spread(models.TextChoices):
        TOTAL = "total", _("the place as a whole")
        EACH = "each", _("each county by itself")

    class Path(models.TextChoices):
        LINEAR = "linear", _("evenly from day to day")
        YEARLY = "yearly", _("in equal yearly steps")

    class Origin(models.TextChoices):
        DOCUMENT = "document", _("set by a document")
        OFFICER = "officer", _("set by the bureau")

    class Light(models.TextChoices):
        ATTAINED = "attained", _("attained")
        ON_TRACK = "on_track", _("on track")
        DUE_SOON = "due_soon", _("due soon")
        BEHIND = "behind", _("behind")
        UNKNOWN = "unknown", _("to be supplied")

    class State(models.TextChoices):
        ACTIVE = "active", _("in force")
        WITHDRAWN = "withdrawn", _("no longer in force")

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT, related_name="targets"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="targets")
    title = models.CharField(_("wording"), max_length=300, help_text=_("as the document puts it"))
    comparator = models.CharField(_("comparator"), max_length=2, choices=Comparator, default=Comparator.AT_LEAST)
    value = models.DecimalField(
        _("target value"),
        max_digits=24,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("empty where the document names no number"),
    )
    value_max = models.DecimalField(_("upper end of the range"), max_digits=24, decimal_places=4, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    change = models.CharField(
        _("change"), max_length=10, blank=True, help_text=_("新增 or 增长: the value is the change, not the level")
    )
    scope = models.CharField(_("scope"), max_length=80, blank=True, help_text=_("as the document puts it"))
    spread = models.CharField(_("holds for"), max_length=6, choices=Spread, default=Spread.TOTAL)
    period = models.CharField(_("period"), max_length=30, blank=True, help_text=_("such as 2025 or 十四五末"))
    period_start = models.DateField(_("first day"), null=True, blank=True)
    period_end = models.DateField(_("last day"), null=True, blank=True)
    recurrence = models.CharField(_("counted"), max_length=6, choices=Recurrence, default=Recurrence.ONCE)
    path = models.CharField(_("required line"), max_length=6, choices=Path, default=Path.LINEAR)
    baseline = models.DecimalField(_("baseline"), max_digits=24, decimal_places=4, null=True, blank=True)
    baseline_on = models.DateField(_("baseline of"), null=True, blank=True)
    baseline_source = models.CharField(_("source of the baseline"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name=_("whole target"), null=True, blank=True, on_delete=models.CASCADE, related_name="parts"
    )
    decomposition_note = models.TextField(_("why the parts do not add up"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    origin = models.CharField(_("who set it"), max_length=10, choices=Origin, default=Origin.OFFICER, editable=False)
    issued_on = models.DateField(_("set on"), null=True, blank=True, help_text=_("date of the document"))
    identity = models.CharField(max_length=240, editable=False)
    # How it stood when last reckoned: for lists to filter and sort by; pages that show one target reckon afresh.
    light = models.CharField(_("light"), max_length=8, choices=Light, default=Light.UNKNOWN, editable=False)
    progress = models.DecimalField(_("progress"), max_digits=7, decimal_places=6, null=True, blank=True, editable=False)
    current = models.DecimalField(
        _("current value"), max_digits=24, decimal_places=4, null=True, blank=True, editable=False
    )
    current_on = models.DateField(_("figure of"), null=True, blank=True, editable=False)
    bigrams = ArrayField(models.CharField(max_length=4), default=list, editable=False)

    class Meta:
        ordering = ["period_end", "indicator__name", "pk"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(fields=["identity"], condition=Q(state="active"), name="target_in_force_once"),
            models.UniqueConstraint(
                fields=["parent", "region"], condition=Q(parent__isnull=False), name="target_part_once_per_region"
            ),
            models.CheckConstraint(
                condition=Q(period_end__isnull=True)
                | Q(period_start__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="target_period_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(value_max__isnull=True) | Q(value_max__gte=F("value")), name="target_range_runs_upward"
            ),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(baseline_on__isnull=False), name="target_baseline_is_dated"
            ),
        ]
        indexes = [
            GinIndex(fields=["bigrams"], name="target_bigrams"),
            models.Index(fields=["state", "region", "period_end"], name="target_state_region"),
            models.Index(fields=["indicator", "region"], name="target_indicator_region"),
            models.Index(fields=["state", "light", "region"], name="target_state_light"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_umbrella(self) -> bool:
        """The document asks the same of each county: the figures stand with the parts."""
        return self.spread == self.Spread.EACH and self.parent_id is None

    @property
    def scope_key(self) -> str:
        """The scope where it narrows the place (每个重点产业); nothing where it names the place as a whole (全市)."""
        return "" if self.scope.startswith("全") else self.scope

"""What was measured, revision by revision, and the months that are closed.

The database itself keeps the two promises that figures rest on: an approved figure never changes (a later revision
takes its place), and nothing enters a closed month without a reason.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models.indicator import Indicator
from kechuang.apps.indicators.models.period import PeriodKind
from kechuang.kit.models import Record, StoredFile

LOCK_SPACE = 741_203
"""First key of the advisory locks by month; the second is the month's number since year 0."""

_FROZEN = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in (
        "value",
        "region_id",
        "period_kind",
        "period_start",
        "period_end",
        "revision",
        "revision_reason",
        "source_kind",
        "source",
        "evidence_id",
        "submitted_by_id",
        "approved_by_id",
    )
)

APPROVED_IS_FINAL = pgtrigger.Trigger(
    name="approved_is_final",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    condition=pgtrigger.Q(old__state__in=["approved", "superseded"]),
    func=f"""
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'approved figures are never deleted' USING ERRCODE = 'check_violation';
        END IF;
        IF {_FROZEN} OR NOT (NEW.state = OLD.state OR (OLD.state = 'approved' AND NEW.state = 'superseded')) THEN
            RAISE EXCEPTION 'an approved figure changes by a revision only' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# The shared advisory lock makes a writer and someone who closes the month wait for each other, so that the look for
# a lock (each statement of the function sees what is committed by then) cannot miss one.
LOCKED_NEEDS_REASON = pgtrigger.Trigger(
    name="locked_month_needs_reason",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func=f"""
        IF NEW.state = 'superseded' THEN
            RETURN NEW;
        END IF;
        PERFORM pg_advisory_xact_lock_shared({LOCK_SPACE},
            (EXTRACT(YEAR FROM NEW.period_end) * 12 + EXTRACT(MONTH FROM NEW.period_end))::int);
        IF NEW.revision_reason = '' AND EXISTS (
            SELECT 1 FROM indicators_periodlock closed
            JOIN directory_region place ON place.id = NEW.region_id
            LEFT JOIN directory_region whole ON whole.id = closed.region_id
            WHERE closed.month = date_trunc('month', NEW.period_end)::date
              AND (closed.region_id IS NULL OR left(place.path, length(whole.path)) = whole.path)
        ) THEN
            RAISE EXCEPTION 'the month is closed: give the reason of the revision' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,  # noqa: S608 -- a constant of this file
)

CLOSING_WAITS = pgtrigger.Trigger(
    name="closing_waits_for_writers",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func=f"""
        PERFORM pg_advisory_xact_lock({LOCK_SPACE},
            (EXTRACT(YEAR FROM NEW.month) * 12 + EXTRACT(MONTH FROM NEW.month))::int);
        RETURN NEW;
    """,
)


@pghistory.track()
class Observation(Record):
    """One revision of a figure of an indicator in a region for a period. The approved one is in force."""

    class SourceKind(models.TextChoices):
        DECLARED = "declared", _("declared by the unit")
        IMPORTED = "imported", _("imported from a file")
        VERIFIED = "verified", _("verified against records")
        COMPUTED = "computed", _("computed by the platform")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("awaiting approval")
        RETURNED = "returned", _("returned for correction")
        APPROVED = "approved", _("approved")
        SUPERSEDED = "superseded", _("replaced by a revision")

    OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED)

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT, related_name="observations"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="observations")
    period_kind = models.CharField(_("kind of period"), max_length=10, choices=PeriodKind)
    period_start = models.DateField(_("first day"))
    period_end = models.DateField(_("last day"))
    value = models.DecimalField(_("value"), max_digits=24, decimal_places=4)
    source_kind = models.CharField(_("kind of source"), max_length=10, choices=SourceKind, default=SourceKind.DECLARED)
    source = models.CharField(
        _("source of the figure"), max_length=200, blank=True, help_text=_("the record the figure comes from")
    )
    evidence = models.ForeignKey(
        StoredFile,
        verbose_name=_("evidence file"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(_("revision no."), default=1)
    revision_reason = models.CharField(_("reason of the revision"), max_length=300, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("submitted by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    submitted_at = models.DateTimeField(_("submitted on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decision by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("decision on"), null=True, blank=True)
    return_reason = models.CharField(_("reason of the return"), max_length=300, blank=True)

    class Meta:
        ordering = ["-period_end", "region__order", "pk"]
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "region", "period_kind", "period_start", "revision"], name="observation_revision"
            ),
            models.UniqueConstraint(
                fields=["indicator", "region", "period_kind", "period_start"],
                condition=Q(state="approved"),
                name="observation_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["indicator", "region", "period_kind", "period_start"],
                condition=Q(state__in=["draft", "submitted", "returned"]),
                name="observation_one_open",
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="observation_period_runs_forward"
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(revision_reason=""), name="observation_revision_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
                name="observation_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=["indicator", "region", "state", "period_end"], name="observation_lookup"),
            models.Index(fields=["state", "region", "-period_end"], name="observation_queue"),
        ]
        triggers = [APPROVED_IS_FINAL, LOCKED_NEEDS_REASON]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.region} · {self.period_start:%Y-%m}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


@pghistory.track()
class PeriodLock(Record):
    """A closed month, of the whole platform (no region) or of a region's subtree. Closing is for good."""

    month = models.DateField(_("month"), help_text=_("its first day"))
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("closed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    locked_at = models.DateTimeField(_("closed on"), auto_now_add=True)

    class Meta:
        ordering = ["-month", "pk"]
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        constraints = [
            models.UniqueConstraint(fields=["month", "region"], nulls_distinct=False, name="period_lock_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="period_lock_names_first_day"),
        ]
        triggers = [
            CLOSING_WAITS,
            pgtrigger.Protect(name="closed_for_good", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

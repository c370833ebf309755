"""Runs that tell who is entitled, and the awards that officers confirm from them.

A run keeps all that it was computed from (frozen facts, wording of the rules, what had been received), so that anybody
can compute it again. The database keeps the promises about money: nobody is awarded a right twice for a year, a right
that is granted once only once, of a group one right a year, and who releases a payment did not confirm it.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.models.rule import Rule, RuleVersion
from kechuang.kit.models import Record, StoredFile


@pghistory.track()
class EligibilityRun(Record):
    """All published rights of a region, answered for every organisation on one day. Never changed, never deleted.

    ``program`` holds the rules, formulas and kinds of facts as they were run; ``versions`` code → key of the version;
    ``sha256`` is the fingerprint of the answers, whatever file they are kept in; money in ``tallies`` is in fen.
    """

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    day = models.DateField(_("rules as of"))
    snapshot = models.ForeignKey(Snapshot, verbose_name=_("snapshot"), on_delete=models.PROTECT, related_name="+")
    program = models.JSONField(_("rules as they were run"))
    versions = models.JSONField(_("versions of rules"))
    results = models.ForeignKey(StoredFile, verbose_name=_("answers"), on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    subjects = models.PositiveIntegerField(_("organisations"))
    tallies = models.JSONField(_("counts"))
    counties = models.JSONField(_("counts by county"))
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("started by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    job_key = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("assessment of entitlements")
        verbose_name_plural = _("assessments of entitlements")
        indexes = [models.Index(fields=["region", "year"], name="run_region_year")]
        triggers = [pgtrigger.Protect(name="run_is_final", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.region} {self.year} · {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("policy:run", args=[self.pk])


class AwardState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    CONFIRMED = "confirmed", _("confirmed")
    PUBLIC_NOTICE = "public_notice", _("on public notice")
    PAYABLE = "payable", _("released for payment")
    PAID = "paid", _("paid")
    WITHDRAWN = "withdrawn", _("withdrawn")


STANDING = ~Q(state="withdrawn")


@pghistory.track()
class Award(Record):
    """One organisation gets one right for one year. ``amount`` and ``payable`` are in fen: payable is what limits and
    groups leave, or less where the right is “at most” and an officer granted less (``lowered_from``: what it would have
    been, ``lowered_because``: why). ``county`` is where the organisation was registered when it was assessed."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="awards"
    )
    rule = models.ForeignKey(Rule, verbose_name=_("right"), on_delete=models.PROTECT, related_name="awards")
    version = models.ForeignKey(RuleVersion, verbose_name=_("version"), on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(
        EligibilityRun, verbose_name=_("assessment"), on_delete=models.PROTECT, related_name="awards"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    county = models.ForeignKey(
        Region, verbose_name=_("county"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    payer = models.CharField(_("paid by"), max_length=60, blank=True)
    group = models.CharField(_("group"), max_length=80, blank=True)
    once = models.BooleanField(_("once only"), default=False)
    amount = models.BigIntegerField(_("amount"))
    payable = models.BigIntegerField(_("payable"))
    lowered_from = models.BigIntegerField(_("payable before it was lowered"), null=True, blank=True)
    lowered_because = models.CharField(_("why less"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=14, choices=AwardState, default=AwardState.PROPOSED)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    batch = models.UUIDField(_("batch"), editable=False)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("confirmed by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("released by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    notice_from = models.DateField(_("on notice from"), null=True, blank=True)
    notice_until = models.DateField(_("on notice until"), null=True, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "rule__code", "-payable", "organisation"]
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "rule", "year"], condition=STANDING, name="award_once_a_year"
            ),
            models.UniqueConstraint(
                fields=["organisation", "rule"], condition=STANDING & Q(once=True), name="award_once_for_good"
            ),
            models.UniqueConstraint(
                fields=["organisation", "group", "year", "region"], condition=STANDING & ~Q(group=""),
                name="award_highest_of_group",
            ),
            models.CheckConstraint(condition=Q(payable__gt=0, amount__gte=F("payable")), name="award_amounts"),
            models.CheckConstraint(
                condition=Q(lowered_from__isnull=True, lowered_because="")
                | (Q(lowered_from__gt=F("payable"), lowered_from__lte=F("amount")) & ~Q(lowered_because="")),
                name="award_lowered_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("confirmed_by")), name="award_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["payable", "paid"]) | Q(notice_until__isnull=False), name="award_after_notice"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["region", "year", "state"], name="award_region_year"),
            models.Index(fields=["rule", "year"], name="award_rule_year"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.rule} · {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("policy:award", args=[self.pk])

    @property
    def amount_yuan(self) -> Any:
        return yuan(self.amount)

    @property
    def payable_yuan(self) -> Any:
        return yuan(self.payable)

    @property
    def lowered_from_yuan(self) -> Any:
        return yuan(self.lowered_from)


def yuan(fen: int | None) -> Any:
    """Whole yuan as a whole number, else with the fen; None stays None."""
    from decimal import Decimal

    if fen is None:
        return None
    return fen // 100 if fen % 100 == 0 else Decimal(fen) / 100

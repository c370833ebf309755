"""Certifications: which rung of the ladder an organisation was recognised for, from when until when."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.ladder import tier_name
from kechuang.apps.directory.models import Organisation
from kechuang.kit.models import Record

SOON_DAYS = 90


@pghistory.track()
class Certification(Record):
    """One recognition. A renewed certificate is a record of its own. Whether it has expired is told by the day."""

    class State(models.TextChoices):
        GRANTED = "granted", _("awarded")
        REVOKED = "revoked", _("revoked")

    class Source(models.TextChoices):
        LIST = "list", _("published list")
        CERTIFICATE = "certificate", _("certificate seen")
        DECISION = "decision", _("decision on this platform")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="certifications"
    )
    tier = models.CharField(_("tier"), max_length=40, help_text=_("a rung of the ladder"))
    number = models.CharField(_("certificate number"), max_length=60, blank=True, help_text=_("as printed on it"))
    issued_on = models.DateField(_("day of issue"))
    valid_until = models.DateField(
        _("last day valid"), null=True, blank=True, help_text=_("the last day; empty where the notice names none")
    )
    times = models.PositiveSmallIntegerField(
        _("which recognition"),
        null=True,
        blank=True,
        help_text=_("1 for the first, 2 for the second; empty where it is not known"),
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.GRANTED, editable=False)
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True, editable=False)
    revoked_because = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    source = models.CharField(_("source"), max_length=12, choices=Source, default=Source.LIST)
    source_note = models.CharField(
        _("notice or document"), max_length=120, blank=True, help_text=_("its number, so that others can look it up")
    )

    class Meta:
        ordering = ["-issued_on", "-pk"]
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "tier", "issued_on"],
                name="certification_once",
                violation_error_message=_("This recognition of that day is recorded already."),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="certification_number_once",
                violation_error_message=_("Another certification has this number."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("issued_on")),
                name="certification_runs_forward",
                violation_error_message=_("The last day lies before the day of issue."),
            ),
            models.CheckConstraint(
                condition=Q(state="granted", revoked_on__isnull=True) | Q(state="revoked", revoked_on__isnull=False),
                name="certification_revoked_on_a_day",
            ),
            models.CheckConstraint(condition=Q(times__isnull=True) | Q(times__gte=1), name="certification_counts"),
        ]
        indexes = [models.Index(fields=["tier", "valid_until"], name="certification_tier_until")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.tier_name}"

    @property
    def tier_name(self) -> str:
        """The rung in the reader's language."""
        return tier_name(self.tier)

    @property
    def light(self) -> str:
        """A key of the lights: in force, expiring within :data:`SOON_DAYS` days, expired, revoked."""
        if self.state == self.State.REVOKED:
            return "cert_revoked"
        if self.valid_until is None:
            return "cert_valid"
        left = (self.valid_until - timezone.localdate()).days
        return "cert_expired" if left < 0 else "cert_soon" if left <= SOON_DAYS else "cert_valid"

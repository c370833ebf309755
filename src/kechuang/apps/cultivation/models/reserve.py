"""The reserve library (后备库): enterprises that a county prepares for a rung of the ladder."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.ladder import tier_name
from kechuang.apps.directory.models import Organisation
from kechuang.kit.models import Record


@pghistory.track()
class ReserveEntry(Record):
    """A stay in the library. Who comes back gets an entry of its own: at most one is open per organisation and rung."""

    class Exit(models.TextChoices):
        RECOGNISED = "recognised", _("recognised for the tier")
        UNQUALIFIED = "unqualified", _("no longer qualifies")
        OFFENCE = "offence", _("offence or dishonesty")
        CLOSED = "closed", _("closed down or moved away")
        DECLINED = "declined", _("withdrew by itself")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="reserve_entries"
    )
    tier = models.CharField(_("tier aimed at"), max_length=40)
    entered_on = models.DateField(_("entered on"), default=timezone.localdate)
    reason = models.CharField(_("why it entered"), max_length=300, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True, editable=False)
    exit_reason = models.CharField(_("why it left"), max_length=12, choices=Exit, blank=True, editable=False)
    exit_note = models.CharField(_("note on leaving"), max_length=300, blank=True, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", editable=False,
    )  # fmt: skip

    class Meta:
        ordering = ["-entered_on", "-pk"]
        verbose_name = _("entry of the reserve library")
        verbose_name_plural = _("reserve library")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "tier"],
                condition=Q(left_on__isnull=True),
                name="reserve_one_open_entry",
                violation_error_message=_("This enterprise is in the library for this tier already."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True, exit_reason="") | (Q(left_on__isnull=False) & ~Q(exit_reason="")),
                name="reserve_exit_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")),
                name="reserve_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.tier_name}"

    @property
    def tier_name(self) -> str:
        """The rung in the reader's language."""
        return tier_name(self.tier)

    @property
    def light(self) -> str:
        """A key of the lights: in the library, recognised, left."""
        if self.left_on is None:
            return "reserve_open"
        return "reserve_recognised" if self.exit_reason == self.Exit.RECOGNISED else "reserve_left"

"""Organisations: enterprises, universities, institutes and service agencies, one record per 统一社会信用代码."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models.region import Region
from kechuang.apps.directory.uscc import validate_uscc
from kechuang.kit.models import Record, StoredFile
from kechuang.kit.search import BigramField


@pghistory.track(exclude=["bigrams"])
class Organisation(Record):
    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("enterprise")
        UNIVERSITY = "university", _("university or college")
        INSTITUTE = "institute", _("research institute")
        HOSPITAL = "hospital", _("hospital")
        SERVICE = "service", _("service agency")
        BANK = "bank", _("bank or financial institution")
        OTHER = "other", _("other")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for verification")
        RETURNED = "returned", _("returned for correction")
        VERIFIED = "verified", _("verified")
        REFUSED = "refused", _("refused")
        SUSPENDED = "suspended", _("suspended")

    uscc = models.CharField(
        _("unified social credit code"),
        max_length=18,
        unique=True,
        validators=[validate_uscc],
        help_text=_("18 characters, as on the business licence"),
    )
    name = models.CharField(_("name"), max_length=120, help_text=_("the full registered name"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ENTERPRISE)
    region = models.ForeignKey(Region, verbose_name=_("county"), on_delete=models.PROTECT, related_name="organisations")
    industry = models.CharField(_("industry"), max_length=5, blank=True, help_text=_("GB/T 4754-2017 code"))
    founded_on = models.DateField(_("registered on"), null=True, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    contact_name = models.CharField(_("contact person"), max_length=40, blank=True)
    contact_phone = models.CharField(_("contact phone"), max_length=30, blank=True)
    licence = models.ForeignKey(
        StoredFile,
        verbose_name=_("business licence"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PENDING)
    state_note = models.CharField(_("reason"), max_length=300, blank=True)
    verified_by = models.ForeignKey(
        "directory.User",
        verbose_name=_("verified by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    verified_at = models.DateTimeField(_("verified on"), null=True, blank=True)
    bigrams = BigramField(of=("name", "uscc"))

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        indexes = [
            GinIndex(fields=["bigrams"], name="organisation_bigrams"),
            models.Index(fields=["region", "state"], name="organisation_region_state"),
            models.Index(fields=["name", "id"], name="organisation_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """What a person quotes when asking about the registration."""
        return f"ZC-{timezone.localtime(self.created_at):%Y%m%d}-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("directory:organisations-detail", args=[self.pk])

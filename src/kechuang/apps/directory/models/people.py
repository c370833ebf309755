"""Accounts and what they are granted."""

from __future__ import annotations

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models.organisation import Organisation
from kechuang.apps.directory.models.region import Region
from kechuang.apps.directory.models.unit import Unit
from kechuang.apps.directory.roles import ORGANISATION_ROLES, REGION_ROLES, UNIT_ROLES, Role
from kechuang.kit.models import Record


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person with an account. What the person may do hangs on memberships alone."""

    display_name = models.CharField(_("name"), max_length=40, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    synthetic = models.BooleanField(_("demonstration data"), default=False, editable=False)

    class Meta:
        ordering = ["display_name", "username"]
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username


@pghistory.track()
class Membership(Record):
    """A role that a person holds in a region, unit or organisation, from a day to a day. Only an active one counts."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for approval")
        ACTIVE = "active", _("active")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=24, choices=Role)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    unit = models.ForeignKey(
        Unit, verbose_name=_("unit"), null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["user", "role", "pk"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=~Q(role__in=sorted(REGION_ROLES)) | Q(region__isnull=False),
                name="membership_names_its_region",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(UNIT_ROLES)) | Q(unit__isnull=False), name="membership_names_its_unit"
            ),
            models.CheckConstraint(
                condition=~Q(role__in=sorted(ORGANISATION_ROLES)) | Q(organisation__isnull=False),
                name="membership_names_its_organisation",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "region", "unit", "organisation"],
                nulls_distinct=False,
                name="membership_once",
            ),
        ]

    def __str__(self) -> str:
        scope = self.organisation or self.unit or self.region
        return f"{self.user}: {self.get_role_display()}" + (f" ({scope})" if scope else "")

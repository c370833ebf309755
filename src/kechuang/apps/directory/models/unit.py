"""Units of government: whom a document makes responsible."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models.region import Region
from kechuang.kit.models import Record


@pghistory.track()
class Unit(Record):
    """A unit of government, or a *class* such as 各县（市、区）人民政府 that stands for one per county."""

    class Kind(models.TextChoices):
        DEPARTMENT = "department", _("department")
        PARTY = "party", _("party organ")
        MASS = "mass_organisation", _("mass organisation")
        GOVERNMENT = "county_government", _("county government or zone committee")
        AGENCY = "agency", _("agency or institution")
        WORKSTATION = "workstation", _("S&T workstation")
        COORDINATION = "coordination", _("coordinating body")
        CLASS = "class", _("class of units")

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100, help_text=_("as documents write it"))
    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    aliases = ArrayField(models.CharField(max_length=120), verbose_name=_("other names"), default=list, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="units")
    member_levels = ArrayField(
        models.CharField(max_length=12), verbose_name=_("levels of its members"), default=list, blank=True
    )
    member_kinds = ArrayField(
        models.CharField(max_length=20), verbose_name=_("kinds of its members"), default=list, blank=True
    )
    order = models.PositiveIntegerField(_("order"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["region__order", "order", "code"]
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [models.UniqueConstraint(fields=["region", "name"], name="unit_name_once_per_region")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_class(self) -> bool:
        return self.kind == self.Kind.CLASS

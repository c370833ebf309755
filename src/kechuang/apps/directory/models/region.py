"""Administrative divisions (GB/T 2260) and functional zones below them."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models import Record


@pghistory.track()
class Region(Record):
    """A place in the tree of divisions. ``path`` is every code from the root down, each followed by ``/``."""

    class Level(models.TextChoices):
        COUNTRY = "country", _("country")
        PROVINCE = "province", _("province")
        PREFECTURE = "prefecture", _("prefecture-level city")
        COUNTY = "county", _("county-level division")
        ZONE = "zone", _("functional zone")

    code = models.CharField(
        _("division code"), max_length=12, unique=True, help_text=_("GB/T 2260; zones add a suffix")
    )
    name = models.CharField(_("name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=30)
    name_en = models.CharField(_("English name"), max_length=80, blank=True)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    parent = models.ForeignKey(
        "self", verbose_name=_("belongs to"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(_("path"), max_length=120, unique=True, editable=False)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        indexes = [models.Index(fields=["path"], name="region_path_prefix", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_county(self) -> bool:
        return self.level in (self.Level.COUNTY, self.Level.ZONE)

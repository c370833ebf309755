"""What the installation remembers about itself."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models import Record


@pghistory.track()
class Load(Record):
    """Which state of which pack, or of its demonstration, was loaded and when."""

    class Content(models.TextChoices):
        PACK = "pack", _("pack")
        DEMO = "demo", _("demonstration")

    pack = models.CharField(_("pack"), max_length=200)
    content = models.CharField(_("content"), max_length=10, choices=Content)
    version = models.CharField(_("version"), max_length=30)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("loaded pack")
        verbose_name_plural = _("loaded packs")
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["pack", "content"], name="load_once_per_pack")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"

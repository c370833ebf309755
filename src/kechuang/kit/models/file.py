"""Uploaded and made files."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models.record import Record


@pghistory.track()
class StoredFile(Record):
    """A file with its name, under a path named by its content: equal contents are stored once."""

    name = models.CharField(_("file name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64, db_index=True)
    file = models.FileField(_("file"), max_length=120)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.UniqueConstraint(
                fields=["uploaded_by", "sha256", "name"], nulls_distinct=False, name="file_once_per_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("kit:file", args=[self.pk])

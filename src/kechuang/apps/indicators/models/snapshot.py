"""Frozen frames of facts: what a decision was made from, so that an auditor can compute it again."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models import Record, StoredFile


@pghistory.track()
class Snapshot(Record):
    """All subjects with all facts known at a moment, as a Parquet file. It is never changed and never deleted."""

    class Subject(models.TextChoices):
        ORGANISATION = "organisation", _("organisations")

    subject = models.CharField(_("of what"), max_length=16, choices=Subject, default=Subject.ORGANISATION)
    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("what for"), max_length=200, blank=True)
    taken_at = models.DateTimeField(_("taken on"), default=timezone.now)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("taken by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    rows = models.PositiveIntegerField(_("rows"))
    columns = models.PositiveIntegerField(_("columns"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    file = models.ForeignKey(StoredFile, verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-taken_at", "-pk"]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        triggers = [pgtrigger.Protect(name="snapshot_is_final", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title or f"{self.get_subject_display()} {self.year}"

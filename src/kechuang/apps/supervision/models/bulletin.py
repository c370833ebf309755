"""Bulletins: the state of the ledger on a day, frozen."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.kit.models import Record


@pghistory.track()
class Bulletin(Record):
    """One issue of the bulletin.

    ``figures`` is all that its pages print, as it stood on ``as_of``; the files are made from it and may be made again.
    """

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="bulletins")
    year = models.PositiveSmallIntegerField(_("year"))
    issue = models.PositiveSmallIntegerField(_("issue number"))
    period = models.CharField(_("reporting period"), max_length=10)
    title = models.CharField(_("title"), max_length=200)
    as_of = models.DateField(_("as of"))
    figures = models.JSONField(_("frozen figures"))
    docx = models.ForeignKey(
        "kit.StoredFile", verbose_name=_("Word file"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    pdf = models.ForeignKey(
        "kit.StoredFile", verbose_name=_("PDF file"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    job = models.PositiveBigIntegerField(_("background job"), null=True, blank=True, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        ordering = ["-year", "-issue", "-pk"]
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [models.UniqueConstraint(fields=["region", "year", "issue"], name="bulletin_issue_once_a_year")]

    def __str__(self) -> str:
        return self.title

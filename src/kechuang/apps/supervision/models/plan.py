"""A plan: everything that one published document, or one imported ledger, asks to be done."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.kit.models import Record


@pghistory.track()
class Plan(Record):
    """The task ledger of one document. ``document`` is the document's key; an imported ledger has none."""

    document = models.PositiveBigIntegerField(_("document key"), null=True, blank=True, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    doc_number = models.CharField(_("document number"), max_length=60, blank=True)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="plans")
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    is_public = models.BooleanField(_("shown to the public"), default=True)
    withdrawn_on = models.DateField(_("repealed on"), null=True, blank=True)

    class Meta:
        ordering = [models.F("issued_on").desc(nulls_last=True), "pk"]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        indexes = [models.Index(fields=["region", "-issued_on"], name="plan_region_issued")]

    def __str__(self) -> str:
        return self.title

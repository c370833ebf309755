"""Which record a published item became."""

from __future__ import annotations

import pghistory
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models.record import Record


@pghistory.track()
class PublishedRecord(Record):
    """Item ``item_id`` of a document lives on as ``record``: publishing it again makes no second one."""

    kind = models.CharField(_("kind"), max_length=20)
    item_id = models.BigIntegerField(_("found item"))
    record_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    record_id = models.BigIntegerField()
    record = GenericForeignKey("record_type", "record_id")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        ordering = ["kind", "item_id"]
        verbose_name = _("published record")
        verbose_name_plural = _("published records")
        indexes = [models.Index(fields=["record_type", "record_id"], name="published_record")]
        constraints = [models.UniqueConstraint(fields=["kind", "item_id"], name="published_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"

"""Which sentence of which record a statement rests on."""

from __future__ import annotations

import pghistory
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models.record import Record


@pghistory.track()
class EvidenceLink(Record):
    """``subject`` (or one ``field`` of it) rests on characters ``start`` to ``end`` of the text of ``source``."""

    class State(models.TextChoices):
        EXACT = "exact", _("exact")
        MOVED = "moved", _("moved to the original")
        LOST = "lost", _("not found in the original")

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    field = models.CharField(_("field"), max_length=60, blank=True)
    source_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    source_id = models.BigIntegerField()
    source = GenericForeignKey("source_type", "source_id")
    start = models.PositiveIntegerField(_("first character"))
    end = models.PositiveIntegerField(_("after the last character"))
    quote = models.TextField(_("quote"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.EXACT)
    item_id = models.BigIntegerField(_("found item"), null=True, blank=True)

    class Meta:
        ordering = ["subject_type", "subject_id", "field", "start", "pk"]
        verbose_name = _("evidence link")
        verbose_name_plural = _("evidence links")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="evidence_subject"),
            models.Index(fields=["source_type", "source_id"], name="evidence_source"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="evidence_span_runs_forward"),
            # Deferrable: judged after the whole statement, so that one UPDATE may shift many spans.
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "field", "source_type", "source_id", "start", "end"],
                name="evidence_once",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]

    def __str__(self) -> str:
        return self.quote

    @property
    def is_lost(self) -> bool:
        """The sentence was not found in the original that took the place of its restatement."""
        return self.state == self.State.LOST

    @property
    def label(self) -> str:
        """How the source prints: its number and its day."""
        from kechuang.kit.evidence import source_of

        return source_of(self).label(self.source)

    @property
    def url(self) -> str:
        """Where the highlighted sentence stands."""
        from kechuang.kit.evidence import source_of

        return source_of(self).url(self.source, self.start, self.end)

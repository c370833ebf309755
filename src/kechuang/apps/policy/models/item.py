"""What was found in a document: tasks, targets, benefits, funds, facilities and references to other documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.models.document import Document
from kechuang.kit.models import Record
from kechuang.kit.search import BigramField


class ItemKind(models.TextChoices):
    TASK = "task", _("task")
    TARGET = "target", _("target")
    BENEFIT = "benefit", _("benefit")
    FUND = "fund", _("fund")
    FACILITY = "facility", _("facility")
    REFERENCE = "reference", _("reference")


class ItemState(models.TextChoices):
    PROPOSED = "proposed", _("not reviewed yet")
    ACCEPTED = "accepted", _("accepted as found")
    EDITED = "edited", _("corrected")
    REJECTED = "rejected", _("not taken over")


BATCH = 500
CONFIRMED = (ItemState.ACCEPTED.value, ItemState.EDITED.value)


@pghistory.track(exclude=["bigrams"])
class Item(Record):
    """One finding with its exact span. Officers work on ``payload``; the public reads ``published``, a frozen copy.

    The index columns (``amount`` … ``beneficiaries``) repeat what is in ``published`` for the library's filters.
    ``edition`` counts changes, so that a reviewer who looks at an old one is told.
    """

    class Origin(models.TextChoices):
        MACHINE = "machine", _("found by the platform")
        HUMAN = "human", _("added by hand")

    document = models.ForeignKey(Document, verbose_name=_("document"), on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(_("kind"), max_length=10, choices=ItemKind)
    payload = models.JSONField(_("content"))
    original_payload = models.JSONField(_("content as found"), null=True, blank=True)
    published = models.JSONField(_("content as published"), null=True, blank=True)
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    quote = models.TextField(_("quotation"))
    state = models.CharField(_("state"), max_length=10, choices=ItemState, default=ItemState.PROPOSED)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin, default=Origin.MACHINE)
    flags = ArrayField(models.CharField(max_length=30), verbose_name=_("look closely"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("reviewed on"), null=True, blank=True)
    edition = models.PositiveIntegerField(_("edition"), default=1)

    label = models.CharField(_("title"), max_length=300, editable=False, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True, editable=False)
    amount_max = models.BigIntegerField(_("highest amount"), null=True, editable=False)
    beneficiary = models.CharField(_("beneficiary"), max_length=300, blank=True, editable=False)
    beneficiaries = ArrayField(models.CharField(max_length=40), default=list, editable=False)
    bigrams = BigramField()

    class Meta:
        ordering = ["document", "start", "pk"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="item_span_is_not_empty"),
            models.CheckConstraint(
                condition=Q(end=F("start") + Length("quote")), name="item_span_is_as_long_as_its_quotation"
            ),
        ]
        indexes = [
            GinIndex(fields=["bigrams"], name="item_bigrams"),
            GinIndex(fields=["beneficiaries"], name="item_beneficiaries"),
            models.Index(fields=["document", "kind", "state"], name="item_document_kind_state"),
            models.Index(fields=["document", "start", "id"], name="item_reading_order"),
            models.Index(fields=["kind", "amount"], name="item_kind_amount", condition=Q(published__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.label or self.quote[:60]

    @property
    def is_confirmed(self) -> bool:
        return self.state in CONFIRMED

    @property
    def is_reviewed(self) -> bool:
        return self.state != ItemState.PROPOSED

    @classmethod
    def save_many(cls, items: Sequence[Self], fields: Sequence[str]) -> None:
        """Write these fields of rows that exist, as one upsert a batch: far quicker than CASE … WHEN for every row."""
        cls.objects.bulk_create(
            items, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=[*fields, "updated_at"]
        )

    def get_absolute_url(self) -> str:
        """The item's place in the public page of its document."""
        return f"{reverse('policy:document', args=[self.document_id])}?at={self.start}-{self.end}#i-{self.pk}"

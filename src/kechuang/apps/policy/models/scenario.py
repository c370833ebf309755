"""What would happen if a rule said something else: a policy maker's try, kept with its outcome."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.models.rule import Rule
from kechuang.kit.models import Record


@pghistory.track()
class Scenario(Record):
    """``changes``: ``{"values": {path: number}, "criteria": {position: SQL}}``, paths as the engine names them;
    ``result``: the figures as they came out, money in fen; ``clause``: the change as a Chinese sentence."""

    title = models.CharField(_("title"), max_length=120)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, verbose_name=_("right"), on_delete=models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(Snapshot, verbose_name=_("snapshot"), on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("rules as of"))
    changes = models.JSONField(_("changes"))
    result = models.JSONField(_("outcome"))
    clause = models.TextField(_("draft clause"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("made by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    shared = models.BooleanField(_("shared with the bureau"), default=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        indexes = [models.Index(fields=["rule", "snapshot"], name="scenario_rule_snapshot")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("policy:scenario", args=[self.pk])

"""What each organisation was last told of its rights: what the next look is held against."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.kit.models import Record


@pghistory.track(exclude=["waiting", "updated_at"])
class ToldAnswers(Record):
    """``answers``: code of a right → [yes, no or received; payable in fen, null where there is no sum]. What is unknown
    is absent, or stands as it was known before. ``changes``: what was told lately, newest last, each with ``code``,
    ``before`` (null: unknown), ``after`` and the day ``on``. ``waiting``: facts have changed since."""

    organisation = models.OneToOneField(
        Organisation, verbose_name=_("organisation"), on_delete=models.CASCADE, related_name="told_answers"
    )
    as_of = models.DateField(_("rules as of"))
    answers = models.JSONField(_("answers"), default=dict)
    waiting = models.BooleanField(_("facts have changed"), default=False, editable=False)
    changes = models.JSONField(_("changes"), default=list, blank=True)

    class Meta:
        ordering = ["organisation"]
        verbose_name = _("answers last told")
        verbose_name_plural = _("answers last told")
        indexes = [models.Index(fields=["organisation"], condition=models.Q(waiting=True), name="told_waiting")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.as_of}"

"""What a person was told, and how they want to be told."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kechuang.kit.models.record import Record


@pghistory.track()
class Notification(Record):
    """One message to one person. The same ``dedupe_key`` reaches a person once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(_("kind"), max_length=60)
    message = models.CharField(_("message"), max_length=500)
    url = models.CharField(_("leads to"), max_length=300, blank=True)
    subject_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject = GenericForeignKey("subject_type", "subject_id")
    dedupe_key = models.CharField(max_length=200, editable=False)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("sent by e-mail"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_newest"),
            models.Index(fields=["user"], condition=Q(read_at__isnull=True), name="notification_unread"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "dedupe_key"], name="notification_once")]

    def __str__(self) -> str:
        return self.message


@pghistory.track()
class NotificationPreference(Record):
    """How a person is told by e-mail; without a row, once a day."""

    class Email(models.TextChoices):
        IMMEDIATE = "immediate", _("one e-mail for each message")
        DIGEST = "digest", _("one e-mail a day")
        NONE = "none", _("no e-mail")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="notification_preference",
    )
    email = models.CharField(_("e-mail"), max_length=10, choices=Email, default=Email.DIGEST)

    class Meta:
        ordering = ["user"]
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")

    def __str__(self) -> str:
        return self.get_email_display()

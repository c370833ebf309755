"""Notifications as e-mail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.kit.models import Notification, NotificationPreference

Email = NotificationPreference.Email


def send_each(notification_ids: Iterable[int]) -> int:
    """One e-mail per notification that was not sent yet; gives how many went out."""
    return sum(_send_one(pk) for pk in notification_ids)


def send_digests() -> int:
    """One e-mail to each person who wants a daily one and has unread news; gives how many went out."""
    others = NotificationPreference.objects.exclude(email=Email.DIGEST).values("user")
    waiting = (
        Notification.objects.filter(emailed_at=None, read_at=None, user__is_active=True)
        .exclude(user__in=others)
        .exclude(user__email="")
        .order_by("user")
    )
    return sum(_send_digest(user_id) for user_id in waiting.values_list("user", flat=True).distinct())


@transaction.atomic
def _send_one(pk: int) -> bool:
    """The row's lock makes sure that no two workers send the same message."""
    notification = (
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("user")
        .filter(pk=pk, emailed_at=None, user__is_active=True)
        .first()
    )
    if notification is None or not _address(notification.user):
        return False
    _send(notification.user, notification.message, [notification])
    Notification.objects.filter(pk=pk).update(emailed_at=timezone.now())
    return True


@transaction.atomic
def _send_digest(user_id: int) -> bool:
    rows = Notification.objects.select_for_update(skip_locked=True).filter(user=user_id, emailed_at=None, read_at=None)
    news = list(rows.order_by("-created_at", "-pk"))
    if not news:
        return False
    user = get_user_model()._default_manager.get(pk=user_id)
    subject = ngettext("%(count)d new message", "%(count)d new messages", len(news)) % {"count": len(news)}
    _send(user, subject, news)
    Notification.objects.filter(pk__in=[each.pk for each in news]).update(emailed_at=timezone.now())
    return True


def _send(user: Any, subject: str, news: list[Notification]) -> None:
    body = render_to_string("kit/notification/email.txt", {"user": user, "news": news, "site": settings.KECHUANG_URL})
    send_mail(_("[Kechuang] %(subject)s") % {"subject": " ".join(subject.split())[:150]}, body, None, [_address(user)])


def _address(user: Any) -> str:
    return str(user.email or "")

"""Telling people: in the site at once, and by e-mail as each one prefers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.models import Job, Notification, NotificationPreference
from kechuang.kit.permissions import Actor, authorise, visible
from kechuang.kit.references import type_of

Email = NotificationPreference.Email


@transaction.atomic
def notify(
    users: Iterable[AbstractBaseUser | int],
    message: str,
    url: str,
    kind: str,
    subject: Model | None = None,
    dedupe_key: str | None = None,
) -> list[Notification]:
    """Tell each of ``users`` (people or their ids) once; who was told under the same ``dedupe_key`` is left alone.

    Gives the notifications that are new. E-mail goes out after the transaction, to those who want one for each message;
    the others get a digest, or none.
    """
    ids = {user if isinstance(user, int) else user.pk for user in users}
    key = dedupe_key or uuid4().hex
    told = set(Notification.objects.filter(user__in=ids, dedupe_key=key).values_list("user", flat=True))
    new = sorted(ids - told)
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=user_id,
                kind=kind,
                message=message,
                url=url,
                subject_type=type_of(subject) if subject is not None else None,
                subject_id=subject.pk if subject is not None else None,
                dedupe_key=key,
            )
            for user_id in new
        ],
        ignore_conflicts=True,
    )
    made = list(Notification.objects.filter(user__in=new, dedupe_key=key))
    _send_at_once(made)
    return made


def inbox(actor: Actor) -> QuerySet[Notification]:
    """What the actor was told, newest first."""
    return visible(actor, Notification)


def waiting_for(actor: Actor) -> dict[str, int]:
    """How many messages are ``unread`` and how many jobs are ``running`` for the actor, in one query."""
    if actor.user_id is None:
        return {"unread": 0, "running": 0}
    unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None)
    jobs = Job.objects.filter(owner=OuterRef("pk"), state__in=[Job.State.QUEUED, Job.State.RUNNING])
    people = get_user_model()._default_manager.filter(pk=actor.user_id)
    counts = people.values(unread=_count(unread, "user"), running=_count(jobs, "owner")).first()
    return {"unread": counts["unread"], "running": counts["running"]} if counts else {"unread": 0, "running": 0}


def mark_read(actor: Actor, notification: Notification) -> None:
    """The actor has seen this message."""
    authorise(actor, "change", notification)
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(actor: Actor) -> int:
    """The actor has seen everything; gives how many were new."""
    return inbox(actor).filter(read_at=None).update(read_at=timezone.now()) if actor.user_id else 0


def preference_of(user_id: int) -> str:
    """How this person wants e-mail: ``immediate``, ``digest`` or ``none``."""
    chosen = NotificationPreference.objects.filter(user=user_id).values_list("email", flat=True).first()
    return chosen or Email.DIGEST.value


def set_preference(actor: Actor, *, email: str) -> NotificationPreference:
    """The actor chooses how to be told by e-mail."""
    if actor.user_id is None:
        raise Refused(_("Sign in first: the choice is kept with your account."))
    if email not in Email.values:
        raise DomainError(_("Choose one of the ways that are offered."), field="email")
    chosen, _created = NotificationPreference.objects.update_or_create(user_id=actor.user_id, defaults={"email": email})
    return chosen


def _count(rows: QuerySet[Any], person: str) -> Coalesce:
    """The number of a person's rows, as a subquery."""
    numbers = rows.order_by().values(person).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


def _send_at_once(notifications: Iterable[Notification]) -> None:
    from kechuang.kit.tasks import send_notifications

    by_user = {notification.user_id: notification.pk for notification in notifications}
    eager = NotificationPreference.objects.filter(user__in=by_user, email=Email.IMMEDIATE)
    ids: list[Any] = sorted(by_user[user_id] for user_id in eager.values_list("user", flat=True))
    if ids:
        # The queue lives in this database: the task becomes visible to workers when this transaction commits.
        send_notifications.defer(notification_ids=ids)

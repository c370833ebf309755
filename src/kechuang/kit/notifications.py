"""Telling people: in the site at once, and by e-mail as each one prefers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
    return notify_each([Letter(user_id, message, url, kind, subject, key) for user_id in sorted(ids)])


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to one person; ``user`` is their id. As for :func:`notify`."""

    user: int
    message: str
    url: str
    kind: str
    subject: Model | None = None
    dedupe_key: str = field(default_factory=lambda: uuid4().hex)


@transaction.atomic
def notify_each(letters: Sequence[Letter]) -> list[Notification]:
    """The same for many people, each with a message of their own, in as many queries as for one."""
    people, keys = {letter.user for letter in letters}, {letter.dedupe_key for letter in letters}
    rows = Notification.objects.filter(user__in=people, dedupe_key__in=keys)
    told = set(rows.values_list("user", "dedupe_key"))
    new = [letter for letter in letters if (letter.user, letter.dedupe_key) not in told]
    Notification.objects.bulk_create(
        [
            Notification(
                user_id=letter.user,
                kind=letter.kind,
                message=letter.message,
                url=letter.url,
                subject_type=type_of(letter.subject) if letter.subject is not None else None,
                subject_id=letter.subject.pk if letter.subject is not None else None,
                dedupe_key=letter.dedupe_key,
            )
            for letter in new
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    wanted = {(letter.user, letter.dedupe_key) for letter in new}
    made = [row for row in rows.all() if (row.user_id, row.dedupe_key) in wanted]
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


def _send_at_once(notifications: Sequence[Notification]) -> None:
    from kechuang.kit.tasks import send_notifications

    people = {notification.user_id for notification in notifications}
    eager = NotificationPreference.objects.filter(user__in=people, email=Email.IMMEDIATE)
    wanting = set(eager.values_list("user", flat=True))
    ids: list[Any] = sorted(notification.pk for notification in notifications if notification.user_id in wanting)
    if ids:
        # The queue lives in this database: the task becomes visible to workers when this transaction commits.
        send_notifications.defer(notification_ids=ids)

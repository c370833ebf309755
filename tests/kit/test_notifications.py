from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kechuang.apps.directory.models import Unit, User
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.models import Notification
from kechuang.kit.notifications import (
    Email,
    inbox,
    mark_all_read,
    mark_read,
    notify,
    preference_of,
    set_preference,
    waiting_for,
)
from kechuang.kit.permissions import PUBLIC, Actor
from kechuang.kit.tasks import send_digests, send_notifications
from kechuang.kit.testing_jobs import run_jobs


def act_as(user: User) -> Actor:
    return Actor(user_id=user.pk)


def test_each_person_is_told_once(users: list[User], units: list[Unit]) -> None:
    made = notify([*users, users[0], users[1].pk], "任务到期", "/tasks/1/", "task.due", subject=units[0])
    assert {notification.user for notification in made} == set(users)
    assert {notification.subject for notification in made} == {units[0]}


def test_the_same_key_reaches_a_person_once(users: list[User]) -> None:
    assert len(notify(users[:2], "三天后到期", "/tasks/1/", "task.due", dedupe_key="task-1-due-3")) == 2
    assert [n.user for n in notify(users, "三天后到期", "/tasks/1/", "task.due", dedupe_key="task-1-due-3")] == [
        users[2]
    ]
    assert len(notify(users, "三天后到期", "/tasks/1/", "task.due")) == 3


def test_telling_many_costs_as_much_as_telling_one(users: list[User]) -> None:
    def cost(people: list[User]) -> int:
        with CaptureQueriesContext(connection) as queries:
            notify(people, "通知", "/", "news")
        return len(queries)

    cost(users)
    assert cost(users) == cost(users[:1])


def test_the_bell_costs_one_query(users: list[User]) -> None:
    notify(users[:1], "一", "/", "news")
    notify(users[:1], "二", "/", "news")
    with CaptureQueriesContext(connection) as queries:
        assert waiting_for(act_as(users[0])) == {"unread": 2, "running": 0}
    assert len(queries) == 1
    assert waiting_for(act_as(users[1])) == {"unread": 0, "running": 0}
    assert waiting_for(PUBLIC) == {"unread": 0, "running": 0}


def test_reading_is_the_own_affair(users: list[User]) -> None:
    [notification] = notify(users[:1], "一", "/", "news")
    notify(users, "二", "/", "news")
    with pytest.raises(Refused):
        mark_read(act_as(users[1]), notification)
    mark_read(act_as(users[0]), notification)
    assert mark_all_read(act_as(users[0])) == 1
    assert mark_all_read(PUBLIC) == 0
    assert Notification.objects.filter(read_at=None).count() == 2
    assert [n.message for n in inbox(act_as(users[1]))] == ["二"]


def test_e_mail_goes_at_once_to_those_who_want_it_so(users: list[User]) -> None:
    for user, choice in zip(users, (Email.IMMEDIATE, Email.DIGEST, Email.NONE), strict=True):
        set_preference(act_as(user), email=choice)
    assert [preference_of(user.pk) for user in users] == ["immediate", "digest", "none"]
    notify(users, "任务已下达", "/tasks/1/", "task.given")
    told = Notification.objects.get(user=users[0])
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == ["an@example.org"]
    assert "任务已下达" in letter.subject
    assert reverse("kit:notification", args=[told.pk]) in letter.body
    send_notifications(notification_ids=[told.pk])
    assert len(mail.outbox) == 1


def test_nothing_is_sent_for_what_was_not_committed(users: list[User]) -> None:
    set_preference(act_as(users[0]), email=Email.IMMEDIATE)
    with transaction.atomic():
        notify(users, "任务已下达", "/", "task.given")
        transaction.set_rollback(True)
    assert run_jobs() == 0
    assert mail.outbox == []


def test_the_digest_gathers_what_is_new_and_goes_once(users: list[User]) -> None:
    set_preference(act_as(users[2]), email=Email.NONE)
    User.objects.filter(pk=users[1].pk).update(email="")
    for n in range(3):
        notify(users, f"消息{n}", "/", "news")
    mark_read(act_as(users[0]), Notification.objects.get(user=users[0], message="消息0"))
    send_digests.defer(timestamp=0)
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == ["an@example.org"]
    assert "消息0" not in letter.body
    assert letter.body.index("消息2") < letter.body.index("消息1")
    send_digests(timestamp=int(datetime.now().timestamp()))
    assert len(mail.outbox) == 1


def test_a_choice_is_one_of_those_offered(users: list[User]) -> None:
    with pytest.raises(DomainError):
        set_preference(act_as(users[0]), email="hourly")
    with pytest.raises(Refused):
        set_preference(PUBLIC, email=Email.NONE)
    assert preference_of(users[0].pk) == "digest"


def test_pages_of_the_bell(client_as: Callable[[str], Client], people: dict[str, User]) -> None:
    client, user = client_as("organisation_member"), people["organisation_member"]
    [first] = notify([user], "任务<b>一</b>", "/kit/notifications/?unread=1", "news")
    [second] = notify([user], "外面", "https://elsewhere.example/", "news")
    page = client.get(reverse("kit:notifications"))
    assert "任务&lt;b&gt;一&lt;/b&gt;" in page.text
    assert client.get(reverse("kit:bell")).text.count("kc-message ") == 2
    assert ">2</span>" in client.get(reverse("kit:bell-count")).text
    followed = client.get(reverse("kit:notification", args=[first.pk]))
    assert followed.url == first.url  # type: ignore[attr-defined]
    assert client.get(reverse("kit:notification", args=[second.pk])).url == reverse("kit:notifications")  # type: ignore[attr-defined]
    assert waiting_for(act_as(user))["unread"] == 0
    notify([user], "又一条", "/", "news")
    client.post(reverse("kit:notifications-read"))
    assert waiting_for(act_as(user))["unread"] == 0
    client.post(reverse("kit:notification-preference"), {"email": "immediate"})
    assert preference_of(user.pk) == "immediate"
    assert client_as("expert").get(reverse("kit:notification", args=[first.pk])).status_code == 404
    assert client_as("public").get(reverse("kit:notifications")).status_code == 302
    assert client.get(reverse("kit:notifications-read")).status_code == 405


def test_the_list_costs_the_same_with_one_message_and_with_many(
    client_as: Callable[[str], Client], people: dict[str, User]
) -> None:
    client, user = client_as("organisation_member"), people["organisation_member"]

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("kit:notifications"))
        return len(queries)

    notify([user], "一", "/", "news")
    cost()
    one = cost()
    for n in range(5):
        notify([user], f"{n}", "/", "news")
    assert cost() == one

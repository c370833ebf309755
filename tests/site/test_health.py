"""The health question, the number of a request, and the pages for what went wrong."""

from __future__ import annotations

import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

from kechuang.site import urls
from kechuang.site.middleware import HEADER


def explode(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def submit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("received")


class Addresses:
    """The site's addresses and a few that fail."""

    urlpatterns = [
        *urls.urlpatterns,
        path("explode", explode),
        path("refuse", refuse),
        path("suspect", suspect),
        path("submit", submit),
    ]
    handler400, handler403 = urls.handler400, urls.handler403
    handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(db: None) -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.django_db
def test_a_healthy_database_without_a_worker() -> None:
    response = Client().get("/healthz")
    assert response.json() == {"database": "ok", "worker": "silent"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_worker_with_a_recent_sign_of_life() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert Client().get("/healthz").json()["worker"] == "ok"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    assert Client().get("/healthz").json()["worker"] == "silent"


@pytest.mark.django_db
def test_an_unreachable_database_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)
    response = Client().get("/healthz")
    assert (response.status_code, response.json()["database"]) == (503, "unreachable")


@pytest.mark.django_db
def test_every_answer_carries_its_number() -> None:
    assert len(Client().get("/healthz")[HEADER]) == 16
    assert Client().get("/healthz", headers={HEADER: "proxy-12345678"})[HEADER] == "proxy-12345678"
    assert "\n" not in Client().get("/healthz", headers={HEADER: "x\ny"})[HEADER]


@pytest.mark.django_db
def test_each_request_is_logged_at_level_info(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="kechuang.request"):
        Client().get("/healthz")
    assert caplog.messages[-1].startswith("GET /healthz 200 ")


@override_settings(ROOT_URLCONF=Addresses)
@pytest.mark.parametrize(("address", "status"), [("/no-such-page", 404), ("/refuse", 403), ("/suspect", 400)])
def test_pages_for_what_went_wrong_speak_chinese_and_lead_on(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    page = response.content.decode()
    assert 'href="/"' in page
    assert "首页" in page


@override_settings(ROOT_URLCONF=Addresses)
def test_a_bug_shows_a_number_to_report(visitor: Client) -> None:
    response = visitor.get("/explode", headers={HEADER: "proxy-12345678"})
    page = response.content.decode()
    assert response.status_code == 500
    assert "proxy-12345678" in page
    assert "管理员" in page
    assert "a bug" not in page


@override_settings(ROOT_URLCONF=Addresses)
def test_a_form_after_the_session_ended_says_so(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/submit")
    assert response.status_code == 403
    assert "登录" in response.content.decode()

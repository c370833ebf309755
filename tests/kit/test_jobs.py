from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from kechuang.apps.directory.models import Unit, User
from kechuang.kit import jobs
from kechuang.kit.errors import DomainError
from kechuang.kit.jobs import progress, start
from kechuang.kit.models import Job
from kechuang.kit.permissions import PUBLIC, SYSTEM, Actor, visible
from kechuang.kit.tasks import MAX_ATTEMPTS, forget_old_jobs, rescue_stalled_jobs
from kechuang.kit.testing_jobs import run_jobs

seen: list[Job] = []


@app.task(name="tests.count")
def count(job_id: int, unit_id: int) -> None:
    with progress(job_id) as tracker:
        tracker.total(4, "counting")
        for _number in range(3):
            tracker.advance(message="one more")
        seen.append(Job.objects.get(pk=job_id))
        tracker.result(f"/units/{unit_id}/")


@app.task(name="tests.refuse")
def refuse(job_id: int) -> None:
    with progress(job_id):
        raise DomainError("The document has no pages.")


@app.task(name="tests.break_down")
def break_down(job_id: int) -> None:
    with progress(job_id):
        raise ZeroDivisionError("secret detail")


@app.task(name="tests.queue_another")
def queue_another(job_id: int, unit_id: int) -> None:
    with progress(job_id):
        start(SYSTEM, count, label="second", unit_id=unit_id)


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    seen.clear()
    return


def act_as(user: User) -> Actor:
    return Actor(user_id=user.pk)


def test_a_job_runs_and_says_how_far_it_is(units: list[Unit], users: list[User]) -> None:
    job = start(act_as(users[0]), count, label="Counting", subject=units[0], unit_id=units[0].pk)
    assert (job.state, job.percent, job.is_finished) == ("queued", None, False)
    assert run_jobs() == 1
    [halfway] = seen
    assert (halfway.state, halfway.percent, halfway.message) == ("running", 75, "one more")
    job.refresh_from_db()
    assert (job.state, job.percent, job.done, job.error) == ("done", 100, 4, "")
    assert job.result_url == f"/units/{units[0].pk}/"
    assert job.subject == units[0]
    assert job.started_at <= job.finished_at


@pytest.mark.django_db(transaction=True)
def test_jobs_run_outside_a_test_s_transaction_too(units: list[Unit]) -> None:
    job = start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    assert run_jobs() == 1
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_is_not_committed_is_not_queued(units: list[Unit]) -> None:
    with transaction.atomic():
        start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    assert run_jobs() == 0


def test_jobs_that_jobs_queue_run_as_well(units: list[Unit]) -> None:
    start(SYSTEM, queue_another, label="first", unit_id=units[0].pk)
    assert run_jobs() == 2
    assert set(Job.objects.values_list("label", "state")) == {("first", "done"), ("second", "done")}


def test_a_domain_error_is_told_and_the_queue_is_content(db: None) -> None:
    job = start(SYSTEM, refuse, label="Reading")
    run_jobs()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The document has no pages.")


def test_any_other_error_is_logged_and_told_gently(db: None, caplog: pytest.LogCaptureFixture) -> None:
    job = start(SYSTEM, break_down, label="Reading")
    with pytest.raises(AssertionError, match=r"tests\.break_down"):
        run_jobs()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error == jobs.unexpected_failure()
    assert "secret" not in job.error
    assert "ZeroDivisionError" in caplog.text
    start(SYSTEM, break_down, label="Reading")
    assert run_jobs(expect_failures=True) == 1


def test_doing_a_job_twice_starts_its_bar_anew(units: list[Unit]) -> None:
    job = start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    run_jobs()
    count(job_id=job.pk, unit_id=units[0].pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 4, 4)


def test_progress_leaves_no_history_but_states_do(units: list[Unit]) -> None:
    job = start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    run_jobs()
    assert list(job.events.order_by("pgh_id").values_list("state", flat=True)) == ["queued", "running", "done"]


def lose_the_worker(attempts: int) -> None:
    """Leave the queued job as a worker does that was killed while doing it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        [worker] = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE status = 'todo'",
            [worker, attempts],
        )


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_died_is_done_by_another(units: list[Unit]) -> None:
    job = start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    lose_the_worker(attempts=0)
    assert run_jobs() == 0
    rescue_stalled_jobs.defer(timestamp=0)
    assert run_jobs() == 2
    job.refresh_from_db()
    assert job.state == "done"


def test_a_job_that_outlives_several_workers_is_given_up(units: list[Unit]) -> None:
    job = start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    lose_the_worker(attempts=MAX_ATTEMPTS)
    rescue_stalled_jobs.defer(timestamp=0)
    run_jobs(expect_failures=True)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", jobs.unexpected_failure())
    assert ProcrastinateJob.objects.get(task_name="tests.count").status == "failed"


def test_the_queue_forgets_what_was_done_long_ago(units: list[Unit]) -> None:
    start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '40 days'")
    start(SYSTEM, count, label="Counting", unit_id=units[0].pk)
    run_jobs()
    forget_old_jobs.defer(timestamp=0)
    run_jobs()
    assert ProcrastinateJob.objects.filter(task_name="tests.count").count() == 1
    assert Job.objects.filter(state="done").count() == 2


def test_a_job_is_its_owner_s_and_the_bureau_s(people: dict[str, User], officer: Actor, member: Actor) -> None:
    own = start(member, refuse, label="mine")
    start(act_as(people["expert"]), refuse, label="another's")
    assert list(visible(member, Job)) == [own]
    assert visible(officer, Job).count() == 2
    assert not visible(PUBLIC, Job).exists()


def test_the_page_follows_a_job_until_it_ends(client_as: Callable[[str], Client], people: dict[str, User]) -> None:
    unit = Unit.objects.first()
    assert unit is not None
    job = start(act_as(people["organisation_member"]), count, label="读取文件", unit_id=unit.pk)
    client = client_as("organisation_member")
    page = client.get(job.get_absolute_url())
    assert page.status_code == 200
    fragment = client.get(job.get_absolute_url(), headers={"hx-request": "true"})
    assert "<html" not in fragment.text
    assert 'hx-trigger="every 1s"' in fragment.text
    run_jobs()
    ended = client.get(job.get_absolute_url(), headers={"hx-request": "true"})
    assert "hx-trigger" not in ended.text
    assert ended["HX-Trigger"] == "kechuang:job-ended"
    assert f'href="/units/{unit.pk}/"' in ended.text
    assert client_as("expert").get(job.get_absolute_url()).status_code == 404

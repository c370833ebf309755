"""``kechuang up`` as a person starts it: real processes, each of them killed in turn."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kechuang.kit.packs import PackError, Problem
from kechuang.site import serve
from tests.site.service import PATIENCE, Service, children, is_alive, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    home = Path(tempfile.mkdtemp(prefix="kechuang-test-"))
    home.chmod(0o755)
    service = Service(home)
    try:
        service.start()
        made = service.run("administrator", "keeper", "--password", "kept-through-every-crash")
        assert made.returncode == 0, made.stderr
        yield service
    finally:
        if service.process and service.process.poll() is None:
            service.stop()
        shutil.rmtree(home)


@pytest.fixture
def running(service: Service) -> Iterator[Service]:
    """The service, answering before the test; after it, it answers again and has lost nothing."""
    if service.process is None or service.process.poll() is not None:
        service.start()
    wait_until(lambda: len(children(service.pid)) == 3 and bool(children(service.web)), service.log)
    yield service
    if service.process.poll() is None:
        wait_until(service.answers, service.log)
        assert service.query("SELECT count(*) FROM directory_user WHERE username = 'keeper'") == 1


def test_says_where_it_is_and_how_to_begin(running: Service) -> None:
    wait_until(lambda: f"http://localhost:{running.port}/" in running.log(), running.log)
    assert "kechuang administrator" in running.log()


def test_pages_and_static_files_are_served(running: Service) -> None:
    assert running.status("/") == http.client.OK
    assert running.status("/static/vendor/htmx.js") == http.client.OK


def test_health_tells_of_database_and_worker(running: Service) -> None:
    wait_until(lambda: running.health() == {"database": "ok", "worker": "ok"}, running.log)


def test_a_killed_web_worker_is_replaced(running: Service) -> None:
    victim = children(running.web)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_alive(victim) and running.answers(), running.log)


def test_a_killed_web_process_is_replaced_with_all_it_had_started(running: Service) -> None:
    victim, orphan = running.web, children(running.web)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: not is_alive(orphan) and running.answers(), running.log)


def test_a_killed_worker_is_replaced_and_its_queue_is_worked_off(running: Service) -> None:
    victim = running.worker
    os.kill(victim, signal.SIGKILL)
    with psycopg.connect(running.cluster.url) as connection:
        row = connection.execute(
            "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('default', 'builtin:procrastinate.builtin_tasks."
            "remove_old_jobs', 0, NULL, NULL, '{\"max_hours\": 100000}', NULL)::procrastinate_job_to_defer_v1])"
        ).fetchone()
    assert row
    job = row[0][0] if isinstance(row[0], list) else row[0]
    done = f"SELECT count(*) FROM procrastinate_jobs WHERE id = {job} AND status = 'succeeded'"  # noqa: S608
    wait_until(lambda: running.query(done) == 1, running.log)
    assert victim not in children(running.pid)


def test_a_killed_database_is_started_again(running: Service) -> None:
    victim = running.cluster.postmaster()
    assert victim
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: running.cluster.postmaster() not in (None, victim) and running.answers(), running.log)
    wait_until(lambda: running.health().get("worker") == "ok", running.log)


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_start_recovers(running: Service) -> None:
    processes = [running.web, running.worker, *children(running.web)]
    server = running.cluster.postmaster()
    assert server
    os.kill(running.pid, signal.SIGKILL)
    running.process.wait(PATIENCE)
    wait_until(lambda: not any(map(is_alive, [*processes, server])), running.log)
    running.start()


def test_everything_killed_at_once_is_recovered_by_the_next_start(running: Service) -> None:
    orphans = children(running.web)
    for pid in [running.pid, running.web, running.worker, running.cluster.postmaster()]:
        os.kill(pid, signal.SIGKILL)
    running.process.wait(PATIENCE)
    wait_until(lambda: not any(is_alive(pid) for pid in orphans), running.log)
    running.start()


def test_a_port_in_use_is_refused_in_one_line(running: Service) -> None:
    refused = running.run("up", "--port", str(running.port))
    assert refused.returncode == 2
    assert refused.stderr == f"kechuang up: port {running.port} is in use. Choose another one with --port.\n"


def test_a_signal_takes_everything_down_in_order(running: Service) -> None:
    processes = [running.web, running.worker, *children(running.web), running.cluster.postmaster()]
    assert running.stop() == 0
    assert not any(is_alive(pid) for pid in processes if pid)
    assert "shut down" in running.cluster.log.read_text().splitlines()[-1]


def test_the_second_start_is_quick(running: Service) -> None:
    if running.process.poll() is None:
        running.stop()
    assert running.start() < 10 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_a_server_for_the_network_knows_its_own_names() -> None:
    assert serve.host_names("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]
    assert socket.gethostname() in serve.host_names("0.0.0.0")  # noqa: S104
    assert "192.0.2.7" in serve.host_names("192.0.2.7")


def test_work_done_apart_hands_on_what_it_raises() -> None:
    def refuse() -> None:
        raise PackError([Problem("unknown-tier", "rules.yaml", "rules.yaml.rules[1]", {"value": "x", "known": "y"})])

    serve.apart(lambda: None)
    with pytest.raises(PackError, match="there is no tier x"):
        serve.apart(refuse)
    with pytest.raises(RuntimeError, match="before it was done"):
        serve.apart(lambda: os._exit(3))

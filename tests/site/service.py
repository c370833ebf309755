"""A running ``kechuang up`` for tests, and a look at its processes."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from kechuang.site.postgres import Cluster

PATIENCE = 240


class Service:
    """A running ``kechuang up`` with a home and an embedded database of its own."""

    def __init__(self, home: Path, python: Path | str = sys.executable) -> None:
        self.home = home
        self.python = str(python)
        self.cluster = Cluster(home)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {**os.environ, "KECHUANG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        self.environment.pop("DATABASE_URL", None)
        self.process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", "kechuang.site.cli", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False, **options
        )

    def start(self) -> float:
        """Start, wait until it answers, and give the seconds that this took."""
        begun = time.monotonic()
        command = [self.python, "-m", "kechuang.site.cli", "up", "--port", str(self.port)]
        with (self.home / "up.log").open("a") as log:
            self.process = subprocess.Popen(
                [*command, "--pack", "national", "--empty"], env=self.environment, stdout=log, stderr=log, text=True
            )
        wait_until(lambda: self.answers() or self.process.poll() is not None, self.log)
        assert self.process.poll() is None, self.log()
        return time.monotonic() - begun

    def log(self) -> str:
        return (self.home / "up.log").read_text()

    def ask(self, path: str) -> tuple[int, bytes]:
        """Status and body of an answer; 0 where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def status(self, path: str) -> int:
        return self.ask(path)[0]

    def health(self) -> dict[str, str]:
        status, body = self.ask("/healthz")
        return json.loads(body) if status == http.client.OK else {}

    def answers(self) -> bool:
        return bool(self.health())

    def query(self, sql: str) -> int:
        with psycopg.connect(self.cluster.url) as connection:
            row = connection.execute(sql.encode()).fetchone()
            return int(row[0]) if row else 0

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def web(self) -> int:
        """The web process: the forked one that has a child, which answers the requests."""
        return next(pid for pid in children(self.pid) if name(pid) != "postgres" and children(pid))

    @property
    def worker(self) -> int:
        return next(pid for pid in children(self.pid) if name(pid) != "postgres" and not children(pid))

    def stop(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(PATIENCE)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], explain: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.1)

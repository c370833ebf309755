"""The real platform for a browser: ``kechuang up`` in a process of its own, with its own home and its own database."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_SECONDS = 600  # a fresh database, on a busy machine
STOP_SECONDS = 25
LONGEST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform that answers at ``address``."""

    address: str
    home: Path

    def log(self) -> str:
        """What it printed so far."""
        return (self.home / "platform.log").read_text(errors="replace")


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a new, empty database on the tests' server; gone afterwards."""
    server = os.environ["DATABASE_URL"]
    name = f"kc_e2e_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running_platform(pack: str = "nanyang", *options: str) -> Iterator[Platform]:
    """``kechuang up`` until it answers; taken down at the end, whatever happens inside.

    KECHUANG_E2E_ADDRESS names a platform that runs already, for those who write tests.
    """
    if given := os.environ.get("KECHUANG_E2E_ADDRESS"):
        yield Platform(given, Path())
        return
    with fresh_database() as url, TemporaryDirectory(prefix="kechuang-e2e-") as home:
        port = int(os.environ.get("KECHUANG_E2E_PORT") or _free_port())
        address = f"http://127.0.0.1:{port}"
        environment = os.environ | {"DATABASE_URL": url, "KECHUANG_HOME": home, "KECHUANG_URL": address}
        command = [_program(), "up", "--port", str(port), "--pack", pack, *options]
        if timeout := shutil.which("timeout"):  # even where the tests themselves are killed
            command = [timeout, "--signal=INT", f"--kill-after={STOP_SECONDS}", str(LONGEST_SECONDS), *command]
        with (Path(home) / "platform.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=home, stdout=log, stderr=log, start_new_session=True
            )
        platform = Platform(address, Path(home))
        try:
            _wait(process, port, platform)
            yield platform
        finally:
            _stop(process)


def _program() -> str:
    beside = Path(sys.executable).with_name("kechuang")
    return str(beside) if beside.exists() else "kechuang"


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, platform: Platform) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"kechuang up ended with status {process.returncode}:\n{platform.log()}")
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return
        time.sleep(0.2)
    raise RuntimeError(f"kechuang up did not answer within {READY_SECONDS} seconds:\n{platform.log()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)

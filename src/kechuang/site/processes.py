"""The two kinds of process that serve: web and worker. Each also runs alone, under any process manager."""

from __future__ import annotations

import multiprocessing
import os
import signal

STOP_SECONDS = 10


def end_with_parent() -> None:
    """Ask this process to stop once the one that started it is dead, however it died. Returns at once where no
    process of ours started it."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def run_web(*, host: str, port: int, workers: int) -> None:
    """Answer web requests until told to stop; a web process that dies is replaced."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "kechuang.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=min(8, 2 * (os.cpu_count() or 1) + 1),
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def run_worker(*, concurrency: int) -> None:
    """Run jobs until told to stop; those under way may finish within a grace period, else they are taken up again."""
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as worker_app:  # type: ignore[attr-defined]
        worker_app.run_worker(
            concurrency=concurrency,
            shutdown_graceful_timeout=STOP_SECONDS,
            install_signal_handlers=True,
        )

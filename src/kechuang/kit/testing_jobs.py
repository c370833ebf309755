"""Run what tests have queued, by the real queue and its real tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from asgiref.sync import async_to_sync, sync_to_async
from procrastinate import utils
from procrastinate.contrib.django import db_cleanup, procrastinate_app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry


class WorkingConnector(DjangoConnector):
    """Django's connection for a worker: Django leaves JSON as text, a worker wants a job's arguments read."""

    def _dictfetch(self, cursor: Any) -> Any:
        for row in super()._dictfetch(cursor):
            if isinstance(row.get("args"), str):
                row["args"] = json.loads(row["args"])
            yield row


def run_jobs(*, expect_failures: bool = False) -> int:
    """Run every queued job, also those that jobs queue, in this thread and on this database connection.

    So it works inside a test's transaction as well as in a ``transaction=True`` test; a job put off to a later time (a
    retry is) runs in the latter only, as time stands still inside a transaction. Periodic tasks run only where a test
    queued them. Gives how many jobs came to an end; a failed one fails the test unless ``expect_failures``.
    """
    before = _finished()
    app = procrastinate_app.current_app
    periodic, app.periodic_registry = app.periodic_registry, PeriodicRegistry()
    try:
        with (
            app.replace_connector(WorkingConnector()),
            # Called from this thread, asgiref brings synchronous code that is bound to a thread back into it.
            patch.object(utils, "sync_to_async", _in_this_thread),
            # The connection belongs to the test: as with Django's test client, it outlives the work.
            patch.object(db_cleanup, "close_old_connections", lambda: None),
        ):
            async_to_sync(app.run_worker_async)(wait=False, listen_notify=False, install_signal_handlers=False)
    finally:
        app.periodic_registry = periodic
    after = _finished()
    failed = [name for pk, (name, status) in after.items() if pk not in before and status == "failed"]
    if failed and not expect_failures:
        raise AssertionError(f"these jobs failed: {', '.join(failed)}")
    return len(after.keys() - before.keys())


async def _in_this_thread(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    return await sync_to_async(function, thread_sensitive=True)(*args, **options)


def _finished() -> dict[int, tuple[str, str]]:
    jobs = ProcrastinateJob.objects.exclude(status__in=["todo", "doing"])
    return {job.pk: (job.task_name, job.status) for job in jobs}

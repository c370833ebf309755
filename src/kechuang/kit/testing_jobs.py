"""Run what tests have queued, by the real queue and its real tables."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry


def run_jobs(*, expect_failures: bool = False) -> int:
    """Run every queued job, also those that jobs queue, in this thread and on this database connection.

    So it works inside a test's transaction as well as in a ``transaction=True`` test. Periodic tasks run only where a
    test queued them. Gives how many jobs came to an end; a failed one fails the test unless ``expect_failures``.
    """
    before = _finished()
    periodic, app.periodic_registry = app.periodic_registry, PeriodicRegistry()
    try:
        # Called from this thread, asgiref brings all synchronous code of the worker back into it.
        async_to_sync(app.run_worker_async)(wait=False, listen_notify=False, install_signal_handlers=False)
    finally:
        app.periodic_registry = periodic
    after = _finished()
    failed = [name for pk, (name, status) in after.items() if pk not in before and status == "failed"]
    if failed and not expect_failures:
        raise AssertionError(f"these jobs failed: {', '.join(failed)}")
    return len(after.keys() - before.keys())


def _finished() -> dict[int, tuple[str, str]]:
    jobs = ProcrastinateJob.objects.exclude(status__in=["todo", "doing"])
    return {job.pk: (job.task_name, job.status) for job in jobs}

"""Background tasks of the kit: e-mail, and looking after jobs whose worker died."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status

from kechuang.kit import import_tasks, jobs, mail  # noqa: F401 (the queue finds tasks through this module)

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
KEPT_HOURS = 30 * 24


@app.task(name="kit.send_notifications", retry=3)
def send_notifications(notification_ids: Iterable[int]) -> None:
    """E-mail these notifications, each once, to people who want one e-mail for each message."""
    mail.send_each(list(notification_ids))


@app.periodic(cron="30 23 * * *")  # 07:30 in China: the queue's clock is UTC
@app.task(name="kit.send_digests", queueing_lock="kit.send_digests", retry=3)
def send_digests(timestamp: int) -> None:
    """One e-mail to each person with unread news who wants a daily one."""
    mail.send_digests()


@app.periodic(cron="*/2 * * * *")
@app.task(name="kit.rescue_stalled_jobs", queueing_lock="kit.rescue_stalled_jobs")
async def rescue_stalled_jobs(timestamp: int) -> None:
    """Queue again what a worker was doing when it died; give up on what has outlived several workers."""
    for stalled in await app.job_manager.get_stalled_jobs():
        if stalled.attempts < MAX_ATTEMPTS:
            logger.warning("job %s (%s) lost its worker: queued again", stalled.id, stalled.task_name)
            await app.job_manager.retry_job(stalled)
        else:
            logger.error(
                "job %s (%s) lost its worker %s times: given up", stalled.id, stalled.task_name, stalled.attempts
            )
            await app.job_manager.finish_job(stalled, status=Status.FAILED, delete_job=False)
            await sync_to_async(_tell_owner)(stalled)


@app.periodic(cron="0 19 * * *")  # 03:00 in China
@app.task(name="kit.forget_old_jobs", queueing_lock="kit.forget_old_jobs")
async def forget_old_jobs(timestamp: int) -> None:
    """Drop the queue's rows of work that was done a month ago; failed ones stay for the administrator."""
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)


def _tell_owner(stalled: QueuedJob) -> None:
    job_id: Any = stalled.task_kwargs.get("job_id")
    if isinstance(job_id, int):
        jobs.give_up(job_id)

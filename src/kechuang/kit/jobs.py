"""Long work that a person waits for: started from a page, done by a worker, followed by a bar.

    job = start(actor, read_document, label=_("Reading %(name)s") % {...}, document_id=document.pk)

    @app.task(name="policy.read_document")
    def read_document(job_id: int, document_id: int) -> None:
        with progress(job_id) as tracker:
            tracker.total(4)
            ...
            tracker.advance(message=_("looking for tasks"))

A queue hands out a job at least once: a task gets ids only, and doing it twice must do no harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from procrastinate.tasks import Task

from kechuang.kit.errors import DomainError
from kechuang.kit.models import Job
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.references import type_of

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_UPDATES = 0.3


@transaction.atomic
def start(
    actor: Actor,
    task: Task[Any, Any, Any],
    *,
    label: str | Promise,
    subject: Model | None = None,
    **ids: Any,
) -> Job:
    """Queue ``task(job_id=…, **ids)`` for the actor and give the :class:`Job` to follow.

    Both are in the caller's transaction: no worker sees the task before everything that it needs is committed.
    """
    job = Job.objects.create(
        kind=task.name,
        label=str(label)[:200],
        owner_id=actor.user_id,
        subject_type=type_of(subject) if subject is not None else None,
        subject_id=subject.pk if subject is not None else None,
    )
    task.defer(job_id=job.pk, **ids)
    return job


class Tracker:
    """What a running task tells the person who waits. Call it between transactions: inside one, nobody sees it move."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._written = 0.0

    def total(self, steps: int, message: str | Promise = "") -> None:
        """How many steps there will be."""
        self.job.total = steps
        self._say(message)
        self._write()

    def advance(self, steps: int = 1, message: str | Promise = "") -> None:
        """So many steps more are done; ``message`` says what comes now. Written at most three times a second."""
        self.job.done += steps
        self._say(message)
        if message or time.monotonic() - self._written >= SECONDS_BETWEEN_UPDATES:
            self._write()

    def result(self, url: str) -> None:
        """Where the person finds what came out."""
        self.job.result_url = url

    def _say(self, message: str | Promise) -> None:
        if message:
            self.job.message = str(message)[:300]

    def _write(self) -> None:
        self._written = time.monotonic()
        self.job.save(update_fields=["done", "total", "message", "updated_at"])


@contextmanager
def progress(job_id: int) -> Iterator[Tracker]:
    """Follow a task: running while inside, then done, or failed with words for the person.

    The message of a :class:`DomainError` is for the person and ends the job. Any other error is logged, told in general
    terms, and raised again for the queue to know.
    """
    job = Job.objects.get(pk=job_id)
    job.state, job.error, job.done, job.total = Job.State.RUNNING, "", 0, None
    job.started_at, job.finished_at = timezone.now(), None
    job.save()
    tracker = Tracker(job)
    # What a job writes for somebody is that person's doing in the history, as it would be in a request.
    doer = pghistory.context(user=job.owner_id) if job.owner_id else nullcontext()
    try:
        with doer:
            yield tracker
    except DomainError as error:
        _finish(job, Job.State.FAILED, error.message)
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        _finish(job, Job.State.FAILED, unexpected_failure())
        raise
    else:
        _finish(job, Job.State.DONE)


def running(actor: Actor) -> QuerySet[Job]:
    """The actor's own jobs that have not ended, newest first."""
    return visible(actor, Job).filter(owner=actor.user_id, state__in=[Job.State.QUEUED, Job.State.RUNNING])


def give_up(job_id: int) -> None:
    """The queue will not try this job again: tell the person."""
    unfinished = Job.objects.filter(pk=job_id).exclude(state__in=[Job.State.DONE, Job.State.FAILED])
    unfinished.update(state=Job.State.FAILED, error=unexpected_failure(), finished_at=timezone.now())


def unexpected_failure() -> str:
    """What a person reads when the platform itself is at fault."""
    return _(
        "This could not be finished. Nothing was lost: start it again, and if it fails again, tell the administrator."
    )


def _finish(job: Job, state: str, error: str = "") -> None:
    job.state, job.error, job.finished_at = state, error[:500], timezone.now()
    if state == Job.State.DONE and job.total is not None:
        job.done = job.total
    job.save()

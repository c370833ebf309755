"""Background work of the policy app: ids in, the domain does it; doing it twice does no harm."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, User
from kechuang.apps.policy.domain import alerts, awards, conflicts, extraction, publication
from kechuang.apps.policy.domain.queries.rulebook import ENDED
from kechuang.apps.policy.interfaces.alert_words import letter
from kechuang.apps.policy.models import Document, DocumentState, Formula, RuleVersion, VersionState
from kechuang.kit.errors import DomainError
from kechuang.kit.facts import facts_changed
from kechuang.kit.jobs import Tracker, progress
from kechuang.kit.models import Job
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM, Actor


def _steps(tracker: Tracker) -> extraction.Step:
    """Tell the waiting person how far a domain function is."""

    def step(done: int, total: int, message: str) -> None:
        if tracker.job.total != total:
            tracker.total(total, message)
        tracker.advance(done - tracker.job.done, message)

    return step


def _owner(job: Job) -> Actor:
    """The person who started the job, with what is granted to them now."""
    user = User.objects.filter(pk=job.owner_id).first() if job.owner_id else None
    return actor_for(user) if user is not None else SYSTEM


@app.task(name="policy.read_document")
def read_document_task(job_id: int, document_id: int) -> None:
    """Read an uploaded document; the job leads to its review."""
    with progress(job_id) as tracker:
        document = extraction.extract_document(document_id=document_id, step=_steps(tracker))
        tracker.result(reverse("policy:review", args=[document.pk]))
        if document.state == DocumentState.FAILED:
            raise DomainError(document.state_note)
        if tracker.job.owner_id:
            notify(
                [tracker.job.owner_id],
                _("“{document}” has been read and waits for your review.").format(document=document),
                reverse("policy:review", args=[document.pk]),
                "policy.read",
                document,
                dedupe_key=f"policy.read:{document.pk}",
            )


@app.task(name="policy.publish_document")
def publish_document_task(job_id: int, document_id: int, revision: int, note: str = "") -> None:
    """Publish a document as its ``revision``; where that exists already there is nothing left to do."""
    with progress(job_id) as tracker:
        document = Document.objects.get(pk=document_id)
        tracker.result(reverse("policy:document", args=[document_id]))
        if document.revision >= revision:
            return
        publication.publish_document(_owner(tracker.job), document_id=document_id, note=note, step=extraction.silent)


@app.task(name="policy.find_conflicts")
def find_conflicts_task(document_id: int) -> None:
    """Hold a document against the others of its region."""
    conflicts.find_conflicts(document_id=document_id)


@app.task(name="policy.assess")
def assess_task(job_id: int, region_id: int, year: int) -> None:
    """Assess a region; the job leads to the run."""
    with progress(job_id) as tracker:
        region = Region.objects.get(pk=region_id)
        run = awards.assess(_owner(tracker.job), region=region, year=year, step=_steps(tracker), job_key=job_id)
        tracker.result(reverse("policy:run", args=[run.pk]))


WAIT = 60
"""Seconds between a change and the look at what it means: whoever types a return changes many facts."""


@app.periodic(cron="20 18 * * *")  # 02:20 in China: the queue's clock is UTC
@app.task(name="policy.tell_changes_nightly", queueing_lock="policy.tell_changes_nightly", lock="policy.tell")
def tell_changes_nightly(timestamp: int) -> None:
    """Days pass: rights begin and end, certificates expire."""
    _tell(None)


@app.task(name="policy.tell_changes", lock="policy.tell")
def tell_changes_task() -> None:
    """A rule was published: tell every organisation for which an answer changed."""
    _tell(None)


@app.task(name="policy.tell_changed_facts", lock="policy.tell")
def tell_changed_facts_task() -> None:
    """Facts have changed: the same for the organisations that they are about."""
    if waiting := alerts.take_waiting():
        _tell(waiting)


def _tell(organisations: Collection[int] | None) -> None:
    with override(settings.LANGUAGE_CODE):
        alerts.tell_changes(letter, organisations=organisations)


@receiver(facts_changed)
def _facts_changed(organisations: Collection[int], **_more: Any) -> None:
    """Look at them in a minute, once for however many changes come until then."""
    alerts.facts_have_changed(organisations)
    transaction.on_commit(partial(_soon, tell_changed_facts_task))


@receiver(post_save, sender=RuleVersion)
@receiver(post_save, sender=Formula)
def _rules_changed(instance: RuleVersion | Formula, **_more: Any) -> None:
    """A published wording may change the answers of everyone."""
    if instance.state == VersionState.PUBLISHED:
        transaction.on_commit(partial(_soon, tell_changes_task))


@receiver(post_save, sender=Document)
def _document_ended(instance: Document, **_more: Any) -> None:
    """What rests on a document that is repealed or replaced ends with it."""
    if instance.state in ENDED:
        transaction.on_commit(partial(_soon, tell_changes_task))


def _soon(task: Task[Any, Any, Any]) -> None:
    """Queue a task for a minute from now, unless it waits there already."""
    try:
        with transaction.atomic():
            task.configure(queueing_lock=task.name, schedule_in={"seconds": WAIT}).defer()
    except AlreadyEnqueued:
        pass

"""Background tasks: the daily reminders, and making a bulletin."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region
from kechuang.apps.supervision.domain import bulletins, reminders
from kechuang.apps.supervision.interfaces.bulletin import docx_bytes, pdf_bytes
from kechuang.kit.jobs import progress
from kechuang.kit.notifications import notify
from kechuang.kit.permissions import SYSTEM


@app.periodic(cron="0 0 * * *")  # 08:00 in China: the queue's clock is UTC
@app.task(name="supervision.send_reminders", queueing_lock="supervision.send_reminders", retry=3)
def send_reminders(timestamp: int) -> None:
    """Remind of what falls due, what is overdue and what has gone silent."""
    reminders.send_reminders()


@app.task(name="supervision.make_bulletin")
def make_bulletin(job_id: int, region_id: int) -> None:
    """Freeze the figures, print them as Word and PDF, and tell who asked."""
    with progress(job_id) as tracker:
        user = tracker.job.owner
        actor = actor_for(user) if user else SYSTEM
        tracker.total(3, _("Counting the ledger"))
        bulletin = bulletins.issue_bulletin(actor, region=Region.objects.get(pk=region_id), job=job_id)
        with override(settings.LANGUAGE_CODE):
            tracker.advance(message=_("Setting the Word file"))
            word = docx_bytes(bulletin)
            tracker.advance(message=_("Setting the PDF"))
            pdf = pdf_bytes(bulletin)
        bulletin = bulletins.attach_files(actor, bulletin=bulletin, files={"docx": word, "pdf": pdf})
        url = reverse("supervision:bulletins-detail", args=[bulletin.pk])
        tracker.advance()
        tracker.result(url)
        if user:
            message = _("The bulletin is ready: %(title)s, issue %(issue)s") % {
                "title": bulletin.title,
                "issue": bulletin.issue,
            }
            notify(
                [user],
                message,
                url,
                kind="supervision.bulletin",
                subject=bulletin,
                dedupe_key=f"bulletin:{bulletin.pk}",
            )

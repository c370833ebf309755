"""Issuing a bulletin: its number and figures are fixed first, its files are made from them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from kechuang.apps.directory.models import Region
from kechuang.apps.supervision.domain.queries.bulletin import bulletin_figures
from kechuang.apps.supervision.models import Bulletin
from kechuang.apps.supervision.rules import period_of
from kechuang.kit.errors import DomainError
from kechuang.kit.files import store_bytes
from kechuang.kit.permissions import Actor, authorise


@transaction.atomic
def issue_bulletin(actor: Actor, *, region: Region, job: int | None = None, synthetic: bool = False) -> Bulletin:
    """Take the next number of the year and freeze the ledger's figures of today. The same job gets the same issue."""
    authorise(actor, "add", Bulletin)
    Region.objects.select_for_update().get(pk=region.pk)
    if job is not None and (known := Bulletin.objects.filter(job=job).first()):
        return known
    today = timezone.localdate()
    last = Bulletin.objects.filter(region=region, year=today.year).aggregate(last=Max("issue"))["last"] or 0
    with override(settings.LANGUAGE_CODE):  # a bulletin is an official paper, in the language of the office
        figures = bulletin_figures(actor, region, on=today)
        title = _("Bulletin on the supervision of key science and technology tasks of %(region)s") % {
            "region": region.name
        }
    if not figures["total"]["total"]:
        raise DomainError(
            _("The ledger of %(region)s has no task yet, so there is nothing to report.") % {"region": region}
        )
    return Bulletin.objects.create(
        region=region,
        year=today.year,
        issue=last + 1,
        period=period_of(today),
        title=title,
        as_of=today,
        figures=figures,
        job=job,
        made_by_id=actor.user_id,
        synthetic=synthetic,
    )


@transaction.atomic
def attach_files(actor: Actor, *, bulletin: Bulletin, files: dict[str, bytes]) -> Bulletin:
    """Keep the printed forms of an issue: ``files`` has the bytes of ``docx`` and ``pdf``."""
    authorise(actor, "add", Bulletin)
    bulletin = Bulletin.objects.select_for_update(of=("self",)).get(pk=bulletin.pk)
    values: dict[str, Any] = {
        kind: store_bytes(content, f"{bulletin.title}（{bulletin.year}年第{bulletin.issue}期）.{kind}", actor=actor)
        for kind, content in files.items()
    }
    for name, stored in values.items():
        setattr(bulletin, name, stored)
    bulletin.save()
    return bulletin

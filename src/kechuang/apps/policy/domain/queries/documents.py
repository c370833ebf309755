"""What one document's pages need."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.roles import OFFICERS, Role
from kechuang.apps.policy.models import (
    IN_FORCE_STATES,
    Document,
    DocumentLink,
    DocumentState,
    Item,
    Passage,
    Relation,
    Revision,
    public_documents,
)
from kechuang.kit.models import Job
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.references import pointing_at

WAITING = (
    DocumentState.UPLOADED,
    DocumentState.EXTRACTING,
    DocumentState.FAILED,
    DocumentState.IN_REVIEW,
    DocumentState.REVISING,
)


@dataclass(frozen=True, slots=True)
class Relations:
    """The documents that this one names, and those that name it."""

    outgoing: list[DocumentLink]
    incoming: list[DocumentLink]


def relations_of(actor: Actor, document: Document) -> Relations:
    """Links out, with their targets as far as the actor may see them, and links in from visible documents."""
    outgoing = visible(actor, DocumentLink).filter(source=document).select_related("target__region", "item")
    incoming = visible(actor, DocumentLink).filter(target=document).filter(public_documents("source__"))
    return Relations(list(outgoing), list(incoming.select_related("source", "item")))


def repealing(document: Document) -> DocumentLink | None:
    """The published link by which a later document repeals this one."""
    links = DocumentLink.objects.filter(target=document, relation=Relation.REPEALS, source__state__in=IN_FORCE_STATES)
    return links.select_related("source").first()


def passages_of(document: Document) -> list[Passage]:
    return list(document.passages.defer("bigrams"))


def findings_of(document: Document) -> list[Item]:
    """Every finding in reading order, with who reviewed it."""
    return list(document.items.select_related("reviewed_by").defer("bigrams").order_by("start", "pk"))


def published_findings_of(document: Document) -> list[Item]:
    return list(document.items.filter(published__isnull=False).defer("bigrams").order_by("start", "pk"))


def revisions_of(document: Document) -> list[Revision]:
    return list(document.revisions.select_related("published_by"))


def waiting_documents(actor: Actor) -> QuerySet[Document]:
    """Documents on their way to publication, in the regions that the actor works for; the oldest first."""
    rows = visible(actor, Document).filter(state__in=WAITING)
    return rows.select_related("region", "file").defer("text", "bigrams").order_by("created_at", "pk")


def upload_regions(actor: Actor) -> QuerySet[Region]:
    """The regions that the actor may upload for, the own one first."""
    regions = Region.objects.order_by("path")
    if Role.PLATFORM_ADMIN in actor.roles or actor.is_system:
        return regions.exclude(level__in=[Region.Level.COUNTRY, Region.Level.PROVINCE])
    condition = Q(pk__in=[])
    for path in actor.regions(*OFFICERS):
        condition |= Q(path__startswith=path)
    return regions.filter(condition)


def running_job(actor: Actor, document: Document) -> Job | None:
    """The latest unfinished job of the document, if any."""
    jobs = visible(actor, Job).filter(**pointing_at(document, "subject"))
    return jobs.exclude(state__in=[Job.State.DONE, Job.State.FAILED]).order_by("-pk").first()

"""How far the review of a document is, and what still keeps it from being published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.policy.models import IN_FORCE_STATES, Document, Item, ItemKind, ItemState


@dataclass(slots=True)
class Tally:
    """Findings by state; ``reviewed`` of ``total`` were looked at."""

    states: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def waiting(self) -> int:
        return self.states.get(ItemState.PROPOSED, 0)

    @property
    def reviewed(self) -> int:
        return self.total - self.waiting

    @property
    def confirmed(self) -> int:
        return self.states.get(ItemState.ACCEPTED, 0) + self.states.get(ItemState.EDITED, 0)

    @property
    def percent(self) -> int:
        return self.reviewed * 100 // self.total if self.total else 100


@dataclass(slots=True)
class Progress:
    """The tally of a document, kind by kind in the order of the tabs."""

    kinds: dict[str, Tally]

    @property
    def whole(self) -> Tally:
        tally = Tally()
        for each in self.kinds.values():
            for state, count in each.states.items():
                tally.states[state] += count
        return tally


def progress_of(document: Document) -> Progress:
    return progress_of_each([document])[document.pk]


def progress_of_each(documents: Iterable[Document]) -> dict[int, Progress]:
    """The progress of several documents in one query."""
    result = {document.pk: Progress({kind: Tally() for kind in ItemKind.values}) for document in documents}
    rows = Item.objects.filter(document__in=result).order_by().values_list("document", "kind", "state")
    for document_id, kind, state, count in rows.annotate(count=Count("pk")):
        result[document_id].kinds[kind].states[state] += count
    return result


def obstacles(document: Document) -> list[str]:
    """Everything that must be done before the document can be published, each with what to do."""
    missing = []
    waiting = Item.objects.filter(document=document, state=ItemState.PROPOSED).count()
    if waiting:
        missing.append(
            ngettext(
                "{count} finding has not been reviewed yet.", "{count} findings have not been reviewed yet.", waiting
            ).format(count=waiting)
        )
    if not document.title:
        missing.append(_("The title is missing."))
    if not document.issued_on and "issued_on" not in document.absent:
        missing.append(_("The date of issue is missing; say so if the document states none."))
    if not document.issuers:
        missing.append(_("Who issued it is missing."))
    if not document.doc_number and "doc_number" not in document.absent:
        missing.append(_("The document number is missing; say so if the document has none."))
    if double := _published_under_the_same_number(document):
        missing.append(
            _("“{other}” has the same number. Correct the number, or say that this document takes its place.").format(
                other=double
            )
        )
    return missing


def _published_under_the_same_number(document: Document) -> Document | None:
    """Another original in force with this number that the document does not say to supersede."""
    others = Document.objects.filter(
        region=document.region_id, doc_number=document.doc_number, state__in=IN_FORCE_STATES, is_restatement=False
    )
    if not document.doc_number or document.is_restatement:
        return None
    return others.exclude(pk__in=[document.pk, document.supersedes_id or 0]).select_related("file").first()

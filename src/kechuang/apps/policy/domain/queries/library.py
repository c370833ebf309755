"""The library: what is published, found by words and filters. Every row comes through the policy of its model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import ExtractYear

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.queries.vocabulary import industry_with_parents
from kechuang.apps.policy.models import IN_FORCE_STATES, Document, Item, ItemKind, Passage, public_documents
from kechuang.kit.packs.installed import industry_names
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.search import search

DOCUMENT = "document"
WAN = 10_000
# What can be looked for, in the order of the tabs; references belong to their document.
LOOKED_FOR = (DOCUMENT, ItemKind.BENEFIT, ItemKind.TARGET, ItemKind.TASK, ItemKind.FACILITY, ItemKind.FUND)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader looks for; empty fields do not narrow."""

    q: str = ""
    issuer: str = ""
    year: str = ""
    region: str = ""
    industry: str = ""
    beneficiary: str = ""
    kind: str = ""
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    in_force: bool = False

    @classmethod
    def of(cls, data: dict[str, Any]) -> Wanted:
        """From a form's cleaned data."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if data.get(name) not in (None, "")})


@dataclass(slots=True)
class Facets:
    """The values that the filters offer: those that occur among published documents."""

    issuers: list[str] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    industries: list[tuple[str, str]] = field(default_factory=list)


def published_documents(actor: Actor) -> QuerySet[Document]:
    return visible(actor, Document).filter(public_documents())


def published_findings(actor: Actor) -> QuerySet[Item]:
    """Findings as they were published, of every document that is public; staff see no more than that here."""
    return visible(actor, Item).filter(public_documents("document__"), published__isnull=False)


def find_documents(actor: Actor, wanted: Wanted) -> QuerySet[Document]:
    """Documents, those with the words in their title first, newest first."""
    rows = published_documents(actor).filter(_of_document(wanted)).select_related("region", "file")
    if wanted.beneficiary:
        rows = rows.filter(beneficiaries__contains=[wanted.beneficiary])
    rows = rows.defer("text", "bigrams").order_by(F("issued_on").desc(nulls_last=True), "-pk")
    return search(rows, wanted.q, first=("title", "doc_number"))


def find_items(actor: Actor, wanted: Wanted, kind: str) -> QuerySet[Item]:
    """Findings of one kind, of documents that match; benefits and funds with the largest sum first."""
    rows = published_findings(actor).filter(_of_document(wanted, "document__"), kind=kind)
    if wanted.beneficiary:
        own = Q(beneficiaries__contains=[wanted.beneficiary])
        rows = rows.filter(
            own if kind == ItemKind.BENEFIT else Q(document__beneficiaries__contains=[wanted.beneficiary])
        )
    rows = (
        rows.filter(_of_amount(wanted)).select_related("document__region").defer("document__text", "document__bigrams")
    )
    if kind in (ItemKind.BENEFIT, ItemKind.FUND):
        rows = rows.order_by(F("amount").desc(nulls_last=True), "pk")
    else:
        rows = rows.order_by(F("document__issued_on").desc(nulls_last=True), "document", "start", "pk")
    return search(rows, wanted.q)


def counts(actor: Actor, wanted: Wanted) -> dict[str, int]:
    """How many of each there are for the same words and filters."""
    numbers = {kind: find_items(actor, wanted, kind).order_by().count() for kind in LOOKED_FOR if kind != DOCUMENT}
    return {DOCUMENT: find_documents(actor, wanted).order_by().count(), **numbers}


def _of_document(wanted: Wanted, prefix: str = "") -> Q:
    condition = Q()
    if wanted.issuer:
        condition &= Q(**{f"{prefix}issuers__contains": [wanted.issuer]})
    if wanted.year:
        condition &= Q(**{f"{prefix}issued_on__year": int(wanted.year)})
    if wanted.region:
        condition &= Q(**{f"{prefix}region__code": wanted.region})
    if wanted.industry:
        # A document filed under a section holds for its divisions, one filed under none for all.
        codes = industry_with_parents([wanted.industry])
        if len(wanted.industry) == 1:
            codes += [code for code in industry_names() if code.startswith(wanted.industry)]
        condition &= Q(**{f"{prefix}industries__overlap": codes}) | Q(**{f"{prefix}industries": []})
    if wanted.kind:
        condition &= Q(**{f"{prefix}kind": wanted.kind})
    if wanted.in_force:
        condition &= Q(**{f"{prefix}state__in": IN_FORCE_STATES})
    return condition


def _of_amount(wanted: Wanted) -> Q:
    condition = Q()
    if wanted.amount_min is not None:
        condition &= Q(amount_max__gte=int(wanted.amount_min * WAN))
    if wanted.amount_max is not None:
        condition &= Q(amount__lte=int(wanted.amount_max * WAN))
    return condition


def facets(actor: Actor) -> Facets:
    """What occurs among the published documents, for the filters."""
    rows = published_documents(actor).order_by()
    found = Facets()
    seen_industries: set[str] = set()
    seen_issuers: set[str] = set()
    for issuers, codes in rows.values_list("issuers", "industries"):
        seen_issuers.update(issuers)
        seen_industries.update(industry_with_parents(codes))
    found.issuers = sorted(seen_issuers)
    found.industries = [(code, name) for code, name in industry_names().items() if code in seen_industries]
    years = rows.filter(issued_on__isnull=False).annotate(year=ExtractYear("issued_on")).values_list("year", flat=True)
    found.years = sorted(set(years), reverse=True)
    found.regions = list(Region.objects.filter(pk__in=rows.values("region")))
    return found


def sentences_with(actor: Actor, documents: Iterable[Document], query: str, each: int = 2) -> dict[int, list[Passage]]:
    """The first sentences of each document that contain the words, in one query."""
    result: dict[int, list[Passage]] = defaultdict(list)
    if not query.strip():
        return result
    ids = [document.pk for document in documents]
    rows = search(visible(actor, Passage).filter(document__in=ids).order_by("document", "seq"), query).defer("bigrams")
    for passage in rows[: 50 * max(len(ids), 1)]:
        if len(result[passage.document_id]) < each:
            result[passage.document_id].append(passage)
    return result

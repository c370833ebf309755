"""Evidence links: every statement leads back to the sentence it came from.

A *subject* (a task, a target, a figure) rests on a span of the text of a *source* (a document). An app that has
sources says with :func:`register_source` how one prints and where its highlighted sentence stands; nothing else of the
source is known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, QuerySet

from kechuang.kit.models import EvidenceLink
from kechuang.kit.permissions import Actor, authorise, visible
from kechuang.kit.references import pointing_at, type_of

Span = tuple[int, int, str]
"""First character, the one after the last, and the quote between them."""


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How records of a model print as a source, and where a span of one is highlighted.

    ``prepare`` adds the ``select_related`` and ``prefetch_related`` that ``label`` and ``url`` need.
    """

    model: type[Model]
    label: Callable[[Any], str]
    url: Callable[[Any, int, int], str]
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda queryset: queryset


@dataclass(frozen=True, slots=True)
class Anchor:
    """One link to be made: see :func:`attach_all`."""

    subject: Model
    source: Model
    start: int
    end: int
    quote: str
    field: str = ""
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """How many links found their sentence in the new source, and how many did not."""

    moved: int
    lost: int


_sources: dict[type[Model], EvidenceSource] = {}


def register_source(
    model: type[Model],
    *,
    label: Callable[[Any], str],
    url: Callable[[Any, int, int], str],
    prepare: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None,
) -> EvidenceSource:
    """Records of ``model`` may be evidence.

    ``label(source)`` says how one prints (宛政办〔2022〕59号 · 2022-08-26), ``url(source, start, end)`` where a span
    of it is highlighted, ``prepare(queryset)`` what these two need to have at hand.
    """
    source = EvidenceSource(model, label, url, prepare or (lambda queryset: queryset))
    _sources[model] = source
    return source


def source_models() -> tuple[type[Model], ...]:
    """The models whose records may be evidence."""
    return tuple(_sources)


def source_of(link: EvidenceLink) -> EvidenceSource:
    """How the source of this link prints; LookupError where its model was never registered."""
    model = ContentType.objects.get_for_id(link.source_type_id).model_class()
    if model not in _sources:
        raise LookupError(f"{model} is not registered as a source of evidence")
    return _sources[model]


def attach(
    subject: Model,
    source: Model,
    start: int,
    end: int,
    quote: str,
    field: str = "",
    *,
    item_id: int | None = None,
) -> EvidenceLink:
    """Rest ``subject`` (or one ``field`` of it) on a span of ``source``. Attaching the same again changes nothing."""
    return attach_all([Anchor(subject, source, start, end, quote, field, item_id)])[0]


@transaction.atomic
def attach_all(anchors: Iterable[Anchor]) -> list[EvidenceLink]:
    """Make many links at once, in a constant number of queries per model of subjects.

    An anchor with an ``item_id`` stands for that item: where the subject already has the item's link, the link moves to
    the given span. Without one, an equal span of the same source is the same link.
    """
    anchors = list(anchors)
    known: dict[tuple[Any, ...], EvidenceLink] = {}
    for link in _links_of([anchor.subject for anchor in anchors]):
        known[_span_key(link)] = link
        if link.item_id is not None:
            known[_item_key(link)] = link
    result: list[EvidenceLink] = []
    new: list[EvidenceLink] = []
    changed: list[EvidenceLink] = []
    for anchor in anchors:
        wanted = _unsaved(anchor)
        found = known.get(_item_key(wanted)) if anchor.item_id is not None else None
        link = found or known.get(_span_key(wanted)) or wanted
        if link is wanted:
            new.append(link)
        elif _take_over(link, wanted):
            changed.append(link)
        known[_span_key(link)] = link
        if link.item_id is not None:
            known[_item_key(link)] = link
        result.append(link)
    EvidenceLink.objects.bulk_create(new)
    EvidenceLink.objects.bulk_update(
        [link for link in changed if link.pk], ["source_type", "source_id", "start", "end", "quote", "state", "item_id"]
    )
    return result


def links_for(objects: Model | Iterable[Model], *, actor: Actor | None = None) -> dict[int, list[EvidenceLink]]:
    """The links of each object by its primary key, sources at hand, in a constant number of queries.

    The objects are of one model; every one has an entry. With an ``actor``, links to sources that the actor may not see
    are left out.
    """
    subjects = [objects] if isinstance(objects, Model) else list(objects)
    if len({type(subject) for subject in subjects}) > 1:
        raise ValueError("links_for takes objects of one model at a time")
    links = _links_of(subjects)
    sources = _load_sources(links, actor)
    result: dict[int, list[EvidenceLink]] = {subject.pk: [] for subject in subjects}
    for link in links:
        source = sources.get((link.source_type_id, link.source_id))
        if source is not None:
            link.source = source
            result[link.subject_id].append(link)
    return result


def links_to(source: Model) -> QuerySet[EvidenceLink]:
    """The links that rest on this source, in the order of its text."""
    return EvidenceLink.objects.filter(**pointing_at(source, "source")).order_by("start", "end", "pk")


@transaction.atomic
def move_links(actor: Actor, *, old_source: Model, new_source: Model, mapping: Mapping[int, Span | None]) -> Moved:
    """Give the links of ``old_source`` their sentences in ``new_source``: the original takes its restatement's place.

    ``mapping`` says for each link's id where its sentence stands now. A link without a place stays on the old source in
    state *lost*, for a person to look at; a link that would repeat another of its subject is dropped.
    """
    authorise(actor, "change", EvidenceLink)
    links = list(links_to(old_source).select_for_update())
    taken = {_span_key(link) for link in links_to(new_source).exclude(pk__in=[link.pk for link in links])}
    moved: list[EvidenceLink] = []
    lost: list[EvidenceLink] = []
    repeated: list[int] = []
    for link in links:
        span = mapping.get(link.pk)
        if span is None:
            link.state = EvidenceLink.State.LOST
            lost.append(link)
            continue
        link.source, (link.start, link.end, link.quote) = new_source, span
        link.state = EvidenceLink.State.MOVED
        if _span_key(link) in taken:
            repeated.append(link.pk)
        else:
            moved.append(link)
        taken.add(_span_key(link))
    EvidenceLink.objects.filter(pk__in=repeated).delete()
    EvidenceLink.objects.bulk_update(
        moved + lost, ["source_type", "source_id", "start", "end", "quote", "state"], batch_size=1000
    )
    return Moved(moved=len(moved) + len(repeated), lost=len(lost))


def _links_of(subjects: Sequence[Model]) -> list[EvidenceLink]:
    by_model: dict[type[Model], set[int]] = defaultdict(set)
    for subject in subjects:
        by_model[type(subject)].add(subject.pk)
    links: list[EvidenceLink] = []
    for model, ids in by_model.items():
        links += EvidenceLink.objects.filter(subject_type=type_of(model), subject_id__in=ids)
    return links


def _load_sources(links: Iterable[EvidenceLink], actor: Actor | None) -> dict[tuple[int, int], Model]:
    wanted: dict[int, set[int]] = defaultdict(set)
    example: dict[int, EvidenceLink] = {}
    for link in links:
        wanted[link.source_type_id].add(link.source_id)
        example[link.source_type_id] = link
    sources: dict[tuple[int, int], Model] = {}
    for type_id, ids in wanted.items():
        source = source_of(example[type_id])
        rows = source.model._default_manager.filter(pk__in=ids)
        if actor is not None:
            rows = visible(actor, rows)
        sources.update({(type_id, row.pk): row for row in source.prepare(rows)})
    return sources


def _unsaved(anchor: Anchor) -> EvidenceLink:
    return EvidenceLink(
        subject_type=type_of(anchor.subject),
        subject_id=anchor.subject.pk,
        field=anchor.field,
        source_type=type_of(anchor.source),
        source_id=anchor.source.pk,
        start=anchor.start,
        end=anchor.end,
        quote=anchor.quote,
        item_id=anchor.item_id,
    )


def _span_key(link: EvidenceLink) -> tuple[Any, ...]:
    source = (link.source_type_id, link.source_id, link.start, link.end)
    return ("span", link.subject_type_id, link.subject_id, link.field, *source)


def _item_key(link: EvidenceLink) -> tuple[Any, ...]:
    return ("item", link.subject_type_id, link.subject_id, link.field, link.item_id)


def _take_over(link: EvidenceLink, wanted: EvidenceLink) -> bool:
    """Give ``link`` what ``wanted`` says; true where that changes anything."""
    names = ["source_type_id", "source_id", "start", "end", "quote", "state"]
    names += ["item_id"] if wanted.item_id is not None else []
    changes = {name: getattr(wanted, name) for name in names if getattr(link, name) != getattr(wanted, name)}
    for name, value in changes.items():
        setattr(link, name, value)
    return bool(changes)

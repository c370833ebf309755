"""Reading a document: its text, its passages and everything found in it, waiting for review."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain import flags
from kechuang.apps.policy.domain.indexing import index_document, passage_bigrams
from kechuang.apps.policy.domain.payloads import kind_of, label_of, payload_of
from kechuang.apps.policy.domain.queries.vocabulary import classify_beneficiary
from kechuang.apps.policy.models import Document, DocumentKind, DocumentState, Item, ItemKind, Passage
from kechuang.engines.extraction import Extraction, extract
from kechuang.engines.extraction.text import UnreadableDocument, read_document
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.workflow import advance

Step = Callable[[int, int, str], None]
STEPS = 3
MAX_CHARACTERS = 1_000_000
BATCH = 1000

# What a title calls the document; the first that its end bears wins.
_KINDS = (
    ("实施细则", DocumentKind.RULES),
    ("细则", DocumentKind.RULES),
    ("办法", DocumentKind.MEASURES),
    ("措施", DocumentKind.MEASURES),
    ("行动计划", DocumentKind.ACTION_PLAN),
    ("工作计划", DocumentKind.WORK_PLAN),
    ("工作要点", DocumentKind.WORK_PLAN),
    ("方案", DocumentKind.IMPLEMENTATION_PLAN),
    ("规划", DocumentKind.IMPLEMENTATION_PLAN),
    ("意见", DocumentKind.OPINION),
    ("通知", DocumentKind.NOTICE),
)
_READABLE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffefA-Za-z0-9\s!-~·—–…“”‘’〔〕]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Unreadable(Exception):
    """Why the file gave no usable text, in the words of the person who uploaded it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came out of the file."""

    text: str
    extraction: Extraction


def silent(done: int, total: int, message: str) -> None:
    """Nobody watches the progress."""


def read_file(data: bytes, name: str) -> Reading:
    """The text of the file and what the engine finds in it; Unreadable says what to do about a file that has none."""
    try:
        text = read_document(data, name)
    except UnreadableDocument as error:
        raise Unreadable(_explain(str(error))) from error
    # PostgreSQL stores no NUL and no lone surrogate; one character takes the place of one, so that offsets hold.
    text = re.sub(r"[\x00\ud800-\udfff]", " ", text)
    if not text.strip():
        raise Unreadable(_("The file holds no text."))
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(
            _("The document has {count} characters; at most {limit} can be read. Upload it in parts.").format(
                count=len(text), limit=MAX_CHARACTERS
            )
        )
    if _is_garbled(text):
        raise Unreadable(
            _("The characters cannot be made out: the file has an encoding of its own. Export it as .docx or .txt.")
        )
    return Reading(text, extract(text))


def _is_garbled(text: str) -> bool:
    sample = text[:20_000]
    readable = len(_READABLE.findall(sample))
    return readable < 0.8 * len(sample) or (len(sample) > 200 and not _CHINESE.search(sample))


def _explain(message: str) -> str:
    """The engine's message in the officer's language."""
    lowered = message.lower()
    if "password" in lowered:
        return _("The PDF is locked with a password. Save it without one and upload it again.")
    if "only pictures" in lowered:
        return _("The PDF holds pictures of pages and no text. Have its text recognised (OCR) and upload it again.")
    if "old word" in lowered:
        return _("This is an old Word file (.doc). Save it as .docx and upload it again.")
    return _("The file is damaged or not what its name says. Open it on your computer, save it again and upload that.")


def extract_document(*, document_id: int, step: Step = silent) -> Document:
    """Read the document's file and store what was found. A document that was read already is left alone."""
    document = _begin(document_id)
    if document.state != DocumentState.EXTRACTING:
        return document
    step(0, STEPS, _("Reading the file"))
    try:
        with document.file.file.open("rb") as file:
            data = file.read()
        reading = read_file(data, document.file.name)
    except Unreadable as reason:
        _fail(document, str(reason))
        return document
    step(1, STEPS, _("Storing what was found"))
    _store(document, reading)
    step(STEPS, STEPS, _("Ready for review"))
    return document


@transaction.atomic
def _begin(document_id: int) -> Document:
    """Take the document; one that a stopped worker left behind is taken up again."""
    document = Document.objects.select_for_update(of=("self",)).select_related("region", "file").get(pk=document_id)
    if document.state in (DocumentState.UPLOADED, DocumentState.FAILED):
        advance(document, "read", actor=SYSTEM)
    return document


@transaction.atomic
def _fail(document: Document, reason: str) -> None:
    document.state_note = reason[:500]
    document.save()
    advance(document, "fail", actor=SYSTEM, reason=reason)


@transaction.atomic
def _store(document: Document, reading: Reading) -> None:
    document.text, document.state_note = reading.text, ""
    _fill_metadata(document, reading.extraction)
    document.passages.all().delete()
    document.items.all().delete()
    passages = list(_passages(document, reading))
    Passage.objects.bulk_create(passages, batch_size=BATCH)
    Item.objects.bulk_create(_items(document, reading.extraction), batch_size=BATCH)
    index_document(document)
    document.save()
    advance(document, "ready", actor=SYSTEM)


def _fill_metadata(document: Document, extraction: Extraction) -> None:
    """What the document says of itself; what an officer or a pack entered stays."""
    meta = extraction.meta
    document.title = document.title or (meta.title or "")[:300]
    document.doc_number = document.doc_number or (meta.doc_number or "")[:60]
    document.issuers = document.issuers or [name[:120] for name in meta.issuer]
    document.issued_on = document.issued_on or _date(meta.date)
    if document.kind == DocumentKind.OTHER:
        document.kind = kind_of_title(document.title)
    if not document.beneficiaries:
        classes = (classify_beneficiary(benefit.beneficiary) for benefit in extraction.benefits)
        document.beneficiaries = sorted(set(chain.from_iterable(classes)))


def kind_of_title(title: str) -> str:
    """What sort of document a title announces: 关于印发《…实施方案》的通知 brings an implementation plan."""
    inner = title.removesuffix("的通知").rstrip("》”") if "印发" in title else title
    bare = re.sub(r"[（(][^（）()]*[）)]$", "", inner)
    return next((kind.value for word, kind in _KINDS if word in bare[-12:]), DocumentKind.OTHER.value)


def _date(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _passages(document: Document, reading: Reading) -> Iterable[Passage]:
    headings = {heading.start: heading for heading in reading.extraction.headings}
    for seq, passage in enumerate(reading.extraction.passages, start=1):
        text = reading.text[passage.start : passage.end]
        heading = headings.get(passage.start)
        yield Passage(
            document=document,
            seq=seq,
            start=passage.start,
            end=passage.end,
            level=heading.level if heading is not None and _is_heading(text, passage.end - heading.end) else 0,
            path=passage.path[:500],
            text=text,
            bigrams=passage_bigrams(text),
            synthetic=document.synthetic,
        )


def _is_heading(text: str, rest: int) -> bool:
    """A passage is a heading where hardly more than a full stop follows the heading's words."""
    return "\t" not in text and rest <= 3


def _items(document: Document, extraction: Extraction) -> list[Item]:
    units = flags.known_units(document.region)
    seen: set[tuple[str, str, str]] = set()
    items = []
    for found in chain(extraction.items(), extraction.references):
        kind, payload = kind_of(found), payload_of(found)
        marks = flags.of_item(kind, payload, found.quote, units)
        label = label_of(kind, payload)
        if kind != ItemKind.TASK and (kind, label, found.quote) in seen:
            marks.append("repeated")
        seen.add((kind, label, found.quote))
        items.append(
            Item(
                document=document,
                kind=kind,
                payload=payload,
                original_payload=payload,
                start=found.start,
                end=found.end,
                quote=found.quote,
                flags=marks,
                label=label,
                synthetic=document.synthetic,
            )
        )
    return items

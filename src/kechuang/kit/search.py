"""Chinese search inside PostgreSQL: an array of short tokens with a GIN index, asked by containment.

A text becomes the pairs of neighbouring characters of its Chinese runs (and each single character, for one-character
queries), and its words in other scripts; a word longer than four characters becomes all its runs of four. No token is
longer than four characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, IntegerField, Model, Q, QuerySet, Value, When
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

TOKEN = 4
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUNS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
PARTS = re.compile(r"\d+|\D+")

AnyModel = TypeVar("AnyModel", bound=Model)


def normalise(text: str) -> str:
    """Full-width, half-width and letter case all alike."""
    return unicodedata.normalize("NFKC", text).lower()


def bigrams(*texts: str) -> list[str]:
    """The tokens of one or several texts, sorted, each once: what a row stores."""
    tokens: set[str] = set()
    for text in texts:
        for run in RUNS.findall(normalise(text or "")):
            tokens.update(_grams(run, 2) | set(run) if _is_han(run) else _word(run))
    return sorted(tokens)


def query_tokens(query: str) -> list[str]:
    """What a row must contain to match a query: every token, but no single character of a longer run."""
    tokens: set[str] = set()
    for run in RUNS.findall(normalise(query)):
        tokens.update(_grams(run, 2 if _is_han(run) else TOKEN))
    return sorted(tokens)


class BigramField(ArrayField):
    """The tokens of the model's own fields named in ``of``, kept up to date whenever the row is saved.

    Queryset updates and ``save(update_fields=…)`` without this field leave it as it was.
    """

    def __init__(self, *, of: Sequence[str] = (), **options: Any) -> None:
        self.of = tuple(of)
        options.setdefault("default", list)
        options.setdefault("editable", False)
        options["base_field"] = models.CharField(max_length=TOKEN)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("base_field", None)
        if self.of:
            options["of"] = self.of
        return name, path, args, options

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        if self.of:
            setattr(model_instance, self.attname, bigrams(*(_text(getattr(model_instance, name)) for name in self.of)))
        return super().pre_save(model_instance, add)


def search(
    queryset: QuerySet[AnyModel], query: str, field: str = "bigrams", *, first: Iterable[str] = ()
) -> QuerySet[AnyModel]:
    """Rows that contain all that the query asks for; those with the whole query in one of the ``first`` fields lead.

    An empty query changes nothing; a query of signs alone finds nothing.
    """
    if not query.strip():
        return queryset
    tokens = query_tokens(query)
    if not tokens:
        return queryset.none()
    found = queryset.filter(**{f"{field}__contains": tokens})
    titles = Q()
    for name in first:
        titles |= Q(**{f"{name}__icontains": query.strip()})
    if not titles:
        return found
    hit = Case(When(titles, then=Value(0)), default=Value(1), output_field=IntegerField())
    ordering = queryset.query.order_by or queryset.model._meta.ordering or ["pk"]
    return found.order_by(hit, *ordering)


def highlight(text: str, query: str) -> SafeString:
    """The text as safe HTML, with what the query asks for in ``<mark>``."""
    pieces, at = [], 0
    for start, end in _hits(text, query):
        pieces += [escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>"]
        at = end
    pieces.append(escape(text[at:]))
    return mark_safe("".join(pieces))


def snippet(text: str, query: str, width: int = 120) -> SafeString:
    """About ``width`` characters around the first hit, highlighted; the beginning where there is none."""
    hits = _hits(text, query)
    first = hits[0][0] if hits else 0
    start = max(0, min(first - width // 4, len(text) - width))
    piece = " ".join(text[start : start + width].split())
    head, tail = "…" if start else "", "…" if start + width < len(text) else ""
    return mark_safe(head + highlight(piece, query) + tail)


def _is_han(run: str) -> bool:
    return re.match(f"[{HAN}]", run) is not None


def _grams(run: str, size: int) -> set[str]:
    return {run[i : i + size] for i in range(max(1, len(run) - size + 1))}


def _word(run: str) -> set[str]:
    tokens = _grams(run, TOKEN)
    for part in PARTS.findall(run):
        tokens |= _grams(part, TOKEN)
    return tokens


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _hits(text: str, query: str) -> list[tuple[int, int]]:
    """Spans of ``text`` that the query names: its whole terms, else the pairs that a term consists of."""
    plain, origin = _folded(text)
    spans: list[tuple[int, int]] = []
    for term in RUNS.findall(normalise(query)):
        found = _occurrences(plain, term)
        if not found and _is_han(term):
            found = [span for pair in _grams(term, 2) for span in _occurrences(plain, pair)]
        spans += found
    return _merged((origin[start], origin[end - 1] + 1) for start, end in spans)


def _folded(text: str) -> tuple[str, list[int]]:
    """The normal form of the text and, for each of its characters, the place it came from."""
    pieces = [normalise(char) for char in text]
    return "".join(pieces), [i for i, piece in enumerate(pieces) for _char in piece]


def _occurrences(text: str, term: str) -> list[tuple[int, int]]:
    return [(hit.start(), hit.end()) for hit in re.finditer(re.escape(term), text)]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged

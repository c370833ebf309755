"""The catalogue of facts: kept from the pack, and by officers where a city wants to know more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import FactKind
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise

FIELDS = (
    "name", "name_en", "kind", "unit", "period", "section", "definition", "standard", "question", "question_en", "low",
    "high", "choices", "formula", "source_hint", "from_registry", "order", "active",
)  # fmt: skip
EARLIER = re.compile(r"(?P<base>.+)_y(?P<lag>[1-9])")
"""``revenue_y1`` is the revenue of the year before: the same fact, asked once."""


@transaction.atomic
def keep_fact_kinds(actor: Actor, *, kinds: Iterable[Mapping[str, Any]]) -> list[FactKind]:
    """Add or bring up to date the kinds of these codes, in one go; none is removed.

    A code such as ``revenue_y1`` becomes an earlier year of ``revenue`` where that is kept. Raises DomainError naming
    the code where an entry is not usable.
    """
    authorise(actor, "add", FactKind)
    known = {kind.code: kind for kind in FactKind.objects.select_for_update()}
    rows = list(kinds)
    codes = {row["code"] for row in rows} | known.keys()
    kept = []
    for row in sorted(rows, key=lambda row: _lag(row["code"], codes)[1]):
        base, lag = _lag(row["code"], codes)
        values = {name: row[name] for name in FIELDS if name in row}
        values |= {"base": known[base] if base else None, "lag": lag}
        kept.append(_kept(known, row["code"], values))
    return kept


def add_fact_kind(actor: Actor, **values: Any) -> FactKind:
    """One kind of fact more."""
    authorise(actor, "add", FactKind)
    if FactKind.objects.filter(code=values["code"]).exists():
        raise DomainError(_("This code is in the catalogue already."), field="code")
    return keep_fact_kinds(actor, kinds=[values])[0]


@transaction.atomic
def change_fact_kind(actor: Actor, *, entry: FactKind, **values: Any) -> FactKind:
    """Correct the words and limits. What kind of value it is stays once facts are kept."""
    authorise(actor, "change", entry)
    if "kind" in values and values["kind"] != entry.kind and entry.facts.exists():
        raise DomainError(_("Facts are kept in this kind of value already; make a new entry instead."), field="kind")
    for name in FIELDS:
        if name in values:
            setattr(entry, name, values[name])
    return _cleaned(entry)


def _lag(code: str, codes: Iterable[str]) -> tuple[str, int]:
    match = EARLIER.fullmatch(code)
    return (match["base"], int(match["lag"])) if match and match["base"] in codes else ("", 0)


def _kept(known: dict[str, FactKind], code: str, values: Mapping[str, Any]) -> FactKind:
    """Write only what differs, so that loading the same pack again leaves no history behind."""
    kind = known.get(code) or FactKind(code=code)
    changed = [name for name, value in values.items() if kind.pk is None or getattr(kind, name) != value]
    for name in changed:
        setattr(kind, name, values[name])
    if changed:
        _cleaned(kind)
    known[code] = kind
    return kind


def _cleaned(kind: FactKind) -> FactKind:
    try:
        kind.full_clean(validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(f"{kind.code}: {messages[0]}", field=None if field == "__all__" else field) from None
    kind.save()
    return kind

"""The names that indicators go by: one normalised name leads to one indicator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.indicators.models import Indicator, IndicatorName
from kechuang.engines.extraction.normalise import normalise_indicator
from kechuang.kit.errors import DomainError
from kechuang.kit.search import bigrams

KEY_LENGTH = 160


def key_of(name: str) -> str:
    """What two names of the same indicator have in common; long ones end in a digest of the rest."""
    key = normalise_indicator(name)
    if len(key) <= KEY_LENGTH:
        return key
    return f"{key[: KEY_LENGTH - 13]}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def find(names: Iterable[str]) -> dict[str, Indicator]:
    """The indicator of each name that is known, in one query."""
    keys = {name: key_of(name) for name in names}
    known = {
        row.key: row.indicator
        for row in IndicatorName.objects.filter(key__in=set(keys.values())).select_related("indicator")
    }
    return {name: known[key] for name, key in keys.items() if key in known}


def set_names(indicator: Indicator, aliases: Iterable[str]) -> None:
    """Let the indicator go by its name and ``aliases``, and by no others.

    Raises DomainError where a name already leads to another indicator.
    """
    wanted = {key_of(name): name.strip() for name in (*aliases, indicator.name) if name.strip()}
    taken = (
        IndicatorName.objects.filter(key__in=wanted).exclude(indicator=indicator).select_related("indicator").first()
    )
    if taken is not None:
        raise DomainError(
            _("“%(name)s” already stands for “%(other)s”. Merge the two, or choose another name.")
            % {"name": taken.name, "other": taken.indicator},
            field="aliases",
        )
    with transaction.atomic():
        indicator.names.exclude(key__in=wanted).delete()
        known = {row.key: row for row in indicator.names.all()}
        for key, name in wanted.items():
            row = known.get(key) or IndicatorName(indicator=indicator, key=key)
            if row.name != name[:KEY_LENGTH]:
                row.name = name[:KEY_LENGTH]
                row.save()


def search_tokens(indicator: Indicator, names: Iterable[str]) -> list[str]:
    """What the search finds the indicator by."""
    return bigrams(indicator.code, indicator.name, indicator.name_en, *names)

"""Writing down how targets stand, for lists to filter and sort by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.db.models import Q, QuerySet

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.queries.standing import standings
from kechuang.apps.indicators.models import Indicator, Target

BATCH = 200
_put_off: ContextVar[set[int] | None] = ContextVar("put_off", default=None)


@contextmanager
def reckoned_together() -> Iterator[None]:
    """Inside, what is to be reckoned is only noted down; it is reckoned once at the end. For loads of many figures."""
    noted: set[int] = set()
    token = _put_off.set(noted)
    try:
        yield
    finally:
        _put_off.reset(token)
    reckon(Target.objects.filter(pk__in=noted))


def reckon(targets: QuerySet[Target], *, as_of: date | None = None) -> int:
    """Reckon these targets anew; gives how many changed. Says nothing of who asked: it adds no fact of its own."""
    changed = 0
    ids = list(targets.order_by("pk").values_list("pk", flat=True))
    if (noted := _put_off.get()) is not None:
        noted.update(ids)
        return 0
    for at in range(0, len(ids), BATCH):
        rows = Target.objects.filter(pk__in=ids[at : at + BATCH]).select_related("indicator", "region")
        changed += _write(list(rows), as_of)
    return changed


def reckon_around(indicator: Indicator, region: Region) -> int:
    """Reckon what a figure of this place bears on: its targets, those of the place above, and the whole of a part."""
    here = Q(region=region) | Q(region__children=region) | Q(parts__region=region)
    return reckon(Target.objects.filter(here, indicator=indicator, state=Target.State.ACTIVE).distinct())


def _write(targets: Iterable[Target], as_of: date | None) -> int:
    targets = list(targets)
    known = standings(targets, as_of=as_of)
    changed = 0
    for target in targets:
        now = known[target.pk]
        values = {
            "light": str(now.light),
            "progress": now.share,
            "current": now.current.value if now.current else None,
            "current_on": now.current.on if now.current else None,
        }
        if any(getattr(target, name) != value for name, value in values.items()):
            changed += Target.objects.filter(pk=target.pk).update(**values)
    return changed

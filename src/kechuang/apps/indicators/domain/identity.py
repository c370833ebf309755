"""When two targets are one and the same demand."""

from __future__ import annotations

from django.db.models import QuerySet

from kechuang.apps.indicators.models import Target
from kechuang.kit.models import EvidenceLink, PublishedRecord
from kechuang.kit.references import pointing_at


def identity_of(target: Target) -> str:
    """What makes a demand this one: what, where, until when, how much. The wording and the comparator do not count.

    A body says 达到500家以上 where its annex says 突破500家: one demand. When it begins counts for flows only, because
    it decides what is summed. Without a number, the wording itself is the demand.
    """
    number = _plain(target.value) if target.value is not None else target.title.strip()
    parts = [
        target.indicator_id,
        target.region_id,
        target.parent_id or "",
        target.spread,
        target.recurrence,
        target.period_start if target.indicator.is_flow else "",
        target.period_end or "",
        target.change,
        number,
        _plain(target.value_max) if target.value_max is not None else "",
        "" if target.spread == Target.Spread.EACH else target.scope_key,
    ]
    return "|".join(str(part) for part in parts)[:240]


def join_targets(*, keep: Target, merge: Target) -> None:
    """Evidence, published items and parts of ``merge`` become those of ``keep``; ``merge`` is withdrawn."""
    links = EvidenceLink.objects.filter(**pointing_at(merge, "subject"))
    links.update(subject_id=keep.pk)
    _published(merge).update(record_id=keep.pk)
    kept = set(keep.parts.values_list("region_id", flat=True))
    for part in merge.parts.exclude(region_id__in=kept):
        part.parent, part.indicator = keep, keep.indicator
        part.identity = identity_of(part)
        part.save()
    if keep.baseline is None and merge.baseline is not None:
        keep.baseline, keep.baseline_on = merge.baseline, merge.baseline_on
        keep.baseline_source = merge.baseline_source
        keep.save()
    merge.state = Target.State.WITHDRAWN
    merge.save()
    merge.parts.update(state=Target.State.WITHDRAWN)


def published_items(target: Target) -> list[int]:
    """The published items, still in force, that this target rests on."""
    rows = _published(target).filter(withdrawn_at=None)
    return list(rows.values_list("item_id", flat=True))


def _published(target: Target) -> QuerySet[PublishedRecord]:
    return PublishedRecord.objects.filter(kind="target", **pointing_at(target, "record"))


def _plain(value: object) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

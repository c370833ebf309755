"""Keeping the catalogue of indicators: adding, correcting, confirming, merging."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kechuang.apps.indicators.domain.identity import identity_of, join_targets
from kechuang.apps.indicators.domain.names import find, key_of, search_tokens, set_names
from kechuang.apps.indicators.models import Indicator, IndicatorName, Observation, Target
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise

EDITABLE = (
    "code",
    "name",
    "name_en",
    "unit",
    "display_unit",
    "direction",
    "kind",
    "frequency",
    "aggregation",
    "weight",
    "definition",
    "standard",
    "responsible_unit",
)


@transaction.atomic
def add_indicator(actor: Actor, *, aliases: Iterable[str] = (), synthetic: bool = False, **values: Any) -> Indicator:
    """Enter an indicator into the catalogue, confirmed."""
    authorise(actor, "add", Indicator)
    indicator = Indicator(synthetic=synthetic)
    _write(indicator, values, aliases)
    return indicator


@transaction.atomic
def change_indicator(
    actor: Actor, *, indicator: Indicator, aliases: Iterable[str] | None = None, **values: Any
) -> Indicator:
    """Correct an entry. ``aliases`` are all its other names; None leaves them as they are."""
    indicator = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    authorise(actor, "change", indicator)
    if indicator.state == Indicator.State.MERGED:
        raise DomainError(_("This indicator was merged into another. Change that one."))
    _write(indicator, values, _aliases(indicator) if aliases is None else aliases)
    return indicator


@transaction.atomic
def confirm_indicator(actor: Actor, *, indicator: Indicator, **values: Any) -> Indicator:
    """An officer has looked at an indicator that a document brought: it is one of its own."""
    indicator = Indicator.objects.select_for_update(of=("self",)).get(pk=indicator.pk)
    authorise(actor, "confirm", indicator)
    if indicator.state == Indicator.State.MERGED:
        raise DomainError(_("This indicator was merged into another."))
    indicator.state = Indicator.State.CONFIRMED
    _write(indicator, values, _aliases(indicator))
    return indicator


@transaction.atomic
def delete_indicator(actor: Actor, *, indicator: Indicator) -> None:
    """Take an unused entry out of the catalogue."""
    authorise(actor, "delete", indicator)
    if indicator.targets.exists() or indicator.observations.exists() or indicator.absorbed.exists():
        raise DomainError(_("Targets or figures rest on this indicator. Merge it into another one instead."))
    indicator.delete()


@transaction.atomic
def merge_indicators(actor: Actor, *, keep: Indicator, merge: Indicator) -> Indicator:
    """``merge`` is another name of ``keep``: its names, targets and figures become those of ``keep``.

    Both must be measured in the same unit. Targets that say the same become one, with the evidence of both. Where both
    have a figure of the same place and period, nothing is merged and the message names the first.
    """
    if keep.pk == merge.pk:
        raise DomainError(_("Choose two different indicators."), field="keep")
    rows = Indicator.objects.select_for_update(of=("self",)).filter(pk__in=[keep.pk, merge.pk]).order_by("pk")
    locked = {row.pk: row for row in rows}
    keep, merge = locked[keep.pk], locked[merge.pk]
    for indicator in (keep, merge):
        authorise(actor, "merge", indicator)
        if indicator.state == Indicator.State.MERGED:
            raise DomainError(_("“%(name)s” was merged already.") % {"name": indicator.name})
    if keep.unit and merge.unit and keep.unit != merge.unit:
        raise DomainError(
            _("The units differ (%(one)s, %(other)s): these are not the same indicator.")
            % {"one": keep.unit, "other": merge.unit}
        )
    _refuse_double_figures(keep, merge)
    merge.names.update(indicator=keep)
    merge.observations.update(indicator=keep)
    for target in merge.targets.select_related("region", "parent").order_by("parent_id", "pk"):
        _move_target(target, keep)
    merge.state, merge.merged_into = Indicator.State.MERGED, keep
    merge.save()
    keep.bigrams = search_tokens(keep, keep.names.values_list("name", flat=True))
    keep.unit = keep.unit or merge.unit
    keep.save()
    return keep


def obtain(names: dict[str, dict[str, Any]]) -> dict[str, Indicator]:
    """The indicator of each name; a name that the catalogue does not know becomes an entry *to be confirmed*.

    ``names`` gives for each the first guess of its fields. Two deliveries at once make one entry: the key is unique.
    """
    known = find(names)
    for name, guess in names.items():
        if name not in known:
            known[name] = _obtain_one(name, guess)
    return known


def _obtain_one(name: str, guess: dict[str, Any]) -> Indicator:
    try:
        with transaction.atomic():
            indicator = Indicator(name=name[:120], code=_free_code(), state=Indicator.State.TO_CONFIRM, **guess)
            indicator.bigrams = search_tokens(indicator, [name])
            indicator.save()
            IndicatorName.objects.create(indicator=indicator, name=name[:160], key=key_of(name))
            return indicator
    except IntegrityError:
        return IndicatorName.objects.select_related("indicator").get(key=key_of(name)).indicator


def _free_code() -> str:
    last = Indicator.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"found_{last + 1:05d}"


def _write(indicator: Indicator, values: dict[str, Any], aliases: Iterable[str]) -> None:
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise TypeError(f"an indicator has no {', '.join(sorted(unknown))} to change")
    for name, value in values.items():
        setattr(indicator, name, value)
    if indicator.aggregation == Indicator.Aggregation.WEIGHTED and indicator.weight is None:
        raise DomainError(_("Name the indicator that weighs the counties."), field="weight")
    if Indicator.objects.filter(code=indicator.code).exclude(pk=indicator.pk).exists():
        raise DomainError(_("This code is taken."), field="code")
    aliases = list(aliases)
    indicator.bigrams = search_tokens(indicator, aliases)
    indicator.save()
    set_names(indicator, aliases)


def _aliases(indicator: Indicator) -> list[str]:
    return [row.name for row in indicator.names.all() if row.name != indicator.name]


def _refuse_double_figures(keep: Indicator, merge: Indicator) -> None:
    taken = Q(pk__in=[])
    for row in merge.observations.values("region_id", "period_kind", "period_start").distinct():
        taken |= Q(**row)
    double = Observation.objects.filter(taken, indicator=keep).select_related("region").first()
    if double is not None:
        raise DomainError(
            _("Both have a figure for %(region)s from %(day)s. Decide which one holds before merging.")
            % {"region": double.region, "day": double.period_start}
        )


def _move_target(target: Target, keep: Indicator) -> None:
    target.indicator = keep
    target.identity = identity_of(target)
    twin = Target.objects.filter(identity=target.identity, state=Target.State.ACTIVE).exclude(pk=target.pk).first()
    if twin is not None and target.state == Target.State.ACTIVE:
        join_targets(keep=twin, merge=target)
        return
    target.save()

"""Targets: what documents bring, what the bureau sets, and how a target is shared out over the counties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.arithmetic import direction_of, sum_of
from kechuang.apps.indicators.domain.identity import identity_of
from kechuang.apps.indicators.domain.reckoning import reckon
from kechuang.apps.indicators.models import Indicator, Target
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.search import bigrams

EDITABLE = (
    "indicator",
    "region",
    "title",
    "comparator",
    "value",
    "value_max",
    "unit",
    "change",
    "scope",
    "spread",
    "period",
    "period_start",
    "period_end",
    "recurrence",
    "path",
    "baseline",
    "baseline_on",
    "baseline_source",
)
INHERITED = ("comparator", "unit", "change", "period", "period_start", "period_end", "recurrence", "path")
"""What a county's part takes over from the whole."""


@transaction.atomic
def add_target(actor: Actor, *, synthetic: bool = False, **values: Any) -> Target:
    """The bureau sets a target of its own, beside those of the documents."""
    authorise(actor, "add", Target)
    target = Target(synthetic=synthetic)
    write_target(target, values)
    authorise(actor, "change", target)
    return target


@transaction.atomic
def change_target(actor: Actor, *, target: Target, **values: Any) -> Target:
    """Correct a target; its parts follow in what they take over from it."""
    target = Target.objects.select_for_update(of=("self",)).select_related("indicator", "region").get(pk=target.pk)
    authorise(actor, "change", target)
    write_target(target, values)
    authorise(actor, "change", target)
    follow = [name for name in INHERITED if name in values]
    if follow or "indicator" in values:
        for part in target.parts.select_for_update(of=("self",)):
            write_target(part, {"indicator": target.indicator, **{name: getattr(target, name) for name in follow}})
    return target


def set_baseline(actor: Actor, *, target: Target, value: Decimal, on: date, source: str) -> Target:
    """Say from where the way to the target is measured, and where that figure comes from."""
    return change_target(actor, target=target, baseline=value, baseline_on=on, baseline_source=source)


@transaction.atomic
def withdraw_target(actor: Actor, *, target: Target) -> Target:
    """The target no longer holds; its figures and history stay."""
    target = Target.objects.select_for_update(of=("self",)).get(pk=target.pk)
    authorise(actor, "delete", target)
    if target.origin == Target.Origin.DOCUMENT:
        raise DomainError(_("A document set this target. It ends when the document is repealed or its item withdrawn."))
    take_out_of_force(target)
    return target


def take_out_of_force(target: Target) -> None:
    """Withdraw a target and its parts, whoever set it."""
    for each in (target, *target.parts.all()):
        each.state = Target.State.WITHDRAWN
        each.save()


@transaction.atomic
def decompose_target(
    actor: Actor,
    *,
    target: Target,
    parts: Mapping[Region, Decimal],
    note: str = "",
    baselines: Mapping[Region, Decimal] | None = None,
) -> list[Target]:
    """Share a target out over counties: one part for each region in ``parts``; parts no longer named are withdrawn.

    Where the counties of the indicator add up, the parts must meet the target together (reach a floor, keep under a
    ceiling), or ``note`` says why they do not. Raises DomainError otherwise, with the amount that is missing.
    """
    target = Target.objects.select_for_update(of=("self",)).select_related("indicator", "region").get(pk=target.pk)
    authorise(actor, "decompose", target)
    _check_parts(target, parts, note.strip())
    target.decomposition_note = note.strip()
    target.save()
    known = {part.region_id: part for part in target.parts.select_for_update(of=("self",))}
    for gone in known.keys() - {region.pk for region in parts}:
        take_out_of_force(known[gone])
    return [
        _write_part(target, known.get(region.pk), region, value, (baselines or {}).get(region))
        for region, value in parts.items()
    ]


def missing_from(target: Target, parts: Mapping[Any, Decimal]) -> Decimal:
    """By how much the parts together miss the target on its wrong side; zero where they meet it or need not."""
    if not target.indicator.is_additive or target.value is None or target.is_umbrella or not parts:
        return Decimal(0)
    difference = sum_of({str(key): value for key, value in parts.items()}, target.value).difference or Decimal(0)
    rising = direction_of(target.comparator, target.indicator.direction) == "up"  # type: ignore[arg-type]
    short = -difference if rising else difference
    return max(short, Decimal(0))


def write_target(target: Target, values: Mapping[str, Any]) -> None:
    """Set the fields and save, telling who else already demands the same."""
    unknown = values.keys() - set(EDITABLE)
    if unknown:
        raise TypeError(f"a target has no {', '.join(sorted(unknown))} to change")
    for name, value in values.items():
        setattr(target, name, value)
    _check(target)
    save_target(target)


def save_target(target: Target) -> None:
    """Save with the derived fields; DomainError where another target in force is the same demand."""
    target.unit = target.unit or target.indicator.unit
    target.identity = identity_of(target)
    names = target.indicator.names.values_list("name", flat=True)
    target.bigrams = bigrams(target.title, target.region.name, target.period, *names)
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError as error:
        if "target_in_force_once" in str(error) or "target_part_once" in str(error):
            raise DomainError(_("This target is in force already. Change that one instead.")) from error
        raise
    reckon(Target.objects.filter(pk__in=[target.pk, target.parent_id]))


def _check(target: Target) -> None:
    if target.value is not None and target.value_max is not None and target.value_max < target.value:
        raise DomainError(_("The upper end of the range lies below its lower end."), field="value_max")
    if target.period_start and target.period_end and target.period_end < target.period_start:
        raise DomainError(_("The period ends before it begins."), field="period_end")
    if target.baseline is not None and target.baseline_on is None:
        raise DomainError(_("Say of which day the baseline is."), field="baseline_on")
    if target.baseline_on and target.period_end and target.baseline_on >= target.period_end:
        raise DomainError(_("The baseline must be earlier than the end of the period."), field="baseline_on")
    if target.indicator.state == Indicator.State.MERGED:
        raise DomainError(_("This indicator was merged into another. Choose that one."), field="indicator")


def _check_parts(target: Target, parts: Mapping[Region, Decimal], note: str) -> None:
    if target.parent_id is not None:
        raise DomainError(_("This is itself a part of a target. Share out the whole."))
    for region, value in parts.items():
        if region.parent_id != target.region_id:
            raise DomainError(
                _("%(region)s does not lie directly below %(whole)s.") % {"region": region, "whole": target.region},
                field="parts",
            )
        if value < 0 and target.indicator.kind != Indicator.Kind.GROWTH:
            raise DomainError(_("%(region)s: a part is not negative.") % {"region": region}, field="parts")
    missing = missing_from(target, parts)
    if missing and not note:
        raise DomainError(
            _("The parts miss the target by %(missing)s %(unit)s. Change them, or write down why they do not add up.")
            % {"missing": f"{missing.normalize():f}", "unit": target.unit},
            field="note",
        )


def _write_part(
    target: Target, part: Target | None, region: Region, value: Decimal, baseline: Decimal | None
) -> Target:
    part = part or Target(parent=target, region=region, origin=target.origin, synthetic=target.synthetic)
    part.state = Target.State.ACTIVE
    part.issued_on = target.issued_on
    values: dict[str, Any] = {name: getattr(target, name) for name in INHERITED}
    values |= {"indicator": target.indicator, "title": target.title, "value": value, "scope": ""}
    if baseline is not None:
        values |= {"baseline": baseline, "baseline_on": target.baseline_on or target.period_start}
    write_target(part, values)
    return part

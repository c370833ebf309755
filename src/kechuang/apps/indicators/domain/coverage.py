"""The R&D activity coverage as figures of its indicator: computed here, approved like any other figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.observations import record_observation
from kechuang.apps.indicators.domain.periods import Period, last_complete
from kechuang.apps.indicators.domain.queries.coverage import INDICATOR, CountyRow, by_county
from kechuang.apps.indicators.models import Indicator, Observation
from kechuang.apps.indicators.permissions import may_report
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import Actor, authorise


@dataclass(slots=True)
class Entered:
    """What became of the figures: drafts made or changed, figures that stand already, and regions refused with why."""

    period: Period
    drafts: list[Observation] = field(default_factory=list)
    same: int = 0
    refused: list[tuple[Region, str]] = field(default_factory=list)


def coverage_indicator() -> Indicator | None:
    """The indicator of the catalogue, where it has it."""
    return Indicator.objects.exclude(state=Indicator.State.MERGED).filter(code=INDICATOR).first()


@transaction.atomic
def enter_coverage(actor: Actor, *, city: Region, year: int) -> Entered:
    """Enter the coverage of the year as drafts for every region that the actor reports for.

    The figure of a year is that of its last period. Where an approved figure is the same, nothing happens; where it
    differs, a revision is begun. Raises DomainError where the catalogue lacks the indicator or nobody is listed.
    """
    authorise(actor, "add", Observation)
    indicator = coverage_indicator()
    if indicator is None:
        raise DomainError(_("The catalogue has no indicator for this figure. Load the pack again."))
    rows, total = by_county(actor, city, year)
    if not total.all:
        raise DomainError(_("No enterprise above designated size is known for %(year)s.") % {"year": year})
    entered = Entered(last_complete(indicator.frequency, date(year + 1, 1, 1)))
    whole = [CountyRow(city, total.active, total.idle, total.unknown)] if may_report(actor, indicator, city) else []
    for row in (*whole, *rows):
        if row.region is not None and row.coverage is not None and may_report(actor, indicator, row.region):
            _enter(actor, indicator, row, row.region, row.coverage, entered)
    return entered


def _enter(
    actor: Actor, indicator: Indicator, row: CountyRow, region: Region, value: Decimal, entered: Entered
) -> None:
    place = {"indicator": indicator, "region": region, "period_start": entered.period.start}
    approved = Observation.objects.filter(**place, state=Observation.State.APPROVED).first()
    if approved is not None and approved.value == value:
        entered.same += 1
        return
    source = _("%(active)s of %(all)s enterprises above designated size, from the facts of the platform")
    try:
        with transaction.atomic():
            draft = record_observation(
                actor,
                indicator=indicator,
                region=region,
                period=entered.period,
                value=value,
                source=source % {"active": row.active, "all": row.all},
                source_kind=Observation.SourceKind.COMPUTED,
                reason=_("Computed again from the facts.") if approved is not None else "",
            )
    except DomainError as error:
        entered.refused.append((region, error.message))
        return
    entered.drafts.append(draft)

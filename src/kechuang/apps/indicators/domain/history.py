"""Figures of the time before the platform: approved on paper long ago, taken over in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.observations import checked_value
from kechuang.apps.indicators.domain.periods import Period
from kechuang.apps.indicators.domain.reckoning import reckon
from kechuang.apps.indicators.models import Indicator, Observation, Target
from kechuang.apps.indicators.permissions import may_report
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor, authorise

BATCH = 1000


@dataclass(frozen=True, slots=True)
class PastFigure:
    """A figure that was approved before the platform was there."""

    indicator: Indicator
    region: Region
    period: Period
    value: Decimal


@transaction.atomic
def take_over_figures(
    actor: Actor, *, approver: Actor, figures: Iterable[PastFigure], source: str, synthetic: bool = False
) -> int:
    """Enter figures of the past as approved: ``actor`` brings them, ``approver``, someone else, stands for them.

    All or none: a figure that is there already, or lies in a closed month, stops the whole. Gives how many there are.
    """
    authorise(actor, "import", Observation)
    authorise(approver, "approve", Observation)
    if actor.user_id is not None and actor.user_id == approver.user_id:
        raise Refused(_("Whoever brings figures does not approve them. Another officer stands for them."))
    now = timezone.now()
    rows = [
        Observation(
            indicator=figure.indicator,
            region=figure.region,
            period_kind=figure.period.kind,
            period_start=figure.period.start,
            period_end=figure.period.end,
            value=checked_value(figure.indicator, figure.period, figure.value),
            source=source.strip(),
            source_kind=Observation.SourceKind.IMPORTED,
            state=Observation.State.APPROVED,
            entered_by_id=actor.user_id,
            submitted_by_id=actor.user_id,
            submitted_at=now,
            approved_by_id=approver.user_id,
            approved_at=now,
            synthetic=synthetic,
        )
        for figure in figures
        if _within(actor, approver, figure)
    ]
    try:
        with transaction.atomic():
            Observation.objects.bulk_create(rows, batch_size=BATCH)
    except IntegrityError as error:
        raise DomainError(_("Some of these figures are there already, or their month is closed.")) from error
    indicators = {row.indicator_id for row in rows}
    reckon(Target.objects.filter(indicator__in=indicators, state=Target.State.ACTIVE))
    return len(rows)


def _within(actor: Actor, approver: Actor, figure: PastFigure) -> bool:
    """True where both answer for the figure's place; Refused otherwise."""
    for each in (actor, approver):
        if not (decision := may_report(each, figure.indicator, figure.region)):
            raise Refused(decision.reason)
    return True

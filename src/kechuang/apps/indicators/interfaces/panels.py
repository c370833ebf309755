"""What the pages of a target and of a figure show beside the usual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.indicators.domain.observations import doubtful, period_of_observation
from kechuang.apps.indicators.domain.queries import words
from kechuang.apps.indicators.domain.queries.overview import CountyTable, county_table
from kechuang.apps.indicators.domain.queries.standing import Light, Standing, standing_of
from kechuang.apps.indicators.domain.queries.trajectory import trajectory
from kechuang.apps.indicators.domain.targets import missing_from
from kechuang.apps.indicators.domain.units import shown, text_of
from kechuang.apps.indicators.models import Observation, Target
from kechuang.apps.indicators.permissions import may_report
from kechuang.kit.charts import Bar, Chart, bar_by_region, gauge
from kechuang.kit.permissions import Actor, can, visible

RECENT = 12


def target_context(actor: Actor, target: Target) -> dict[str, Any]:
    """A target with its figures, line, counties and records."""
    standing = standing_of(target)
    counties = county_table(target, standing) if target.parent_id is None else None
    rows = _observations(actor, target)
    return {
        **standing_context(standing),
        "counties": _counties_context(target, counties) if counties is not None and counties.rows else None,
        "observations": observation_rows(rows[:RECENT]),
        "more_observations": max(rows.count() - RECENT, 0),
        "records_url": f"{reverse('indicators:observations-list')}?target={target.pk}",
        "observations_url": (
            f"{reverse('indicators:observations-list')}?indicator={target.indicator_id}&region={target.region_id}"
        ),
        "can_decompose": bool(can(actor, "decompose", target)),
    }


def standing_context(standing: Standing) -> dict[str, Any]:
    """How a target stands, ready for the page: for officials and for the public alike."""
    target = standing.target
    indicator = target.indicator
    current = standing.current
    chart = None if target.is_umbrella else trajectory(standing)
    return {
        "standing": standing,
        "target": target,
        "light": str(standing.light),
        "reason": words.reason(standing),
        "outlook": words.outlook(standing),
        "demand": words.demand(target),
        "current_text": _count(current.value) if target.is_umbrella and current else _text(current, indicator),
        "current_on": current.on if current else None,
        "coverage": words.coverage(standing),
        "baseline_text": _text(standing.baseline, indicator) if standing.baseline_is != "zero" else _("0"),
        "baseline_note": words.baseline_note(standing),
        "required_text": _required_text(standing),
        "gauge": gauge(standing.percent, label=_("of the way"), state=str(standing.light)),
        "chart": chart,
        "chart_title": _chart_title(standing),
    }


def observation_context(actor: Actor, observation: Observation) -> dict[str, Any]:
    """A figure with its revisions."""
    revisions = visible(actor, Observation).filter(
        indicator=observation.indicator,
        region=observation.region,
        period_kind=observation.period_kind,
        period_start=observation.period_start,
    )
    period = period_of_observation(observation)
    before = (
        Observation.objects.filter(
            indicator=observation.indicator,
            region=observation.region,
            period_kind=observation.period_kind,
            period_start=period.previous().start,
            state=Observation.State.APPROVED,
        )
        .values_list("value", flat=True)
        .first()
    )
    may_revise = observation.state == Observation.State.APPROVED and can(actor, "revise", observation)
    return {
        "value_text": text_of(observation.value, observation.indicator),
        "before_text": text_of(before, observation.indicator),
        "doubt": doubtful(observation, before),
        "period": period,
        "revisions": [
            (row, text_of(row.value, row.indicator))
            for row in revisions.select_related("indicator", "submitted_by", "approved_by").order_by("-revision")
        ],
        "revise_url": reverse("indicators:revise", args=[observation.pk]) if may_revise else "",
        "entry_url": _entry_url(actor, observation),
        "evidence_file": observation.evidence,
    }


def _entry_url(actor: Actor, observation: Observation) -> str:
    if not observation.is_open or not may_report(actor, observation.indicator, observation.region):
        return ""
    query = f"region={observation.region_id}&period={period_of_observation(observation).key}"
    return f"{reverse('indicators:entry')}?{query}"


def _counties_context(target: Target, table: CountyTable) -> dict[str, Any]:
    indicator = target.indicator
    rows = [
        {
            "region": row.region,
            "part": row.part,
            "demand": words.demand(row.part) if row.part else "",
            "current": text_of(row.current, indicator),
            "on": row.standing.current.on if row.standing and row.standing.current else None,
            "percent": row.standing.percent if row.standing and row.part else None,
            "light": str(row.standing.light) if row.standing and row.part else "",
            "reason": words.reason(row.standing) if row.standing and row.part else "",
            "url": reverse("indicators:targets-detail", args=[row.part.pk]) if row.part else "",
            "records": f"{reverse('indicators:observations-list')}?indicator={indicator.pk}&region={row.region.pk}",
        }
        for row in table.rows
    ]
    return {
        "rows": rows,
        "chart": _county_chart(target, table),
        "chart_title": _county_title(table),
        "demanded": text_of(table.demanded.parts, indicator) if table.demanded else "",
        "demanded_note": _demanded_note(target, table),
        "reached": text_of(table.reached.parts, indicator) if table.reached else "",
        "reached_note": _reached_note(target, table),
        "decomposed": any(row.part for row in table.rows),
    }


def _county_chart(target: Target, table: CountyTable) -> Chart | None:
    bars = []
    for row in table.rows:
        if row.current is None and row.part is None:
            continue
        part = row.part.value if row.part is not None else None
        url = reverse("indicators:targets-detail", args=[row.part.pk]) if row.part else ""
        indicator = target.indicator
        value = None if row.current is None else round(shown(row.current, indicator), 2)
        bars.append(Bar(row.region.short_name, value, None if part is None else shown(part, indicator), url))
    drawn = any(bar.value is not None for bar in bars)
    return bar_by_region(bars, unit=target.indicator.shown_unit) if drawn else None


def _county_title(table: CountyTable) -> str:
    if table.behind:
        return ngettext("%(n)s county is behind its line", "%(n)s counties are behind their line", table.behind) % {
            "n": table.behind
        }
    if table.without_figure:
        return ngettext("%(n)s county has no figure yet", "%(n)s counties have no figure yet", table.without_figure) % {
            "n": table.without_figure
        }
    return _("No county is behind its line")


def _demanded_note(target: Target, table: CountyTable) -> str:
    """Do the parts add up to the target, and if not, by how much and why."""
    if table.demanded is None or table.demanded.difference is None:
        return ""
    difference = table.demanded.difference
    if difference == 0:
        return _("The parts add up to the target.")
    amount = text_of(abs(difference), target.indicator)
    text = _("%(amount)s more than the target.") if difference > 0 else _("%(amount)s less than the target.")
    text = text % {"amount": amount}
    if target.decomposition_note:
        text += " " + _("Reason: %(note)s") % {"note": target.decomposition_note}
    elif missing_from(target, {r.region: r.part.value for r in table.rows if r.part and r.part.value is not None}):
        text += " " + _("The reason is missing.")
    return text


def _reached_note(target: Target, table: CountyTable) -> str:
    """Do the counties' figures add up to the whole's, and if not, by how much."""
    if table.reached is None or table.reached.difference is None:
        return ""
    difference = table.reached.difference
    if difference == 0:
        summed = table.whole.latest is not None and table.whole.latest.is_sum
        return _("The whole's figure is the sum of these.") if summed else _("They add up to the whole's own figure.")
    amount = text_of(abs(difference), target.indicator)
    if difference > 0:
        return _("The counties come to %(amount)s more than the whole's figure.") % {"amount": amount}
    return _("The counties come to %(amount)s less than the whole's figure.") % {"amount": amount}


def _observations(actor: Actor, target: Target) -> Any:
    rows = visible(actor, Observation).filter(indicator=target.indicator, region=target.region)
    rows = rows.select_related("indicator", "region", "submitted_by", "approved_by")
    return rows.order_by("-period_end", "-revision")


def _chart_title(standing: Standing) -> str:
    """The answer that the chart gives, as a sentence."""
    name = str(standing.target.indicator)
    title = {
        Light.ATTAINED: _("%(name)s has reached the target"),
        Light.BEHIND: _("%(name)s runs behind the required line"),
        Light.ON_TRACK: _("%(name)s keeps to the required line"),
        Light.DUE_SOON: _("%(name)s keeps to the line, but little time is left"),
    }.get(Light(standing.light), _("%(name)s: what is reported so far"))
    return title % {"name": name}


def _text(point: Any, indicator: Any) -> str:
    return "" if point is None else text_of(point.value, indicator)


def _required_text(standing: Standing) -> str:
    indicator = standing.target.indicator
    return "" if standing.required is None else text_of(words.rounded(standing.required, indicator), indicator)


def _count(value: Any) -> str:
    return ngettext("%(n)s county", "%(n)s counties", int(value)) % {"n": int(value)}


def observation_rows(rows: Sequence[Observation]) -> list[dict[str, Any]]:
    """Figures as a table shows them."""
    return [
        {"row": row, "period": period_of_observation(row).label, "value": text_of(row.value, row.indicator)}
        for row in rows
    ]

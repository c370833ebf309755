"""Figures and targets from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kechuang.apps.indicators.domain.observations import period_of_observation
from kechuang.apps.indicators.domain.periods import Period, parse_period
from kechuang.apps.indicators.models import Observation
from kechuang.kit.errors import DomainError
from kechuang.kit.importing import Importer, Sheet
from kechuang.kit.permissions import visible


class ObservationImporter(Importer):
    """A row is a figure of an indicator, a region and a period; the domain makes it a draft or a revision."""

    columns = ("indicator", "region", "period", "value", "source", "reason")
    key = ("indicator", "region", "period")
    lookups = {"indicator": ("name", "code"), "region": ("name", "short_name", "code")}
    aliases = {
        "indicator": ("指标", "指标名称", "指标代码"),
        "region": ("地区", "县区", "县市区", "区域"),
        "period": ("期间", "所属期", "时间", "月份", "季度", "年度"),
        "value": ("数值", "数据", "完成值", "实际值"),
        "source": ("来源", "数据来源"),
        "reason": ("更正原因", "迟报原因"),
    }
    notes = _("One row per indicator, region and period.")

    def _existing(self, sheet: Sheet, mapping: Mapping[str, int]) -> dict[Any, Any]:
        """The figure that each row means, under the words of the row: the open revision, else the one in force."""
        places = {number: self._place(cells, mapping) for number, cells in sheet.rows}
        wanted = {place for _words, place in places.values() if place is not None}
        rows = visible(self.actor, Observation).exclude(state=Observation.State.SUPERSEDED)
        rows = rows.filter(indicator__in={p[0] for p in wanted}, region__in={p[1] for p in wanted})
        rows = rows.filter(period_start__in={p[2].start for p in wanted}).order_by("revision")
        known = {
            (row.indicator_id, row.region_id, period_of_observation(row)): row
            for row in rows.select_related("indicator", "region")
        }
        return {words: known[place] for words, place in places.values() if place in known}

    def _place(
        self, cells: Sequence[Any], mapping: Mapping[str, int]
    ) -> tuple[tuple[str, ...], tuple[int, int, Period] | None]:
        """A row's words for indicator, region and period, and what they mean where they mean anything."""
        words = tuple(_words(cells[mapping[name]]) if mapping[name] < len(cells) else "" for name in self.key)
        indicator, region = self._related("indicator").get(words[0]), self._related("region").get(words[1])
        try:
            period = parse_period(words[2])
        except DomainError:
            return words, None
        return words, (indicator, region, period) if indicator and region else None


class TargetImporter(Importer):
    """A row is a target that the bureau sets."""

    columns = (
        "indicator",
        "region",
        "title",
        "comparator",
        "value",
        "value_max",
        "change",
        "period",
        "period_start",
        "period_end",
        "baseline",
        "baseline_on",
        "baseline_source",
    )
    lookups = {"indicator": ("name", "code"), "region": ("name", "short_name", "code")}
    aliases = {"value": ("目标值",), "title": ("目标",), "baseline": ("基数", "基期值")}


class IndicatorImporter(Importer):
    """A row with a known code changes that indicator, others are added."""

    key = ("code",)
    lookups = {"responsible_unit": ("name", "code"), "weight": ("name", "code")}
    aliases = {"name": ("指标名称",), "aliases": ("别名", "其他叫法")}


def _words(cell: Any) -> str:
    """A cell as the import page reads it: a year typed as a number is no fraction, a day keeps its ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return "" if cell is None else str(cell).strip()

"""Figures and targets from spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kechuang.kit.importing import Importer, Sheet


class ObservationImporter(Importer):
    """A row is a figure of an indicator, a region and a period; the domain makes it a draft or a revision."""

    columns = ("indicator", "region", "period", "value", "source", "reason")
    key = ("indicator", "region", "period")
    lookups = {"indicator": ("name", "code"), "region": ("name", "short_name", "code")}
    aliases = {
        "indicator": ("指标名称", "指标代码"),
        "region": ("县区", "县市区", "区域"),
        "period": ("时间", "月份", "季度", "年度"),
        "value": ("数据", "完成值", "实际值"),
        "source": ("数据来源",),
        "reason": ("更正原因", "迟报原因"),
    }
    notes = _("One row per indicator, region and period.")

    def _existing(self, sheet: Sheet, mapping: Mapping[str, int]) -> dict[Any, Any]:
        """Every row is entered by the same verb, whether or not there is a figure already."""
        return {}


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

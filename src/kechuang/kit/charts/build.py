"""Builders of charts. Colours are token names, so that the wall's dark theme and paper get theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kechuang.kit.lights import light
from kechuang.kit.numbers import value_text

Number = int | float | Decimal
AXIS: dict[str, Any] = {
    "axisLine": {"lineStyle": {"color": "var(--kc-line-strong)"}},
    "axisLabel": {"color": "var(--kc-ink)"},
}
SPLIT: dict[str, Any] = {"splitLine": {"lineStyle": {"color": "var(--kc-line-colour)"}}}
TONE_COLOURS = {"good": "good", "soon": "chart-2", "bad": "bad", "done": "done", "unknown": "line-strong"}


@dataclass(frozen=True, slots=True)
class Chart:
    """``option`` for ECharts, ``table`` for eyes and screen readers, ``kind`` and ``data`` for the picture."""

    kind: str
    option: dict[str, Any]
    table: dict[str, Any]
    data: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A value of a region (or anything with a name); unknown where None; ``url`` leads to the records behind it."""

    label: str
    value: Number | None
    target: Number | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A county on the map: division code, name, value (None: unknown), where a click leads."""

    code: str
    name: str
    value: Number | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Lights:
    """How many tasks of a row are in which light."""

    label: str
    counts: Mapping[str, int]
    url: str = ""


def line_with_target(
    periods: Sequence[str],
    observed: Sequence[Number | None],
    *,
    required: Sequence[Number | None] = (),
    forecast: Sequence[Number | None] = (),
    unit: str = "",
) -> Chart:
    """The observed trajectory against the required line, and where the present pace leads."""
    names = [pgettext("chart", "observed"), pgettext("chart", "required"), pgettext("chart", "forecast")]
    lines = [_numbers(observed), _numbers(required), _numbers(forecast)]
    styles: list[dict[str, Any]] = [
        {"lineStyle": {"width": 3}, "symbolSize": 8, "color": "var(--kc-chart-1)"},
        {"lineStyle": {"type": "dashed", "width": 2}, "symbol": "none", "color": "var(--kc-chart-2)"},
        {"lineStyle": {"type": "dotted", "width": 2}, "symbol": "emptyCircle", "color": "var(--kc-chart-6)"},
    ]
    shown = [(n, line, style) for n, line, style in zip(names, lines, styles, strict=True) if any(_known(line))]
    option = {
        "grid": {"left": 8, "right": 24, "top": 64, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "left": 0, "textStyle": {"color": "var(--kc-ink)"}},
        "xAxis": {"type": "category", "data": list(periods), "boundaryGap": False, **AXIS},
        "yAxis": {"type": "value", "name": unit, "scale": True, "nameTextStyle": {"align": "right"}, **AXIS, **SPLIT},
        "series": [
            {"type": "line", "name": n, "data": line, "connectNulls": True, **style} for n, line, style in shown
        ],
    }
    rows = [[period, *(_cell(line, i, unit) for _n, line, _s in shown)] for i, period in enumerate(periods)]
    table = {"head": [pgettext("chart", "period"), *(n for n, _line, _s in shown)], "rows": rows}
    data = {"periods": list(periods), "lines": [(n, line) for n, line, _s in shown], "unit": unit}
    return Chart("line", option, table, data)


def bar_by_region(bars: Sequence[Bar], *, unit: str = "", sort: bool = True) -> Chart:
    """One bar per region, longest on top, with a tick where its target stands; unknown ones stay in the table."""
    rows = sorted(bars, key=lambda bar: -(bar.value if bar.value is not None else -1)) if sort else list(bars)
    drawn = [bar for bar in rows if bar.value is not None]
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": pgettext("chart", "value"),
            "barMaxWidth": 22,
            "data": [{"value": _number(bar.value), "url": bar.url} for bar in drawn],
            "label": {"show": True, "position": "right", "color": "var(--kc-ink)"},
            "itemStyle": {"color": "var(--kc-chart-1)"},
        }
    ]
    if any(bar.target is not None for bar in drawn):
        series.append(
            {
                "type": "scatter",
                "name": pgettext("chart", "target"),
                "symbol": "rect",
                "symbolSize": [3, 22],
                "data": [_number(bar.target) for bar in drawn],
                "itemStyle": {"color": "var(--kc-chart-2)"},
            }
        )
    option = {
        "grid": {"left": 8, "right": 56, "top": 32 if len(series) > 1 else 8, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0, "textStyle": {"color": "var(--kc-ink)"}},
        "xAxis": {"type": "value", "name": unit, **AXIS, **SPLIT},
        "yAxis": {"type": "category", "inverse": True, "data": [bar.label for bar in drawn], **AXIS},
        "series": series,
    }
    table: dict[str, Any] = {
        "head": [pgettext("chart", "region"), pgettext("chart", "value"), pgettext("chart", "target")],
        "rows": [[b.label, _text(b.value, unit), _text(b.target, unit)] for b in rows],
    }
    if len(series) == 1:
        table = {"head": table["head"][:2], "rows": [row[:2] for row in table["rows"]]}
    return Chart("bar", option, table, {"bars": drawn, "unit": unit})


def county_map(region: str, places: Sequence[Place], *, unit: str = "", palette: Sequence[str] = ()) -> Chart:
    """The counties of a city coloured by value. ``region`` is its code; places without a shape: see the table."""
    values = [float(place.value) for place in places if place.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    data = [
        {"name": place.name, "value": _number(place.value), "url": place.url}
        for place in places
        if place.value is not None
    ]
    option = {
        "kcMap": {"name": region, "url": reverse("kit:shapes", args=[region])},
        "tooltip": {"trigger": "item", "formatter": "{b}：{c}" + unit},
        "visualMap": {
            "min": low,
            "max": high if high > low else low + 1,
            "left": 8,
            "bottom": 8,
            "text": [value_text(_round(high), unit), value_text(_round(low), unit)],
            "textStyle": {"color": "var(--kc-ink)"},
            "inRange": {"color": list(palette) or ["var(--kc-map-low)", "var(--kc-map-high)"]},
            "calculable": False,
        },
        "series": [
            {
                "type": "map",
                "map": region,
                "roam": False,
                "data": data,
                "label": {"show": True, "color": "var(--kc-ink)", "fontSize": 12},
                "itemStyle": {"areaColor": "var(--kc-unknown-soft)", "borderColor": "var(--kc-line-strong)"},
                "emphasis": {
                    "label": {"color": "var(--kc-ink)"},
                    "itemStyle": {"areaColor": "var(--kc-focus-halo)", "borderWidth": 2},
                },
            }
        ],
    }
    rows = [[p.name, _text(p.value, unit)] for p in sorted(places, key=lambda p: -(float(p.value or 0)))]
    table = {"head": [pgettext("chart", "region"), pgettext("chart", "value")], "rows": rows}
    return Chart("map", option, table, {"region": region, "places": list(places), "unit": unit})


def gauge(percent: Number | None, *, label: str = "", state: str = "on_track") -> Chart:
    """How much of a target is reached; over 100 the ring is full and the figure stays true."""
    tone = TONE_COLOURS[light(state).tone]
    shown = None if percent is None else _round(float(percent), 1)
    option = {
        "series": [
            {
                "type": "gauge",
                "startAngle": 210,
                "endAngle": -30,
                "min": 0,
                "max": 100,
                "progress": {"show": True, "width": 14, "itemStyle": {"color": f"var(--kc-{tone})"}},
                "pointer": {"show": False},
                "axisLine": {"lineStyle": {"width": 14, "color": [[1, "var(--kc-unknown-soft)"]]}},
                "axisTick": {"show": False},
                "splitLine": {"show": False},
                "axisLabel": {"show": False},
                "title": {"offsetCenter": [0, "62%"], "color": "var(--kc-ink-soft)", "fontSize": 14},
                "detail": {
                    "offsetCenter": [0, 0],
                    "color": "var(--kc-ink)",
                    "fontSize": 28,
                    "formatter": _("to be supplied") if shown is None else f"{shown:g}%",
                },
                "data": [{"value": min(100.0, max(0.0, shown or 0)), "name": label}],
            }
        ]
    }
    text = "" if shown is None else f"{shown:g}%"
    table = {"head": [pgettext("chart", "what"), pgettext("chart", "reached")], "rows": [[label, text]]}
    return Chart("gauge", option, table, {"percent": shown, "label": label, "tone": tone})


def progress_bars(bars: Sequence[Bar], *, unit: str = "%") -> Chart:
    """Several targets beside each other, each as the percentage reached."""
    return bar_by_region(bars, unit=unit, sort=False)


def status_lights(
    rows: Sequence[Lights], *, order: Sequence[str] = ("on_track", "due_soon", "silent", "overdue", "done", "unknown")
) -> Chart:
    """Tasks by light, one stacked bar per row (a county, a unit, a part of a plan)."""
    used = [key for key in order if any(row.counts.get(key) for row in rows)]
    lights = [light(key) for key in used]
    option = {
        "grid": {"left": 8, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"top": 0, "left": 0, "textStyle": {"color": "var(--kc-ink)"}},
        "xAxis": {"type": "value", "minInterval": 1, **AXIS, **SPLIT},
        "yAxis": {"type": "category", "inverse": True, "data": [row.label for row in rows], **AXIS},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": str(each.label),
                "barMaxWidth": 24,
                "itemStyle": {"color": f"var(--kc-{TONE_COLOURS[each.tone]})", "decal": _decal(each.key)},
                "data": [{"value": row.counts.get(each.key, 0), "url": row.url} for row in rows],
            }
            for each in lights
        ],
    }
    cells = [[row.label, *(row.counts.get(key, 0) for key in used)] for row in rows]
    table = {"head": [pgettext("chart", "row"), *(str(each.label) for each in lights)], "rows": cells}
    data = {"rows": list(rows), "lights": [(e.key, str(e.label), TONE_COLOURS[e.tone]) for e in lights]}
    return Chart("lights", option, table, data)


def _decal(key: str) -> dict[str, Any]:
    """A pattern for the light that shares its hue with another one."""
    if key == "silent":
        return {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": 0.6}
    return {"symbol": "none"}


def _number(value: Number | None) -> int | float | None:
    return float(value) if isinstance(value, Decimal) else value


def _numbers(values: Sequence[Number | None]) -> list[int | float | None]:
    return [_number(value) for value in values]


def _known(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _round(value: float, places: int = 2) -> float | int:
    rounded = round(value, places)
    return int(rounded) if rounded == int(rounded) else rounded


def _text(value: Number | None, unit: str) -> str:
    return "" if value is None else value_text(value, unit)


def _cell(line: Sequence[Number | None], index: int, unit: str) -> str:
    return _text(line[index] if index < len(line) else None, unit)

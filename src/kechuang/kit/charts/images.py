"""The same charts as PNG, for documents that officials sign."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from kechuang.kit.charts.build import Chart
from kechuang.kit.numbers import number_text
from kechuang.kit.shapes import shapes
from kechuang.kit.tokens import colour

FACES = (
    "NotoSansCJK-Regular",
    "SourceHanSansSC-Regular",
    "SourceHanSansCN-Regular",
    "NotoSansSC",
    "wqy-microhei",
    "msyh",
)
DPI = 150


@cache
def face() -> FontProperties:
    """A Chinese face of this machine; matplotlib's own where there is none (Chinese then prints as boxes)."""
    files = font_manager.findSystemFonts()
    for name in FACES:
        for file in files:
            if Path(file).stem.startswith(name):
                return FontProperties(fname=file)
    return FontProperties()


def png(chart: Chart, *, title: str = "", width: float = 16, height: float = 9) -> bytes:
    """The chart as PNG; width and height in centimetres."""
    figure = Figure(figsize=(width / 2.54, height / 2.54), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    DRAW[chart.kind](axes, chart.data)
    if title:
        axes.set_title(title, loc="left", fontsize=11)
    _dress(figure, axes)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor="white")
    return buffer.getvalue()


def _dress(figure: Figure, axes: Any) -> None:
    """Our face and ink on every piece of text, no frame."""
    texts: list[Any] = figure.findobj(Text)
    for text in texts:
        size = text.get_fontsize()
        text.set_fontproperties(face())
        text.set_fontsize(size)
        if text.get_color() != "white":
            text.set_color(colour("ink"))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=colour("ink"), labelsize=8)


def _line(axes: Any, data: dict[str, Any]) -> None:
    styles = [("-", "chart-1", "o"), ("--", "chart-2", ""), (":", "chart-6", "o")]
    positions = range(len(data["periods"]))
    for (name, line), (style, ink, marker) in zip(data["lines"], styles, strict=False):
        points = [(x, y) for x, y in zip(positions, line, strict=False) if y is not None]
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, linestyle=style, marker=marker, markersize=4, color=colour(ink), label=name)
    axes.set_xticks(list(positions), data["periods"])
    axes.set_ylabel(data["unit"])
    axes.grid(axis="y", color=colour("line-colour"))
    axes.legend(frameon=False, fontsize=8)


def _bar(axes: Any, data: dict[str, Any]) -> None:
    bars = data["bars"]
    drawn = axes.barh(
        [bar.label for bar in bars], [float(bar.value) for bar in bars], height=0.6, color=colour("chart-1")
    )
    axes.bar_label(drawn, labels=[number_text(bar.value) for bar in bars], padding=3, fontsize=8)
    for index, bar in enumerate(bars):
        if bar.target is not None:
            axes.plot([float(bar.target)] * 2, [index - 0.4, index + 0.4], color=colour("chart-2"), linewidth=2)
    axes.invert_yaxis()
    axes.set_xlabel(data["unit"])


def _lights(axes: Any, data: dict[str, Any]) -> None:
    rows = data["rows"]
    left = [0] * len(rows)
    for key, label, ink in data["lights"]:
        counts = [row.counts.get(key, 0) for row in rows]
        style = {"height": 0.6, "label": label, "color": colour(ink), "hatch": "//" if key == "silent" else None}
        drawn = axes.barh([row.label for row in rows], counts, left=left, **style)
        texts = [str(count) if count else "" for count in counts]
        axes.bar_label(drawn, labels=texts, label_type="center", fontsize=8, color="white")
        left = [a + b for a, b in zip(left, counts, strict=True)]
    axes.invert_yaxis()
    # Outside the axes, so that a wide legend does not squeeze the bars.
    axes.figure.legend(frameon=False, fontsize=8, ncols=max(1, min(7, len(data["lights"]))), loc="outside lower center")


def _gauge(axes: Any, data: dict[str, Any]) -> None:
    percent = data["percent"]
    axes.barh([data["label"]], [100], color=colour("unknown-soft"))
    axes.barh([data["label"]], [min(100, percent or 0)], color=colour(data["tone"]))
    axes.set_xlim(0, 100)
    axes.text(50, 0, "?" if percent is None else f"{percent:g}%", ha="center", va="center", fontsize=14)


def _map(axes: Any, data: dict[str, Any]) -> None:
    known = {place.name: float(place.value) for place in data["places"] if place.value is not None}
    high = max(known.values(), default=0) or 1
    for feature in shapes(data["region"])["features"]:
        name = feature["properties"]["name"]
        share = known[name] / high if name in known else None
        for polygon in feature["geometry"]["coordinates"]:
            xs, ys = zip(*polygon[0], strict=True)
            fill = colour("unknown-soft") if share is None else _between("map-low", "map-high", share)
            axes.fill(xs, ys, facecolor=fill, edgecolor=colour("line-strong"), linewidth=0.5)
        x, y = feature["properties"]["centre"]
        figure = f"\n{number_text(known[name])}{data['unit']}" if name in known else ""
        axes.text(x, y, name + figure, ha="center", va="center", fontsize=7)
    axes.set_aspect(1.2)
    axes.axis("off")


def _between(low: str, high: str, share: float) -> tuple[float, ...]:
    """The colour at ``share`` of the way from one to the other."""
    return tuple(a + (b - a) * share for a, b in zip(to_rgb(colour(low)), to_rgb(colour(high)), strict=True))


DRAW = {"line": _line, "bar": _bar, "lights": _lights, "gauge": _gauge, "map": _map}

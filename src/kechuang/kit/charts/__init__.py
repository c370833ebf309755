"""Charts: one description, drawn by ECharts on pages and by matplotlib in documents, with its data as a table.

chart = charts.line_with_target(periods, observed, required=required, unit="家")
<c-chart title="…" :chart="chart" />          # on a page
charts.png(chart, title="…")                  # bytes for a .docx or a PDF
"""

from kechuang.kit.charts.build import (
    Bar,
    Chart,
    Lights,
    Place,
    bar_by_region,
    county_map,
    gauge,
    line_with_target,
    progress_bars,
    status_lights,
)

__all__ = [
    "Bar",
    "Chart",
    "Lights",
    "Place",
    "bar_by_region",
    "county_map",
    "gauge",
    "line_with_target",
    "png",
    "progress_bars",
    "status_lights",
]


def png(chart: Chart, *, title: str = "", width: float = 16, height: float = 9) -> bytes:
    """The chart as PNG; width and height in centimetres."""
    # matplotlib takes a second to import, which every start would pay and few processes need.
    from kechuang.kit.charts import images

    return images.png(chart, title=title, width=width, height=height)

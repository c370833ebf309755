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
from kechuang.kit.charts.images import png

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

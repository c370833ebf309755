"""Charts: one description for the page, the table and the picture."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from kechuang.kit import charts
from kechuang.kit.shapes import shapes
from kechuang.kit.tokens import tokens

COUNTS = {"on_track": 3, "due_soon": 1, "silent": 1, "overdue": 2}
EXAMPLES = {
    "line": lambda: charts.line_with_target(["2023", "2024", "2025"], [1, Decimal("2.5"), None], required=[1, 2, 3]),
    "bar": lambda: charts.bar_by_region([charts.Bar("宛城区", 3, 4), charts.Bar("邓州市", None, 4)], unit="家"),
    "map": lambda: charts.county_map(
        "411300", [charts.Place("411303", "卧龙区", 9), charts.Place("x", "示范区", None)]
    ),
    "gauge": lambda: charts.gauge(Decimal("137.5"), label="高企"),
    "lights": lambda: charts.status_lights([charts.Lights("宛城区", COUNTS), charts.Lights("卧龙区", {})]),
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_chart_goes_to_json_and_to_paper(kind: str) -> None:
    chart = EXAMPLES[kind]()
    assert DjangoJSONEncoder().encode(chart.option)
    assert all(len(row) == len(chart.table["head"]) for row in chart.table["rows"])
    assert charts.png(chart, title="县区进度").startswith(b"\x89PNG")


def test_unknown_values_stay_in_the_table_and_are_never_drawn_as_zero() -> None:
    chart = EXAMPLES["bar"]()
    assert chart.option["yAxis"]["data"] == ["宛城区"]
    assert ["邓州市", "", "4家"] in chart.table["rows"]
    mapped = EXAMPLES["map"]()
    assert [place["name"] for place in mapped.option["series"][0]["data"]] == ["卧龙区"]


def test_a_ring_over_the_full_shows_the_true_figure() -> None:
    series = EXAMPLES["gauge"]().option["series"][0]
    assert series["data"][0]["value"] == 100
    assert series["detail"]["formatter"] == "137.5%"
    assert charts.gauge(None).option["series"][0]["detail"]["formatter"] == "待补充"


def test_charts_name_tokens_that_exist() -> None:
    import re

    used = {name for make in EXAMPLES.values() for name in re.findall(r"var\(--kc-([\w-]+)\)", str(make().option))}
    assert used <= set(tokens())


@pytest.mark.parametrize(("code", "counties"), [("411300", 13), ("410400", 10)])
def test_both_cities_have_outlines(code: str, counties: int, client: Client) -> None:
    features = shapes(code)["features"]
    assert len(features) == counties
    assert all(feature["properties"]["code"].startswith(code[:4]) for feature in features)


@pytest.mark.django_db
def test_outlines_are_served_and_unknown_places_do_not_exist(client: Client) -> None:
    answer = client.get("/kit/shapes/411300.json")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]
    assert client.get("/kit/shapes/999999.json").status_code == 404

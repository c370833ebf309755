"""The API is a promise: a change to its description is seen here, and goes with a line in the CHANGELOG.

``KECHUANG_SNAPSHOT=write`` brings the snapshot up to date.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.urls import reverse
from django.utils import translation

from kechuang.site.api import api

SNAPSHOT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def test_the_description_of_the_api_is_the_published_one() -> None:
    with translation.override("en"):
        schema = api.get_openapi_schema(path_prefix=reverse("api-0.1.0:api-root"))
        described = json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    if os.environ.get("KECHUANG_SNAPSHOT") == "write":
        SNAPSHOT.write_text(described, "utf-8")
    assert described == SNAPSHOT.read_text("utf-8"), "docs/reference/openapi.json no longer describes the API"

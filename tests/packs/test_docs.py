"""The reference names every key of the format."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = json.loads((ROOT / "src/kechuang/packs/schema/pack.schema.json").read_text("utf-8"))["$defs"]
REFERENCE = (ROOT / "docs/reference/packs.md").read_text("utf-8")
KINDS = [
    "pack",
    "regions",
    "units",
    "indicators",
    "supervision",
    "documents",
    "industries",
    "terms",
    "ladders",
    "notes",
    "facts",
    "rules",
    "derived",
    "rule",
    "fund",
    "ruleSource",
]


@pytest.mark.parametrize("kind", KINDS)
def test_reference_names_every_key(kind):
    definition = DEFINITIONS[kind]
    entry = definition.get("items", definition)
    assert [key for key in entry["properties"] if f"`{key}`" not in REFERENCE] == []


def test_reference_names_every_kind_of_file_and_every_choice():
    (kinds,) = DEFINITIONS["pack"]["properties"]["files"]["patternProperties"]
    for kind in kinds.strip("^()$").split("|"):
        assert f"`{kind}`" in REFERENCE
    choices = [
        *DEFINITIONS["unitKind"]["enum"],
        *DEFINITIONS["regionLevel"]["enum"],
        *DEFINITIONS["frequency"]["enum"],
        *DEFINITIONS["documents"]["items"]["properties"]["kind"]["enum"],
        *DEFINITIONS["facts"]["items"]["properties"]["kind"]["enum"],
        *DEFINITIONS["payer"]["enum"],
        *DEFINITIONS["per"]["enum"],
        *(
            choice
            for key in ("kind", "subject", "form", "amount_is")
            for choice in DEFINITIONS["rule"]["properties"][key]["enum"]
        ),
        *DEFINITIONS["documents"]["items"]["properties"]["status"]["enum"],
    ]
    assert [choice for choice in choices if choice not in REFERENCE] == []

"""The cases a policy officer can read: a piece of text and the items it holds, construct by construct."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kechuang.engines.extraction import Extraction, extract

CASES = Path(__file__).parent / "cases"
KINDS = ("meta", "task", "target", "benefit", "fund", "facility", "reference")


def load() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(CASES.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]


def found(extraction: Extraction, kind: str) -> list[Any]:
    if kind == "meta":
        return [extraction.meta]
    return list({"facility": extraction.facilities}.get(kind, getattr(extraction, f"{kind}s", ())))


def shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", load())
def test_case(case: dict[str, Any]) -> None:
    extraction = extract(case["text"])
    for kind in KINDS:
        if kind not in case:
            continue
        items = found(extraction, kind)
        actual = [
            {name: shown(getattr(item, name)) for name in wanted}
            for item, wanted in zip(items, case[kind], strict=False)
        ]
        assert actual == case[kind], f"{kind} in: {case['text']}"
        assert len(items) == len(case[kind]), f"{kind} also found: {items[len(case[kind]) :]}"

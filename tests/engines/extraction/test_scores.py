"""The accuracy the engine must keep on hand-labelled documents."""

import importlib.util
import json
from types import ModuleType
from typing import Any

import pytest

from kechuang.engines.extraction import extract

from .documents import SHARED, sample_texts

FLOORS = {
    "target_strict": 0.93,
    "benefit_strict": 0.90,
    "task_title": 0.97,
    "task_units": 0.97,
    "fund_value": 0.90,
    "facility_recall": 0.85,
}


def scorer() -> ModuleType:
    path = SHARED / "bin" / "score_extraction.py"
    if not path.exists():
        pytest.skip(f"no scoring script at {path}")
    spec = importlib.util.spec_from_loader("score_extraction", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    source = path.read_text("utf-8").replace("\nmain(sys.argv[1:])", "\n")
    exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - it runs its main when imported
    return module


def labelled() -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (file.name.removesuffix(".jsonl"), [json.loads(line) for line in file.read_text("utf-8").splitlines()])
        for file in sorted((SHARED / "gold").glob("*.jsonl"))
    ]


def test_scores_stay_above_the_floors() -> None:
    texts, score = sample_texts(), scorer().score
    labels = labelled()
    if not labels:
        pytest.skip(f"no labelled documents in {SHARED / 'gold'}")
    for name, gold in labels:
        result = score(gold, list(extract(texts[name]).records()))
        for measure, floor in FLOORS.items():
            value = result[measure]["f1"] if isinstance(result[measure], dict) else result[measure]
            assert value >= floor, f"{name}: {measure} is {value}"
        assert all(result["meta"].values()), f"{name}: {result['meta']}"
        good, _, rows = result.get("ledger_rows_exact", "0/0").partition("/")
        assert good == rows, f"{name}: {good} of {rows} ledger rows"

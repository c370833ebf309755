"""How long an edit takes in the sandbox: python benchmarks/sandbox/run.py [--subjects 1000000]

Makes synthetic subjects with every fact of the pack's catalogue, and turns numbers of its rules one after the other:
what is left to compute of the changed rule and its group, counts by county, size and industry, who moves. Prints one
JSON line per rule: the first answer (from the file) and the median of the edits, in seconds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kechuang.engines.rules import scenarios
from kechuang.engines.rules.facts import coded
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.ruleset import load_rules
from kechuang.kit.packs import Pack, load_pack

COUNTIES = [f"4113{number:02d}" for number in (2, 3, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 81)]
EDITS = 9


def synthetic(pack: Pack, count: int, path: Path) -> dict[str, Kind]:
    """A frame with every fact of the pack, about a tenth unknown; gives the kinds by code."""
    random = np.random.default_rng(20221)
    columns: dict[str, Any] = {"subject": np.arange(count)}
    kinds: dict[str, Kind] = {}
    for fact in pack.facts:
        kinds[fact.code] = fact.engine_kind
        columns[fact.code] = _column(fact, count, random)
    frame = pl.DataFrame(columns)
    known = [pl.when(pl.Series(random.random(count) >= 0.1)).then(pl.col(code)).alias(code) for code in kinds]
    for start in range(0, len(known), 20):
        frame = frame.with_columns(known[start : start + 20])
    codes = [code for code, kind in kinds.items() if kind == Kind.TEXT]
    coded(frame.lazy(), codes).sink_parquet(path, compression="zstd")
    return kinds


def _column(fact: Any, count: int, random: Any) -> Any:
    match fact.engine_kind:
        case Kind.BOOLEAN:
            return random.random(count) < 0.5
        case Kind.DATE:
            days = random.integers(0, 9000, count)
            return pl.Series(days).cast(pl.Int32).cast(pl.Date).dt.offset_by("10000d")
        case Kind.TEXT:
            if fact.kind == "region":
                return pl.Series(COUNTIES).gather(random.integers(0, len(COUNTIES), count))
            if fact.kind == "industry":
                return pl.Series([f"C{n}" for n in range(13, 44)] + ["I65", "M73"]).gather(
                    random.integers(0, 33, count)
                )
            codes = [choice.code for choice in getattr(fact, "choices", ())] or ["x"]
            return pl.Series(codes).gather(random.integers(0, len(codes), count))
    if fact.kind == "ratio":
        return random.random(count)
    return np.round(random.lognormal(16 if fact.kind == "money" else 3, 1.6, count))


def measure(path: Path, family: scenarios.Family) -> dict[str, Any]:
    """First answer and edits of one rule."""
    started = time.perf_counter()
    frame = pl.scan_parquet(path)
    base = scenarios.base_of(frame, family, "subject")
    first = time.perf_counter() - started
    numbers = scenarios.numbers_of(family)
    times, moved = [], 0
    for turn in range(EDITS):
        number = numbers[turn * max(1, len(numbers) // EDITS) % len(numbers)]
        value = number.value * Decimal("1.2") if number.value else Decimal(1)
        whole = number.path.startswith("limits.")
        started = time.perf_counter()
        changes = scenarios.Changes({number.path: value.to_integral_value() if whole else value})
        new = scenarios.outcome(frame, base, scenarios.changed(family, changes))
        found = scenarios.compare(base, new)
        rows = scenarios.movers(base, new, "entering").height
        times.append(time.perf_counter() - started)
        moved += rows + found.leaving
    return {
        "rule": family.code, "rules": len(family.codes), "numbers": len(numbers), "first": round(first, 3),
        "edit_median": round(statistics.median(times), 3), "edit_slowest": round(max(times), 3), "moved": moved,
        "mib": round(base.size / 2**20),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=1_000_000)
    parser.add_argument("--pack", default="nanyang")
    parser.add_argument("--rules", nargs="*", help="only these")
    options = parser.parse_args()
    pack = load_pack(options.pack)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "facts.parquet")
        kinds = synthetic(pack, options.subjects, path)
        ruleset = load_rules(
            {
                "indicators": {figure.code: figure.expression for figure in pack.derived},
                "rules": [rule.raw for rule in pack.rules],
            }
        )
        slowest = 0.0
        for rule in ruleset.rules:
            family = scenarios.family_of(ruleset, rule.id, today=date(2024, 6, 1), declared=kinds)
            if (not options.rules or rule.id in options.rules) and scenarios.numbers_of(family):
                found = measure(path, family)
                slowest = max(slowest, found["edit_slowest"], found["first"])
                print(json.dumps(found, ensure_ascii=False), flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"subjects": options.subjects, "slowest": slowest, "peak_mib": round(peak)}))


if __name__ == "__main__":
    main()

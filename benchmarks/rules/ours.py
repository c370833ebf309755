"""Our side: facts by seed, the default engine on them, and one subject explained. Each call is a process of its own,
so that its peak memory is its own."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from spec import CODES, DAYS, FLAGS, INDICATORS, NUMBERS, rule_file

from kechuang.engines.rules.evaluate import results
from kechuang.engines.rules.facts import coded
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import load_rules

TODAY = date(2025, 6, 30)
UNKNOWN = 0.06
REGIONS = [
    411302,
    411303,
    411321,
    411322,
    411323,
    411324,
    411325,
    411326,
    411327,
    411328,
    411329,
    411330,
    411381,
    410402,
]
INDUSTRIES = ["C3921", "C3841", "C2740", "C3670", "I6510", "C3011", "C1411", "F5112", "M7320", "A0111"]
KINDS = {
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
    **dict.fromkeys(FLAGS, Kind.BOOLEAN),
    **dict.fromkeys(DAYS, Kind.DATE),
    **dict.fromkeys(CODES, Kind.TEXT),
}


def ready() -> Program:
    return prepare(load_rules(rule_file()), today=TODAY, declared=KINDS)


def drawn(rows: int, seed: int) -> dict[str, tuple[Any, Any]]:
    """Indicator → values and whether they are known."""
    random = np.random.default_rng(seed)
    made: dict[str, Any] = {"revenue": np.round(random.lognormal(17.5, 1.6, rows), 2)}
    made["revenue_y1"] = np.round(made["revenue"] / random.normal(1.15, 0.3, rows).clip(0.3), 2)
    made["revenue_y2"] = np.round(made["revenue_y1"] / random.normal(1.1, 0.3, rows).clip(0.3), 2)
    for name in ("rd_expense", "rd_expense_y1", "rd_expense_y2"):
        made[name] = np.round(made[name.replace("rd_expense", "revenue")] * random.beta(1.5, 25, rows), 2)
    made["hitech_revenue"] = np.round(made["revenue"] * random.beta(4, 2, rows), 2)
    made["total_assets"] = np.round(made["revenue"] * random.uniform(0.5, 2, rows), 2)
    made["net_assets"] = np.round(made["total_assets"] * random.uniform(0.2, 0.8, rows), 2)
    made["staff_count"] = random.lognormal(3.8, 1, rows).round()
    made["rd_staff_count"] = (made["staff_count"] * random.beta(2, 8, rows)).round()
    for name, mean in (("ip_class1", 0.5), ("ip_class2", 3.0), ("hnte_times", 0.9)):
        made[name] = random.poisson(mean, rows).astype(float)
    made["loan_interest"] = np.round(random.lognormal(10.5, 1.2, rows), 2)
    made["contract_sum"] = np.round(random.lognormal(12.5, 2, rows), 2)
    for name, share in zip(FLAGS, (0.35, 0.5, 0.05, 0.01, 0.4, 0.7), strict=True):
        made[name] = random.random(rows) < share
    made["registered_on"] = np.datetime64("1990-01-01") + random.integers(0, 12900, rows)
    made["region"] = random.choice(REGIONS, rows)
    made["industry"] = random.integers(0, len(INDUSTRIES), rows)
    return {name: (made[name], random.random(rows) >= UNKNOWN) for name in INDICATORS}


def frame(facts: dict[str, tuple[Any, Any]], first: int = 0) -> pl.DataFrame:
    columns = {"subject": pl.int_range(first, first + len(facts["revenue"][0]), eager=True)}
    for name, (values, known) in facts.items():
        column = pl.Series(values)
        if name == "region":
            column = column.cast(pl.String)
        elif name == "industry":
            column = pl.Series(INDUSTRIES).gather(column)
        columns[name] = pl.select(pl.when(pl.Series(known)).then(column)).to_series()
    return pl.DataFrame(columns)


def write(folder: Path, rows: int) -> None:
    """The facts for both sides: arrays for openfisca, a .parquet for us."""
    facts = drawn(rows, 7)
    numbers = np.array([(ord(code[0]) - 64) * 10000 + int(code[1:]) for code in INDUSTRIES])
    for name, (values, known) in facts.items():
        shown = numbers[values] if name == "industry" else values
        np.save(folder / f"{name}.npy", np.where(known, shown, np.zeros(1, shown.dtype)))
        np.save(folder / f"{name}_known.npy", known)
    coded(frame(facts).lazy(), CODES).sink_parquet(folder / "facts.parquet")


def write_parts(folder: Path, rows: int, at_once: int = 1_000_000) -> None:
    folder.mkdir(exist_ok=True)
    for part, first in enumerate(range(0, rows, at_once)):
        here = frame(drawn(min(at_once, rows - first), part), first)
        coded(here.lazy(), CODES).sink_parquet(folder / f"{part:04}.parquet", row_group_size=100_000)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def in_memory(folder: Path, times: int, parts: str) -> dict[str, Any]:
    """Answers and amounts of all rules for a frame in memory, as a frame in memory; with ``payable`` those too."""
    program = ready()
    left = [] if parts == "payable" else [f"{ready.rule.id}.payable" for ready in program.rules]
    given = pl.read_parquet(folder / "facts.parquet")
    seconds, used = [], []
    for _ in range(times):
        started, cpu = time.perf_counter(), time.process_time()
        found = results(given.lazy(), program, "subject").drop(left).collect(engine="streaming")
        seconds.append(time.perf_counter() - started)
        used.append(time.process_time() - cpu)
    rules = {
        each.rule.id: [
            int(found[each.rule.id].sum()),
            found[each.rule.id].null_count(),
            found[f"{each.rule.id}.amount"].sum() / 100,
        ]
        for each in program.rules
    }
    return {"seconds": seconds, "cpu": used, "peak_gib": peak(), "rules": rules}


def from_files(folder: Path) -> dict[str, Any]:
    """From .parquet files to one .parquet file, as a stream: memory does not grow with the subjects."""
    program = ready()
    started = time.perf_counter()
    results(pl.scan_parquet(folder / "*.parquet"), program, "subject").sink_parquet(folder.with_suffix(".result"))
    return {"seconds": time.perf_counter() - started, "peak_gib": peak()}


def explained(folder: Path) -> dict[str, Any]:
    """One subject, all rules with explanation, in a warm process."""
    from kechuang.engines.rules.explain import Explainer

    explainer = Explainer(ready())
    rows = pl.read_parquet(folder / "facts.parquet", n_rows=1000).to_dicts()
    taken = []
    for row in rows:
        started = time.perf_counter()
        explainer.explain(row)
        taken.append(time.perf_counter() - started)
    half = taken[len(taken) // 2 :]
    return {"median_ms": statistics.median(half) * 1000, "p95_ms": sorted(half)[int(len(half) * 0.95)] * 1000}


if __name__ == "__main__":
    task, place, *rest = sys.argv[1:]
    match task:
        case "write":
            write(Path(place), int(rest[0]))
        case "write-parts":
            write_parts(Path(place), int(rest[0]))
        case "in-memory":
            print(json.dumps(in_memory(Path(place), int(rest[0]), rest[1])))
        case "from-files":
            print(json.dumps(from_files(Path(place))))
        case "explain":
            print(json.dumps(explained(Path(place))))

"""Runs both sides in turn, each in a process of its own, and says what came out."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def said(*command: str) -> Any:
    done = subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout.strip() else None


def ours(*arguments: str) -> Any:
    return said(sys.executable, "ours.py", *arguments)


def compared(folder: Path, openfisca: str, rounds: int) -> None:
    best: dict[str, list[float]] = {"ours": [], "ours+payable": [], "plain": [], "tuned": []}
    cpu: dict[str, list[float]] = {side: [] for side in best}
    peak: dict[str, float] = {}
    counts: dict[str, Any] = {}
    for _ in range(rounds):
        for side in best:
            if side.startswith("ours"):
                told = ours("in-memory", str(folder), "5", side.partition("+")[2])
            else:
                told = said(openfisca, "openfisca_side.py", str(folder), "3", side)
            best[side] += told["seconds"]
            cpu[side] += told["cpu"]
            peak[side] = max(peak.get(side, 0), told["peak_gib"])
            counts[side] = told["rules"]
    for side, seconds in best.items():
        used = f"{min(cpu[side]):.3f} s of processor, peak {peak[side]:.2f} GiB"
        print(f"{side:>12}: {min(seconds):.3f} s best of {len(seconds)}, {used}")
    for side in ("plain", "tuned"):
        print(f"ours takes 1/{min(best[side]) / min(best['ours']):.1f} of openfisca ({side})")
        agreed = [name for name, found in counts["ours"].items() if found[:2] == counts[side][name][:2]]
        print(f"yes and unknown agree for {len(agreed)} of {len(counts['ours'])} rules (openfisca reckons in float32)")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("openfisca")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=int, nargs="*", default=[10**4, 10**5, 10**6, 10**7])
    chosen = parser.parse_args()
    folder = chosen.work / "facts"
    folder.mkdir()
    ours("write", str(folder), str(chosen.rows))
    print(
        f"30 rules, {chosen.rows:,} subjects, 25 indicators; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    compared(folder, chosen.openfisca, chosen.rounds)
    told = ours("explain", str(folder))
    print(f"one subject, all rules explained: median {told['median_ms']:.2f} ms, 95% {told['p95_ms']:.2f} ms")
    for rows in chosen.scale:
        place = chosen.work / f"parts-{rows}"
        ours("write-parts", str(place), str(rows))
        told = ours("from-files", str(place))
        each = told["seconds"] / rows * 1e6
        print(f"{rows:>12,} in files: {told['seconds']:.2f} s, {each:.2f} µs each, peak {told['peak_gib']:.2f} GiB")
        for file in place.glob("*"):
            file.unlink()
        place.with_suffix(".result").unlink()


if __name__ == "__main__":
    main()

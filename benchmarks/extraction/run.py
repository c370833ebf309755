"""How fast and how right the extraction engine is: ``python benchmarks/extraction/run.py [DOCUMENT …]``.

Speed: megabytes of UTF-8 a second on one core, over the sample (or the documents named), beside what one pass of the
same machine over the same text costs at the least: splitting it into lines, and one scan with one regular expression.
Accuracy: per kind, against the labels of the sample, which is our own writing.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "src"))

from kechuang.engines.extraction import extract  # noqa: E402
from kechuang.engines.extraction.text import read_document  # noqa: E402

SCAN = re.compile(r"\d+(?:\.\d+)?[万亿]?[元家个项名%]|[。；]")


def best_of(times: int, work: Callable[[], object]) -> float:
    """Processor seconds of the quickest of several runs: the others were disturbed by something else."""
    seconds = []
    for _ in range(times):
        begun = time.process_time()
        work()
        seconds.append(time.process_time() - begun)
    return min(seconds)


def speed(texts: list[str]) -> None:
    size = sum(len(text.encode()) for text in texts)
    rounds = max(1, 400_000 // size)
    passes: dict[str, Callable[[str], object]] = {
        "extract": extract,
        "one regular expression": lambda text: sum(1 for _ in SCAN.finditer(text)),
        "str.splitlines": str.splitlines,
    }
    for name, work in passes.items():
        seconds = best_of(5, lambda work=work: [work(text) for text in texts for _ in range(rounds)])  # type: ignore[misc]
        print(f"{name:24} {size * rounds / seconds / 1e6:10.2f} MB/s")


def accuracy(text: str, labels: list[dict[str, Any]]) -> None:
    records = list(extract(text).records())
    print(f"{'kind':10} {'precision':>9} {'recall':>9} {'labels':>7}")
    for kind in dict.fromkeys(label["kind"] for label in labels):
        wanted = [label for label in labels if label["kind"] == kind]
        found = [record for record in records if record["kind"] == kind]
        free, hits = list(found), 0
        for label in wanted:
            match = next((r for r in free if all(r[name] == value for name, value in label.items())), None)
            if match is None:
                print(f"  missed: {json.dumps(label, ensure_ascii=False)}")
                continue
            free.remove(match)
            hits += 1
        print(f"{kind:10} {hits / max(1, len(found)):9.3f} {hits / len(wanted):9.3f} {len(wanted):7}")


def main() -> None:
    sample = (HERE / "sample.txt").read_text("utf-8")
    labels = [json.loads(line) for line in (HERE / "sample.jsonl").read_text("utf-8").splitlines()]
    speed([read_document(Path(name), name) for name in sys.argv[1:]] or [sample])
    print()
    accuracy(sample, labels)


if __name__ == "__main__":
    main()

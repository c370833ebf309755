"""``kechuang evaluate`` and ``kechuang explain`` as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

RULES = """
indicators:
  rd_intensity: rd_expense / revenue
rules:
  - id: hnte-first
    title: 首次认定高新技术企业补助
    valid: [2022-08-26, null]
    when: ["hnte_valid", "hnte_times = 1"]
    amount: "100000"
    group: hnte
  - id: research
    when: ["rd_intensity >= 0.05", "region IN ('411302')"]
    amount: "LEAST(rd_expense * 0.1, 1000000)"
    group: hnte
"""
FACTS = """id,hnte_valid,hnte_times,rd_expense,revenue,region
甲,true,1,5000000,100000000,411302
乙,,1,1,0,411302
丙,false,2,,100,411303
丁,true,2,70.55,100,411302
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "facts.csv").write_text(FACTS, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kechuang.site.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, check=False)


def evaluate(folder: Path, facts: str = "facts.csv", *options: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "evaluate", "rules.yaml", facts, "--out", "result.parquet", *options)


def test_answers_amounts_and_counts(files: Path) -> None:
    done = evaluate(files)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["subjects"], told["engine"]) == (4, "polars")
    assert told["rules"] == {
        "hnte-first": {"yes": 1, "no": 2, "unknown": 1, "amount": 100000, "payable": 0},
        "research": {"yes": 2, "no": 1, "unknown": 1, "amount": 500007.06, "payable": 500007.06},
    }
    rows = pl.read_parquet(files / "result.parquet").rows_by_key("id", named=True, unique=True)
    assert rows["甲"]["hnte-first.amount"] == Decimal(100000)
    assert rows["甲"]["hnte-first.payable"] == 0
    assert rows["乙"]["hnte-first"] is None
    assert rows["乙"]["research"] is None, "division by zero is unknown"
    assert rows["丁"]["research.payable"] == Decimal("7.06")


@pytest.mark.parametrize("facts", ["facts.parquet"])
def test_a_parquet_file_answers_alike(files: Path, facts: str) -> None:
    pl.read_csv(files / "facts.csv", schema_overrides={"region": pl.String}).write_parquet(files / facts)
    assert json.loads(evaluate(files, facts).stdout)["rules"] == json.loads(evaluate(files).stdout)["rules"]


def test_explain(files: Path) -> None:
    done = run(files, "explain", "rules.yaml", "facts.csv", "--id", "乙", "--rule", "hnte-first")
    assert done.returncode == 0
    told = json.loads(done.stdout)["rules"]["hnte-first"]
    assert told["answer"] is None
    assert told["missing"] == ["hnte_valid"]
    assert told["criteria"][1] == {
        "text": "hnte_times = 1",
        "answer": True,
        "values": {"hnte_times": 1},
        "missing": [],
        "gap": {},
    }


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (
            ("hnte_times = 1", "hnte_tmes = 1"),
            1,
            "rule hnte-first, condition 2: unknown indicator “hnte_tmes”. Is “hnte_t",
        ),
        (('"hnte_valid"', '"(SELECT 1) = 1"'), 1, "cannot look anything up"),
        (("hnte_times = 1", "region > 5"), 1, "rule "),
        (("id: research", "id: hnte-first"), 1, "stands twice"),
        (("rules:", "rules: ["), 2, "line"),
        (("2022-08-26", "2022-13-01"), 2, "Days are written 2025-12-31"),
    ],
)
def test_a_rule_in_error_is_told_in_one_line(files: Path, change: tuple[str, str], status: int, said: str) -> None:
    (files / "rules.yaml").write_text(RULES.replace(*change, 1), encoding="utf-8")
    done = evaluate(files)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (files / "result.parquet").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("戊,true,viele,1,1,411302", "row 5, hnte_times: “viele” is not a number"),
        ("甲,true,1,1,1,411302", "the subject “甲” stands in several rows"),
    ],
)
def test_a_fact_in_error_names_its_row(files: Path, line: str, said: str) -> None:
    (files / "facts.csv").write_text(FACTS + line + "\n", encoding="utf-8")
    done = evaluate(files)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert not (files / "result.parquet").exists()


def test_the_day_decides_what_is_in_force(files: Path) -> None:
    done = evaluate(files, "facts.csv", "--on", "2020-01-01")
    assert json.loads(done.stdout)["rules"]["hnte-first"]["yes"] == 0
    assert "not in force on 2020-01-01" in done.stderr


def test_missing_files_are_said_so(files: Path) -> None:
    assert evaluate(files, "none.csv").returncode == 2
    assert run(files, "explain", "rules.yaml", "facts.csv", "--id", "无").returncode == 1

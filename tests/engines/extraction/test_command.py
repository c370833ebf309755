"""The command line and its formats."""

import json
from pathlib import Path

import pytest

from kechuang.engines.extraction import extract
from kechuang.engines.extraction.__main__ import main
from kechuang.engines.extraction.report import render

TEXT = (
    "云溪市2024年工作要点\n一、重点任务\n"
    "1.建设平台。到2025年，建成中试平台6个。对新认定的平台给予20万元补助。（责任单位：市科技局）\n"
)

KEYS = {
    "meta": ["kind", "title", "doc_number", "issuer", "date"],
    "task": ["kind", "where", "path", "number", "title", "lead", "units", "deadline", "quote", "start", "end"],
    "target": [
        "kind",
        "indicator",
        "comparator",
        "value",
        "value_max",
        "unit",
        "period",
        "scope",
        "change",
        "quote",
        "start",
        "end",
    ],
    "benefit": [
        "kind",
        "beneficiary",
        "form",
        "comparator",
        "amount",
        "amount_max",
        "rate",
        "rate_max",
        "rate_base",
        "per",
        "payer",
        "condition",
        "quote",
        "start",
        "end",
    ],
    "fund": ["kind", "name", "amount", "per", "payer", "quote", "start", "end"],
    "facility": ["kind", "name", "type", "quote", "start", "end"],
}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    file = tmp_path / "要点.txt"
    file.write_text(TEXT, "utf-8")
    return file


def test_json_lines_have_the_public_fields(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document)]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {record["kind"] for record in records} >= {"meta", "task", "target", "benefit"}
    for record in records:
        assert list(record) == KEYS[record["kind"]]
        if "quote" in record:
            assert TEXT[record["start"] : record["end"]] == record["quote"]


def test_the_text_that_offsets_refer_to(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document), "--text"]) == 0
    assert capsys.readouterr().out == TEXT


def test_other_formats() -> None:
    extraction = extract(TEXT)
    assert json.loads("\n".join(render(extraction, "json"))) == list(extraction.records())
    table = list(render(extraction, "table"))
    assert table[0].startswith("云溪市2024年工作要点")
    assert any("200000元" in line for line in table)
    with pytest.raises(ValueError, match="unknown format"):
        list(render(extraction, "xml"))


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n", "utf-8")
    assert main([str(empty)]) == 1
    assert main([str(tmp_path / "absent.txt")]) == 2
    picture = tmp_path / "picture.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    assert main([str(picture)]) == 2
    messages = capsys.readouterr().err.splitlines()
    assert len(messages) == 3
    assert not any("Traceback" in message for message in messages)
    with pytest.raises(SystemExit) as caught:
        main(["--format", "xml", str(empty)])
    assert caught.value.code == 2

"""The command line, as other programs see it: output, errors, exit statuses, and what it costs to start."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from kechuang import __version__
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, User
from kechuang.kit.packs import Pack
from kechuang.site import setup
from kechuang.site.cli import app, reference
from kechuang.site.models import Load

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = """南阳市人民政府关于加快科技创新的意见

一、主要目标
到2025年，全社会研发经费投入强度达到2.4%以上。

二、重点任务
（一）培育创新主体。对首次认定的高新技术企业，一次性奖励10万元。
责任单位：市科技局、财政局
"""


def kechuang(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kechuang.site.cli", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False, **options)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "意见.txt"
    path.write_text(DOCUMENT, "utf-8")
    return path


def test_version() -> None:
    assert kechuang("--version").stdout == f"kechuang {__version__}\n"


def test_extract_prints_records_whose_quotes_are_the_text(document: Path) -> None:
    text = kechuang("extract", str(document), "--text").stdout
    assert text == DOCUMENT
    run = kechuang("extract", str(document))
    assert run.returncode == 0
    assert run.stderr == ""
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert records[0]["kind"] == "meta"
    items = records[1:]
    assert {item["kind"] for item in items} >= {"task", "target", "benefit"}
    assert all(text[item["start"] : item["end"]] == item["quote"] for item in items)


def test_extract_in_other_forms(document: Path) -> None:
    records = json.loads(kechuang("extract", str(document), "--format", "json").stdout)
    lines = kechuang("extract", str(document), "--format", "jsonl").stdout.splitlines()
    assert records == [json.loads(line) for line in lines]
    assert "\t" in kechuang("extract", str(document), "--format", "table").stdout


def test_a_document_without_text_is_status_1(tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    run = kechuang("extract", str(empty))
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"kechuang extract: {empty}: there is no text in this document\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("extract", "/no/such/document.txt"),
        ("extract", "/"),
        ("extract",),
        ("extract", __file__, "--format", "yaml"),
        ("extract", __file__, "--no-such-option"),
        ("no-such-command",),
        ("pack", "check", "no-such-pack"),
        ("postgres",),
        ("postgres", "no-such-program"),
    ],
)
def test_what_cannot_be_used_is_status_2_and_one_line(arguments: tuple[str, ...]) -> None:
    run = kechuang(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1, run.stderr


def test_a_reader_that_stops_reading_causes_no_traceback(document: Path) -> None:
    document.write_text(DOCUMENT * 2000, "utf-8")
    pipe = f"{sys.executable} -m kechuang.site.cli extract '{document}' | head -n 1"
    run = subprocess.run(["/bin/bash", "-c", pipe], capture_output=True, text=True, timeout=60, check=False)
    assert len(run.stdout.splitlines()) == 1
    assert run.stderr == ""


def test_engines_start_without_django(document: Path) -> None:
    program = (
        "import sys; from kechuang.site.cli import main\n"
        f"status = main(['extract', {str(document)!r}])\n"
        "heavy = {'django', 'psycopg', 'rich'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else status)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr


def test_starts_quickly() -> None:
    def seconds() -> float:
        """Of the processor, so that a busy machine does not count."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = seconds()
    kechuang("--version")
    assert seconds() - before < 0.5


def test_shipped_packs_are_in_order() -> None:
    run = kechuang("pack", "check")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["nanyang: in order", "national: in order", "pingdingshan: in order"]


def test_a_broken_pack_is_told_file_place_and_message(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("name: broken\n", "utf-8")
    run = kechuang("pack", "check", str(tmp_path))
    assert run.returncode == 1
    assert "pack.yaml" in run.stderr


def test_every_command_and_option_says_what_it_does() -> None:
    for path, command in reference.commands(typer.main.get_command(app), ("kechuang",)):
        assert command.help, f"{' '.join(path)} has no help"
        for parameter in command.params:
            assert parameter.help, f"{' '.join(path)}: {parameter.name} has no help"


def test_the_reference_describes_the_commands_as_they_are() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    assert page == reference.page(), "run script/reference"


@pytest.mark.django_db
def test_a_pack_is_loaded_once_and_again_after_a_change(nanyang: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not setup.is_current("national", Load.Content.PACK)
    labels: list[str] = []
    setup.load_pack("national", started=labels.append)
    assert labels
    assert Region.objects.exists()
    assert setup.is_current("national", Load.Content.PACK)
    assert not setup.is_current("national", Load.Content.DEMO)
    assert setup.last_pack() == "national"
    monkeypatch.setattr(setup, "__version__", "9.9.9")
    assert not setup.is_current("national", Load.Content.PACK)


@pytest.mark.django_db
def test_an_administrator_is_made_and_made_again() -> None:
    setup.make_administrator("chief", "long-enough-and-unlike")
    user = setup.make_administrator("chief", "another-long-password")
    assert user.check_password("another-long-password")
    assert User.objects.filter(username="chief").count() == 1
    assert actor_for(user).roles == {"platform_admin"}


@pytest.mark.django_db
def test_migrating_a_current_database_does_nothing() -> None:
    assert setup.unapplied() == set()
    assert not setup.migrate()

"""Commands that need neither Django nor a database."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kechuang.site.cli.console import complain, fail


class Format(StrEnum):
    JSONL = "jsonl"
    TABLE = "table"
    JSON = "json"


def extract(
    document: Annotated[Path, typer.Argument(help="A .txt, .docx, .pdf or .html document.")],
    form: Annotated[
        Format, typer.Option("--format", help="One JSON record a line, a table to read, or one JSON list.")
    ] = Format.JSONL,
    text: Annotated[bool, typer.Option("--text", help="Print the text that the offsets refer to, and stop.")] = False,
) -> None:
    """Print the tasks, targets, benefits, funds and facilities that a policy document sets, each with its sentence.

    Exit status 1 where the document holds no text, 2 where it cannot be read.
    """
    from kechuang.engines.extraction import extract as run
    from kechuang.engines.extraction.report import render
    from kechuang.engines.extraction.text import UnreadableDocument, read_document

    try:
        content = read_document(document, str(document))
    except UnreadableDocument as error:
        fail(str(error), command="extract", status=2)
    if text:
        sys.stdout.write(content)
        return
    if not content.strip():
        fail(f"{document}: there is no text in this document", command="extract", status=1)
    for line in render(run(content), form.value):
        print(line)


def check(
    packs: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|PATH]...", help="Shipped packs or directories; all by default.")
    ] = None,
) -> None:
    """Say in plain words what is wrong with packs, and where. Exit status 1 where anything is."""
    from kechuang.kit.packs import available_packs, check_pack

    broken = False
    for name in packs or available_packs():
        problems = check_pack(name)
        for problem in problems:
            complain(f"{problem}", command=name)
        if any(problem.code == "pack-missing" and not problem.place for problem in problems):
            raise typer.Exit(2)
        broken = broken or bool(problems)
        if not problems:
            print(f"{name}: in order")
    if broken:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command()(extract)

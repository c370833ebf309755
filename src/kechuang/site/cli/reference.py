"""The commands as a page of Markdown, told by the commands themselves so that it cannot go out of date."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import typer
from typer.testing import CliRunner

PLAIN = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}
INTRODUCTION = """
# Command line

Written by `script/reference` from the commands themselves.

Results go to stdout, everything else to stderr. Exit status: 0 done; 1 the input has no valid answer, and stderr says
why; 2 unusable arguments or an unreadable file, told in one line. Long work shows a progress bar where stderr is a
terminal. The commands that use the database take it from `DATABASE_URL`; where that is unset they start the embedded
PostgreSQL of `KECHUANG_HOME` (by default `var` below the working directory) and stop it again.
"""


def page() -> str:
    """The whole page."""
    sections = [cleandoc(INTRODUCTION)]
    for path, command in commands(typer.main.get_command(_app()), ("kechuang",)):
        sections.append(_section(path, command))
    return "\n\n".join(sections) + "\n"


def commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below this one, depth first, in the order in which the help lists them."""
    for name, below in getattr(command, "commands", {}).items():
        if getattr(below, "commands", None):
            yield from commands(below, (*path, name))
        else:
            yield (*path, name), below


def _section(path: tuple[str, ...], command: Any) -> str:
    if not command.add_help_option:
        return f"## `{' '.join(path)} ...`\n\n{cleandoc(command.help or '').replace('``', '`')}"
    shown = CliRunner().invoke(_app(), [*path[1:], "--help"], prog_name="kechuang", env=PLAIN).output
    return f"## `{' '.join(path)}`\n\n```text\n{cleandoc(shown)}\n```"


def _app() -> typer.Typer:
    from kechuang.site.cli import app

    return app

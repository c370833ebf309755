"""The command line. What a command needs is imported when it runs: the engines' commands start without Django."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Annotated

import typer

from kechuang import __version__
from kechuang.site.cli import data, engines, rules, server
from kechuang.site.cli.console import complain

app = typer.Typer(
    name="kechuang",
    help="Kechuang: a city's innovation-policy documents compile into the running service.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"kechuang {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


for module in (server, data, engines, rules):
    module.add_to(app)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and give its exit status: 0 done, 1 no valid answer, 2 unusable arguments or file."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    try:
        status = typer.main.get_command(app).main(arguments, prog_name="kechuang", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as error:
        return _explain(error)
    return status if isinstance(status, int) else 0


def _explain(error: Exception) -> int:
    """Unusable arguments in one line, refusals in their own words; anything else is a bug to see whole."""
    if hasattr(error, "format_message"):  # the argument parser's own errors
        message = error.format_message()
        if message:  # empty where only the help was asked for, which is already shown
            context = getattr(error, "ctx", None)
            complain(message, command=context.command_path if context else "kechuang")
        return int(getattr(error, "exit_code", 2))
    from kechuang.site.postgres import PostgresError

    domain = sys.modules.get("kechuang.kit.errors")
    if isinstance(error, PostgresError) or (domain and isinstance(error, domain.DomainError)):
        complain(str(error))
        return 1
    raise error

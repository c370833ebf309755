"""What commands say: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer


def complain(message: str, *, command: str = "kechuang") -> None:
    """One line on stderr, begun with the command as programs do."""
    print(f"{command}: {' '.join(message.split())}", file=sys.stderr)


def fail(message: str, *, command: str, status: int) -> NoReturn:
    """Complain and end the command with this exit status."""
    complain(message, command=f"kechuang {command}")
    raise typer.Exit(status)


@contextmanager
def counting(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar over a number of things where stderr is a terminal, else a line for each tenth of them."""
    if not sys.stderr.isatty():
        told = 0

        def tell(done: int) -> None:
            nonlocal told
            if done * 10 // total > told:
                told = done * 10 // total
                print(f"  {label}: {done:,} of {total:,}", file=sys.stderr, flush=True)

        yield tell
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(label, total=total)
        yield lambda done: progress.update(bar, completed=done)


@contextmanager
def stages(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar over named stages where stderr is a terminal, else a line for each stage."""
    if not sys.stderr.isatty():
        yield lambda label: print(f"  {label} …", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=total)
        begun = 0

        def advance(label: str) -> None:
            nonlocal begun
            progress.update(bar, description=label, completed=begun)
            begun += 1

        yield advance
        progress.update(bar, completed=total)

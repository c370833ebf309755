"""Commands that run until they are told to stop."""

from __future__ import annotations

from typing import Annotated

import typer

from kechuang.site.cli.console import counting, fail, stages
from kechuang.site.cli.data import Enterprises, connected, readable

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for every network.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many web processes answer.")]


def up(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    pack: Annotated[
        str | None, typer.Option(metavar="NAME|PATH", help="The city; by default the one loaded last, else nanyang.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Load the pack but no demonstration.")] = False,
    enterprises: Enterprises = None,
    workers: Workers = 1,
) -> None:
    """Set up everything, serve, and take everything down on Ctrl-C."""
    from kechuang.site import serve

    if not serve.is_free(host, port):
        fail(f"port {port} is in use. Choose another one with --port.", command="up", status=2)
    with readable("up"):
        wanted = serve.Wanted(pack=pack, demo=not empty, enterprises=enterprises)
        status = serve.up(host=host, port=port, wanted=wanted, workers=workers, stages=stages, counting=counting)
    raise typer.Exit(status)


def web(port: Port = 8000, host: Host = "127.0.0.1", workers: Workers = 1) -> None:
    """Answer web requests only; jobs need a worker beside it. For production: behind a proxy, as many as needed."""
    from kechuang.site import processes

    with connected():
        processes.run_web(host=host, port=port, workers=workers)


def worker(
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="How many jobs run side by side.")] = 2,
) -> None:
    """Work through the jobs only. As many as needed, beside one database."""
    from kechuang.site import processes

    with connected():
        processes.run_worker(concurrency=concurrency)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    for command in (up, web, worker):
        app.command()(command)

"""Commands about what is in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from kechuang.site.cli.console import counting, fail, stages
from kechuang.site.cli.engines import check

pack = typer.Typer(help="A city's particulars: check them, load them.", no_args_is_help=True, rich_markup_mode=None)
pack.command("check")(check)


Enterprises = Annotated[
    int | None,
    typer.Option(min=0, max=1_000_000, help="How many invented enterprises there are; beyond 6,000 for load."),
]


@contextmanager
def connected() -> Iterator[None]:
    """Inside, the database answers and Django is ready."""
    import os

    from kechuang.site.home import home
    from kechuang.site.postgres import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kechuang.site.settings")
    with database(home()):
        import django

        django.setup()
        from django.db import connections

        try:
            yield
        finally:
            connections.close_all()


@contextmanager
def readable(command: str) -> Iterator[None]:
    """A pack that cannot be read ends the command with its problems."""
    from kechuang.kit.packs import PackError

    try:
        yield
    except PackError as error:
        fail(str(error), command=command, status=2)


@pack.command("load")
def load(
    name: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A shipped pack, or a directory with a pack.yaml.")],
) -> None:
    """Bring a pack into the database. Loading again brings up to date what is there and doubles nothing."""
    with connected():
        from kechuang.kit.loading import pack_loader
        from kechuang.site import setup

        setup.migrate()
        with stages(len(pack_loader)) as stage, readable("pack load"):
            setup.load_pack(name, started=stage)


def demo(
    seed: Annotated[int, typer.Option(help="The same seed gives the same demonstration.")] = 1,
    pack: Annotated[str, typer.Option(metavar="NAME|PATH", help="The city to demonstrate.")] = "nanyang",
    enterprises: Enterprises = None,
) -> None:
    """Fill the platform with an invented demonstration, marked as such, through the same functions as its users."""
    with connected():
        from kechuang.kit.loading import demo_step, pack_loader
        from kechuang.site import setup

        setup.migrate()
        with readable("demo"):
            if enterprises is not None:
                setup.invent_at_most(enterprises)
            with stages(len(pack_loader) + len(demo_step)) as stage:
                setup.load_pack(pack, started=stage)
                setup.load_demo(pack, seed=seed, started=stage)
            if enterprises:
                with counting("Enterprises", enterprises) as written:
                    setup.load_enterprises(pack, enterprises, seed=seed, written=written)


def administrator(
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="KECHUANG_PASSWORD",
            help="Asked for if not given.",
        ),
    ],
) -> None:
    """Make an account that may do everything, or give an existing one that role and this password."""
    with connected():
        from django.core.exceptions import ValidationError

        from kechuang.site import setup

        setup.migrate()
        try:
            setup.make_administrator(username, password)
        except ValidationError as error:
            fail(" ".join(error.messages), command="administrator", status=1)


def migrate() -> None:
    """Bring the database to the shape that this version needs."""
    with connected():
        from kechuang.site import setup

        setup.migrate()


def manage(context: typer.Context) -> None:
    """Run a command of Django, such as ``kechuang manage shell`` or ``kechuang manage changepassword NAME``."""
    with connected():
        from django.core.management import execute_from_command_line

        execute_from_command_line(["kechuang manage", *context.args])


def postgres(context: typer.Context) -> None:
    """Run a program of PostgreSQL on the platform's database, such as ``kechuang postgres psql`` or ``… pg_dump``.

    Address and password come from the environment that the program is given, not from its arguments.
    """
    import os
    import subprocess

    from kechuang.site.home import home
    from kechuang.site.postgres import database
    from kechuang.site.postgres.host import client_environment, find_binaries

    if not context.args:
        fail("name a program: psql, pg_dump or pg_restore", command="postgres", status=2)
    program = find_binaries().path / context.args[0]
    if not program.is_file():
        fail(f"there is no program {context.args[0]} in {program.parent}", command="postgres", status=2)
    with database(home()):
        environment = {**os.environ, **client_environment(os.environ["DATABASE_URL"])}
        status = subprocess.run([program, *context.args[1:]], env=environment, check=False).returncode  # noqa: S603
    raise typer.Exit(status)


def add_to(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.add_typer(pack, name="pack")
    app.command()(demo)
    app.command()(administrator)
    app.command()(migrate)
    raw = {"allow_extra_args": True, "ignore_unknown_options": True}
    for command in (manage, postgres):
        app.command(context_settings=raw, add_help_option=False)(command)

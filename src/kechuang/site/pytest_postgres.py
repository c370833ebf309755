"""pytest plugin: where DATABASE_URL is unset, the tests run on an embedded PostgreSQL of their own.

Loaded early (``-p kechuang.site.pytest_postgres``), because the settings are read before any conftest. Workers of
pytest-xdist inherit the address from the process that started them.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kechuang.site.postgres import database

_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Before pytest-django reads the settings."""
    os.environ.setdefault("KECHUANG_DEMO_ENTERPRISES", "60")
    if not os.environ.get("DATABASE_URL"):
        home = os.environ.setdefault("KECHUANG_HOME", str(Path("var", "test").resolve()))
        _running.enter_context(database(Path(home), durable=False))
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """After the last connection is closed."""
    _running.close()

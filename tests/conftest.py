"""Fixtures that every test may use: the Nanyang pack in a real PostgreSQL, and one person per role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings

from kechuang.apps.directory.domain.accounts import create_role_accounts
from kechuang.apps.directory.domain.packs import load_directory
from kechuang.apps.directory.models import User
from kechuang.kit.packs import Pack, load_pack
from kechuang.kit.permissions import SYSTEM

LONG = ("tests/e2e/", "tests/site/test_permission_matrix.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a worker longest comes first, so that the others share the rest meanwhile."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Modules are shared out among the workers, but the browser tests stay together: they share one platform."""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/e2e" if nodeid.startswith("tests/e2e/") else str(super()._split_scope(nodeid))

    return Together(config, log)


@pytest.fixture(autouse=True, scope="session")
def emptied_between_transactional_tests() -> Iterator[None]:
    """A ``transaction=True`` test ends with TRUNCATE, which append-only tables refuse and the queue's tables miss."""
    with pytest.MonkeyPatch.context() as patch:
        plain = TransactionTestCase._fixture_teardown

        def teardown(case: TransactionTestCase) -> None:
            with pgtrigger.ignore("kit.StepLog:never_emptied"):
                plain(case)
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")

        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """The real hasher is slow on purpose: nine accounts for each test would take seconds."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def nanyang() -> Pack:
    return load_pack("nanyang")


@pytest.fixture
def pack(db: None, nanyang: Pack) -> Pack:
    """The regions and units of Nanyang, in the database."""
    load_directory(nanyang, SYSTEM)
    return nanyang


@pytest.fixture
def people(pack: Pack) -> dict[str, User]:
    """One account per role, by the role's name."""
    return create_role_accounts(pack, SYSTEM)


@pytest.fixture
def client_as(people: dict[str, User]) -> Callable[[str], Client]:
    """A browser session of the person with this role; ``public`` is nobody."""

    def sign_in(role: str) -> Client:
        client = Client()
        if role != "public":
            client.force_login(people[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in

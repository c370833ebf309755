"""The demonstration city as a fixture: loaded once per module by the steps that a trial runs, rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from kechuang.apps.directory.domain.accounts import DEMO_ACCOUNTS
from kechuang.apps.directory.models import User
from kechuang.kit.loading import load_demo, load_pack
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM

ACCOUNTS = {account.role.value: account.username for account in DEMO_ACCOUNTS}


@pytest.fixture(scope="module")
def city(nanyang: Pack, django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """The people of the demonstration by role, in a database that holds the whole demonstration."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_pack(nanyang, SYSTEM)
        load_demo(nanyang, SYSTEM)
        yield {role: User.objects.get(username=username) for role, username in ACCOUNTS.items()}
        transaction.set_rollback(True)

"""Bringing an installation up to date: its tables, its pack, its demonstration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from kechuang import __version__
from kechuang.apps.directory.domain.memberships import grant
from kechuang.apps.directory.models import User
from kechuang.apps.directory.roles import Role
from kechuang.kit import loading
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM
from kechuang.site.models import Load

LOCK = 0x6B656368  # of PostgreSQL's advisory locks, the one that setting up holds


@contextmanager
def exclusively() -> Iterator[None]:
    """One process at a time sets up a database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def migrate() -> bool:
    """Migrate where there is anything to migrate; True where there was."""
    with exclusively():
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        call_command("migrate", verbosity=0, interactive=False)
        return True


def last_pack() -> str | None:
    """The name of the pack that was loaded last."""
    load = Load.objects.filter(content=Load.Content.PACK).order_by("-updated_at").first()
    return load.pack if load else None


def is_current(pack: Pack, content: str) -> bool:
    """True where this very state of the pack (or the demo in it) is in the database already."""
    return Load.objects.filter(pack=pack.name, content=content, fingerprint=fingerprint(pack)).exists()


def load_pack(pack: Pack, *, started: loading.Started = lambda label: None) -> None:
    """Run every app's loader, and note down what was loaded."""
    with exclusively():
        loading.load_pack(pack, SYSTEM, started=started)
        _note(pack, Load.Content.PACK)


def load_demo(pack: Pack, *, seed: int = 1, started: loading.Started = lambda label: None) -> None:
    """Run every app's demonstration, and note that it was."""
    with exclusively():
        loading.load_demo(pack, SYSTEM, seed=seed, started=started)
        _note(pack, Load.Content.DEMO)


def fingerprint(pack: Pack) -> str:
    """Changes with this version, with what the apps load, and with any file of the pack or of the packs it extends."""
    digest = hashlib.sha256(__version__.encode())
    for step in (*loading.pack_loader, *loading.demo_step):
        digest.update(f"\0{step.name}".encode())
    digest.update(repr(pack).encode())
    for document in pack.documents:
        digest.update(document.read_bytes())
    return digest.hexdigest()


@transaction.atomic
def make_administrator(username: str, password: str) -> User:
    """An account that may do everything. Raises ValidationError where the password is too weak."""
    user = User.objects.filter(username=username).first() or User(username=username)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    grant(SYSTEM, user=user, role=Role.PLATFORM_ADMIN)
    return user


def _note(pack: Pack, content: str) -> None:
    Load.objects.update_or_create(
        pack=pack.name, content=content, defaults={"fingerprint": fingerprint(pack), "version": pack.version}
    )

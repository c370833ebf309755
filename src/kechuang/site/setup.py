"""Bringing an installation up to date: its tables, its pack, its demonstration."""

from __future__ import annotations

import hashlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from kechuang import __version__
from kechuang.apps.directory.domain.memberships import grant
from kechuang.apps.directory.models import Region, User
from kechuang.apps.directory.roles import Role
from kechuang.kit import loading, packs
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
        if not unapplied():
            return False
        call_command("migrate", verbosity=0, interactive=False)
        return True


def unapplied() -> set[tuple[str, str]]:
    """Migrations that the database has not seen, by app and name: told by the names of the files, which is quick."""
    present: set[tuple[str, str]] = set()
    for config in apps.get_app_configs():
        module_name, _explicit = MigrationLoader.migrations_module(config.label)
        spec = importlib.util.find_spec(module_name) if module_name else None
        places = spec.submodule_search_locations if spec else None  # None also where it is a mere module
        for module in pkgutil.iter_modules(places or []):
            present.add((config.label, module.name))
    return present - set(MigrationRecorder(connection).applied_migrations())


def last_pack() -> str | None:
    """The name of the pack that was loaded last."""
    load = Load.objects.filter(content=Load.Content.PACK).order_by("-updated_at").first()
    return load.pack if load else None


def is_current(name: str, content: str) -> bool:
    """True where this very state of the pack (or the demo in it) is in the database already."""
    return Load.objects.filter(pack=name, content=content, fingerprint=fingerprint(name)).exists()


def load_pack(name: str, *, started: loading.Started = lambda label: None) -> None:
    """Run every app's loader, and note down what was loaded. Raises PackError."""
    pack = packs.load_pack(name)
    with exclusively():
        loading.load_pack(pack, SYSTEM, started=started)
        _note(name, pack.version, Load.Content.PACK)


def load_demo(name: str, *, seed: int = 1, started: loading.Started = lambda label: None) -> None:
    """Run every app's demonstration, and note that it was. Raises PackError."""
    pack = packs.load_pack(name)
    with exclusively():
        loading.load_demo(pack, SYSTEM, seed=seed, started=started)
        _note(name, pack.version, Load.Content.DEMO)


def invent_at_most(count: int) -> None:
    """The demonstration itself, which tells stories about its enterprises, invents no more than these."""
    settings.KECHUANG_DEMO_ENTERPRISES = min(count, settings.KECHUANG_DEMO_ENTERPRISES)


def load_enterprises(name: str, count: int, *, seed: int = 1, written: Callable[[int], None]) -> int:
    """Bring the city's invented enterprises up to this number, and freeze the facts anew where any were added.

    For load: they have facts, but no certificates and no account. The number of new ones. Raises PackError.
    """
    from kechuang.apps.indicators.domain.enterprises import generate_enterprises
    from kechuang.apps.indicators.domain.snapshots import freeze_snapshot

    pack = packs.load_pack(name)
    with exclusively():
        city = Region.objects.get(code=pack.region)
        added = generate_enterprises(SYSTEM, city=city, count=count, seed=seed, written=written)
        if added:
            freeze_snapshot(SYSTEM, title=f"{count:,} 家企业（示例）", synthetic=True)
    return added


def fingerprint(name: str) -> str:
    """Changes with this version, with what the apps load, and with any file of the packs."""
    digest = hashlib.sha256(__version__.encode())
    for step in (*loading.pack_loader, *loading.demo_step):
        digest.update(f"\0{step.name}".encode())
    shipped = Path(packs.__file__).parents[2] / "packs"
    for place in (shipped, Path(name)):
        for path in sorted(place.rglob("*")) if place.is_dir() else ():
            if path.is_file():
                digest.update(f"\0{path.relative_to(place)}\0".encode() + path.read_bytes())
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


def _note(name: str, version: str, content: str) -> None:
    Load.objects.update_or_create(
        pack=name, content=content, defaults={"fingerprint": fingerprint(name), "version": version}
    )

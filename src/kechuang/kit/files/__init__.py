"""Files: checked by content on the way in, stored once per content, given out to whoever may see their record.

An app whose model points at files says so with :func:`register_file_owner`; a file is visible to those who see one of
its owners, and to whoever uploaded it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection
from pathlib import PurePath
from typing import IO, Any, Protocol

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model, Q
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from kechuang.kit.errors import DomainError
from kechuang.kit.files.sniffing import KINDS, Kind, ending, sniff
from kechuang.kit.models import StoredFile
from kechuang.kit.permissions import Actor, visible

__all__ = [
    "KINDS",
    "Kind",
    "file_owners",
    "owned_files",
    "register_file_owner",
    "sniff",
    "store",
    "store_bytes",
    "store_made",
]

_owners: dict[tuple[type[Model], str], None] = {}


class Upload(Protocol):
    """What Django hands over as an uploaded file, and any open binary file with a name."""

    name: str | None

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> Any: ...


def register_file_owner(model: type[Model], lookup: str) -> None:
    """Whoever may see a record of ``model`` may download the files that ``lookup`` (``"reports__file"``) leads to."""
    _owners[model, lookup] = None


def file_owners() -> tuple[tuple[type[Model], str], ...]:
    """The models that files belong to, and how each leads to its files."""
    return tuple(_owners)


def owned_files(actor: Actor) -> Q:
    """The files of records that the actor may see."""
    condition = Q(pk__in=[])
    for model, lookup in _owners:
        rows = visible(actor, model).order_by().filter(**{f"{lookup}__isnull": False})
        condition |= Q(pk__in=rows.values(lookup))
    return condition


def store(upload: Upload, *, actor: Actor, allowed: Collection[str] = ("pdf", "docx")) -> StoredFile:
    """Check the upload by its content, store it, and give its record.

    Raises a :class:`DomainError` that names the file where it is too large, damaged, of a kind that is not among
    ``allowed`` (keys of :data:`KINDS`), or other than its name says. The same person storing the same file again gets
    the same record.
    """
    name = clean_name(upload.name or "")
    size = _measure(upload)
    limit = settings.KECHUANG_UPLOAD_LIMIT
    if size > limit:
        raise DomainError(
            _("“%(name)s” has %(size)s; at most %(limit)s can be taken. Split it or make its pictures smaller.")
            % {"name": name, "size": filesizeformat(size), "limit": filesizeformat(limit)},
            field="file",
        )
    kind = sniff(upload, name)  # type: ignore[arg-type]
    if kind.key not in allowed:
        kinds = _(", ").join(str(KINDS[key].label) for key in KINDS if key in allowed)
        raise DomainError(
            _("“%(name)s” is of the kind %(kind)s. What can be used here: %(kinds)s.")
            % {"name": name, "kind": kind.label, "kinds": kinds},
            field="file",
        )
    if ending(name) not in kind.endings:
        raise DomainError(
            _("“%(name)s” is really of the kind %(kind)s. Give it its right ending, or choose the right file.")
            % {"name": name, "kind": kind.label},
            field="file",
        )
    return _keep(upload, name=name, kind=kind, size=size, actor=actor)


def store_bytes(content: bytes, name: str, *, actor: Actor) -> StoredFile:
    """Store a file that the platform itself made (a bulletin, an export, the text of a restatement)."""
    name = clean_name(name)
    upload = ContentFile(content, name=name)
    return _keep(upload, name=name, kind=sniff(upload, name), size=len(content), actor=actor)


def store_made(stream: IO[bytes], name: str, *, kind: str, actor: Actor) -> StoredFile:
    """Store an open file that the platform itself made, of a kind of :data:`KINDS`; read in pieces, of any size."""
    size = stream.seek(0, 2)
    return _keep(stream, name=clean_name(name), kind=KINDS[kind], size=size, actor=actor)  # type: ignore[arg-type]


def clean_name(name: str) -> str:
    """The bare file name, Chinese kept, without what a file system or a header could stumble over."""
    base = PurePath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    kept = PurePath("".join(char for char in base if char.isprintable() and char not in '/:*?"<>|').strip(" ."))
    return (kept.stem[:120] or "file") + kept.suffix[:10]


def _measure(upload: Upload) -> int:
    return int(upload.seek(0, 2) or upload.tell())  # type: ignore[attr-defined]


@transaction.atomic
def _keep(upload: Upload, *, name: str, kind: Kind, size: int, actor: Actor) -> StoredFile:
    fingerprint = _fingerprint(upload)
    path = f"{fingerprint[:2]}/{fingerprint[2:4]}/{fingerprint}"
    if not default_storage.exists(path):
        upload.seek(0)
        path = default_storage.save(path, File(upload, name=path))  # type: ignore[arg-type]
    record, _created = StoredFile.objects.get_or_create(
        uploaded_by_id=actor.user_id,
        sha256=fingerprint,
        name=name,
        defaults={"kind": kind.key, "content_type": kind.content_type, "size": size, "file": path},
    )
    return record


def _fingerprint(upload: Upload | IO[bytes]) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    while chunk := upload.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()

"""What a file really is, by its content; the name only has to agree."""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.kit.errors import DomainError

MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200
MAX_MEMBERS = 10_000
HEAD = 4096


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that the platform takes, with the endings that its name may have."""

    key: str
    content_type: str
    endings: tuple[str, ...]
    label: str | Promise


KINDS = {
    kind.key: kind
    for kind in (
        Kind("pdf", "application/pdf", (".pdf",), "PDF"),
        Kind(
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            (".docx",),
            gettext_lazy("Word (.docx)"),
        ),
        Kind(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            (".xlsx",),
            gettext_lazy("Excel (.xlsx)"),
        ),
        Kind("html", "text/html", (".html", ".htm"), gettext_lazy("web page (.html)")),
        Kind("txt", "text/plain", (".txt",), gettext_lazy("plain text (.txt)")),
        Kind("csv", "text/csv", (".csv",), gettext_lazy("table (.csv)")),
        Kind("png", "image/png", (".png",), gettext_lazy("picture (.png)")),
        Kind("jpg", "image/jpeg", (".jpg", ".jpeg"), gettext_lazy("picture (.jpg)")),
        Kind("parquet", "application/vnd.apache.parquet", (".parquet",), "Parquet"),
    )
}
OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)


def sniff(stream: IO[bytes], name: str) -> Kind:
    """The kind of the content; a :class:`DomainError` that names the file where it is none, damaged, or a bomb.

    Plain text and tables are the same to the content: there the name's ending decides.
    """
    stream.seek(0)
    head = stream.read(HEAD)
    if not head.strip(b"\0 \r\n\t"):
        raise DomainError(
            _("“%(name)s” is empty. Choose the file that has the content.") % {"name": name}, field="file"
        )
    if b"%PDF-" in head[:1024]:
        return KINDS["pdf"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return KINDS["png"]
    if head.startswith(b"\xff\xd8\xff"):
        return KINDS["jpg"]
    if head.startswith(b"PAR1"):
        return KINDS["parquet"]
    if head.startswith(b"PK\x03\x04"):
        return KINDS[_office(stream, name)]
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise DomainError(
            _("“%(name)s” is in the old Office format. Open it and save it as .docx or .xlsx.") % {"name": name},
            field="file",
        )
    if _is_text(head):
        if HTML.search(head):
            return KINDS["html"]
        return KINDS["csv" if ending(name) == ".csv" else "txt"]
    raise _unknown(name)


def ending(name: str) -> str:
    """The lower-case ending of a file name, with its dot."""
    return PurePath(name).suffix.lower()


def _office(stream: IO[bytes], name: str) -> str:
    """Which Office file a zip archive is, asked of its directory alone: nothing is unpacked."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile:
        raise DomainError(
            _("“%(name)s” is damaged. Open it in Office and save it again.") % {"name": name}, field="file"
        ) from None
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 100_000):
        raise DomainError(
            _("“%(name)s” would unpack to far more than it is. Save it again without the large embedded parts.")
            % {"name": name},
            field="file",
        )
    names = {member.filename for member in members}
    for member, key in OFFICE.items():
        if member in names:
            return key
    raise _unknown(name)


def _is_text(head: bytes) -> bool:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return b"\0" not in head and any(_decodes(head, encoding) for encoding in ("utf-8", "gb18030"))


def _decodes(head: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(head)  # not final: the head may end inside a character
    except UnicodeDecodeError:
        return False
    return True


def _unknown(name: str) -> DomainError:
    return DomainError(
        _("“%(name)s” is no kind of file that can be used here, whatever its name says.") % {"name": name}, field="file"
    )

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from docx import Document

from kechuang.apps.directory.models import Organisation, User
from kechuang.kit import files
from kechuang.kit.errors import DomainError
from kechuang.kit.files import clean_name, register_file_owner, sniff, store, store_bytes
from kechuang.kit.models import StoredFile
from kechuang.kit.permissions import PUBLIC, SYSTEM, Actor, visible

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPG = b"\xff\xd8\xff\xe0" + b"\0" * 32


@pytest.fixture(autouse=True)
def storage(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def owners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_owners", {})
    register_file_owner(Organisation, "licence")


def docx() -> bytes:
    document, target = Document(), io.BytesIO()
    document.add_paragraph("实施意见")
    document.save(target)
    return target.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "a.pdf", "pdf"),
        (docx(), "a.docx", "docx"),
        (archive({"xl/workbook.xml": b"<x/>"}), "a.xlsx", "xlsx"),
        (b"\n<!DOCTYPE HTML><html>", "a.html", "html"),
        ("实施意见".encode(), "a.txt", "txt"),
        ("实施意见".encode("gb18030"), "a.txt", "txt"),
        ("实施意见".encode("utf-16"), "a.txt", "txt"),
        (("甲" * 5000).encode(), "a.txt", "txt"),
        ("指标,数值\n".encode(), "a.csv", "csv"),
        (PNG, "a.png", "png"),
        (JPG, "a.jpg", "jpg"),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, name: str, kind: str) -> None:
    assert sniff(io.BytesIO(content), name).key == kind


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "空.pdf", "empty"),
        (b"\0\0\0\x01MZ\x90", "程序.pdf", "no kind of file"),
        (b"PK\x03\x04broken", "坏.docx", "damaged"),
        (archive({"evil.exe": b"MZ"}), "包.docx", "no kind of file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧.doc", "old Office format"),
        (archive({"word/document.xml": b"\0" * 60_000_000}), "弹.docx", "unpack"),
        (PDF, "其实是文档.docx", "really of the kind PDF"),
        (PNG, "图.png", "of the kind picture"),
    ],
)
def test_what_cannot_be_taken_is_named_and_explained(content: bytes, name: str, says: str) -> None:
    with translation.override("en"), pytest.raises(DomainError, match=says) as error:
        store(upload(name, content), actor=SYSTEM, allowed={"pdf", "docx", "txt"})
    assert name in error.value.message
    assert error.value.field == "file"


def test_what_is_too_large_is_not_read(settings: object) -> None:
    settings.KECHUANG_UPLOAD_LIMIT = 10  # type: ignore[attr-defined]
    with pytest.raises(DomainError, match=r"大\.pdf"):
        store(upload("大.pdf", PDF), actor=SYSTEM)


def test_a_file_is_kept_with_its_fingerprint_and_its_name(users: list[User]) -> None:
    stored = store(upload("实施意见（定稿）.docx", docx()), actor=Actor(user_id=users[0].pk))
    assert (stored.kind, stored.name, stored.uploaded_by) == ("docx", "实施意见（定稿）.docx", users[0])
    assert stored.file.name.endswith(stored.sha256)
    assert stored.file.size == stored.size
    assert stored.content_type.startswith("application/vnd.openxmlformats")


def test_equal_contents_are_stored_once(users: list[User]) -> None:
    first = store(upload("甲.pdf", PDF), actor=Actor(user_id=users[0].pk))
    assert store(upload("甲.pdf", PDF), actor=Actor(user_id=users[0].pk)) == first
    other = store(upload("乙.pdf", PDF), actor=Actor(user_id=users[1].pk))
    assert other.pk != first.pk
    assert other.file.name == first.file.name
    assert len(default_storage.listdir(str(Path(first.file.name).parent))[1]) == 1


def test_the_platform_stores_what_it_makes(db: None) -> None:
    made = store_bytes(PDF, "通报.pdf", actor=SYSTEM)
    assert (made.kind, made.size, made.uploaded_by) == ("pdf", len(PDF), None)
    assert store_bytes(PDF, "通报.pdf", actor=SYSTEM) == made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\文件\\意见.docx", "意见.docx"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("", "file"),
        ("长" * 300 + ".pdf", "长" * 120 + ".pdf"),
    ],
)
def test_names_are_bare_and_harmless(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_file_is_as_visible_as_its_record(people: dict[str, User], officer: Actor, member: Actor) -> None:
    own = Organisation.objects.get(memberships__user=people["organisation_member"])
    stored = store(upload("执照.pdf", PDF), actor=Actor(user_id=people["expert"].pk))
    assert not visible(member, StoredFile).exists()
    own.licence = stored
    own.save()
    assert visible(member, StoredFile).get() == stored
    assert visible(officer, StoredFile).get() == stored
    assert visible(Actor(user_id=people["expert"].pk), StoredFile).get() == stored
    assert not visible(PUBLIC, StoredFile).exists()
    assert not visible(Actor(user_id=people["responsible_unit"].pk), StoredFile).exists()


def test_download_asks_who_may_see_and_gives_the_name_in_chinese(
    client_as: Callable[[str], Client], people: dict[str, User]
) -> None:
    own = Organisation.objects.get(memberships__user=people["organisation_member"])
    own.licence = store(upload("营业执照.pdf", PDF), actor=SYSTEM)
    own.save()
    url = own.licence.get_absolute_url()
    response = client_as("organisation_member").get(url)
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == ("attachment; filename*=utf-8''%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7.pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client_as("responsible_unit").get(url).status_code == 404
    assert client_as("public").get(url).status_code == 302
    default_storage.delete(own.licence.file.name)
    assert client_as("organisation_member").get(url).status_code == 404

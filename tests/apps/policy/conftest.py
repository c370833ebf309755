"""A short document with one of everything, the region it belongs to, and the officer who reviews it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import translation
from pytest_django.fixtures import Settings

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Region, User
from kechuang.apps.policy.domain.documents import correct_metadata, upload_document
from kechuang.apps.policy.domain.extraction import extract_document
from kechuang.apps.policy.domain.publication import publish_document
from kechuang.apps.policy.domain.review import accept_items
from kechuang.apps.policy.models import Document, Item, ItemState
from kechuang.kit.permissions import Actor
from tests.apps.policy.sample import TEXT


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Messages are read in Chinese, whatever language the last request of another test had."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def city(pack: Any) -> Region:
    return Region.objects.get(code="411300")


@pytest.fixture
def officer(people: dict[str, User]) -> Actor:
    return actor_for(people["bureau_officer"])


@pytest.fixture
def actor(people: dict[str, User]) -> Callable[[str], Actor]:
    """The actor of a role."""
    return lambda role: Actor() if role == "public" else actor_for(people[role])


Upload = Callable[..., Document]


@pytest.fixture
def upload(officer: Actor, city: Region) -> Upload:
    """Upload a text and have it read."""

    def run(text: str | bytes = TEXT, name: str = "measures.txt", *, read: bool = True, **given: Any) -> Document:
        content = text.encode() if isinstance(text, str) else text
        file = ContentFile(content, name=name)
        document = upload_document(officer, upload=file, region=given.pop("region", city), **given)
        if read:
            extract_document(document_id=document.pk)
            document.refresh_from_db()
        return document

    return run


@pytest.fixture
def publish(officer: Actor) -> Callable[[Document], Document]:
    """Accept whatever waits and publish."""

    def run(document: Document) -> Document:
        accept_everything(officer, document)
        if not document.issued_on:
            correct_metadata(officer, document_id=document.pk, issued_on=date(2025, 3, 10))
        publish_document(officer, document_id=document.pk)
        return Document.objects.get(pk=document.pk)

    return run


def accept_everything(officer: Actor, document: Document) -> None:
    waiting = Item.objects.filter(document=document, state=ItemState.PROPOSED)
    accept_items(officer, document_id=document.pk, editions=dict(waiting.values_list("pk", "edition")))

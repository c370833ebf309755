"""The library: words, filters, counts; nobody finds what is not public."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from kechuang.apps.policy.domain.publication import reopen_document, repeal_document
from kechuang.apps.policy.domain.queries import library
from kechuang.apps.policy.domain.queries.library import Wanted
from kechuang.apps.policy.domain.queries.vocabulary import classify_beneficiary
from kechuang.apps.policy.interfaces.registrations import find_benefits, find_documents
from kechuang.apps.policy.models import Document
from kechuang.kit.permissions import PUBLIC, Actor
from kechuang.kit.testing import queries_of
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]
Publish = Callable[[Document], Document]


@pytest.fixture
def published(upload: Upload, publish: Publish) -> Document:
    return publish(upload(industries=["C34"]))


def found(**wanted: Any) -> int:
    return library.find_documents(PUBLIC, Wanted(**wanted)).count()


def test_words_are_found_in_title_text_and_findings(published: Document) -> None:
    assert found(q="高新技术企业") == 1
    assert found(q="宛政办〔2025〕7号") == 1
    assert found(q="量子计算") == 0
    benefits = library.find_items(PUBLIC, Wanted(q="首次认定"), "benefit")
    assert [item.amount for item in benefits] == [100_000]
    (sentence,) = library.sentences_with(PUBLIC, [published], "成果转化基金")[published.pk]
    assert "成果转化基金" in sentence.text


@pytest.mark.parametrize(
    ("wanted", "hit"),
    [
        ({"issuer": "南阳市人民政府办公室"}, True),
        ({"issuer": "平顶山市人民政府"}, False),
        ({"year": "2025"}, True),
        ({"year": "2024"}, False),
        ({"region": "411300"}, True),
        ({"region": "410400"}, False),
        ({"industry": "C"}, True),
        ({"industry": "C34"}, True),
        ({"industry": "C35"}, False),
        ({"industry": "A"}, False),
        ({"beneficiary": "hnte"}, True),
        ({"beneficiary": "public"}, False),
        ({"kind": "measures"}, True),
        ({"kind": "notice"}, False),
        ({"in_force": True}, True),
    ],
)
def test_filters_narrow_documents_and_their_findings(published: Document, wanted: dict[str, Any], hit: bool) -> None:
    assert found(**wanted) == int(hit)
    if "beneficiary" not in wanted:
        assert library.find_items(PUBLIC, Wanted(**wanted), "target").exists() is hit


def test_benefits_are_filtered_by_their_own_class_and_sum(published: Document) -> None:
    def sums(**wanted: Any) -> list[int | None]:
        return [item.amount for item in library.find_items(PUBLIC, Wanted(**wanted), "benefit")]

    assert sums() == [5_000_000, 100_000]
    assert sums(beneficiary="hnte") == [100_000]
    assert sums(beneficiary="innovation_platform") == [5_000_000]
    assert sums(amount_min=Decimal(50)) == [5_000_000]
    assert sums(amount_max=Decimal(50)) == [100_000]


def test_a_document_filed_under_no_industry_holds_for_all(upload: Upload, publish: Publish) -> None:
    publish(upload())
    assert found(industry="A01") == 1


def test_drafts_and_corrections_are_not_public(upload: Upload, published: Document, officer: Actor) -> None:
    upload(TEXT.replace("7号", "8号"), "draft.txt")
    assert found() == 1
    reopen_document(officer, document_id=published.pk, reason="更正")
    assert found() == 1
    assert [hit.title for hit in find_documents(PUBLIC, "高新技术企业", 10)] == [published.title]
    assert len(find_documents(officer, "高新技术企业", 10)) == 2
    assert {hit.kind for hit in find_benefits(PUBLIC, "首次认定", 10)} == {"奖补"}


def test_what_is_repealed_is_found_marked_and_can_be_left_out(published: Document, officer: Actor) -> None:
    from datetime import date

    repeal_document(officer, document_id=published.pk, reason="失效", on=date(2026, 1, 1))
    assert found() == 1
    assert found(in_force=True) == 0


def test_counts_and_facets(published: Document) -> None:
    numbers = library.counts(PUBLIC, Wanted(q="高新技术企业"))
    assert numbers["document"] == 1
    assert numbers["benefit"] == 1
    facets = library.facets(PUBLIC)
    assert facets.years == [2025]
    assert [code for code, _name in facets.industries] == ["C", "C34"]


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("首次认定的高新技术企业", ["hnte"]),
        ("科技型中小企业", ["tech_sme"]),
        ("新引进的“两院”院士等顶尖人才（团队）", ["talent"]),
        ("省级以上孵化器、众创空间", ["carrier"]),
        ("", []),
    ],
)
def test_descriptions_fall_into_classes(text: str, classes: list[str]) -> None:
    assert classify_beneficiary(text) == classes


def test_the_page_shows_hits_with_their_sentences(published: Document) -> None:
    page = Client().get("/policy/", {"q": "成果转化基金"}).content.decode()
    assert "<mark>成果转化基金</mark>" in page
    assert f"/policy/{published.pk}/?at=" in page
    page = Client().get("/policy/", {"what": "benefit", "amount_min": "100"}).content.decode()
    assert "500万元" in page
    assert "10万元" not in page
    assert "没有找到" in Client().get("/policy/", {"q": "量子"}).content.decode()
    assert Client().get("/policy/", {"what": "nonsense", "year": "x", "amount_min": "abc"}).status_code == 200


def test_queries_do_not_grow_with_the_results(upload: Upload, publish: Publish) -> None:
    client = Client()
    publish(upload())
    for url in ("/policy/?q=高新技术企业", "/policy/?what=benefit&q=企业"):
        client.get(url)
    few = [len(queries_of(client, url)) for url in ("/policy/?q=高新技术企业", "/policy/?what=benefit&q=企业")]
    for number in (8, 9):
        publish(upload(TEXT.replace("7号", f"{number}号"), f"{number}.txt"))
    many = [len(queries_of(client, url)) for url in ("/policy/?q=高新技术企业", "/policy/?what=benefit&q=企业")]
    assert few == many

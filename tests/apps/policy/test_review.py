"""Reviewing: every decision by a named person, nothing lost between two of them, nothing unseen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from kechuang.apps.policy.domain.queries.progress import progress_of
from kechuang.apps.policy.domain.review import (
    accept_item,
    accept_items,
    add_item,
    edit_item,
    reconsider_item,
    reject_item,
)
from kechuang.apps.policy.models import Document, Item, ItemState
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.permissions import Actor

Upload = Callable[..., Document]
TARGET = {
    "indicator": "高新技术企业数量",
    "comparator": ">=",
    "value": "900",
    "unit": "家",
    "period": "2026",
    "scope": "全市",
}


@pytest.fixture
def document(upload: Upload) -> Document:
    return upload()


@pytest.fixture
def target(document: Document) -> Item:
    return document.items.get(kind="target", payload__value=800)


def test_accepting_names_the_reviewer(target: Item, officer: Actor) -> None:
    item = accept_item(officer, item_id=target.pk, edition=target.edition)
    assert (item.state, item.reviewed_by_id, item.edition) == (ItemState.ACCEPTED, officer.user_id, 2)


def test_a_correction_keeps_what_was_found(target: Item, officer: Actor) -> None:
    item = edit_item(officer, item_id=target.pk, edition=1, payload=TARGET, note="按附件更正")
    item.refresh_from_db()
    assert item.state == ItemState.EDITED
    assert item.payload["value"] == 900
    assert item.original_payload is not None
    assert item.original_payload["value"] == 800
    assert item.note == "按附件更正"


def test_saving_without_a_change_is_accepting(target: Item, officer: Actor) -> None:
    item = edit_item(officer, item_id=target.pk, edition=1, payload=target.payload)
    assert item.state == ItemState.ACCEPTED


def test_rejecting_and_taking_it_back(target: Item, officer: Actor) -> None:
    item = reject_item(officer, item_id=target.pk, edition=1, note="是往年数字")
    assert (item.state, item.note) == (ItemState.REJECTED, "是往年数字")
    item = reconsider_item(officer, item_id=target.pk, edition=2)
    assert (item.state, item.reviewed_by_id, item.note) == (ItemState.PROPOSED, None, "")


def test_a_decision_on_an_old_state_says_who_was_faster(target: Item, officer: Actor, people: Any) -> None:
    accept_item(officer, item_id=target.pk, edition=1)
    with pytest.raises(Stale, match=str(people["bureau_officer"])):
        reject_item(officer, item_id=target.pk, edition=1)
    target.refresh_from_db()
    assert target.state == ItemState.ACCEPTED


def test_adding_what_was_missed(document: Document, officer: Actor) -> None:
    start = document.text.index("建设南阳市科技大市场服务平台")
    quote = "建设南阳市科技大市场服务平台"
    item = add_item(
        officer,
        document_id=document.pk,
        kind="task",
        payload={"title": "建设科技大市场", "units": "市科技局"},
        start=start,
        end=start + len(quote),
        quote=quote,
    )
    assert (item.state, item.origin, item.original_payload) == (ItemState.ACCEPTED, "human", None)
    assert item.flags == []


@pytest.mark.parametrize(("start", "end", "quote"), [(0, 4, "别的字句"), (0, 0, ""), (5, 3, ""), (0, 10**7, "南阳")])
def test_added_words_must_stand_in_the_text(
    document: Document, officer: Actor, start: int, end: int, quote: str
) -> None:
    with pytest.raises(DomainError):
        add_item(
            officer, document_id=document.pk, kind="fund", payload={"name": "x"}, start=start, end=end, quote=quote
        )


def test_findings_that_need_a_closer_look_are_flagged(document: Document) -> None:
    assert "no_amount" in document.items.get(kind="fund").flags
    assert document.items.filter(kind="task", flags=[]).exists()


def test_units_that_the_directory_does_not_know_are_flagged(target: Item, document: Document, officer: Actor) -> None:
    task = document.items.filter(kind="task").earliest("start")
    item = edit_item(officer, item_id=task.pk, edition=1, payload={"title": "x", "units": "市不存在局"})
    assert item.flags == ["unknown_unit"]


def test_accepting_a_list_accepts_exactly_the_list(document: Document, officer: Actor) -> None:
    targets = list(document.items.filter(kind="target").order_by("start"))
    reject_item(officer, item_id=targets[0].pk, edition=1)
    editions = {item.pk: 1 for item in targets[1:]}
    assert accept_items(officer, document_id=document.pk, editions=editions) == len(targets) - 1
    targets[0].refresh_from_db()
    assert targets[0].state == ItemState.REJECTED
    tally = progress_of(document).kinds["target"]
    assert (tally.reviewed, tally.confirmed) == (len(targets), len(targets) - 1)
    assert progress_of(document).kinds["task"].reviewed == 0


def test_a_list_with_an_old_state_accepts_nothing(document: Document, officer: Actor) -> None:
    first, second = document.items.filter(kind="target").order_by("start")[:2]
    edit_item(officer, item_id=second.pk, edition=1, payload=TARGET)
    reconsider_item(officer, item_id=second.pk, edition=2)
    with pytest.raises(Stale):
        accept_items(officer, document_id=document.pk, editions={first.pk: 1, second.pk: 1})
    first.refresh_from_db()
    assert first.state == ItemState.PROPOSED


@pytest.mark.parametrize("role", ["bureau_leader", "auditor", "county_workstation", "responsible_unit", "public"])
def test_others_do_not_review(actor: Callable[[str], Actor], target: Item, role: str) -> None:
    with pytest.raises(Refused):
        accept_item(actor(role), item_id=target.pk, edition=1)


def test_what_is_published_is_not_reviewed_without_reopening(
    document: Document, target: Item, officer: Actor, publish: Callable[[Document], Document]
) -> None:
    publish(document)
    with pytest.raises(DomainError, match="重新打开"):
        accept_item(officer, item_id=target.pk, edition=2)


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides(target: Item, officer: Actor) -> None:
    barrier = Barrier(2)

    def decide(verb: Callable[..., Item]) -> str:
        try:
            barrier.wait(10)
            return verb(officer, item_id=target.pk, edition=1).state
        except Stale:
            return "stale"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(decide, [accept_item, reject_item]))
    assert results.count("stale") == 1
    target.refresh_from_db()
    assert target.state in results
    assert target.edition == 2

"""Two documents that state one fact differently: found, decided, kept decided, carried over to an original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kechuang.apps.policy.domain.conflicts import decide_conflict, find_conflicts, reopen_conflict
from kechuang.apps.policy.domain.publication import reopen_document
from kechuang.apps.policy.domain.queries.conflicts import conflicts_for, open_count
from kechuang.apps.policy.domain.queries.history import decisions_of
from kechuang.apps.policy.models import Conflict, Document
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.testing_jobs import run_jobs
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]
Publish = Callable[[Document], Document]
OTHER = TEXT.replace("7号", "9号").replace("2025年3月", "2025年8月").replace("一次性10万元", "一次性20万元")


@pytest.fixture
def conflict(upload: Upload, publish: Publish) -> Conflict:
    publish(upload())
    publish(upload(OTHER, "other.txt"))
    run_jobs()
    return Conflict.objects.get(second__kind="benefit")


def test_publication_compares_with_the_others(conflict: Conflict, officer: Actor) -> None:
    assert conflict.first.payload["amount"] == 100_000
    assert conflict.second.payload["amount"] == 200_000
    assert (conflict.grade, conflict.reason) == ("contradiction", "amount_differs")
    assert list(conflicts_for(officer)) == [conflict]
    assert open_count(officer) == 1


def test_comparing_again_adds_nothing(conflict: Conflict) -> None:
    assert find_conflicts(document_id=conflict.second.document_id) == 0
    assert Conflict.objects.count() == 1


def test_a_decision_needs_its_reason_and_stays(conflict: Conflict, officer: Actor) -> None:
    with pytest.raises(DomainError) as refused:
        decide_conflict(officer, conflict_id=conflict.pk, decision="keep_second", note=" ")
    assert refused.value.field == "note"
    with pytest.raises(DomainError):
        decide_conflict(officer, conflict_id=conflict.pk, decision="", note="x")
    decide_conflict(officer, conflict_id=conflict.pk, decision="keep_second", note="以后发文件为准")
    find_conflicts(document_id=conflict.second.document_id)
    conflict.refresh_from_db()
    assert (conflict.state, conflict.decision) == ("decided", "keep_second")
    with pytest.raises(Stale):
        decide_conflict(officer, conflict_id=conflict.pk, decision="both", note="x")
    reopen_conflict(officer, conflict_id=conflict.pk)
    titles = [event.title for event in decisions_of(conflict)]
    assert titles == ["撤回结论", "以后一文件为准", "文件比对时发现"]


def test_a_conflict_that_was_corrected_away_leaves_the_list(
    conflict: Conflict, officer: Actor, publish: Publish
) -> None:
    from kechuang.apps.policy.domain.review import edit_item

    document = conflict.second.document
    reopen_document(officer, document_id=document.pk, reason="更正")
    item = conflict.second
    edit_item(officer, item_id=item.pk, edition=item.edition, payload={**item.payload, "amount": "100000"})
    publish(document)
    run_jobs()
    assert not Conflict.objects.filter(second__kind="benefit").exists()


def test_a_decision_is_carried_over_to_the_original(upload: Upload, publish: Publish, officer: Actor) -> None:
    restated = TEXT.replace("给予一次性10万元奖励", "一次性奖励10万元")
    publish(upload(restated, "r.txt", is_restatement=True))
    publish(upload(OTHER, "other.txt"))
    run_jobs()
    conflict = Conflict.objects.get(second__kind="benefit")
    decide_conflict(officer, conflict_id=conflict.pk, decision="keep_second", note="以后发文件为准")
    original = publish(upload())
    run_jobs()
    conflict.refresh_from_db()
    assert conflict.first.document == original
    assert conflict.state == "decided"
    assert Conflict.objects.filter(second__kind="benefit").count() == 1


@pytest.mark.parametrize(
    ("role", "sees"), [("bureau_leader", 1), ("auditor", 1), ("county_workstation", 0), ("public", 0)]
)
def test_leaders_read_along_and_nobody_else_decides(
    conflict: Conflict, actor: Callable[[str], Actor], role: str, sees: int
) -> None:
    person = actor(role)
    assert visible(person, Conflict).count() == sees
    with pytest.raises(Refused):
        decide_conflict(person, conflict_id=conflict.pk, decision="both", note="x")


def test_the_pages(conflict: Conflict, client_as: Any) -> None:
    client = client_as("bureau_officer")
    page = client.get("/policy/conflicts/").content.decode()
    assert "10万元" in page
    assert "20万元" in page
    assert f"?at={conflict.first.start}-{conflict.first.end}#at" in page
    assert "没有口径冲突" in client.get("/policy/conflicts/?state=decided").content.decode()
    url = f"/policy/conflicts/{conflict.pk}/"
    assert client.get(url).status_code == 200
    assert "请写明理由" in client.post(url, {"decision": "both", "note": ""}).content.decode()
    assert client.post(url, {"decision": "both", "note": "并行"}).status_code == 302
    assert client.post(f"{url}reopen/").status_code == 302
    assert client_as("county_workstation").get("/policy/conflicts/").status_code == 403

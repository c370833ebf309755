"""Publishing: what is missing, what the ledger receives, corrections, repeal, newer versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from django.db.models import Model

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.documents import correct_metadata
from kechuang.apps.policy.domain.publication import publish_document, reopen_document, repeal_document
from kechuang.apps.policy.domain.queries.progress import obstacles
from kechuang.apps.policy.domain.review import edit_item, reject_item
from kechuang.apps.policy.models import Document, DocumentLink, DocumentState, Item, Revision
from kechuang.apps.policy.tasks import publish_document_task
from kechuang.kit import publication
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.evidence import links_for
from kechuang.kit.jobs import start
from kechuang.kit.models import EvidenceLink, PublishedRecord
from kechuang.kit.notifications import inbox
from kechuang.kit.permissions import PUBLIC, Actor, visible
from kechuang.kit.testing_jobs import run_jobs
from kechuang.kit.workflow import available, history
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]
Publish = Callable[[Document], Document]


class Ledger:
    """A receiver of tasks and targets that keeps what it was handed; regions stand in for records."""

    def __init__(self) -> None:
        self.received: list[publication.PublishedItem] = []
        self.withdrawn: list[int] = []

    def receive(self, actor: Actor, items: Sequence[publication.PublishedItem]) -> Sequence[Model]:
        self.received += items
        known = publication.existing(items[0].kind, [item.item_id for item in items]) if items else {}
        return [known.get(item.item_id) or self.make(item) for item in items]

    def make(self, item: publication.PublishedItem) -> Model:
        code = f"R{item.item_id}"
        return Region.objects.create(code=code, name=code, short_name=code, level="zone", path=f"{code}/")

    def withdraw(self, actor: Actor, item_ids: Sequence[int]) -> None:
        self.withdrawn += item_ids


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    keeper = Ledger()
    monkeypatch.setattr(publication, "_receivers", {"task": keeper.receive, "target": keeper.receive})
    monkeypatch.setattr(publication, "_withdrawers", {"task": keeper.withdraw, "target": keeper.withdraw})
    return keeper


def test_nothing_is_published_unseen(upload: Upload, officer: Actor) -> None:
    document = upload()
    reasons = obstacles(document)
    assert any(str(document.items.count()) in reason for reason in reasons)
    with pytest.raises(Refused, match="没有审核"):
        publish_document(officer, document_id=document.pk)
    document.refresh_from_db()
    assert (document.state, document.revision) == (DocumentState.IN_REVIEW, 0)


def test_number_and_date_are_given_or_said_to_be_absent(upload: Upload, officer: Actor) -> None:
    document = upload("市科技局2026年年度工作计划\n一、重点工作\n1.建设创新平台。新建创新平台50家以上。\n")
    assert len(obstacles(document)) == 4
    absent = ["doc_number", "issued_on"]
    correct_metadata(officer, document_id=document.pk, issuers=["南阳市科学技术局"], absent=absent)
    document.refresh_from_db()
    assert len(obstacles(document)) == 1
    correct_metadata(officer, document_id=document.pk, issued_on=date(2026, 1, 5))
    document.refresh_from_db()
    assert document.absent == ["doc_number"]


def test_confirmed_findings_reach_their_receivers_with_their_sentences(
    upload: Upload, publish: Publish, ledger: Ledger
) -> None:
    document = publish(upload())
    assert document.state == DocumentState.PUBLISHED
    kinds = [item.kind for item in ledger.received]
    assert kinds.count("task") == document.items.filter(kind="task").count()
    assert kinds.count("target") == document.items.filter(kind="target").count()
    assert "reference" not in kinds
    received = next(item for item in ledger.received if item.kind == "task")
    assert received.document.doc_number == "宛政办〔2025〕7号"
    assert received.document.region_code == "411300"
    record = PublishedRecord.objects.get(kind="task", item_id=received.item_id).record
    (link,) = links_for([record])[record.pk]
    assert document.text[link.start : link.end] == link.quote == received.quote
    assert link.label == "宛政办〔2025〕7号 · 2025-03-10"
    assert link.url == f"/policy/{document.pk}/?at={link.start}-{link.end}#at"


def test_what_was_rejected_is_not_delivered(upload: Upload, publish: Publish, officer: Actor, ledger: Ledger) -> None:
    document = upload()
    unwanted = document.items.filter(kind="target").earliest("start")
    reject_item(officer, item_id=unwanted.pk, edition=1)
    publish(document)
    assert unwanted.pk not in [item.item_id for item in ledger.received]
    assert unwanted not in visible(PUBLIC, Item)


def test_readers_keep_the_published_state_while_it_is_corrected(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    document = publish(upload())
    reopen_document(officer, document_id=document.pk, reason="数字有误")
    item = document.items.get(kind="target", payload__value=800)
    edit_item(officer, item_id=item.pk, edition=item.edition, payload={**item.payload, "value": "850"})
    item.refresh_from_db()
    assert (item.payload["value"], item.published["value"]) == (850, 800)
    document.refresh_from_db()
    assert document in visible(PUBLIC, Document)


def test_publishing_again_changes_records_and_makes_none(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    document = publish(upload())
    records = PublishedRecord.objects.count()
    links = EvidenceLink.objects.count()
    reopen_document(officer, document_id=document.pk, reason="数字有误")
    first, second, *_rest = document.items.filter(kind="target").order_by("start")
    edit_item(officer, item_id=first.pk, edition=first.edition, payload={**first.payload, "value": "850"})
    reject_item(officer, item_id=second.pk, edition=second.edition)
    revision = publish_document(officer, document_id=document.pk, note="更正目标")
    assert (revision.number, revision.added, revision.changed, revision.withdrawn) == (2, 0, 1, 1)
    assert PublishedRecord.objects.count() == records
    assert EvidenceLink.objects.count() == links
    assert ledger.withdrawn == [second.pk]
    first.refresh_from_db()
    assert first.published["value"] == 850
    assert Revision.objects.filter(document=document).count() == 2


def test_the_real_ledger_and_indicators_receive_them(upload: Upload, publish: Publish) -> None:
    document = publish(upload())
    kinds = publication.received_kinds()
    assert {"task", "target"} <= kinds
    for kind in ("task", "target"):
        ids = set(document.items.filter(kind=kind).values_list("pk", flat=True))
        assert set(PublishedRecord.objects.filter(kind=kind).values_list("item_id", flat=True)) == ids


def test_a_job_publishes_once(upload: Upload, publish: Publish, officer: Actor, ledger: Ledger) -> None:
    document = upload()
    from tests.apps.policy.conftest import accept_everything

    accept_everything(officer, document)
    for _click in range(2):
        start(officer, publish_document_task, label="x", subject=document, document_id=document.pk, revision=1)
    run_jobs()
    document.refresh_from_db()
    assert (document.state, document.revision) == (DocumentState.PUBLISHED, 1)


def test_repeal_keeps_the_document_and_withdraws_what_rested_on_it(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    document = publish(upload())
    with pytest.raises(DomainError):
        repeal_document(officer, document_id=document.pk, reason="", on=date(2026, 1, 1))
    with pytest.raises(DomainError):
        repeal_document(officer, document_id=document.pk, reason="失效", on=date(2020, 1, 1))
    repeal_document(officer, document_id=document.pk, reason="宛政办〔2026〕1号宣布失效", on=date(2026, 1, 1))
    document.refresh_from_db()
    assert (document.state, document.state_date) == (DocumentState.REPEALED, date(2026, 1, 1))
    assert document in visible(PUBLIC, Document)
    assert sorted(ledger.withdrawn) == sorted(item.item_id for item in ledger.received)
    with pytest.raises(Stale):
        reopen_document(officer, document_id=document.pk, reason="x")


def test_a_newer_version_supersedes_the_old_one(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    old = publish(upload())
    new = upload(TEXT.replace("〔2025〕7号", "〔2026〕3号").replace("2025年3月", "2026年3月"), "new.txt")
    correct_metadata(officer, document_id=new.pk, supersedes=old)
    publish(new)
    old.refresh_from_db()
    assert old.state == DocumentState.SUPERSEDED
    assert old.superseded_by == new
    assert ledger.withdrawn
    assert old in visible(PUBLIC, Document)


def test_references_become_links_and_wait_for_the_other_document(
    upload: Upload, publish: Publish, ledger: Ledger
) -> None:
    citing = publish(upload())
    link = DocumentLink.objects.get(source=citing)
    assert (link.relation, link.doc_number, link.target) == ("based_on", "宛办〔2022〕16号", None)
    cited = publish(
        upload(
            "南阳市实施创新创业行动工作方案\n宛办〔2022〕16号\n一、目标\n到2025年高新技术企业达到500家。\n南阳市人民政府办公室\n2022年5月13日\n",
            "cited.txt",
        )
    )
    link.refresh_from_db()
    assert link.target == cited


def test_the_steps_are_logged_in_the_persons_name_and_offered_nowhere_else(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    document = publish(upload())
    steps = [(step.transition, step.actor_id) for step in history(document)]
    assert steps == [("read", None), ("ready", None), ("go_public", officer.user_id)]
    assert available(document, officer) == []


@pytest.mark.parametrize("role", ["bureau_leader", "auditor", "county_workstation", "responsible_unit", "public"])
def test_others_do_not_publish_or_repeal(
    upload: Upload, publish: Publish, actor: Callable[[str], Actor], ledger: Ledger, role: str
) -> None:
    document = publish(upload())
    with pytest.raises(Refused):
        reopen_document(actor(role), document_id=document.pk, reason="x")
    with pytest.raises(Refused):
        repeal_document(actor(role), document_id=document.pk, reason="x", on=date(2026, 1, 1))


def test_an_officer_of_another_city_publishes_nothing_here(upload: Upload, officer: Actor, people: Any) -> None:
    from kechuang.apps.directory.domain.actors import actor_for
    from kechuang.apps.directory.models import Membership, User

    city = Region.objects.create(code="410400", name="平顶山市", short_name="x", level="prefecture", path="x/410400/")
    neighbour = User.objects.create(username="neighbour")
    Membership.objects.create(user=neighbour, role="bureau_officer", region=city)
    document = upload()
    stranger = actor_for(neighbour)
    assert document not in visible(stranger, Document)
    with pytest.raises(Refused):
        publish_document(stranger, document_id=document.pk)


def test_one_number_stands_for_one_document_in_force(
    upload: Upload, publish: Publish, officer: Actor, ledger: Ledger
) -> None:
    first = publish(upload())
    again = upload(TEXT + "附件\n", "again.txt")
    assert any("同一文号" in reason for reason in obstacles(again))
    correct_metadata(officer, document_id=again.pk, supersedes=first)
    publish(again)
    first.refresh_from_db()
    assert first.state == DocumentState.SUPERSEDED


def test_the_leaders_learn_of_it(
    upload: Upload, publish: Publish, actor: Callable[[str], Actor], ledger: Ledger
) -> None:
    publish(upload())
    (message,) = inbox(actor("bureau_leader"))
    assert "2 项任务" in message.message

"""The pages as people use them, and who gets none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kechuang.apps.policy.models import Document, DocumentState, Item, ItemState
from kechuang.kit.models import Job
from kechuang.kit.testing import queries_of
from kechuang.kit.testing_jobs import run_jobs
from tests.apps.policy.sample import TEXT

Upload = Callable[..., Document]
Publish = Callable[[Document], Document]
SignIn = Callable[[str], Client]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def client(client_as: SignIn) -> Client:
    return client_as("bureau_officer")


def test_from_upload_to_the_public_page(client: Client, people: Any) -> None:
    file = SimpleUploadedFile("measures.txt", TEXT.encode())
    region = client.get("/policy/upload/").context["form"].fields["region"].initial.pk
    answer = client.post("/policy/upload/", {"region": region, "files": [file]}, **HTMX)
    assert "正在读取" in answer.content.decode()
    document = Document.objects.get()
    assert client.get(f"/policy/{document.pk}/review/").status_code == 200
    run_jobs()
    page = client.get(f"/policy/{document.pk}/review/").content.decode()
    assert "已审 0/" in page
    for kind in ("task", "target", "benefit", "fund", "facility", "reference"):
        form = client.get(f"/policy/{document.pk}/items/accept/?kind={kind}", **HTMX).content.decode()
        items = Item.objects.filter(document=document, kind=kind)
        assert all(f'value="{item.pk}:1"' in form for item in items)
        chosen = [f"{item.pk}:{item.edition}" for item in items]
        assert client.post(f"/policy/{document.pk}/items/accept/", {"kind": kind, "item": chosen}).status_code == 302
    assert "进入台账" in client.get(f"/policy/{document.pk}/publish/", **HTMX).content.decode()
    client.post(f"/policy/{document.pk}/publish/", {"note": "首次发布"})
    assert Job.objects.filter(kind="policy.publish_document", state="queued").count() == 1
    run_jobs()
    document.refresh_from_db()
    assert document.state == DocumentState.PUBLISHED
    public = Client().get(f"/policy/{document.pk}/").content.decode()
    assert 'id="p-1"' in public
    assert "[A]. 2025-03-10." in public


def test_several_files_each_get_their_answer(client: Client, upload: Upload) -> None:
    upload()
    region = client.get("/policy/upload/").context["form"].fields["region"].initial.pk
    files = [
        SimpleUploadedFile("again.txt", TEXT.encode()),
        SimpleUploadedFile("new.txt", TEXT.replace("7号", "8号").encode()),
        SimpleUploadedFile("picture.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50),
    ]
    page = client.post("/policy/upload/", {"region": region, "files": files}).content.decode()
    assert "库里已经有了" in page
    assert "正在读取" in page
    assert "picture.png" in page
    assert Document.objects.count() == 2


def test_a_card_answers_with_itself_and_the_new_counts(client: Client, upload: Upload) -> None:
    document = upload()
    item = document.items.get(kind="target", payload__value=800)
    answer = client.post(f"/policy/items/{item.pk}/accept/", {"edition": 1}, **HTMX).content.decode()
    assert f'id="i-{item.pk}"' in answer
    assert 'data-state="accepted"' in answer
    assert 'id="count-target" hx-swap-oob="true">1/' in answer
    assert answer.count('class="pol-card"') == 1


def test_an_old_card_is_replaced_and_says_who_was_faster(client: Client, upload: Upload) -> None:
    item = upload().items.filter(kind="task").earliest("start")
    client.post(f"/policy/items/{item.pk}/accept/", {"edition": 1}, **HTMX)
    answer = client.post(f"/policy/items/{item.pk}/reject/", {"edition": 1}, **HTMX)
    assert 'data-state="accepted"' in answer.content.decode()
    assert "kechuang:toast" in answer.headers["HX-Trigger"]


def test_correcting_in_place(client: Client, upload: Upload) -> None:
    item = upload().items.get(kind="target", payload__value=800)
    url = f"/policy/items/{item.pk}/edit/"
    form = client.get(url, **HTMX)
    assert 'value="800"' in form.content.decode()
    prefix = f"i{item.pk}"
    entered = {f"{prefix}-indicator": "高企", f"{prefix}-comparator": ">=", f"{prefix}-value": "abc", "edition": 1}
    assert "不是数字" in client.post(url, entered, **HTMX).content.decode()
    answer = client.post(url, {**entered, f"{prefix}-value": "900"}, **HTMX).content.decode()
    assert "不低于 900" in answer
    assert "平台原来识别的内容" in answer
    item.refresh_from_db()
    assert item.state == ItemState.EDITED


def test_adding_a_selection(client: Client, upload: Upload) -> None:
    document = upload()
    start = document.text.index("市财政给予最高500万元补助")
    span = {"kind": "benefit", "start": start, "end": start + 13}
    url = f"/policy/{document.pk}/items/add/"
    assert "市财政给予最高500万元补助"[:13] in client.get(url, span, **HTMX).content.decode()
    entered = {**span, "quote": document.text[start : start + 13], "new-beneficiary": "实验室", "new-form": "补助"}
    answer = client.post(url, entered, **HTMX)
    item = Item.objects.get(origin="human")
    assert answer.headers["HX-Redirect"] == f"/policy/{document.pk}/review/?added={item.pk}#i-{item.pk}"
    moved = client.post(url, {**entered, "quote": "别的字句"}, **HTMX).content.decode()
    assert "请重新选择" in moved
    assert client.get(url, {"kind": "benefit", "start": 5, "end": 2}, **HTMX).status_code == 422


def test_metadata_in_the_drawer(client: Client, upload: Upload) -> None:
    document = upload()
    url = f"/policy/{document.pk}/metadata/"
    entered = {"title": "新标题", "doc_number": "", "no_number": "on", "kind": "notice", "issuers": "甲局、乙局"}
    answer = client.post(url, entered, **HTMX)
    assert answer.status_code == 204, answer.content.decode()
    document.refresh_from_db()
    assert (document.title, document.issuers, document.absent) == ("新标题", ["甲局", "乙局"], ["doc_number"])
    wrong = {**entered, "effective_from": "2025-01-01", "effective_until": "2024-01-01"}
    assert "不能早于" in client.post(url, wrong, **HTMX).content.decode()


def test_publishing_too_early_says_what_is_missing(client: Client, upload: Upload) -> None:
    document = upload()
    assert "没有审核" in client.get(f"/policy/{document.pk}/publish/", **HTMX).content.decode()
    assert client.post(f"/policy/{document.pk}/publish/").status_code == 422
    assert not Job.objects.filter(kind="policy.publish_document").exists()


def test_reopening_and_repealing(client: Client, upload: Upload, publish: Publish) -> None:
    document = publish(upload())
    assert client.post(f"/policy/{document.pk}/reopen/", {"reason": "更正"}).status_code == 302
    wrong = client.post(f"/policy/{document.pk}/repeal/", {"reason": "失效", "on": "2000-01-01"}).content.decode()
    assert "不能早于印发日期" in wrong
    client.post(f"/policy/{document.pk}/repeal/", {"reason": "宣布失效", "on": "2026-01-01"})
    page = Client().get(f"/policy/{document.pk}/").content.decode()
    assert "自 2026-01-01 起废止" in page
    assert "宣布失效" in page


def test_links_lead_to_the_sentence(upload: Upload, publish: Publish) -> None:
    document = publish(upload())
    item = document.items.get(kind="benefit", payload__amount=100_000)
    page = Client().get(f"/policy/{document.pk}/?at={item.start}-{item.end}").content.decode()
    assert 'id="at"' in page
    assert f'id="i-{item.pk}"' in page
    assert Client().get(f"/policy/{document.pk}/?at=9-1").status_code == 200


def test_the_public_sees_only_what_is_published(upload: Upload, publish: Publish, client: Client) -> None:
    draft = upload()
    public = Client()
    assert public.get(f"/policy/{draft.pk}/").status_code == 404
    assert public.get(f"/policy/{draft.pk}/review/").status_code == 302
    assert public.get(f"/kit/files/{draft.file_id}/").status_code == 302
    assert public.get(f"/api/policy/documents/{draft.pk}").status_code == 404
    assert public.get("/api/policy/items").json()["count"] == 0
    assert client.get("/api/policy/items").json()["count"] == draft.items.count()
    document = publish(draft)
    assert public.get(f"/kit/files/{document.file_id}/").status_code == 200
    answer = public.get(f"/api/policy/documents/{document.pk}").json()
    assert answer["text"] == document.text
    assert answer["passages"][0]["text"] == "南阳市人民政府办公室"
    assert public.get("/api/policy/items?kind=benefit").json()["count"] == 2
    assert public.get("/api/policy/documents?q=高新技术企业").json()["items"][0]["doc_number"] == "宛政办〔2025〕7号"


OFFICE = (
    "upload/",
    "{pk}/metadata/",
    "{pk}/publish/",
    "{pk}/reopen/",
    "{pk}/repeal/",
    "{pk}/discard/",
    "{pk}/items/add/",
)


@pytest.mark.parametrize("role", ["bureau_leader", "auditor", "county_workstation", "responsible_unit", "expert"])
def test_the_officers_pages_are_for_officers(upload: Upload, publish: Publish, client_as: SignIn, role: str) -> None:
    document = publish(upload())
    browser = client_as(role)
    for path in OFFICE:
        assert browser.get(f"/policy/{path.format(pk=document.pk)}").status_code == 403, path
    item = document.items.first()
    assert item is not None
    assert browser.post(f"/policy/items/{item.pk}/accept/", {"edition": 1}, **HTMX).status_code == 403
    reads = role != "expert"
    assert browser.get(f"/policy/{document.pk}/review/").status_code == (200 if reads else 403)
    assert 'data-do="accept"' not in browser.get(f"/policy/{document.pk}/review/").content.decode()


def test_the_review_needs_as_many_queries_for_one_finding_as_for_all(client: Client, upload: Upload) -> None:
    document = upload()
    url = f"/policy/{document.pk}/review/"
    client.get(url)
    many = len(queries_of(client, url))
    keep = document.items.first()
    assert keep is not None
    document.items.exclude(pk=keep.pk).delete()
    assert len(queries_of(client, url)) == many


def test_discarding(client: Client, upload: Upload) -> None:
    document = upload()
    assert client.get(f"/policy/{document.pk}/discard/").status_code == 200
    assert client.post(f"/policy/{document.pk}/discard/").headers["Location"] == "/policy/upload/"
    assert not Document.objects.exists()

"""The first main job: a document becomes a ledger, targets and a library, and everything leads back to its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import policy_pages as policy
from tests.e2e.browsing import sign_in
from tests.e2e.conftest import Visit

SAMPLE = Path(__file__).with_name("sample_policy.txt")
MISSED = "科技服务办件平均用时压减到3个工作日以内"


@pytest.fixture(scope="module")
def published(browsing) -> int:  # type: ignore[no-untyped-def]
    """The sample document, brought in, reviewed and published as its officer does it."""
    with browsing.session("officer") as page:
        number = policy.upload(page, SAMPLE)
        _correct_metadata(page)
        _accept_with_keys(page)
        _correct_a_benefit(page)
        _reject_a_facility(page)
        _add_a_target(page)
        for kind in ("task", "target", "benefit", "fund", "facility", "reference"):
            policy.accept_rest(page, kind)
        policy.publish(page)
    return number


def _correct_metadata(page: Page) -> None:
    page.locator(".kc-reading-head .pol-meta [data-kc-drawer]").click()
    form = page.locator("#drawer form")
    expect(form.locator("[name=doc_number]")).to_have_value("宛政办〔2026〕7号")
    expect(form.locator("[name=issued_on]")).to_have_value("2026-01-15")
    form.locator("[name=keywords]").fill("科技服务券、科技特派员")
    form.locator("button.btn-primary").click()
    expect(page.locator(".kc-reading-head .kc-notice")).to_be_visible()


def _accept_with_keys(page: Page) -> None:
    policy.open_tab(page, "task")
    first = policy.card(page, "task", "建设县区科技服务工作站")
    identity = first.get_attribute("id")
    page.keyboard.press("a")
    expect(page.locator(f"#{identity}")).to_have_attribute("data-state", "accepted")
    following = page.locator("#panel-task .pol-card.is-active")
    expect(following).to_have_attribute("data-state", "proposed")
    assert following.get_attribute("id") != identity


def _correct_a_benefit(page: Page) -> None:
    benefit = policy.card(page, "benefit", "发放科技服务券")
    identity = benefit.get_attribute("id")
    page.keyboard.press("e")
    form = page.locator(f"#{identity}[data-editing]")
    form.locator("[name$=beneficiary]").fill("购买科技服务的企业")
    form.locator("[name$=amount_max]").fill("不知道")
    page.keyboard.press("Control+Enter")
    expect(form.locator(".kc-field-error").first).to_be_visible()
    form.locator("[name$=amount_max]").fill("200000")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#{identity}")).to_have_attribute("data-state", "edited")
    expect(page.locator(f"#{identity}")).to_contain_text("购买科技服务的企业")


def _reject_a_facility(page: Page) -> None:
    facility = policy.card(page, "facility", "织密服务网络")
    identity = facility.get_attribute("id")
    page.once("dialog", lambda dialog: dialog.accept("只是标题"))
    page.keyboard.press("r")
    expect(page.locator(f"#{identity}")).to_have_attribute("data-state", "rejected")
    expect(page.locator(f"#{identity}")).to_contain_text("只是标题")


def _add_a_target(page: Page) -> None:
    _done, before = policy.count(page, "target")
    select(page, MISSED)
    page.locator("#selection [data-add=target]").click()
    form = page.locator("#new-item")
    expect(form.locator(".pol-quote")).to_have_text(MISSED)
    form.locator("[name$=indicator]").fill("科技服务办件平均用时")
    form.locator("[name$=comparator]").select_option("<=")
    form.locator("[name$=value]").first.fill("3")
    form.locator("[name$=unit]").fill("个工作日")
    form.locator("[name$=period]").fill("2027")
    form.locator("[data-do=save]").click()
    expect(page.locator("#count-target")).to_contain_text(f"/{before + 1}")


def select(page: Page, words: str) -> None:
    """Select these words of the text, as with the mouse."""
    page.evaluate(
        """(words) => {
          const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
          const nodes = [];
          let all = "";
          while (walker.nextNode()) {
            nodes.push([walker.currentNode, all.length]);
            all += walker.currentNode.data;
          }
          const at = all.indexOf(words);
          const place = (offset) => nodes.findLast(([, start]) => start <= offset);
          const [first, from] = place(at);
          const [last, until] = place(at + words.length - 1);
          const range = document.createRange();
          range.setStart(first, at - from);
          range.setEnd(last, at + words.length - until);
          first.parentElement.scrollIntoView({block: "center"});
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }""",
        words,
    )


def test_signing_in_leads_to_the_work_that_waits(visit: Visit) -> None:
    page = visit()
    sign_in(page, "officer")
    page.goto("/workbench/")
    expect(page.locator("h1")).to_contain_text("林晓云")


def test_wrong_password_is_said_gently(visit: Visit) -> None:
    page = visit()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("officer")
    page.locator("input[name=password]").fill("wrong")
    page.locator("input[name=password]").press("Enter")
    expect(page.locator("main")).to_contain_text("密码")
    assert "/accounts/login/" in page.url


def test_published_document_is_open_to_everyone(visit: Visit, published: int) -> None:
    page = visit()
    page.goto(f"/policy/{published}/")
    expect(page.locator("h1")).to_contain_text("科技服务提质行动方案")
    findings = page.locator("#findings")
    expect(findings).to_contain_text("购买科技服务的企业")
    expect(findings).to_contain_text("科技服务办件平均用时")
    expect(findings).not_to_contain_text("织密服务网络")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_public_finds_it_by_its_words(visit: Visit, published: int, phone: bool) -> None:
    page = visit(phone=phone)
    page.goto("/policy/")
    page.locator("#library input[type=search]").fill("科技服务券")
    page.keyboard.press("Enter")
    result = page.locator(".pol-results > li").filter(has_text="科技服务提质行动方案")
    expect(result).to_have_count(1)
    sentence = result.locator(".pol-snippets a").first
    expect(sentence).to_contain_text("科技服务券")
    sentence.click()
    assert "科技服务券" in policy.highlighted(page)


def test_filters_narrow_and_stand_in_the_address(visit: Visit, published: int) -> None:
    page = visit()
    page.goto("/policy/?what=benefit")
    everything = page.locator(".pol-results > li").count()
    page.locator("[name=year]").select_option("2026")
    page.locator(".pol-filters .btn-primary").click()
    page.wait_for_url("**year=2026**")
    results = page.locator(".pol-results > li")
    assert 0 < results.count() < everything
    for chip in results.locator(".kc-chip").all():
        expect(chip).to_contain_text("宛政办〔2026〕7号")
    page.goto("/policy/?what=benefit&year=2026&amount_min=15")
    assert results.count() == 2, "benefits of 200,000 and 600,000 yuan, not the one of 120,000"


def test_every_chip_of_the_library_leads_to_its_quote(visit: Visit, published: int) -> None:
    page = visit()
    page.goto("/policy/?what=target&year=2026")
    chips = page.locator(".pol-results .kc-evidence").all()
    links = [(chip.locator("a").get_attribute("href"), chip.locator(".kc-quote").text_content()) for chip in chips]
    assert len(links) >= 9
    for address, quote in links:
        page.goto(str(address))
        sentence = policy.plain(policy.highlighted(page))
        assert sentence
        assert f"“{sentence}”" in policy.plain(str(quote))


def test_same_file_again_leads_to_the_first(visit: Visit, published: int) -> None:
    page = visit("officer")
    policy.choose_files(page, SAMPLE)
    box = page.locator("#uploaded .pol-file").filter(has_text=SAMPLE.name)
    expect(box.locator(".kc-notice")).to_contain_text("科技服务提质行动方案")
    expect(box.locator("a")).to_have_attribute("href", f"/policy/{published}/review/")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("letter.docx", b"this is no Word document"),
        ("empty.txt", b""),
        ("huge.txt", "南阳市科技创新".encode() * 1_100_000),
    ],
    ids=["type", "damaged", "empty", "oversize"],
)
def test_unusable_files_are_refused_with_a_reason(visit: Visit, name: str, content: bytes, tmp_path: Path) -> None:
    page = visit("officer")
    file = tmp_path / name
    file.write_bytes(content)
    policy.choose_files(page, file)
    box = page.locator("#uploaded .pol-file").filter(has_text=name)
    expect(box).to_be_visible(timeout=30_000)
    expect(box.locator(".kc-notice")).to_contain_text(re.compile("[一-鿿]{4}"))
    expect(box.locator(".kc-job")).to_have_count(0)


def test_original_takes_the_place_of_its_restatement(visit: Visit) -> None:
    page = visit("officer")
    restatement = _original_of("wanzhengban-2023-46")
    policy.choose_files(page, {"name": "kcny-46.txt", "mimeType": "text/plain", "buffer": restatement.encode()})
    page.locator("#uploaded .kc-job a.btn-primary").click(timeout=60_000)
    for kind in ("task", "target", "benefit", "fund", "facility", "reference"):
        policy.accept_rest(page, kind)
    policy.publish(page)
    page.locator('.kc-reading-head a[href$="/report/"]').click()
    expect(page.locator("h1")).to_be_visible()


def _original_of(name: str) -> str:
    """The restatement's text in other words: as an original differs from it."""
    import kechuang

    place = Path(kechuang.__file__).parent / "packs" / "nanyang" / "documents" / f"{name}.txt"
    text = re.sub(r"【本文为改写稿.*?】\n*", "", place.read_text(encoding="utf-8"))
    return text.replace(
        "启动创建“科创中原”试点市工作。对照试点市的创建标准，", "启动创建“科创中原”试点市工作。围绕创建要求，"
    )

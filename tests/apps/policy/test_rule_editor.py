"""The rule editor: rows and text of a condition, both ways without loss; amounts; what stands beside which field."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.packs import load_facts
from kechuang.apps.policy.domain.rules import draft_version
from kechuang.apps.policy.interfaces.loading import load_rules
from kechuang.apps.policy.models import Rule, RuleVersion
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import assert_constant_queries
from tests.apps.policy.rules import HNTE, INTENSE, definition, make_rules

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
Fields = dict[str, Any]


class _Form(HTMLParser):
    """What a browser would send of the form with an id."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.inside = False
        self.select = self.area = ""
        self.first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        value = "on" if given.get("type") == "checkbox" and "value" not in given else value
        if tag == "form":
            self.inside = given.get("id") == "rule-form"
        if not self.inside:
            return
        if tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.fields.setdefault(name, []).append(value)
        elif tag == "select":
            self.select, self.first = name, None
        elif tag == "option" and self.select:
            self.first = value if self.first is None else self.first
            if "selected" in given:
                self.fields[self.select] = [value]
        elif tag == "textarea":
            self.area = name
            self.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area][0] += data.lstrip("\n") if not self.fields[self.area][0] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.select:
            self.fields.setdefault(self.select, [self.first or ""])
            self.select = ""
        elif tag == "textarea":
            self.area = ""
        elif tag == "form":
            self.inside = False


def fields_of(response: Any) -> Fields:
    """The fields of the editor as they stand on a page."""
    reader = _Form()
    reader.feed(response.content.decode())
    return reader.fields


def errors_of(response: Any) -> list[str]:
    """What the summary at the top says, line by line."""
    summary = re.search(r'<div class="kc-summary".*?</ul>', response.content.decode(), re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", summary[0], re.DOTALL) if summary else []
    return [re.sub(r"<[^>]+>", "", line).strip() for line in lines]


def save(client: Client, url: str, fields: Fields, **more: Any) -> Any:
    """Press save with other values in some fields."""
    return client.post(url, {**fields, **more, "act": "save"})


@pytest.fixture
def hnte(city: Region) -> Rule:
    return make_rules(city, HNTE, INTENSE)[0].rule


@pytest.fixture
def writer(client_as: Browser) -> Client:
    return client_as("bureau_officer")


def edit_url(rule: Rule) -> str:
    return reverse("policy:rule-edit", args=[rule.pk])


# Without loss ---------------------------------------------------------------------------------------------------------


def test_every_rule_of_the_pack_survives_the_editor(nanyang: Pack, city: Region, client_as: Browser) -> None:
    load_facts(nanyang, SYSTEM)
    load_rules(nanyang, SYSTEM)
    client = client_as("platform_admin")
    rows = texts = 0
    for rule in Rule.objects.select_related("current"):
        page = client.get(edit_url(rule))
        fields = fields_of(page)
        rows += sum(value == ["row"] for value in fields.values())
        texts += sum(value == ["sql"] for value in fields.values())
        saved = save(client, edit_url(rule), fields)
        assert saved.status_code == 302, (rule.code, errors_of(saved))
        draft = rule.versions.get(state="draft")
        assert _plain(draft.definition) == _plain(rule.current.definition), rule.code  # type: ignore[union-attr]
    assert rows > 10 * texts


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """What says nothing is left out."""
    return {key: value for key, value in entry.items() if value not in ("", None, {}, [])}


@pytest.mark.parametrize(
    ("sql", "operator", "value"),
    [
        ("revenue >= 20000000", ">=", ["2000"]),
        ("revenue BETWEEN 5000000 AND 20000000", "between", ["500", "2000"]),
        ("rd_intensity >= 0.05", ">=", ["5"]),
        ("rd_expense >= revenue", ">=", ["销售收入"]),
        ("within(region, '411302', '411303')", "within", ["宛城区、卧龙区"]),
        ("NOT hnte_valid", "is false", []),
        ("hnte_valid IS NULL", "is unknown", []),
    ],
)
def test_a_condition_is_a_row_and_its_text_both_ways(
    hnte: Rule, officer: Actor, writer: Client, sql: str, operator: str, value: list[str]
) -> None:
    draft_version(officer, rule=hnte, definition=definition("hnte", [sql]))
    row = fields_of(writer.get(edit_url(hnte)))
    assert row["c.1.mode"] == ["row"]
    assert row["c.1.op"] == [operator]
    assert row.get("c.1.value", []) + row.get("c.1.value2", []) == value
    text = fields_of(writer.post(edit_url(hnte), {**row, "act": "text:c.1"}))
    assert (text["c.1.mode"], text["c.1.sql"]) == (["sql"], [sql])
    again = fields_of(writer.post(edit_url(hnte), {**text, "act": "row:c.1"}))
    assert {name: again[name] for name in row if name.startswith("c.1")} == {
        name: row[name] for name in row if name.startswith("c.1")
    } | {"c.1.sql": [sql]}


@pytest.mark.parametrize("sql", ["hnte_valid OR revenue > 1", "rd_expense / revenue > 0.1", "hnte_valid = TRUE"])
def test_what_no_row_can_say_stays_text_and_says_so(hnte: Rule, officer: Actor, writer: Client, sql: str) -> None:
    draft_version(officer, rule=hnte, definition=definition("hnte", [sql], labels={sql: "条件"}))
    page = writer.get(edit_url(hnte))
    fields = fields_of(page)
    assert (fields["c.1.mode"], fields["c.1.sql"]) == (["sql"], [sql])
    assert "保留为文本" in page.content.decode()
    assert fields_of(writer.post(edit_url(hnte), {**fields, "act": "row:c.1"}))["c.1.mode"] == ["sql"]


def test_a_figure_is_found_by_its_name_and_the_value_fits_it(hnte: Rule, writer: Client) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    added = fields_of(writer.post(edit_url(hnte), {**fields, "act": "add"}))
    chosen = {**added, "c.3.figure": "销售收入", "act": "shape"}
    page = writer.post(edit_url(hnte), chosen).content.decode()
    assert 'name="c.3.op"' in page
    assert "万元" in page[page.find('id="c-3"') :]
    saved = save(writer, edit_url(hnte), added, **{"c.3.figure": "销售收入", "c.3.op": ">=", "c.3.value": "2亿元"})
    assert saved.status_code == 302, errors_of(saved)
    condition = RuleVersion.objects.get(state="draft").definition["when"][2]
    assert condition == {
        "sql": "revenue >= 200000000",
        "label": "销售收入不低于2亿元",
        "label_en": condition["label_en"],
    }
    assert "200 million" in condition["label_en"]


# Beside the field -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"figure": "没有的指标"}, "没有“没有的指标”这项指标"),
        ({"figure": "销售收入", "op": ">=", "value": "很多"}, "“很多”不是数字"),
        ({"figure": "销售收入", "op": ">=", "value": ""}, "请填写数值"),
        ({"mode": "sql", "sql": "revenue > staff_count", "label": "x"}, "混在一起"),
        ({"mode": "sql", "sql": "no_such_fact > 1", "label": "x"}, "没有“no_such_fact”这项指标"),
        ({"mode": "sql", "sql": "revenue >", "label": "x"}, "不能读作条件"),
        ({"mode": "sql", "sql": "pg_sleep(1) > 0", "label": "x"}, "函数"),
        ({"figure": "高新技术企业", "op": "is false"}, "不可能同时满足"),
    ],
)
def test_a_mistake_stands_beside_its_row_and_nothing_is_lost(
    hnte: Rule, writer: Client, row: dict[str, str], words: str
) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    typed = {"c.3.mode": "row", **{f"c.3.{part}": value for part, value in row.items()}, "note": "为什么"}
    page = save(writer, edit_url(hnte), fields, **typed)
    assert page.status_code == 200
    text = page.content.decode()
    beside = text[text.find('id="c-3-said"') :]
    assert words in beside[: beside.find("</div>")]
    assert any(line.startswith("第3项条件") for line in errors_of(page))
    kept = fields_of(page)
    for name, value in typed.items():
        assert kept[name] == [value], name
    assert not RuleVersion.objects.filter(state="draft").exists()


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE x; --",
        "1e999",
        "٣",
        "a\x00b",
        "9" * 400,
        "NaN",
        "-",
        "%",
        "今天",
        "2025-13-45",
        "((((",
        '"',
        "\r\n",
    ],
)
def test_whatever_is_typed_is_answered(hnte: Rule, writer: Client, text: str) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    row = {f"c.3.{part}": text for part in ("op", "value", "value2", "sql", "kept", "label")} | {"c.3.mode": "row"}
    step = {"s.1.figure": "注册地", "s.1.op": text, "s.1.value": text, "s.1.amount": text}
    sums = {"a.fixed": text, "a.rate": text, "a.of": text, "a.text": text, "a.meaning": text}
    for figure, form, act in (("销售收入", "tiers", "save"), (text, "rate", "look"), ("注册地", "text", "row:c.3")):
        given = {**fields, **row, **step, **sums, "c.3.figure": figure, "a.form": form, "act": act}
        assert writer.post(edit_url(hnte), given).status_code in (200, 302)


def test_while_writing_each_row_is_looked_at(hnte: Rule, writer: Client) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    look = writer.post(
        edit_url(hnte),
        {**fields, "c.3.mode": "row", "c.3.figure": "认定次数", "c.3.op": ">", "c.3.value": "1", "act": "look"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert look.count("hx-swap-oob") == 4
    assert look.count("不可能同时满足") == 2
    assert "<span>高新技术企业</span>" in look


def test_words_that_no_longer_fit_are_asked_about(hnte: Rule, officer: Actor, writer: Client) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    page = save(writer, edit_url(hnte), fields, **{"c.2.value": "2"})
    assert "条件已改而表述未改" in errors_of(page)[0]
    assert save(writer, edit_url(hnte), fields, **{"c.2.value": "2", "c.2.fits": "1"}).status_code == 302
    second = RuleVersion.objects.get(state="draft").definition["when"][1]
    assert (second["sql"], second["label"]) == ("hnte_times = 2", "hnte_times = 1")


def test_the_amount_in_its_forms(hnte: Rule, writer: Client) -> None:
    fields = fields_of(writer.get(edit_url(hnte)))
    rate = {"a.form": "rate", "a.rate": "10", "a.of": "研发费用", "a.cap": "200"}
    step = {"s.1.mode": "row", "s.1.figure": "销售收入", "s.1.op": ">=", "s.1.value": "1亿元", "s.1.amount": "20"}
    for given, amount in (
        ({"a.fixed": "12.5"}, "125000"),
        (rate, {"rate": "0.1", "of": "rd_expense", "cap": "2000000"}),
        (
            {"a.form": "tiers", **step, "a.otherwise": "5"},
            {"tiers": [{"when": "revenue >= 100000000", "amount": "200000"}], "otherwise": "50000"},
        ),
        ({"a.form": "text", "a.text": "500000 * hnte_times"}, "500000 * hnte_times"),
        ({"a.form": "none"}, None),
    ):
        saved = save(writer, edit_url(hnte), {**fields, "seen": ""}, **given)
        assert saved.status_code == 302, errors_of(saved)
        draft = RuleVersion.objects.get(state="draft")
        assert draft.definition.get("amount") == amount
        shown = fields_of(writer.get(edit_url(hnte)))
        assert shown["a.form"] == [given.get("a.form", "fixed")]
    page = save(writer, edit_url(hnte), {**fields, "seen": ""}, **{"a.form": "text", "a.text": "staff_count * revenue"})
    assert "金额的单位是元" in " ".join(errors_of(page))


def test_two_writers_at_once_are_told(hnte: Rule, officer: Actor, client_as: Browser) -> None:
    mine, theirs = client_as("bureau_officer"), client_as("platform_admin")
    fields = fields_of(mine.get(edit_url(hnte)))
    assert save(theirs, edit_url(hnte), fields, title="他人的标题").status_code == 302
    page = save(mine, edit_url(hnte), fields, title="我的标题")
    assert "草稿已被他人修改" in errors_of(page)[0]
    kept = fields_of(page)
    assert kept["title"] == ["我的标题"]
    assert save(mine, edit_url(hnte), kept).status_code == 302
    assert len(RuleVersion.objects.get(state="draft").writers) == 2


def test_a_new_rule_from_nothing(hnte: Rule, city: Region, writer: Client) -> None:
    url = reverse("policy:rule-new")
    fields = fields_of(writer.get(url))
    empty = save(writer, url, fields)
    assert empty.status_code == 200
    assert len(errors_of(empty)) >= 3
    given = {
        "title": "规上企业研发奖励", "document": "宛政〔2026〕9号", "quote": "给予10万元奖励",
        "next_zh": "向县科技局申报。",
        "places": "宛城区", "valid_from": "2026-01-01", "c.1.figure": "研发费用", "c.1.op": ">", "c.1.value": "100",
        "a.form": "fixed", "a.fixed": "10", "once": "on", "per_year": "10",
    }  # fmt: skip
    saved = save(writer, url, {**fields, **given})
    assert saved.status_code == 302, errors_of(saved)
    draft = RuleVersion.objects.get(state="draft")
    assert draft.rule.region == city
    assert draft.definition["scope"] == {"region": ["411302"]}
    assert draft.definition["limits"] == {"once": True, "per_year": 100000}
    assert draft.definition["valid"] == ["2026-01-01", None]
    assert draft.definition["when"][0]["label"] == "研发费用大于100万元"


@pytest.mark.parametrize("role", ["public", "bureau_leader", "auditor", "county_workstation", "organisation_admin"])
def test_who_may_not_write(hnte: Rule, client_as: Browser, role: str) -> None:
    client = client_as(role)
    for url in (reverse("policy:rule-new"), edit_url(hnte)):
        assert client.get(url).status_code in (302, 403)
        assert client.post(url, {"act": "save"}).status_code in (302, 403)
    assert not RuleVersion.objects.filter(state="draft").exists()


def test_the_editor_needs_constant_queries(hnte: Rule, officer: Actor, writer: Client) -> None:
    sqls = ["hnte_valid", "hnte_times = 1", "revenue > 1", "staff_count > 1", "within(region, '411300')"]

    def more(count: int) -> None:
        length = len(RuleVersion.objects.filter(state="draft").first().definition["when"]) if drafts() else 0  # type: ignore[union-attr]
        draft_version(officer, rule=hnte, definition=definition("hnte", sqls[: length + count]))

    def drafts() -> bool:
        return RuleVersion.objects.filter(state="draft").exists()

    assert_constant_queries(writer, edit_url(hnte), more)

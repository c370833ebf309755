"""Components: what they print for known, unknown and odd values."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, engines
from django.test import RequestFactory
from django.utils import timezone
from django.utils.translation import override

from kechuang.kit import lights
from kechuang.kit.navigation import Hit, NavItem, navigation, register_nav, register_search_source, search
from kechuang.kit.numbers import money_text, number_text
from kechuang.kit.permissions import PUBLIC, Actor, Grant
from kechuang.kit.templatetags.kechuang import day, relative


def draw(template: str, **context: Any) -> str:
    """A template with components, rendered as a page renders it."""
    from django_cotton.compiler_regex import CottonCompiler

    request = RequestFactory().get("/list/?kind=a&page=3")
    source = "{% load kechuang %}" + template
    compiled = engines["django"].engine.from_string(CottonCompiler().process(source))
    return compiled.render(Context({"request": request, "CSP_NONCE": "n0nce", **context}))


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (0, "0元", "0 yuan"),
        (3500, "3,500元", "3,500 yuan"),
        (100_000, "10万元", "100,000 yuan"),
        (1_234_500, "123.45万元", "1.2345 million yuan"),
        (125_000_000, "1.25亿元", "125 million yuan"),
        (-20_000, "-2万元", "-20,000 yuan"),
    ],
)
def test_money_reads_as_people_say_it(yuan: int, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert money_text(yuan) == chinese
    with override("en"):
        assert money_text(yuan) == english


def test_numbers_keep_their_digits() -> None:
    assert number_text("1234567.500") == "1,234,567.5"
    assert number_text(2.345, 2) == "2.35"
    assert number_text(100) == "100"


@pytest.mark.parametrize("component", ["<c-money />", "<c-value />", "<c-date />", "<c-progress />"])
def test_unknown_is_said_never_zero_or_a_dash(component: str) -> None:
    assert "待补充" in draw(component)


def test_zero_is_known() -> None:
    assert "待补充" not in draw("<c-money :yuan='0' /><c-value :number='0' unit='家' /><c-progress :percent='0' />")


def test_money_shows_the_exact_yuan_on_hover() -> None:
    assert 'title="精确到元：125,000,000元"' in draw("<c-money :yuan='125000000' />")


def test_days_are_told_relative_to_today() -> None:
    today = timezone.localdate()
    assert relative(today) == "今天"
    assert relative(today + timedelta(days=3)) == "3 天后"
    assert relative(today - timedelta(days=5)) == "5 天前"
    assert relative(None) == ""
    assert 'datetime="2025-12-31"' in day(date(2025, 12, 31))


def test_a_light_is_colour_icon_and_word() -> None:
    text = draw("<c-light key='overdue' />")
    assert "kc-tone-bad" in text
    assert "#alert-triangle" in text
    assert "已逾期" in text


def test_every_light_has_a_known_tone() -> None:
    with pytest.raises(ValueError, match="unknown tone"):
        lights.register_light("odd", "odd", "circle", "pink")
    assert lights.light("never heard of").tone == "unknown"


def test_evidence_names_the_document_and_keeps_the_quote_safe() -> None:
    link = SimpleNamespace(label="宛政办〔2022〕59号", url="/policy/1/#s5", quote="达到<b>800</b>家", state="exact")
    text = draw("<c-evidence :links='links' />", links=[link])
    assert 'href="/policy/1/#s5"' in text
    assert "达到&lt;b&gt;800&lt;/b&gt;家" in text
    assert draw("<c-evidence :links='links' />", links=[]).strip() == ""


def test_chart_data_cannot_end_the_script() -> None:
    chart = {"series": [{"name": "</script><script>alert(1)</script>"}]}
    text = draw("<c-chart title='A' :option='chart' />", chart=chart)
    assert text.count("</script>") == 1
    assert 'nonce="n0nce"' in text


class Form(forms.Form):
    name = forms.CharField(label="名称", help_text="全称")
    kind = forms.ChoiceField(label="类别", choices=[("a", "甲")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="同意", required=False)


def test_a_form_names_its_mistakes_twice_and_links_them() -> None:
    text = draw("{{ form }}", form=Form({"name": "", "kind": "a"}))
    assert text.count("这个字段是必填项") == 2
    assert 'href="#id_name"' in text
    assert 'aria-describedby="id_name_helptext id_name_error"' in text


def test_groups_of_choices_are_fieldsets_and_a_single_box_is_not() -> None:
    text = draw("{{ form }}", form=Form())
    assert text.count("<fieldset") == 1
    assert text.count("<legend>") == 1
    assert "form-control" not in text[text.index("<fieldset") : text.index("</fieldset>")]


def test_query_changes_keep_the_other_parameters() -> None:
    assert draw("{% query page=4 %}") == "?kind=a&amp;page=4"
    assert draw("{% query page='' %}") == "?kind=a"


def test_steps_before_the_current_one_are_done() -> None:
    text = draw("<c-steps :steps='steps' current='b' />", steps=[("a", "甲"), ("b", "乙"), ("c", "丙")])
    assert text.count("is-done") == 1
    assert text.count('aria-current="step"') == 1


def test_navigation_shows_what_the_roles_allow(settings: Any) -> None:
    register_nav(NavItem("test-open", "公开", "home", "home", group="试验", order=9000))
    register_nav(NavItem("test-closed", "内部", "search", "home", frozenset({"bureau_officer"}), "试验", 9001))
    register_nav(NavItem("test-gone", "没有", "no-such-page", "home", group="试验", order=9002))

    def keys(actor: Actor) -> list[str]:
        return [item.key for group in navigation(actor, "/") if group.label == "试验" for item, _here in group.items]

    assert keys(PUBLIC) == ["test-open"]
    assert keys(Actor(1, (Grant("bureau_officer"),))) == ["test-open", "test-closed"]


def test_search_asks_every_source_and_drops_the_empty_ones() -> None:
    register_search_source("test-some", lambda actor, query, limit: [Hit(query, "/")][:limit], "有")
    register_search_source("test-none", lambda actor, query, limit: [], "无")
    names = [name for name, _label, _hits in search(PUBLIC, "创新", 5, only="test-some")]
    assert names == ["test-some"]
    assert search(PUBLIC, "创新", 5, only="test-none") == []
    assert search(PUBLIC, "   ") == []

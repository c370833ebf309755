from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.directory.models import Organisation, Region
from kechuang.kit.search import TOKEN, BigramField, bigrams, highlight, query_tokens, search, snippet


def test_chinese_becomes_pairs_and_single_characters() -> None:
    assert bigrams("创新券") == sorted(["创新", "新券", "创", "新", "券"])
    assert query_tokens("创新券") == ["创新", "新券"]
    assert query_tokens("券") == ["券"]


def test_width_and_case_are_all_alike() -> None:
    assert bigrams("ＲＤ２０２５") == bigrams("rd2025")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("南阳市科技创新券管理办法", "创新券"),
        ("南阳市科技创新券管理办法", "券"),
        ("宛政办〔2022〕59号", "2022"),
        ("宛政办〔2022〕59号", "〔2022〕59号"),
        ("91411300MA44RU8E1K", "914113"),
        ("通过 ISO9001 认证", "iso"),
        ("通过 ISO9001 认证", "9001"),
        ("Kechuang Innovation Platform", "innovation"),
        ("A类企业", "A类"),
        ("研发投入,强度", "强度 研发"),
    ],
)
def test_what_a_text_contains_is_found(text: str, query: str) -> None:
    assert set(query_tokens(query)) <= set(bigrams(text))


def test_what_it_does_not_contain_is_not_found() -> None:
    assert not set(query_tokens("新创")) <= set(bigrams("创新"))
    assert not set(query_tokens("2023")) <= set(bigrams("宛政办〔2022〕59号"))


@given(st.text(max_size=200))
def test_any_text_finds_itself_in_short_tokens(text: str) -> None:
    tokens = bigrams(text)
    assert all(0 < len(token) <= TOKEN for token in tokens)
    assert set(query_tokens(text)) <= set(tokens)
    highlight(text, text)
    snippet(text, text)


def test_the_field_follows_its_sources() -> None:
    field = BigramField(of=("name", "aliases"))
    field.set_attributes_from_name("bigrams")

    class Row:
        name, aliases, bigrams = "科技局", ["科学技术局"], None

    assert field.pre_save(Row(), True) == bigrams("科技局", "科学技术局")  # type: ignore[arg-type]
    _name, path, _args, options = field.deconstruct()
    assert path == "kechuang.kit.search.BigramField"
    assert options["of"] == ("name", "aliases")
    assert "base_field" not in options


@pytest.fixture
def firms(region: Region) -> list[Organisation]:
    names = ["南阳防爆电气研究所有限公司", "防爆电机（南阳）有限公司", "河南农大种业有限公司"]
    return [
        Organisation.objects.create(uscc=f"u{n}", name=name, region=region, address="防爆电机路" if n == 2 else "")
        for n, name in enumerate(names)
    ]


def test_search_finds_every_term_anywhere(firms: list[Organisation]) -> None:
    def found(query: str) -> set[str]:
        return set(search(Organisation.objects.all(), query).values_list("name", flat=True))

    assert found("防爆 电机") == {firms[1].name}
    assert found("防爆") == {firms[0].name, firms[1].name}
    assert len(found("")) == 3
    assert found("！？") == set()
    assert found("没有") == set()


def test_rows_with_the_whole_query_in_a_field_come_first(firms: list[Organisation]) -> None:
    Organisation.objects.filter(pk=firms[2].pk).update(bigrams=bigrams("防爆电机"), name="丙")
    rows = search(Organisation.objects.order_by("-pk"), "防爆电机", first=["name"])
    assert [row.pk for row in rows] == [firms[1].pk, firms[2].pk]


def test_search_uses_the_index(firms: list[Organisation]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        rows = search(Organisation.objects.order_by(), "防爆电机")
        assert "organisation_bigrams" in rows.explain()


def test_highlight_marks_and_escapes() -> None:
    assert highlight("<b>创新券</b>", "创新") == "&lt;b&gt;<mark>创新</mark>券&lt;/b&gt;"
    assert highlight("ＡＢＣ公司", "abc") == "<mark>ＡＢＣ</mark>公司"
    assert highlight("创新，新券", "创新券") == "<mark>创新</mark>，<mark>新券</mark>"
    assert highlight("没有", "创新") == "没有"


def test_snippet_shows_the_neighbourhood_of_the_first_hit() -> None:
    text = "甲" * 200 + "创新券" + "乙" * 200
    piece = snippet(text, "创新券", width=40)
    assert piece.startswith("…甲")
    assert piece.endswith("乙…")
    assert "<mark>创新券</mark>" in piece
    assert snippet("短文", "没有") == "短文"

"""Whatever the text: spans quote exactly, nothing crashes, reading twice as much takes about twice as long."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kechuang.engines.extraction import Extraction, extract
from kechuang.engines.extraction.quantities import chinese_number, number

from .documents import sample_texts

PIECES = [
    "一、",
    "（一）",
    "1.",
    "（1）",
    "①",
    "第一条",
    "一是",
    "“",
    "”",
    "（",
    "）",
    "《",
    "》",
    "、",
    "，",
    "。",
    "；",
    "：",
    "对",
    "给予",
    "奖励",
    "10万元",
    "200—300万元",
    "20%",
    "百分之十五",
    "达到",
    "以上",
    "左右",
    "每个",
    "由受益财政",
    "责任单位：",
    "市科技局",
    "财政局",
    "牵头",
    "机制",
    "平台",
    "实验室",
    "2025年",
    "“十四五”末",
    "分别",
    "最高不超过",
    "的",
    "国家级、省级",
    "等",
    "建设",
    "企业",
    "100家",
    "3-5个",
    "一千家",
    "1,000",
    "**",
    "<p>",
    "附件",
    "〔2022〕",
    "号",
    "-",
    "—",
    "😀",
]
TEXT = st.lists(st.one_of(st.sampled_from([*PIECES, "\n", "\r\n", "\t", " ", "　", "\x0c"]), st.text(max_size=4))).map(
    "".join
)


def check(text: str, extraction: Extraction) -> None:
    for item in (*extraction.items(), *extraction.references):
        assert item.quote
        assert text[item.start : item.end] == item.quote
    for heading in extraction.headings:
        assert 0 <= heading.start < heading.end <= len(text)
    end = 0
    for passage in extraction.passages:
        assert end <= passage.start < passage.end
        end = passage.end
    assert end <= len(text)


@settings(deadline=None, max_examples=300)
@given(TEXT)
def test_any_text_is_read_and_quoted_exactly(text: str) -> None:
    extraction = extract(text)
    check(text, extraction)
    for line in extraction.records():
        assert line["kind"]


def test_passages_tile_the_reading_text() -> None:
    for text in sample_texts().values():
        extraction = extract(text)
        check(text, extraction)
        covered = "".join(text[passage.start : passage.end] for passage in extraction.passages)
        assert bare(covered) == bare(text)


def bare(text: str) -> str:
    return re.sub(r"\s|\*|</?p>", "", text)


@settings(deadline=None, max_examples=200)
@given(st.integers(min_value=0, max_value=99_999_999))
def test_numbers_in_words_and_in_digits_are_the_same(value: int) -> None:
    assert chinese_number(spelled(value)) == value
    assert number(str(value)) == value


def spelled(value: int) -> str:
    """The value in Chinese words, every digit with its magnitude."""
    if value >= 10_000:
        rest = value % 10_000
        return spelled(value // 10_000) + "万" + (("零" if rest < 1000 else "") + spelled(rest) if rest else "")
    if value == 0:
        return "零"
    words, gap = "", False
    for digit, scale in zip(f"{value:04d}", "千百十_", strict=True):
        if digit == "0":
            gap = bool(words)
            continue
        words += ("零" if gap else "") + "零一二三四五六七八九"[int(digit)] + scale.strip("_")
        gap = False
    return words


@pytest.mark.parametrize(
    "unit",
    [
        "一、建设平台。对新认定的企业给予10万元、20万元奖励；按投入的5%给予补助，最高50万元。到2025年达到100家以上。\n",
        "（", "“", "一、", "国家级、", "10万元、", "对", "给予企业", 
        "责任单位：市科技局、", "序号\t任务\t责任单位\n", "机制", "，", "a", " ",
    ],
)  # fmt: skip
def test_time_grows_with_the_length_only(unit: str) -> None:
    def seconds(copies: int) -> float:
        text = unit * copies
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            extract(text)
            best = min(best, time.process_time() - begun)
        return best

    copies = max(1, 6000 // len(unit))
    # Four times the text: a quadratic step would take sixteen times as long.
    assert seconds(4 * copies) < 10 * seconds(copies) + 0.05


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.translate(str.maketrans("0123456789%", "０１２３４５６７８９％")),
        lambda text: text.translate(str.maketrans("（），；：", "(),;:")),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(" ", ""),
        lambda text: text.replace("\n\n", "\n"),
    ],
    ids=["full-width", "half-width", "line ends", "no blanks", "no blank lines"],
)
def test_spelling_does_not_change_what_is_found(change: object) -> None:
    assert callable(change)
    for name, text in sample_texts().items():
        assert figures(extract(change(text))) == figures(extract(text)), name


def figures(extraction: Extraction) -> list[object]:
    targets = [(t.indicator.replace(" ", ""), t.comparator, t.value, t.value_max, t.period) for t in extraction.targets]
    benefits = [(b.beneficiary, b.comparator, b.amount, b.rate, b.payer) for b in extraction.benefits]
    tasks = [(t.title, t.lead, t.units, t.deadline) for t in extraction.tasks]
    return [*targets, *benefits, *tasks, extraction.meta.date, extraction.meta.doc_number]

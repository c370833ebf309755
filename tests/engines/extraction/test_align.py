"""Comparing documents: real conflicts are reported with both quotes, apparent ones are not."""

import pytest

from kechuang.engines.extraction import extract
from kechuang.engines.extraction.align import AlignedDocument, Alignment, align

from .documents import sample_texts

HEAD = (
    "云溪市人民政府办公室文件\n云政办〔{year}〕{number}号\n云溪市人民政府办公室关于{subject}的意见\n各县区人民政府：\n"
)
BODY = "一、重点任务\n（一）引育团队。{text}\n{year}年5月6日\n"


def document(name: str, text: str, year: int = 2023, number: int = 1) -> AlignedDocument:
    source = HEAD.format(year=year, number=number, subject=f"做好{name}工作") + BODY.format(text=text, year=year)
    return AlignedDocument(name, extract(source))


def compared(earlier: str, later: str, later_year: int = 2023) -> Alignment:
    return align([document("甲", earlier), document("乙", later, later_year, 2)])


@pytest.mark.parametrize(
    ("earlier", "later", "grade", "reason"),
    [
        ("对新认定的中试基地给予50万元补助。", "对新认定的中试基地给予5万元补助。", "contradiction", "amount_differs"),
        ("对中试基地按投入的5%给予补助。", "对中试基地按投入的8%给予补助。", "contradiction", "rate_differs"),
        ("到2025年，中试基地达到20家。", "到2025年，中试基地达到30家。", "contradiction", "value_differs"),
        ("到2025年，中试基地达到20家以上。", "到2025年，中试基地突破20家。", "wording", "comparator_differs"),
        ("到2025年，中试基地20家左右。", "到2025年，中试基地达到30家。", "discrepancy", "value_differs"),
        (
            "到2025年，新引进高层次创新团队30个。",
            "到2025年，新引进高层次产业创新团队20个。",
            "discrepancy",
            "value_differs",
        ),
    ],
)
def test_conflict(earlier: str, later: str, grade: str, reason: str) -> None:
    (conflict,) = compared(earlier, later).conflicts
    assert (conflict.grade, conflict.reason) == (grade, reason)
    assert (conflict.earlier.document, conflict.later.document) == ("甲", "乙")
    assert conflict.earlier.item.quote.rstrip("。") in earlier
    assert conflict.later.item.quote.rstrip("。") in later


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("到2024年，中试基地达到20家。", "到2025年，中试基地达到30家。"),  # another year
        ("到2025年，中试基地达到20家。", "到2025年，新建中试基地6家。"),  # stock against newly added
        ("到2025年，中试基地达到20家。", "到2025年，每个县区中试基地达到2家。"),  # another scope
        ("到2025年，省级中试基地达到20家。", "到2025年，市级中试基地达到60家。"),  # another level
        ("对新认定的国家级中试基地给予50万元补助。", "对新认定的省级中试基地给予20万元补助。"),
        ("对首次认定的雏鹰企业给予10万元奖励。", "对重新认定的雏鹰企业给予5万元奖励。"),
        ("到2025年，中试基地达到20家。", "到2025年，中试基地达到20家。"),  # the same
    ],
)
def test_no_false_alarm(earlier: str, later: str) -> None:
    assert not compared(earlier, later).conflicts


def test_a_later_higher_figure_overtakes() -> None:
    result = compared("到2027年，科技型企业达到200家。", "2025年，科技型企业达到260家。", later_year=2025)
    (overtaking,) = result.overtakings
    assert overtaking.reason == "later_figure"
    assert not result.conflicts


def test_a_repealing_document_overtakes_instead_of_conflicting() -> None:
    later = "对新认定的中试基地给予5万元补助。原《关于做好甲工作的意见》（云政办〔2023〕1号）同时废止。"
    result = compared("对新认定的中试基地给予50万元补助。", later)
    assert not result.conflicts
    assert [overtaking.reason for overtaking in result.overtakings] == ["repealed"]


def test_documents_of_two_cities_never_meet() -> None:
    one, other = "到2025年，中试基地达到20家。", "到2025年，中试基地达到30家。"
    foreign = AlignedDocument(
        "丙", extract(HEAD.replace("云溪", "临江").format(year=2023, number=3, subject="中试") + other)
    )
    assert not align([document("甲", one), foreign]).conflicts


def test_the_same_unit_under_two_names_is_one() -> None:
    line = "推动工作落实到位，形成合力。（责任单位：{unit}）"
    result = compared(line.format(unit="市发改委"), line.format(unit="市发展改革委"))
    assert ("unit", "市发展和改革委员会") in {(match.kind, match.name) for match in result.matches}


def test_the_known_conflicts_of_the_sample_documents() -> None:
    result = align([AlignedDocument(name, extract(text)) for name, text in sample_texts().items()])
    seen = {(c.grade, c.earlier.item.quote[-12:], c.later.item.quote[-12:]) for c in result.conflicts}
    amounts = [c for c in result.conflicts if c.reason == "amount_differs"]
    assert [(c.earlier.item.amount, c.later.item.amount) for c in amounts] == [(1_000_000, 100_000)]  # type: ignore[union-attr]
    assert any(grade == "discrepancy" and "50个左右" in one and "25个" in other for grade, one, other in seen)
    assert any(grade == "wording" and "突破1350家" in one and "1350家以上" in other for grade, one, other in seen)
    assert len(result.conflicts) <= 8

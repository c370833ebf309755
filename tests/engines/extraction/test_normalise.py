"""One name for one thing."""

from datetime import date

import pytest

from kechuang.engines.extraction.normalise import (
    normalise_facility,
    normalise_indicator,
    normalise_unit,
    parse_deadline,
)


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["市发改委", "市发展改革委", "市发展和改革委员会"], "市发展和改革委员会"),
        (["市工信局", "市工业和信息化局"], "市工业和信息化局"),
        (["市科技局", "市科学技术局", "云溪市科技局"], "市科学技术局"),
        (["市人社局", "市人力资源社会保障局"], "市人力资源和社会保障局"),
        (["市市场监管局"], "市市场监督管理局"),
        (["临江市科技局"], "临江市科学技术局"),
        (["市委组织部"], "市委组织部"),
        (["各县（市、区）人民政府", "各县(市、区)人民政府"], "各县（市、区）人民政府"),
    ],
)
def test_units(names: list[str], wanted: str) -> None:
    assert {normalise_unit(name, "云溪") for name in names} == {wanted}


@pytest.mark.parametrize(
    "names",
    [
        ("高新技术企业数量", "高企", "全市高新技术企业总数"),
        ("技术合同成交额", "技术合同成交金额"),
        ("规上工业企业研发覆盖率", "规模以上工业企业研发覆盖率"),
        ("R&D经费投入强度", "研发投入强度"),
        ("高技术产业增加值占地区生产总值的比重", "高技术产业增加值占GDP比重"),
        ("“瞪羚”企业数量", "瞪羚企业"),
    ],
)
def test_indicators(names: tuple[str, ...]) -> None:
    assert len({normalise_indicator(name) for name in names}) == 1


def test_an_addition_is_not_a_stock() -> None:
    assert normalise_indicator("新建中试基地数量") != normalise_indicator("中试基地数量")


def test_facilities() -> None:
    assert normalise_facility("加快建设云溪实验室") == normalise_facility("“云溪实验室”") == "云溪实验室"


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("十四五期间", "2025-12-31"),
        ("“十四五”末", "2025-12-31"),
        ("十三五期间", "2020-12-31"),
        ("2025年底前", "2025-12-31"),
        ("2024年6月", "2024-06-30"),
        ("2024年2月底前", "2024-02-29"),
        ("2023年12月31日前", "2023-12-31"),
        ("2023年第三季度", "2023-09-30"),
        ("2024年上半年", "2024-06-30"),
        ("２０２４年", "2024-12-31"),
        ("2023—2025年", "2025-12-31"),
        ("年底前", "2023-12-31"),
        ("三年内", "2026-05-06"),
        ("长期", None),
        ("持续推进", None),
        ("每年年底", None),
        ("2023年13月", None),
    ],
)
def test_deadlines(label: str, wanted: str | None) -> None:
    found = parse_deadline(label, document_date=date(2023, 5, 6))
    assert found.label == label
    assert (found.date.isoformat() if found.date else None) == wanted

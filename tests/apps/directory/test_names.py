"""Lists of units as documents write them."""

from __future__ import annotations

import pytest

from kechuang.apps.directory.domain.names import split_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("市科技局、市财政局", ["市科技局", "市财政局"]),
        ("市科技局，各县（市、区）人民政府（管委会）", ["市科技局", "各县（市、区）人民政府（管委会）"]),
        ("市科技局; 市科技局\n 市教育局 ", ["市科技局", "市教育局"]),
        ("", []),
    ],
)
def test_a_separator_counts_outside_brackets_only(text: str, names: list[str]) -> None:
    assert split_names(text) == names

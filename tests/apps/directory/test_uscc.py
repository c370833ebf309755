"""GB 32100-2015: real codes pass, any single wrong character is found, and the message says what is wrong."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kechuang.apps.directory.uscc import ALPHABET, check_character, clean_uscc, validate_uscc

# Published codes of a university, and of two companies.
REAL = ("12100000400000624D", "91110000802100433B", "91310000631696382C")


@pytest.mark.parametrize("code", REAL)
def test_published_codes_hold(code: str) -> None:
    assert check_character(code[:17]) == code[17]


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_a_single_wrong_character_is_found(first17: str, place: int, other: str) -> None:
    code = first17 + check_character(first17)
    validate_uscc(code)
    wrong = code[:place] + other + code[place + 1 :]
    if wrong != code:
        with pytest.raises(ValidationError):
            validate_uscc(wrong)


@pytest.mark.parametrize(
    ("code", "words"),
    [("9111000080210043", "16"), ("91110000O02100433B", "O"), ("911100008021004330", "licence")],
)
def test_the_message_names_the_fault(code: str, words: str) -> None:
    from django.utils import translation

    with translation.override("en"), pytest.raises(ValidationError, match=words):
        validate_uscc(code)


def test_pasted_codes_are_cleaned() -> None:
    assert clean_uscc(" 9111 0000-802100433b ") == "91110000802100433B"
    assert clean_uscc("９１１１００００８０２１００４３３Ｂ") == "91110000802100433B"

"""统一社会信用代码 (GB 32100-2015): its alphabet, its check character, and a validator that says what is wrong."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_character(first17: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015, weights 3^(i-1) mod 31); ValueError for a foreign one."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first17))
    return ALPHABET[(31 - total % 31) % 31]


def clean_uscc(code: str) -> str:
    """Upper case, full-width folded, without spaces or hyphens: as people paste it."""
    folded = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in code)
    return folded.replace(" ", "").replace("-", "").replace("\u3000", "").upper()


def validate_uscc(code: str) -> None:
    """Raise ValidationError naming what is wrong: length, a character that cannot occur, or the check character."""
    if len(code) != LENGTH:
        raise ValidationError(
            _("A unified social credit code has 18 characters; this one has %(count)d.") % {"count": len(code)}
        )
    for place, character in enumerate(code, start=1):
        if character not in ALPHABET:
            raise ValidationError(
                _("“%(character)s” at place %(place)d cannot occur in the code (I, O, S, V and Z are never used).")
                % {"character": character, "place": place}
            )
    if check_character(code[:17]) != code[17]:
        raise ValidationError(
            _("The last character does not match the rest. Please compare with the business licence.")
        )

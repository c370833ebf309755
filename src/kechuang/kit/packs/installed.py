"""The pack that this installation serves, for whoever needs its words outside of loading."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from kechuang.kit.packs.model import Pack
from kechuang.kit.packs.reading import load_pack


@cache
def installed_pack() -> Pack:
    """Read once per process."""
    return load_pack(settings.PACK)


@cache
def industry_names() -> dict[str, str]:
    """Sections and divisions of GB/T 4754-2017: code to name."""
    return {entry.code: entry.name for entry in installed_pack().industries}


def industry_name(code: str) -> str:
    """The name of the industry, or of the division that it lies in; the code itself where there is none."""
    names = industry_names()
    return next((names[code[:length]] for length in (len(code), 3, 1) if code[:length] in names), code)

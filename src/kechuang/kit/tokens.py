"""The design tokens of tokens.css, for what is drawn outside the browser."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "static" / "kit" / "css" / "tokens.css"


@cache
def tokens() -> dict[str, str]:
    """Every ``--kc-…`` value of the light theme, by its name without ``--kc-``."""
    light = _FILE.read_text("utf-8").split('[data-bs-theme="dark"]')[0]
    return dict(re.findall(r"--kc-([\w-]+):\s*([^;]+);", light))


def colour(name: str) -> str:
    """A colour as hex: ``good``, ``chart-1`` …"""
    return tokens()[name]

"""Lists of names as people write them."""

from __future__ import annotations

import re

# A separator counts outside brackets only: 各县（市、区）人民政府 is one name.
_NAMES = re.compile(r"(?:[（(〔\[][^）)〕\]]*[）)〕\]]|[^、，,；;\n（(〔\[])+")


def split_names(text: str) -> list[str]:
    """The names of a list divided by 、 commas, semicolons or line breaks, each once, in their order."""
    return list(dict.fromkeys(name for name in map(str.strip, _NAMES.findall(text)) if name))

"""From a policy document's text to its items."""

from __future__ import annotations

from kechuang.engines.extraction.model import Extraction, Meta


def extract(text: str) -> Extraction:
    """Read one Chinese policy document; any text is accepted, an empty one gives an empty extraction."""
    return Extraction(meta=Meta())

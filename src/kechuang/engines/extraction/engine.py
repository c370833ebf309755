"""From a policy document's text to its items."""

from __future__ import annotations

from kechuang.engines.extraction.ledger import find_rows
from kechuang.engines.extraction.model import Extraction, Meta
from kechuang.engines.extraction.structure import Outline, headings, outline, passages
from kechuang.engines.extraction.tasks import find_tasks
from kechuang.engines.extraction.view import read


def extract(text: str) -> Extraction:
    """Read one Chinese policy document; any text is accepted, an empty one gives an empty extraction."""
    view = read(text)
    nodes = outline(view)
    lookup = Outline(nodes)
    return Extraction(
        meta=Meta(),
        tasks=(*find_tasks(view, nodes), *find_rows(view, lookup)),
        headings=headings(view, nodes),
        passages=passages(view, lookup),
    )

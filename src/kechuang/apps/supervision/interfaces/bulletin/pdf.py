"""A bulletin as a PDF, by WeasyPrint from the same blocks."""

from __future__ import annotations

import base64
from typing import Any

from django.template.loader import render_to_string

from kechuang.apps.supervision.interfaces.bulletin.content import Block, Picture, Table, blocks_of, masthead
from kechuang.apps.supervision.models import Bulletin
from kechuang.kit.papers import pdf_of


def pdf_bytes(bulletin: Bulletin) -> bytes:
    """The file's bytes."""
    context = {"head": masthead(bulletin), "blocks": [_shown(block) for block in blocks_of(bulletin)]}
    return pdf_of(render_to_string("supervision/bulletin_print.html", context))


def _shown(block: Block) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": type(block).__name__.lower(), "block": block}
    if isinstance(block, Picture):
        shown["src"] = f"data:image/png;base64,{base64.b64encode(block.png).decode()}"
    if isinstance(block, Table):
        total = sum(block.widths)
        shown["widths"] = [round(100 * width / total, 2) for width in block.widths]
    return shown

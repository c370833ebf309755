"""A bulletin as a PDF, by WeasyPrint from the same blocks."""

from __future__ import annotations

import base64
from typing import Any

from django.template.loader import render_to_string
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from kechuang.apps.supervision.interfaces.bulletin.content import Block, Picture, Table, blocks_of, masthead
from kechuang.apps.supervision.models import Bulletin


def pdf_bytes(bulletin: Bulletin) -> bytes:
    """The file's bytes."""
    context = {"head": masthead(bulletin), "blocks": [_shown(block) for block in blocks_of(bulletin)]}
    html = render_to_string("supervision/bulletin_print.html", context)
    # A bulletin brings all it needs along: nothing is fetched from anywhere.
    pdf: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"})).write_pdf()
    return pdf


def _shown(block: Block) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": type(block).__name__.lower(), "block": block}
    if isinstance(block, Picture):
        shown["src"] = f"data:image/png;base64,{base64.b64encode(block.png).decode()}"
    if isinstance(block, Table):
        total = sum(block.widths)
        shown["widths"] = [round(100 * width / total, 2) for width in block.widths]
    return shown

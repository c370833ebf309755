"""A bulletin as a Word file, set as official papers are (GB/T 9704)."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor

from kechuang.apps.supervision.interfaces.bulletin.content import (
    Block,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    blocks_of,
    masthead,
)
from kechuang.apps.supervision.models import Bulletin

TITLE, HEADING, BODY, TABLE = "方正小标宋简体", "黑体", "仿宋", "宋体"
RED = RGBColor(0xC0, 0x00, 0x00)
TEXT_WIDTH = 15.6


def docx_bytes(bulletin: Bulletin) -> bytes:
    """The file's bytes."""
    document = Document()
    _page(document)
    head = masthead(bulletin)
    _centred(document, head.title, TITLE, 22, colour=RED)
    _centred(document, head.number, BODY, 16)
    line = document.add_paragraph()
    _run(line, head.issuer, BODY, 14)
    line.add_run("\t")
    _run(line, head.day, BODY, 14)
    line.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH), alignment=2)
    _rule(line)
    for block in blocks_of(bulletin):
        _add(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = BODY, Pt(16)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    _page_number(section.footer.paragraphs[0])


def _add(document: Any, block: Block) -> None:
    if isinstance(block, Heading):
        paragraph = _body(document)
        _run(paragraph, block.text, HEADING, 16)
        paragraph.paragraph_format.keep_with_next = True
    elif isinstance(block, Paragraph):
        _run(_body(document), block.text, BODY, 16)
    elif isinstance(block, Picture):
        picture = document.add_paragraph()
        picture.alignment = WD_ALIGN_PARAGRAPH.CENTER
        picture.paragraph_format.keep_with_next = True
        picture.add_run().add_picture(io.BytesIO(block.png), width=Cm(TEXT_WIDTH))
        _centred(document, block.caption, HEADING, 12)
    elif isinstance(block, PageBreak):
        document.add_page_break()
    else:
        _table(document, block)


def _body(document: Any) -> Any:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.first_line_indent = Pt(32)
    form.space_after = form.space_before = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    return paragraph


def _centred(document: Any, text: str, face: str, size: int, colour: RGBColor | None = None) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(6)
    _run(paragraph, text, face, size, colour)


def _run(paragraph: Any, text: str, face: str, size: float, colour: RGBColor | None = None) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = face, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), face)
    if colour is not None:
        run.font.color.rgb = colour


def _table(document: Any, block: Table) -> None:
    caption = document.add_paragraph()
    caption.paragraph_format.space_before = Pt(10)
    caption.paragraph_format.keep_with_next = True
    _run(caption, block.caption, HEADING, 14)
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _fill(table.rows[0], block.head, HEADING, frozenset())
    _repeat(table.rows[0])
    for row in block.rows:
        _fill(table.add_row(), row, TABLE, block.left)
    unit = TEXT_WIDTH / sum(block.widths)
    for row in table.rows:
        for cell, share in zip(row.cells, block.widths, strict=True):
            cell.width = Cm(unit * share)


def _fill(row: Any, texts: Any, face: str, left: frozenset[int]) -> None:
    for index, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if index in left else WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, text, face, 10)


def _repeat(row: Any) -> None:
    """The head of a table stands on every page that it runs over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _rule(paragraph: Any) -> None:
    """The red line under the masthead."""
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "6"), ("color", "C00000")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", TABLE, 14)
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
    _run(paragraph, " —", TABLE, 14)

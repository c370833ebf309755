"""The gap report (一企一策) on paper: written once, set as a Word file and as a PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt

from kechuang.apps.cultivation.domain.queries.ladder import HELD, Place, Report
from kechuang.apps.cultivation.interfaces import gap_words
from kechuang.apps.cultivation.ladder import tier_name
from kechuang.kit.lights import light
from kechuang.kit.papers import pdf_of

TITLE, HEADING, BODY, TABLE = "方正小标宋简体", "黑体", "仿宋", "宋体"
WIDTHS = (5.0, 2.0, 4.2, 5.0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A heading with paragraphs and perhaps a table."""

    heading: str
    paragraphs: Sequence[str]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The whole diagnosis."""

    title: str
    name: str
    lines: Sequence[str]
    sheets: Sequence[Sheet]
    foot: str


def paper_of(place: Place, reports: Sequence[Report]) -> Paper:
    """What the diagnosis says of these rungs."""
    organisation = place.organisation
    held = [tier_name(rung.tier.code) for rung in place.rungs if rung.state == HELD]
    lines = [
        _("Code: %(uscc)s") % {"uscc": organisation.uscc},
        _("Place: %(region)s") % {"region": organisation.region},
        _("Reached: %(tiers)s") % {"tiers": "、".join(held) or _("no rung yet")},
        _("Day: %(day)s") % {"day": place.day.isoformat()},
    ]
    sheets = [_rung(report) for report in reports]
    if place.certifications:
        sheets.append(
            Sheet(
                _("Certifications"),
                [],
                [_("Tier"), _("Number"), _("Issued on"), _("Valid until"), _("State")],
                [
                    [
                        row.tier_name,
                        row.number or _("to be supplied"),
                        row.issued_on.isoformat(),
                        row.valid_until.isoformat() if row.valid_until else _("until further notice"),
                        str(light(row.light).label),
                    ]
                    for row in place.certifications
                ],
            )
        )
    foot = _("Made from what the platform knew on that day. A self-check, no decision: the authority decides.")
    return Paper(_("Cultivation diagnosis"), organisation.name, lines, sheets, foot)


def _rung(report: Report) -> Sheet:
    rows = []
    for line in gap_words.lines_of(report):
        known = "\n".join(f"{figure.name}：{figure.text}" for figure in line.known) or _("to be supplied")
        todo = [
            f"{short.name}：{short.short}" if short.short else f"{short.name}：{short.needs}" for short in line.shorts
        ]
        if line.missing:
            todo.append(_("Please supply:") + "、".join(figure.name for figure in line.missing))
        if line.verdict == "unset":
            todo.append(_("The documents name no threshold. The city's bureau fills it in."))
        if line.advice:
            todo.append(line.advice)
        rows.append([line.label, line.word, known, "\n".join(todo)])
    paragraphs = [
        gap_words.summary(report),
        f"{_('What to do next')}：{report.rule.next_step}",
        _("Basis: %(source)s") % {"source": report.rule.source},
    ]
    head = [_("Condition"), _("State"), _("What is known"), _("What is short, and what to do")]
    return Sheet(_("What it takes: %(name)s") % {"name": gap_words.tier_title(report)}, paragraphs, head, rows)


def pdf_bytes(paper: Paper) -> bytes:
    """The diagnosis as a PDF."""
    return pdf_of(render_to_string("cultivation/diagnosis_print.html", {"paper": paper}))


def docx_bytes(paper: Paper) -> bytes:
    """The diagnosis as a Word file."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(24)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = BODY, Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY)
    for text, size in ((paper.title, 20), (paper.name, 15)):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, text, TITLE, size)
    for line in paper.lines:
        _run(document.add_paragraph(), line, BODY, 12)
    for sheet in paper.sheets:
        heading = document.add_paragraph()
        heading.paragraph_format.keep_with_next = True
        _run(heading, sheet.heading, HEADING, 14)
        for text in sheet.paragraphs:
            _run(document.add_paragraph(), text, BODY, 12)
        if sheet.rows:
            _table(document, sheet)
    _run(document.add_paragraph(), paper.foot, BODY, 10)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _table(document: Any, sheet: Sheet) -> None:
    table = document.add_table(rows=1, cols=len(sheet.head), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row, face in ((sheet.head, HEADING), *((row, TABLE) for row in sheet.rows)):
        cells = table.rows[0].cells if row is sheet.head else table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            _run(cell.paragraphs[0], text, face, 9.5)
    if len(sheet.head) == len(WIDTHS):
        table.autofit = False
        for line in table.rows:
            for cell, width in zip(line.cells, WIDTHS, strict=True):
                cell.width = Cm(width)


def _run(paragraph: Any, text: str, face: str, size: float) -> None:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = face, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)

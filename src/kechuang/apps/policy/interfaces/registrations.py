"""What this app tells the building blocks: its sources of evidence, its files."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kechuang.apps.policy.models import Document
from kechuang.kit.evidence import register_source
from kechuang.kit.files import register_file_owner


def source_label(document: Any) -> str:
    """How a document prints beside a figure: number (or title) and day; a restatement says that it is one."""
    name = document.doc_number or f"《{document.title}》"
    day = f" · {date_format(document.issued_on, 'Y-m-d')}" if document.issued_on else ""
    mark = " · " + _("restatement") if document.is_restatement else ""
    return f"{name}{day}{mark}"


def sentence_url(document: Any, start: int, end: int) -> str:
    """Where the sentence stands highlighted."""
    return f"{reverse('policy:document', args=[document.pk])}?at={start}-{end}#at"


register_source(Document, label=source_label, url=sentence_url)
register_file_owner(Document, "file")

"""A bulletin on paper: what it says (content), as a Word file and as a PDF."""

from kechuang.apps.supervision.interfaces.bulletin.content import blocks_of
from kechuang.apps.supervision.interfaces.bulletin.docx import docx_bytes
from kechuang.apps.supervision.interfaces.bulletin.pdf import pdf_bytes

__all__ = ["blocks_of", "docx_bytes", "pdf_bytes"]

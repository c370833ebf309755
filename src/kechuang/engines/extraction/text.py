"""Any document to plain text: .txt, .docx, .pdf and .html, told apart by their content, not by their name."""

from __future__ import annotations

import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLOCK_TAGS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "section",
        "article",
        "header",
        "footer",
        "title",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "blockquote",
    ]
)
SILENT_TAGS = frozenset({"script", "style", "noscript", "template", "head"})
# A docx of a few hundred kilobytes may unpack to gigabytes; no policy document has a body this large.
MAX_UNPACKED = 200_000_000


class UnreadableDocument(ValueError):
    """The bytes are no document this engine can read; the message says why, in one line."""


def read_document(source: Path | bytes, filename: str = "") -> str:
    """The plain text of a document.

    ``source`` is a path or the bytes themselves; ``filename`` only helps the error message.  A text file is returned
    as it is (UTF-8 with or without a byte-order mark, else GB18030); a table row becomes one line of tab-separated
    cells.  Raises :class:`UnreadableDocument`.
    """
    name = filename or (source.name if isinstance(source, Path) else "document")
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{name}: {error.strerror or error}") from error
    try:
        return _decode(data, name)
    except UnreadableDocument:
        raise
    except Exception as error:  # a reader of a damaged file may raise anything
        raise UnreadableDocument(f"{name}: damaged or not readable ({type(error).__name__}: {error})") from error


def _decode(data: bytes, name: str) -> str:
    if data.startswith(b"%PDF-") or b"%PDF-" in data[:1024]:
        return _read_pdf(data, name)
    if data.startswith(b"PK\x03\x04"):
        return _read_docx(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableDocument(f"{name}: an old Word (.doc) or other OLE file; save it as .docx first")
    text = _read_text(data, name)
    if re.match(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", text, re.I | re.S):
        return _read_html(text)
    return text


def _read_text(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    if b"\x00" in data[:4096]:
        raise UnreadableDocument(f"{name}: neither text nor a known document format")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableDocument(f"{name}: the text is neither UTF-8 nor GB18030")


def _read_docx(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            entry = archive.getinfo("word/document.xml")
        except KeyError:
            raise UnreadableDocument(f"{name}: a zip archive, but not a Word document") from None
        if entry.file_size > MAX_UNPACKED:
            raise UnreadableDocument(f"{name}: the document unpacks to more than {MAX_UNPACKED // 1_000_000} MB")
        xml = archive.read(entry)
    if b"<!DOCTYPE" in xml[:2048] or b"<!ENTITY" in xml:
        raise UnreadableDocument(f"{name}: the document declares entities, which Word never does")
    # Entities were refused above, so expat has nothing to expand.
    body = ElementTree.fromstring(xml).find(f"{WORD}body")  # noqa: S314
    lines = [] if body is None else [line for element in body for line in _docx_lines(element)]
    return "\n".join(lines) + "\n"


def _docx_lines(element: ElementTree.Element) -> list[str]:
    """A paragraph is one line (a soft break begins another), a table row one line of tab-separated cells."""
    if element.tag == f"{WORD}p":
        return _docx_text(element).split("\n")
    if element.tag == f"{WORD}tbl":
        return ["\t".join(_docx_cell(cell) for cell in row.iter(f"{WORD}tc")) for row in element.iter(f"{WORD}tr")]
    return [line for child in element for line in _docx_lines(child)]


def _docx_cell(cell: ElementTree.Element) -> str:
    return " ".join(_docx_text(paragraph).replace("\n", " ").replace("\t", " ") for paragraph in cell.iter(f"{WORD}p"))


def _docx_text(paragraph: ElementTree.Element) -> str:
    pieces: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{WORD}t":
            pieces.append(node.text or "")
        elif node.tag == f"{WORD}tab":
            pieces.append(" ")
        elif node.tag in (f"{WORD}br", f"{WORD}cr"):
            pieces.append("\n")
    return "".join(pieces)


def _read_pdf(data: bytes, name: str) -> str:
    try:
        import pypdfium2  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise UnreadableDocument(f"{name}: reading PDF needs the package pypdfium2") from None
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"{name}: not a readable PDF ({error})") from error
    try:
        pages = [document[number].get_textpage().get_text_bounded() for number in range(len(document))]
    finally:
        document.close()
    text = "\n".join(page.replace("\r\n", "\n").replace("\r", "\n").strip("\n") for page in pages)
    if not text.strip():
        raise UnreadableDocument(f"{name}: the PDF holds only pictures; recognise its text first")
    return text + "\n"


class _Html(HTMLParser):
    """Collects visible text: a block element ends a line, cells of one row are separated by tabs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0
        self.in_row = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT_TAGS:
            self.silent += 1
        elif tag == "tr":
            self.pieces.append("\n")
            self.in_row += 1
        elif tag in BLOCK_TAGS:
            self.pieces.append(" " if self.in_row else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT_TAGS:
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th"):
            self.pieces.append("\t")
        elif tag == "tr":
            self.in_row = max(0, self.in_row - 1)
            self.pieces.append("\n")
        elif tag in BLOCK_TAGS:
            self.pieces.append(" " if self.in_row else "\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(re.sub(r"\s+", " ", data))


def _read_html(markup: str) -> str:
    parser = _Html()
    parser.feed(markup)
    parser.close()
    lines = (re.sub(r"[ \u00a0]*\t[ \u00a0]*", "\t", line).strip() for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"

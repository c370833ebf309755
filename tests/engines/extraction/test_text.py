"""Reading files: what the bytes are decides, not the name."""

import io
import zipfile
from pathlib import Path

import pytest

from kechuang.engines.extraction import extract
from kechuang.engines.extraction.text import UnreadableDocument, read_document

DOCX = (
    '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>任务分工</w:t></w:r><w:r><w:t>台账</w:t></w:r></w:p><w:tbl>{rows}</w:tbl></w:body></w:document>"
)


def docx(rows: list[list[str]]) -> bytes:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    body = "".join("<w:tr>" + "".join(cell.format(text) for text in row) + "</w:tr>" for row in rows)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", DOCX.format(rows=body))
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_returned_as_it_is(encoding: str, tmp_path: Path) -> None:
    text = "一、总体要求\r\n  坚持创新。\n"
    file = tmp_path / "文件.pdf"
    file.write_bytes(text.encode(encoding))
    assert read_document(file, file.name) == text
    assert read_document(file.read_bytes(), "x") == text


def test_word_tables_become_rows_of_cells() -> None:
    rows = [["序号", "重点任务", "责任单位", "完成时限"], ["1", "建设中试基地", "市科技局、市财政局", "2025年"]]
    text = read_document(docx(rows), "台账.txt")
    assert text == "任务分工台账\n序号\t重点任务\t责任单位\t完成时限\n1\t建设中试基地\t市科技局、市财政局\t2025年\n"
    (task,) = extract(text).tasks
    assert (task.title, task.units, task.deadline) == ("建设中试基地", ("市科技局", "市财政局"), "2025年")


def test_web_pages_lose_their_markup() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body><h1>关于做好工作的意见</h1>"
        "<p>到2025年，&nbsp;企业达到<b>20</b>家。</p><table><tr><td>序号</td><td>任务</td></tr></table>"
        "<script>var a=1</script></body></html>"
    )
    text = read_document(page.encode(), "a.bin")
    assert "var a" not in text
    assert "关于做好工作的意见\n" in text
    assert "序号\t任务" in text
    assert extract(text).targets[0].value == 20


def test_pdf_text() -> None:
    pytest.importorskip("pypdfium2")
    stream = b"BT /F1 12 Tf 40 700 Td (R&D 2025) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, content) for number, content in enumerate(objects, 1))
    data = b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n"
    assert read_document(data, "a.txt").strip() == "R&D 2025"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 broken", "PDF"),
        (b"PK\x03\x04broken", "not readable"),
        (b"\xd0\xcf\x11\xe0rest", "docx"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither text nor"),
        (b"\xff\x00\xff" * 9, "neither text nor"),
    ],
)
def test_unreadable_files_say_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        read_document(data, "文件")
    assert "\n" not in str(caught.value)


def test_a_zip_that_is_no_word_document_and_a_missing_file() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableDocument, match="not a Word document"):
        read_document(buffer.getvalue(), "a.docx")
    with pytest.raises(UnreadableDocument, match="No such file"):
        read_document(Path("/nowhere/a.txt"), "a.txt")

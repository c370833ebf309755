"""``python -m kechuang.engines.extraction DOCUMENT [--format jsonl|table|json] [--text]``"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kechuang.engines.extraction.engine import extract
from kechuang.engines.extraction.report import FORMATS, render
from kechuang.engines.extraction.text import UnreadableDocument, read_document


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: done; 1: nothing to read in the document; 2: unreadable file (argparse exits 2 by itself)."""
    parser = argparse.ArgumentParser(prog="kechuang extract", description="Extract the items of a policy document.")
    parser.add_argument("document", type=Path, help=".txt, .docx, .pdf or .html")
    parser.add_argument("--format", choices=FORMATS, default="jsonl")
    parser.add_argument("--text", action="store_true", help="print the text that the offsets refer to, and stop")
    options = parser.parse_args(arguments)
    try:
        text = read_document(options.document, options.document.name)
    except UnreadableDocument as error:
        print(f"kechuang extract: {error}", file=sys.stderr)
        return 2
    if options.text:
        sys.stdout.write(text)
        return 0
    if not text.strip():
        print(f"kechuang extract: {options.document.name}: the document is empty", file=sys.stderr)
        return 1
    for line in render(extract(text), options.format):
        print(line)
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", newline="")
    sys.exit(main())

"""Papers that officials sign: a page of our own as a PDF."""

from __future__ import annotations


def pdf_of(html: str) -> bytes:
    """The bytes of the PDF. The page brings all it needs along as ``data:`` addresses: nothing is fetched."""
    # WeasyPrint takes a second to import, which every start would pay and few processes need.
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    pdf: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"})).write_pdf()
    return pdf

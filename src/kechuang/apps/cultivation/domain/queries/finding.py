"""Certifications and entries of the reserve library by the name or code of their enterprise."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from kechuang.kit.search import search

OF_ENTERPRISE = "organisation__bigrams"


def certifications_named(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Those whose enterprise, or whose own number, the query names; all where it is empty."""
    words = query.strip()
    if not words:
        return rows
    return search(rows, words, field=OF_ENTERPRISE) | rows.filter(number=words.upper())


def entries_named(rows: QuerySet[Any], query: str) -> QuerySet[Any]:
    """Those whose enterprise the query names; all where it is empty."""
    return search(rows, query, field=OF_ENTERPRISE)

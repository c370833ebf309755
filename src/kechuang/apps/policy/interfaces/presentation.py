"""Findings and documents in words: for cards, pages and exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain.payloads import SPECS, Field
from kechuang.apps.policy.models import Document, Item, ItemKind
from kechuang.kit.numbers import money_text, number_text, value_text

# Fields that the headline of a card says already.
_IN_HEADLINE: Mapping[str, set[str]] = {
    ItemKind.TASK: {"title"},
    ItemKind.TARGET: {"indicator", "comparator", "value", "value_max", "unit", "hedge"},
    ItemKind.BENEFIT: {"beneficiary", "comparator", "amount", "amount_max", "rate", "rate_max", "rate_base", "form"},
    ItemKind.FUND: {"name", "amount"},
    ItemKind.FACILITY: {"name"},
    ItemKind.REFERENCE: {"title", "doc_number"},
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document as an evidence chip shows it."""

    label: str
    url: str
    quote: str
    state: str = "exact"


def figure(kind: str, payload: Mapping[str, Any]) -> str:
    """The number of a finding in words: 不低于 500家, 最高 100万元, 20%（最高 50万元）; empty where it has none."""
    if kind == ItemKind.TARGET:
        return _compare(payload, _range(payload, "value", "value_max", payload.get("unit") or ""))
    if kind == ItemKind.FUND:
        return _money(payload.get("amount"))
    if kind != ItemKind.BENEFIT:
        return ""
    if payload.get("rate") is not None:
        return _rate(payload)
    if payload.get("amount_max") is not None and payload.get("amount") is not None:
        return f"{_money(payload['amount'])}–{_money(payload['amount_max'])}"
    return _compare(
        payload, _money(payload.get("amount") if payload.get("amount") is not None else payload.get("amount_max"))
    )


def _rate(payload: Mapping[str, Any]) -> str:
    base = payload.get("rate_base") or ""
    share = (
        _("{rate} of {base}").format(rate=_range(payload, "rate", "rate_max", "%"), base=base)
        if base
        else _range(payload, "rate", "rate_max", "%")
    )
    if payload.get("amount_max") is not None:
        return _("{share}, at most {amount}").format(share=share, amount=_money(payload["amount_max"]))
    return share


def _range(payload: Mapping[str, Any], low: str, high: str, unit: str) -> str:
    value, highest = payload.get(low), payload.get(high)
    if value is None:
        return ""
    if unit == "元":
        return _money(value) if highest is None else f"{_money(value)}–{_money(highest)}"
    return value_text(value, unit) if highest is None else f"{number_text(value)}–{value_text(highest, unit)}"


def _money(amount: Any) -> str:
    return money_text(amount) if amount is not None else ""


def _compare(payload: Mapping[str, Any], figure_text: str) -> str:
    if not figure_text:
        return ""
    sign = payload.get("comparator")
    if sign in (None, "="):
        return figure_text
    words = dict(next(field.choices for field in SPECS[ItemKind.TARGET] if field.name == "comparator"))
    return f"{words.get(sign, '')} {figure_text}".strip()


def facts(kind: str, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The remaining fields that say something, each with its label."""
    rows = []
    for field in SPECS[kind]:
        value = payload.get(field.name)
        if field.form == "hidden" or field.name in _IN_HEADLINE[kind] or value in (None, "", [], False):
            continue
        rows.append((str(field.label), _plain(field, value)))
    return rows


def _plain(field: Field, value: Any) -> str:
    if field.form == "names":
        return "、".join(value)
    if field.form == "choice":
        return str(dict(field.choices).get(value, value))
    if field.form == "money":
        return money_text(value)
    if field.form == "percent":
        return value_text(value, "%")
    if field.name == "period":
        return period(str(value))
    if field.name == "per":
        return _("once") if value == "次" else _("each {thing}").format(thing=value)
    return str(value)


def period(value: str) -> str:
    """A period as people say it."""
    if value == "annual":
        return _("every year")
    return _("{year} (year)").format(year=value) if value.isdigit() else value


def citation(document: Document) -> str:
    """How to cite the document, after GB/T 7714-2015 (a document issued by an authority)."""
    issuers = "，".join(document.issuers) or _("issuer to be supplied")
    number = f"：{document.doc_number}" if document.doc_number else ""
    day = date_format(document.issued_on, "Y-m-d") if document.issued_on else _("undated")
    return f"{issuers}. {document.title}{number}[A]. {day}."


def item_sentence(item: Item) -> Sentence:
    """The chip that leads from a finding to its sentence."""
    return Sentence(_("in the text"), f"?at={item.start}-{item.end}#at", item.quote)


def names_of(codes: list[str], words: Mapping[str, str]) -> str:
    """Codes of a vocabulary in words."""
    return "、".join(words.get(code, code) for code in codes)

"""Amounts as authors think of them (fixed, rate with a cap, tiers) and the one SQL expression in yuan they stand for.

Where a fact is unknown, such an amount is unknown: LEAST and CASE alone would fall back on the cap or the last tier.
The SQL therefore asks first, and says parts twice; the form says each part once. It is the form that people edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kechuang.engines.rules.expression import RuleError, parse

_FORMS = "a number, a SQL expression, {rate, of, cap}, or {tiers: [{when, amount}], otherwise, cap}"
_PLAIN = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A number of yuan, or any SQL expression that gives one."""

    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a base, at most ``cap`` and at least ``floor`` yuan."""

    rate: str
    of: str
    cap: str | None = None
    floor: str | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """An amount for those who meet a condition and none of the tiers above."""

    when: str
    amount: AmountForm


@dataclass(frozen=True, slots=True)
class Tiers:
    """The first tier whose condition holds, else ``otherwise``, else unknown."""

    tiers: tuple[Tier, ...]
    otherwise: AmountForm | None = None
    cap: str | None = None
    floor: str | None = None


AmountForm = Fixed | Rate | Tiers


def amount_text(content: object, place: str) -> str:
    """The SQL expression of an amount in any of its forms. Raises :class:`RuleError` naming the place."""
    return sql_of(read_amount(content, place))


def read_amount(content: object, place: str) -> AmountForm:
    """The form of an amount as it stands in a rule file. Raises :class:`RuleError` naming the place.

    Each part is an expression by itself and inside brackets, so that no part (nor an open comment in it) can change the
    meaning of its neighbours.
    """
    if isinstance(content, bool):
        raise RuleError("yes or no is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")
    if isinstance(content, int | float | str):
        return Fixed(str(content))
    if isinstance(content, Mapping):
        form = _rate(content, place) if "rate" in content else _tiers(content, place)
        for path, text in pieces(form):
            try:
                if parse(f"({text})") != parse(text):
                    raise RuleError("this is not one expression", code="form")
            except RuleError as error:
                raise error.at(f"{place}, amount, {path}") from None
        return form
    raise RuleError("this is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")


def _rate(content: Mapping[str, object], place: str) -> Rate:
    extra = set(content) - {"rate", "of", "cap", "floor"}
    if extra or not content.get("of"):
        raise RuleError(
            "a rate is taken of something", place=f"{place}, amount", mend="Write {rate: 0.1, of: rd_expense}"
        )
    return Rate(str(content["rate"]), str(content["of"]), _text(content, "cap"), _text(content, "floor"))


def _tiers(content: Mapping[str, object], place: str) -> Tiers:
    tiers = content.get("tiers")
    extra = set(content) - {"tiers", "otherwise", "cap", "floor"}
    if extra or not isinstance(tiers, list) or not tiers:
        raise RuleError("this is not an amount", place=f"{place}, amount", mend=f"Write {_FORMS}", code="form")
    parts = []
    for number, tier in enumerate(tiers, 1):
        if not isinstance(tier, Mapping) or set(tier) != {"when", "amount"}:
            raise RuleError("a tier has “when” and “amount”", place=f"{place}, amount, tier {number}", code="form")
        parts.append(Tier(_sql(tier["when"]), read_amount(tier["amount"], place)))
    otherwise = content.get("otherwise")
    last = read_amount(otherwise, place) if otherwise is not None else None
    return Tiers(tuple(parts), last, _text(content, "cap"), _text(content, "floor"))


def _text(content: Mapping[str, object], key: str) -> str | None:
    value = content.get(key)
    return None if value is None else str(value)


def _sql(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def sql_of(form: AmountForm) -> str:
    """The SQL expression, in yuan, that a form stands for."""
    match form:
        case Fixed(text):
            return text
        case Rate(rate, of, cap, floor):
            return _bounded(f"({of}) * {_bracketed(rate)}", cap, floor)
        case Tiers(tiers, otherwise, cap, floor):
            parts = [
                f"WHEN ({tier.when}) IS NULL THEN NULL WHEN {tier.when} THEN {sql_of(tier.amount)}" for tier in tiers
            ]
            last = sql_of(otherwise) if otherwise is not None else "NULL"
            return _bounded(f"CASE {' '.join(parts)} ELSE {last} END", cap, floor)
    raise TypeError(form)


def _bracketed(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f"({text})"


def _bounded(text: str, cap: str | None, floor: str | None) -> str:
    for bound, function in ((cap, "LEAST"), (floor, "GREATEST")):
        if bound is not None:
            # The guard keeps an unknown amount unknown; LEAST alone would answer with the cap.
            text = f"CASE WHEN ({text}) IS NULL THEN NULL ELSE {function}({text}, {bound}) END"
    return text


def pieces(form: AmountForm, path: str = "") -> Iterator[tuple[str, str]]:
    """The expressions that a form is made of, each once, with the way to it: ``tiers.2.amount.rate``, ``cap``."""
    start = f"{path}." if path else ""
    match form:
        case Fixed(text):
            yield path, text
            return
        case Rate(rate, of):
            yield f"{start}rate", rate
            yield f"{start}of", of
        case Tiers(tiers, otherwise):
            for number, tier in enumerate(tiers, 1):
                yield f"{start}tiers.{number}.when", tier.when
                yield from pieces(tier.amount, f"{start}tiers.{number}.amount")
            if otherwise is not None:
                yield from pieces(otherwise, f"{start}otherwise")
    for name, bound in (("cap", form.cap), ("floor", form.floor)):
        if bound is not None:
            yield f"{start}{name}", bound


def with_pieces(form: AmountForm, texts: Mapping[str, str], path: str = "") -> AmountForm:
    """The form with other expressions at some of the ways that :func:`pieces` names."""
    start = f"{path}." if path else ""

    def bound(name: str, old: str | None) -> str | None:
        return texts.get(f"{start}{name}", old)

    match form:
        case Fixed(text):
            return Fixed(texts.get(path, text))
        case Rate(rate, of, cap, floor):
            rate, of = texts.get(f"{start}rate", rate), texts.get(f"{start}of", of)
            return Rate(rate, of, bound("cap", cap), bound("floor", floor))
        case Tiers(tiers, otherwise, cap, floor):
            changed = []
            for number, tier in enumerate(tiers, 1):
                way = f"{start}tiers.{number}"
                amount = with_pieces(tier.amount, texts, f"{way}.amount")
                changed.append(Tier(texts.get(f"{way}.when", tier.when), amount))
            last = with_pieces(otherwise, texts, f"{start}otherwise") if otherwise is not None else None
            return replace(
                form, tiers=tuple(changed), otherwise=last, cap=bound("cap", cap), floor=bound("floor", floor)
            )
    raise TypeError(form)

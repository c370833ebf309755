"""The numbers of a rule as parameters that a policy maker turns: each with its place in the text as it was written.

A changed parameter replaces its own characters and nothing else. A rate, a cap, a tier is found in the form the author
wrote, so that it comes once although the SQL says it more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from sqlglot import tokenize
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from kechuang.engines.rules.amounts import Fixed, pieces, sql_of, with_pieces
from kechuang.engines.rules.expression import RuleError, parse
from kechuang.engines.rules.ruleset import Criterion, Rule, RuleSet
from kechuang.engines.rules.units import YUAN, Dimension, Units, dimension

_MARKER = 900_000_000_000_001
_BEFORE_A_SIGN = {
    *(TokenType.L_PAREN, TokenType.COMMA, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT),
    *(TokenType.GTE, TokenType.PLUS, TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.AND, TokenType.OR),
    *(TokenType.NOT, TokenType.BETWEEN, TokenType.WHEN, TokenType.THEN, TokenType.ELSE, TokenType.CASE),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a rule. ``path`` names it for good: ``when.2#1`` is the first number of the second condition,
    ``amount.tiers.1.when#1`` that of the first tier, ``limits.total#1`` the ceiling for good.

    ``text`` is the expression it stands in, ``text[start:end]`` the number. ``unit`` as in the catalogue, None for a
    ratio, for a factor, and where nothing tells.
    """

    path: str
    place: str
    label: str
    value: Decimal
    unit: str | None
    start: int
    end: int
    text: str


def parameters(rule: Rule, units: Mapping[str, str | None] | None = None) -> tuple[Parameter, ...]:
    """The numbers of a rule's conditions, amount and limits, in the order of reading.

    ``units``: the unit of each number indicator, derived ones included (:func:`check.units_of`).
    Raises :class:`RuleError` where an expression is none.
    """
    measured = Units({name: dimension(unit) for name, unit in (units or {}).items()})
    found: list[Parameter] = []
    for path, place, label, text, expected in _texts(rule):
        try:
            found += _numbers(path, place, label, text, expected, measured)
        except RuleError as error:
            raise error.at(f"rule {rule.id}, {place}") from None
    return tuple(found)


def derived_parameters(ruleset: RuleSet, units: Mapping[str, str | None] | None = None) -> tuple[Parameter, ...]:
    """The numbers of the derived indicators (score tables, shares); paths are ``indicators.CODE#1``."""
    measured = Units({name: dimension(unit) for name, unit in (units or {}).items()})
    return tuple(
        parameter
        for name, text in ruleset.derived.items()
        for parameter in _numbers(f"indicators.{name}", f"indicators.{name}", name, text, None, measured)
    )


def with_values(rule: Rule, values: Mapping[str, Decimal]) -> Rule:
    """The rule with other numbers at some paths. Raises :class:`RuleError` for a path that the rule does not have and
    for a number that makes an expression impossible."""
    texts = _changed(parameters(rule), values, f"rule {rule.id}")
    criteria = tuple(
        Criterion(texts.get(f"when.{number}", each.text), each.label) for number, each in enumerate(rule.criteria, 1)
    )
    limits = rule.limits
    for name in ("per_year", "total"):
        if (text := texts.get(f"limits.{name}")) is not None:
            if not text.isdecimal():
                raise RuleError(f"{name} is a whole number of yuan", place=f"rule {rule.id}, limits", code="form")
            limits = replace(limits, **{name: int(text)})  # type: ignore[arg-type]
    amount, form = rule.amount, rule.amount_form
    if form is not None:
        form = with_pieces(form, texts, "amount")
        amount = sql_of(form)
    elif amount is not None:
        amount = texts.get("amount", amount)
    return replace(rule, criteria=criteria, limits=limits, amount=amount, amount_form=form)


def with_derived_values(ruleset: RuleSet, values: Mapping[str, Decimal]) -> RuleSet:
    """The rule set with other numbers in its derived indicators; raises as :func:`with_values`."""
    texts = _changed(derived_parameters(ruleset), values, "indicators")
    derived = {name: texts.get(f"indicators.{name}", text) for name, text in ruleset.derived.items()}
    return replace(ruleset, derived=derived)


def _texts(rule: Rule) -> Iterator[tuple[str, str, str, str, Dimension | None]]:
    """Path, place, label, text, and the dimension of the text as a whole."""
    for number, criterion in enumerate(rule.criteria, 1):
        yield f"when.{number}", f"condition {number}", criterion.label or criterion.text, criterion.text, None
    if rule.amount is not None:
        form = rule.amount_form if rule.amount_form is not None else Fixed(rule.amount)
        for path, text in pieces(form, "amount"):
            last = path.rpartition(".")[2]
            told = ", ".join(["amount", *path.split(".")[1:]])
            yuan = last in {"amount", "otherwise", "cap", "floor"}
            yield path, told, text, text, dimension(YUAN) if yuan else None
    for name in ("per_year", "total"):
        limit = getattr(rule.limits, name)
        if limit is not None:
            yield f"limits.{name}", f"limits, {name}", name, str(limit), dimension(YUAN)


def _numbers(
    path: str, place: str, label: str, text: str, expected: Dimension | None, units: Units
) -> Iterator[Parameter]:
    parse(text)
    for count, (start, end) in enumerate(_spans(text), 1):
        written = text[start:end].replace("_", "").replace(" ", "")
        try:
            value = Decimal(written)
        except InvalidOperation:
            continue
        unit = _unit(text, start, end, expected, units)
        yield Parameter(f"{path}#{count}", place, label, value, unit, start, end, text)


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the numbers stand; a sign that belongs to the number is part of it."""
    try:
        tokens = tokenize(text, read="postgres")
    except SqlglotError as error:
        raise RuleError(f"“{text}” is not an expression", mend=str(error)) from None
    spans = []
    for position, token in enumerate(tokens):
        if token.token_type == TokenType.NUMBER:
            signed = position and tokens[position - 1].token_type == TokenType.DASH and _opens(tokens, position - 1)
            start = tokens[position - 1].start if signed else token.start
            if text[start : token.end + 1].replace("-", "").strip() == token.text:
                spans.append((start, token.end + 1))
            else:
                spans.append((token.start, token.end + 1))
    return spans


def _opens(tokens: list[Token], position: int) -> bool:
    """The minus at a position is a sign, not a subtraction."""
    return position == 0 or tokens[position - 1].token_type in _BEFORE_A_SIGN


def _unit(text: str, start: int, end: int, expected: Dimension | None, units: Units) -> str | None:
    """The number is swapped for one that stands nowhere else, to find it in the syntax tree."""
    marker = _MARKER
    while str(marker) in text:
        marker += 1
    try:
        node = parse(f"{text[:start]}{marker}{text[end:]}")
    except RuleError:
        return None
    found = units.unit_at(node, str(marker), expected)
    return str(found) if found is not None and found.powers else None


def _changed(known: tuple[Parameter, ...], values: Mapping[str, Decimal], place: str) -> dict[str, str]:
    """Path of the expression → its new text, for the expressions that change."""
    by_path = {parameter.path: parameter for parameter in known}
    texts: dict[str, str] = {}
    for path in sorted(values, key=lambda name: by_path[name].start if name in by_path else 0, reverse=True):
        parameter = by_path.get(path)
        if parameter is None:
            raise RuleError(f"there is no parameter “{path}”", place=place, mend=f"There are: {', '.join(by_path)}")
        stem = path.rpartition("#")[0]
        text = texts.get(stem, parameter.text)
        texts[stem] = text[: parameter.start] + _written(values[path], text[: parameter.start]) + text[parameter.end :]
    for stem, text in texts.items():
        try:
            parse(text)
        except RuleError as error:
            raise error.at(f"{place}, {stem}") from None
    return texts


def _written(value: Decimal, before: str) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise RuleError(f"“{value}” is not a number")
    text = f"{value:f}"
    return f"({text})" if value < 0 and before.endswith("-") else text

"""Rule sets: derived indicators and rules as an author writes them, read once and checked for form.

The file format is public, see the reference of ``kechuang evaluate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from kechuang.engines.rules.amounts import AmountForm, read_amount, sql_of
from kechuang.engines.rules.expression import Node, RuleError, columns, parse

RULE_KEYS = frozenset({"id", "title", "source", "valid", "when", "amount", "group", "scope", "limits"})
_ID = r"[A-Za-z0-9_-]{1,80}"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a rule, explained by itself. ``label`` is what people read, ``text`` is the SQL."""

    text: str
    label: str = ""

    @property
    def node(self) -> Node:
        return parse(self.text)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often and how much: once for good; at most so many yuan a year; at most so many yuan ever."""

    once: bool = False
    per_year: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A benefit, a tier or a status: all criteria must hold. ``amount`` is a SQL expression in yuan; where the author
    wrote a rate or tiers, ``amount_form`` is what was written, and ``amount`` its SQL."""

    id: str
    title: str
    criteria: tuple[Criterion, ...]
    amount: str | None = None
    group: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    limits: Limits = Limits()
    source: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    amount_form: AmountForm | None = None

    def in_force(self, day: date) -> bool:
        """Both ends of the validity belong to it."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class RuleSet:
    """``derived``: code → SQL expression over facts and over derived indicators above it."""

    derived: Mapping[str, str]
    rules: tuple[Rule, ...]

    def rule(self, name: str) -> Rule:
        """Raises :class:`RuleError` where there is none of that id."""
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise RuleError(f"there is no rule “{name}”", mend=f"There are: {', '.join(rule.id for rule in self.rules)}")

    def facts_needed(self) -> tuple[str, ...]:
        """The facts, derived indicators left out, that answer all rules; each once, in the order of use."""
        texts = [text for rule in self.rules for text in (*(c.text for c in rule.criteria), rule.amount or "")]
        return self.facts_of([text for text in texts if text])

    def facts_of(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The facts that some expressions rest on, through derived indicators down to the ground."""
        found: dict[str, None] = {}
        waiting = [name for text in reversed(texts) for name in reversed(columns(parse(text)))]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.derived:
                waiting.extend(reversed(columns(parse(self.derived[name]))))
            else:
                found[name] = None
        return tuple(found)


def read_rules(path: Path) -> RuleSet:
    """A rule file. Raises :class:`RuleError` naming the place in it, OSError where it cannot be opened."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise RuleError(f"{path.name} is not a text in UTF-8", code="file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else path.name
        raise RuleError(f"{getattr(error, 'problem', None) or 'this is not YAML'}", place=where, code="file") from None
    except ValueError as error:  # a day that is none, such as 2025-13-01
        raise RuleError(f"{path.name}: {error}", mend="Days are written 2025-12-31", code="file") from None
    return load_rules(content)


def load_rules(content: object) -> RuleSet:
    """A rule set from parsed YAML. Raises :class:`RuleError` on the first part that is not in order."""
    if not isinstance(content, Mapping):
        raise RuleError("a rule file has the keys “indicators” and “rules”", code="form")
    unknown = set(content) - {"indicators", "rules"}
    if unknown:
        raise RuleError(f"“{sorted(map(str, unknown))[0]}” is no part of a rule file", mend="Parts: indicators, rules")
    derived = _derived(content.get("indicators") or {})
    listed = content.get("rules")
    if not isinstance(listed, list) or not listed:
        raise RuleError("there are no rules", place="rules", mend="Add at least one", code="form")
    rules = tuple(load_rule(entry, f"rules[{number}]") for number, entry in enumerate(listed, 1))
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"the id “{rule.id}” stands twice", place=f"rule {rule.id}", code="form")
        seen.add(rule.id)
    return RuleSet(derived, rules)


def _derived(content: object) -> dict[str, str]:
    if not isinstance(content, Mapping):
        raise RuleError("indicators are a list of “name: expression”", place="indicators", code="form")
    result: dict[str, str] = {}
    for name, text in content.items():
        place = f"indicators.{name}"
        expression = _expression(text, place)
        later = set(columns(expression)) & (set(map(str, content)) - set(result))
        if later:
            raise RuleError(
                f"it uses “{sorted(later)[0]}”, which stands below it or is itself", place=place, mend="Move it up"
            )
        result[str(name)] = _text(text)
    return result


def load_rule(entry: object, place: str) -> Rule:
    """One rule from parsed YAML; keys that the engine does not know are kept in ``extra``."""
    import re

    if not isinstance(entry, Mapping):
        raise RuleError("a rule is a group of keys", place=place, mend="Begin with “id:”", code="form")
    name = entry.get("id")
    if not isinstance(name, str) or not re.fullmatch(_ID, name):
        raise RuleError("the id is missing or not made of letters, digits, - and _", place=place, code="form")
    place = f"rule {name}"
    start, end = _validity(entry.get("valid"), place)
    amount = entry.get("amount")
    form = None if amount is None else read_amount(amount, place)
    text = None if form is None else sql_of(form)
    if text is not None:
        _expression(text, f"{place}, amount")
    return Rule(
        id=name,
        title=str(entry.get("title") or name),
        criteria=(*_criteria(entry.get("when"), place), *_scope(entry.get("scope"), place)),
        amount=text,
        group=str(entry["group"]) if entry.get("group") else None,
        valid_from=start,
        valid_to=end,
        limits=_limits(entry.get("limits"), place),
        source=entry.get("source") if isinstance(entry.get("source"), Mapping) else {},  # type: ignore[arg-type]
        extra={str(key): value for key, value in entry.items() if key not in RULE_KEYS},
        amount_form=form,
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _expression(value: object, place: str) -> Node:
    if not isinstance(value, str | int | float | bool):
        raise RuleError("an expression is a text", place=place, mend="Write it in quotes", code="form")
    try:
        return parse(_text(value))
    except RuleError as error:
        raise error.at(place) from None


def _criteria(content: object, place: str) -> tuple[Criterion, ...]:
    entries = [content] if isinstance(content, str | bool) else content
    if not isinstance(entries, list) or not entries:
        raise RuleError("“when” names at least one condition", place=place, mend='Write when: ["…"]', code="form")
    result = []
    for number, entry in enumerate(entries, 1):
        where = f"{place}, condition {number}"
        if isinstance(entry, Mapping):
            text, label = entry.get("sql"), str(entry.get("label") or "")
        else:
            text, label = entry, ""
        _expression(text, where)
        result.append(Criterion(_text(text), label))
    return tuple(result)


def _scope(content: object, place: str) -> tuple[Criterion, ...]:
    """Region and industry codes as criteria: an unknown place or industry is unknown, never outside."""
    if content is None:
        return ()
    if not isinstance(content, Mapping):
        raise RuleError("a scope is “indicator: [codes]”", place=f"{place}, scope", code="form")
    result = []
    for name, codes in content.items():
        listed = [codes] if isinstance(codes, str | int) else codes
        if not isinstance(listed, list) or not listed:
            raise RuleError("a scope lists at least one code", place=f"{place}, scope {name}", code="form")
        quoted = ", ".join("'" + str(code).replace("'", "''") + "'" for code in listed)
        text = f"within({name}, {quoted})"
        _expression(text, f"{place}, scope {name}")
        result.append(Criterion(text))
    return tuple(result)


def _limits(content: object, place: str) -> Limits:
    if content is None:
        return Limits()
    if not isinstance(content, Mapping) or set(content) - {"once", "per_year", "total"}:
        raise RuleError("limits are once, per_year and total", place=f"{place}, limits", code="form")
    for key in ("per_year", "total"):
        value = content.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise RuleError(f"{key} is a whole number of yuan", place=f"{place}, limits", code="form")
    return Limits(bool(content.get("once")), content.get("per_year"), content.get("total"))


def _validity(content: object, place: str) -> tuple[date | None, date | None]:
    if content is None:
        return None, None
    if not isinstance(content, list) or len(content) != 2:
        raise RuleError("“valid” has two days, from and to", place=place, mend="Write [2022-08-26, null]", code="form")
    start, end = (_day(part, place) for part in content)
    if start and end and end < start:
        raise RuleError(f"it ends ({end}) before it begins ({start})", place=f"{place}, valid", code="form")
    return start, end


def _day(value: object, place: str) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RuleError(f"“{value}” is not a day", place=f"{place}, valid", mend="Write 2022-08-26") from None

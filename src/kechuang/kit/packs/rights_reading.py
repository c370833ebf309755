"""Facts, derived figures, rules and funds from the files of a pack's lineage."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.ruleset import RuleSet, load_rule, load_rules
from kechuang.kit.packs.problems import PackError, Problem
from kechuang.kit.packs.rights import Choice, Derived, Fact, Fund, PackRule, RuleSource

Row = dict[str, Any]


def fact(row: Row) -> Fact:
    """A fact from its entry."""
    return Fact(
        **{key: row[key] for key in ("code", "kind", "unit", "period", "definition", "source")},
        name=row["name"]["zh-hans"],
        name_en=row["name"]["en"],
        standard=row.get("standard"),
        question=row["question"]["zh-hans"],
        question_en=row["question"]["en"],
        low=row.get("low"),
        high=row.get("high"),
        choices=tuple(Choice(**each) for each in row.get("choices", ())),
    )


def derived(row: Row) -> Derived:
    """A derived figure from its entry."""
    return Derived(
        code=row["code"],
        name=row["name"]["zh-hans"],
        name_en=row["name"]["en"],
        expression=str(row["expression"]),
        unit=row["unit"],
        check=row.get("check"),
    )


def rule(row: Row, place: str) -> PackRule:
    """A rule from its entry. Raises PackError with the engine's words where the engine cannot read it."""
    try:
        read = load_rule(row, place)
    except RuleError as error:
        raise PackError([rule_problem(error, place)]) from None
    labels = [each["label_en"] for each in row["when"]]
    return PackRule(
        rule=read,
        title_en=row["name_en"],
        **{key: row[key] for key in ("kind", "subject", "payer", "per", "form")},
        amount_is=row.get("amount_is", "exact" if "amount" in row else "unstated"),
        tier=row.get("tier"),
        amount_from=row.get("amount_from"),
        fund=row.get("fund"),
        check=row.get("check"),
        source=_source(row["source"]),
        conflict=tuple(row.get("conflict", ())),
        next=row["next"]["zh-hans"],
        next_en=row["next"]["en"],
        without_application=row["without_application"],
        labels_en=(*labels, *("" for _ in read.criteria[len(labels) :])),
        raw=row,
    )


def fund(row: Row) -> Fund:
    """A fund from its entry."""
    since, until = (None if day is None else datetime.date.fromisoformat(day) for day in row["valid"])
    return Fund(
        **{key: row[key] for key in ("code", "name", "name_en", "amount", "per", "payer")},
        since=since,
        until=until,
        source=_source(row["source"]),
        conflict=tuple(row.get("conflict", ())),
        check=row.get("check"),
    )


def _source(row: Row) -> RuleSource:
    return RuleSource(row["document"], row.get("article"), row.get("quote"), row.get("restatement"))


def ruleset(figures: Iterable[Derived], rules: Iterable[PackRule]) -> RuleSet:
    """What the engine runs. Raises PackError where a derived figure uses one below it."""
    content = {
        "indicators": {each.code: each.expression for each in figures},
        "rules": [each.raw for each in rules],
    }
    if not content["rules"]:
        return RuleSet({}, ())
    try:
        return load_rules(content)
    except RuleError as error:
        raise PackError([rule_problem(error, "rules.yaml")]) from None


def rule_problem(error: RuleError, place: str) -> Problem:
    """What the engine says of a rule, as a problem of the pack; its own place stays in the words."""
    return Problem("rule", place.partition(".yaml")[0] + ".yaml", place, {"reason": str(error).rstrip(".")})


def sections(name: str, content: Row) -> Iterator[tuple[str, str, Row]]:
    """The entries of a rule file: section, place such as ``rules.yaml.rules[3]``, entry."""
    for section in ("derived", "rules", "funds"):
        for index, row in enumerate(content.get(section, ())):
            yield section, f"{name}.{section}[{index}]", row

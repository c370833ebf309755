"""Whether the facts, rules and funds of a pack hold together, and its rule cases come out as expected."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from kechuang.engines.rules.cases import load_cases, run_cases
from kechuang.engines.rules.check import Fact, Grade, check
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.kit.packs.model import Pack
from kechuang.kit.packs.problems import Problem
from kechuang.kit.packs.reading import Row, Source, parse_yaml

PLAIN_UNITS = frozenset({"比例", "是/否", "代码", "日"})
"""Units of a fact that measure nothing: ratios, yes or no, codes, days."""


def catalogue(pack: Pack) -> tuple[Fact, ...]:
    """The facts of a pack as the checks of the rules engine take them."""
    return tuple(
        Fact(
            code=fact.code,
            kind=fact.engine_kind,
            unit=fact.unit if fact.engine_kind == Kind.NUMBER and fact.unit not in PLAIN_UNITS else None,
            low=fact.low,
            high=fact.high,
            choices=tuple(choice.code for choice in fact.choices),
        )
        for fact in pack.facts
    )


def check_facts(source: Source, pack: Pack) -> Iterator[Problem]:
    """Ranges run upwards, choices belong to texts, and no fact is derived as well."""
    derived = {figure.code for figure in pack.derived}
    for place, row in source.rows("facts"):
        low, high = row.get("low"), row.get("high")
        if low is not None and high is not None and high < low:
            yield _problem("range-reversed", f"{place}.high", low=str(low), high=str(high))
        if "choices" in row and row["kind"] != "text":
            yield _problem("choices-kind", f"{place}.choices")
        if row["code"] in derived:
            yield _problem("rule-scope", f"{place}.code", value=row["code"])
    facts = {fact.code for fact in pack.facts} - {row["code"] for _, row in source.rows("facts")}
    for section, place, row in source.sections():
        if section == "derived" and row["code"] in facts:
            yield _problem("rule-scope", f"{place}.code", value=row["code"])


def check_rules(source: Source, pack: Pack) -> Iterator[Problem]:
    """What the engine's own check calls an error, told at the place in the pack's files."""
    places: dict[str, str] = {}
    for section, place, row in source.sections():
        if section == "derived":
            places[f"indicators.{row['code']}"] = place
        elif section == "rules":
            places[f"rule {row['id']}"] = place
    for found in check(pack.ruleset, catalogue(pack)):
        if found.grade != Grade.ERROR:
            continue
        owner = found.place.partition(",")[0]
        reason = found.problem + (f". {found.mend}" if found.mend else "")
        if owner in places:
            yield _problem("rule", places[owner] + found.place.removeprefix(owner), reason=reason)
        else:
            yield _problem("rule", f"pack.yaml.extends ({found.place})", reason=reason)


def check_references(source: Source, pack: Pack) -> Iterator[Problem]:
    """Quotations stand in the document, tiers and funds exist, rules that contradict each other both say so."""
    tiers = [tier.code for ladder in pack.ladders for tier in ladder.tiers]
    funds = {fund.code for fund in pack.funds}
    conflicts = {
        **{rule.id: rule.conflict for rule in pack.rules},
        **{fund.code: fund.conflict for fund in pack.funds},
    }
    texts: dict[str, str] = {}
    for section, place, row in source.sections():
        if section == "derived":
            continue
        own = row["id"] if section == "rules" else row["code"]
        yield from _quotation(pack, place, row["source"], texts)
        for other in row.get("conflict", ()):
            if own not in conflicts.get(other, ()):
                yield _problem("unknown-rule", f"{place}.conflict", value=other, own=own)
        if section == "funds":
            yield from _validity(place, row)
            continue
        if (row["kind"] == "tier") != ("tier" in row):
            yield _problem("tier-kind", f"{place}.tier")
        if "tier" in row and row["tier"] not in tiers:
            yield _problem("unknown-tier", f"{place}.tier", value=row["tier"], known=", ".join(tiers))
        if "fund" in row and row["fund"] not in funds:
            yield _problem("unknown-fund", f"{place}.fund", value=row["fund"])
        yield from _amount(place, row)


def _quotation(pack: Pack, place: str, given: Row, texts: dict[str, str]) -> Iterator[Problem]:
    document = next((each for each in pack.documents if given["document"] in (each.slug, each.doc_number)), None)
    if document is None or "quote" not in given or not document.source.is_file():
        return
    text = texts.setdefault(document.slug, document.read_text())
    if given["quote"] not in text:
        yield _problem("quote-missing", f"{place}.source.quote", document=document.slug, value=given["quote"])


def _validity(place: str, row: Row) -> Iterator[Problem]:
    since, until = row["valid"]
    if since and until and until < since:
        yield _problem("dates-reversed", f"{place}.valid", since=since, until=until)


def _amount(place: str, row: Row) -> Iterator[Problem]:
    """The meaning of an amount fits what is there."""
    meaning = row.get("amount_is", "exact" if "amount" in row else "unstated")
    if ("amount" in row) == (meaning == "unstated") or ("amount_from" in row) != (meaning == "range"):
        yield _problem("amount-meaning", f"{place}.amount_is", value=meaning)


def check_cases(source: Source, pack: Pack) -> Iterator[Problem]:
    """The cases of ``rule_cases/*.yaml`` come out as expected."""
    for file in source.cases():
        name = f"rule_cases/{file.name}"
        try:
            cases = load_cases(parse_yaml(file.read_text("utf-8")))
        except (RuleError, yaml.YAMLError, ValueError) as error:
            yield _problem("case", name, reason=" ".join(str(error).split()).rstrip("."))
            continue
        try:
            failures = run_cases(pack.ruleset, cases, declared=pack.fact_kinds)
        except RuleError as error:
            # The rules themselves are not in order, and their own check has said so.
            yield _problem("case", name, reason=str(error).rstrip("."))
            return
        for failure in failures:
            place = f"{name} “{failure.case}”" + (f", {failure.rule}" if failure.rule else "")
            yield _problem("case", place, reason=failure.sentence.rstrip("."))


def _problem(code: str, place: str, **values: str) -> Problem:
    return Problem(code, place.partition(".yaml")[0] + ".yaml", place, values)

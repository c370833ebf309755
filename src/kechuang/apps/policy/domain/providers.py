"""The published rules for the other apps."""

from __future__ import annotations

from datetime import date

from django.db.models import Model

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.queries.rulebook import program_for
from kechuang.apps.policy.models import Formula, RuleVersion
from kechuang.engines.rules.ruleset import Criterion
from kechuang.kit.packs.rights import Derived
from kechuang.kit.rulebook import PublishedRule, Rulebook, rule_provider


@rule_provider
def published_rules(region: Model, day: date) -> Rulebook:
    """The rules of a region and of those above it that are in force on ``day``."""
    assert isinstance(region, Region)  # noqa: S101 -- rules belong to regions
    book = program_for(region, day)
    criteria = {ready.rule.id: ready.rule.criteria for ready in book.explainer.program.rules if ready.in_force}
    rules = {code: _rule(book.versions[code], own) for code, own in criteria.items()}
    return Rulebook(day, book.explainer, rules, {code: _derived(each) for code, each in book.formulas.items()})


def _rule(version: RuleVersion, criteria: tuple[Criterion, ...]) -> PublishedRule:
    rule, entry = version.rule, version.definition
    following, source = entry.get("next") or {}, entry.get("source") or {}
    conditions = [each if isinstance(each, dict) else {} for each in entry.get("when") or ()]
    english = [str(each.get("label_en") or "") for each in conditions] + [""] * len(criteria)
    stated = rule.stated_in
    return PublishedRule(
        code=rule.code,
        kind=str(entry.get("kind") or ""),
        form=str(entry.get("form") or ""),
        tier=str(entry.get("tier") or ""),
        title=str(entry.get("title") or rule.code),
        title_en=str(entry.get("name_en") or ""),
        labels=tuple((each.label or each.text, label) for each, label in zip(criteria, english, strict=False)),
        next=str(following.get("zh-hans") or ""),
        next_en=str(following.get("en") or ""),
        source=f"{stated} {source.get('article') or ''}".strip(),
        check=str(entry.get("check") or ""),
        record=rule,
    )


def _derived(formula: Formula) -> Derived:
    return Derived(
        formula.code, formula.name, formula.name_en, formula.expression, formula.unit, formula.check_again or None
    )

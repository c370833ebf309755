"""A filter by place or industry takes no right away silently: where either is not known, the answer is unknown."""

from dataclasses import replace
from importlib.resources import files

import pytest

from kechuang.engines.rules.cases import Expectation, read_cases, run_cases
from kechuang.engines.rules.expression import columns
from kechuang.kit.packs import available_packs, load_pack

SCOPES = ("region", "industry")
UNKNOWN = Expectation(None)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", available_packs())
def test_whoever_is_entitled_is_not_refused_where_place_or_industry_is_unknown(name, scope):
    """Every case of the pack that says yes says unknown once the place or the industry is taken out of it."""
    pack = load_pack(name)
    inherited = {rule.id for parent in pack.extends for rule in load_pack(parent).rules}
    scoped = {rule.id for rule in pack.rules if scope in _read(pack, rule) and rule.id not in inherited}
    asked = [_without(case, scope, scoped) for case in _cases(name)]
    assert [str(failure) for failure in run_cases(pack.ruleset, asked, declared=pack.fact_kinds)] == []
    unset = {figure.code for figure in pack.derived if not figure.is_set}
    told = {rule for case in asked for rule in case.expect}
    assert {rule for rule in scoped if not unset & _names(pack, rule)} <= told


@pytest.mark.parametrize("name", ["nanyang", "pingdingshan"])
def test_a_case_shows_each_rule_of_a_city_without_the_place(name):
    """Also of rungs whose threshold is not set, so that an officer can read it."""
    pack = load_pack(name)
    placed = {rule.id for rule in pack.rules if "region" in _read(pack, rule)}
    shown = {
        rule
        for case in _cases(name)
        for rule, expected in case.expect.items()
        if expected.answer is None and "region" in expected.missing
    }
    assert placed <= shown


def _cases(name):
    for file in files("kechuang").joinpath("packs", name, "rule_cases").iterdir():
        yield from read_cases(file)


def _without(case, scope, scoped):
    """The same case with the fact taken out, and unknown expected wherever it said yes by that fact."""
    given = {code: value for code, value in case.given.items() if code != scope}
    expect = {rule: UNKNOWN for rule, expected in case.expect.items() if rule in scoped and expected.answer}
    return replace(case, given=given, expect=expect)


def _read(pack, rule):
    return pack.ruleset.facts_of([criterion.text for criterion in rule.rule.criteria])


def _names(pack, rule):
    """The facts, figures and parameters that the conditions of a rule name."""
    return {name for criterion in pack.rule(rule).rule.criteria for name in columns(criterion.node)}

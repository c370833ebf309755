"""The sandbox: what a change does, side by side, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.policy.domain import awards, sandbox
from kechuang.apps.policy.domain.batches import SUBJECT, scan
from kechuang.apps.policy.models import Rule
from kechuang.apps.policy.models.award import EligibilityRun
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules import scenarios
from kechuang.engines.rules.scenarios import Changes
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.permissions import Actor
from kechuang.kit.testing import queries_of
from tests.apps.policy.rules import ALL, make_rules
from tests.apps.policy.test_awards import YEAR, make_companies

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(city: Region, officer: Actor) -> EligibilityRun:
    make_rules(city, *ALL)
    make_companies(6)
    return awards.assess(officer, region=city, year=YEAR)


@pytest.fixture
def rule(run: EligibilityRun) -> Rule:
    return Rule.objects.get(code="hnte")


def change(path: str, value: int | str) -> Changes:
    return Changes({path: Decimal(value)})


def test_another_amount_costs_more_and_nobody_moves(run: EligibilityRun, rule: Rule, officer: Actor) -> None:
    tried = sandbox.try_changes(officer, snapshot=run.snapshot, rule=rule, changes=change("amount#1", 150000))
    base, new = tried.comparison.base, tried.comparison.new
    assert (base.yes, base.payable, new.yes, new.payable) == (3, 300_000_00, 3, 450_000_00)
    assert (tried.comparison.entering, tried.comparison.leaving, tried.comparison.better) == (0, 0, 3)
    assert "由10万元调整为15万元" in tried.clause
    assert "增加15万元" in tried.clause


def test_another_threshold_moves_people_and_the_group_pays_once(
    run: EligibilityRun, rule: Rule, officer: Actor
) -> None:
    tried = sandbox.try_changes(officer, snapshot=run.snapshot, rule=rule, changes=change("when.2#1", 2))
    found = tried.comparison
    assert (found.entering, found.leaving) == (3, 3)
    assert tried.movers("entering").height == 3
    # whoever gets the higher amount no longer gets the lower one of the group
    assert found.base.group_payable == found.new.group_payable == 3 * 100_000_00 + 3 * 50_000_00


def test_splits_sum_to_the_figures(run: EligibilityRun, rule: Rule, officer: Actor) -> None:
    tried = sandbox.try_changes(officer, snapshot=run.snapshot, rule=rule, changes=change("amount#1", 20000))
    found = tried.comparison
    for rows in found.by.values():
        expected = (found.base.yes, found.base.payable, found.new.yes, found.new.payable)
        assert sandbox.totals(rows) == expected


def test_a_change_is_the_same_as_computing_everything(run: EligibilityRun, officer: Actor) -> None:
    for code, changes in {
        "intense": change("indicators.rd_intensity#1", 1),
        "hnte": Changes(criteria={2: "staff_count IS NULL AND rd_intensity > 0.06"}),
        "hnte-small": change("amount#1", 200000),
    }.items():
        case = sandbox.case_of(Rule.objects.get(code=code))
        if code == "intense":
            changes = change("amount.rate#1", "0.2")
        frame = scan(run.snapshot)
        ruleset = scenarios.changed(case.family, changes)
        quick = scenarios.outcome(frame, scenarios.base_of(frame, case.family, SUBJECT), ruleset)
        whole = scenarios.Family(code, ruleset, case.family.today, case.family.declared)
        assert quick.equals(scenarios.base_of(frame, whole, SUBJECT).result)


def test_a_condition_that_is_none_is_told(run: EligibilityRun, rule: Rule, officer: Actor) -> None:
    for text in ("hnte_times >", "DROP TABLE x", "nobody_knows > 1 AND hnte_times > '高'"):
        with pytest.raises(DomainError):
            sandbox.try_changes(officer, snapshot=run.snapshot, rule=rule, changes=Changes(criteria={2: text}))


def test_scenarios_are_their_owners_until_shared(
    run: EligibilityRun, rule: Rule, officer: Actor, actor: Callable[[str], Actor], client_as: Callable[[str], Client]
) -> None:
    saved = sandbox.save_scenario(
        officer, snapshot=run.snapshot, rule=rule, changes=change("amount#1", 150000), title="提高到15万元"
    )
    url = reverse("policy:scenario", args=[saved.pk])
    assert client_as("bureau_officer").get(url).status_code == 200
    assert client_as("bureau_leader").get(url).status_code == 404
    with pytest.raises(Refused):
        sandbox.share_scenario(actor("bureau_leader"), scenario=saved, shared=True)
    sandbox.share_scenario(officer, scenario=saved, shared=True)
    assert "提高到15万元" in client_as("bureau_leader").get(url).content.decode()
    assert client_as("auditor").get(url).status_code == 200
    with pytest.raises(Refused):
        sandbox.save_scenario(
            actor("auditor"), snapshot=run.snapshot, rule=rule, changes=change("amount#1", 1), title=""
        )


def test_pages(run: EligibilityRun, rule: Rule, client_as: Callable[[str], Client]) -> None:
    client = client_as("bureau_leader")
    assert "规则hnte" in client.get(reverse("policy:sandbox")).content.decode()
    at = [run.snapshot_id, rule.pk]
    assert "30万元" in client.get(reverse("policy:sandbox-rule", args=at)).content.decode()
    given = {"p.when.2#1": "1", "p.amount#1": "150,000"}
    htmx = {"HX-Request": "true"}
    answer = client.get(reverse("policy:sandbox-try", args=at), given, headers=htmx).content.decode()
    assert "45万元" in answer
    assert "调整为15万元" in answer
    assert "<html" not in answer
    assert (
        "不是数字"
        in client.get(reverse("policy:sandbox-try", args=at), {"p.amount#1": "很多"}, headers=htmx).content.decode()
    )
    moved = client.get(reverse("policy:sandbox-moves", args=at), {**given, "move": "better"}).content.decode()
    assert "有限公司" in moved
    client.post(reverse("policy:sandbox-save", args=at), {**given, "title": "试一试"})
    made = Scenario.objects.get()
    assert made.changes == {"values": {"amount#1": "150000"}, "criteria": {}}
    client.post(reverse("policy:scenario-share", args=[made.pk]), {"shared": "1"})
    assert "试一试" in client_as("bureau_officer").get(reverse("policy:sandbox")).content.decode()
    again = client.get(reverse("policy:sandbox-rule", args=at), {"scenario": made.pk}).content.decode()
    assert 'value="150000"' in again


def test_queries_do_not_grow(run: EligibilityRun, rule: Rule, city: Region, officer: Actor,
                             client_as: Callable[[str], Client]) -> None:  # fmt: skip
    client = client_as("bureau_officer")

    def counted(found: EligibilityRun) -> int:
        url = reverse("policy:sandbox-moves", args=[found.snapshot_id, rule.pk])
        return len(queries_of(client, f"{url}?p.when.2%231=2&move=entering"))

    counted(run)
    few = counted(run)
    make_companies(20, start=100)
    more = awards.assess(officer, region=city, year=YEAR)
    assert Organisation.objects.count() > 20
    assert counted(more) == few

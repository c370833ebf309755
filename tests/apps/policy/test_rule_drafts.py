"""From draft to force: examples, a try on real enterprises, differences, four eyes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Region, User
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.policy.domain import awards
from kechuang.apps.policy.domain.queries.scenario_definitions import changed_definition
from kechuang.apps.policy.domain.rule_check import faults_of
from kechuang.apps.policy.domain.rule_examples import drop_example, keep_example, outcomes_of
from kechuang.apps.policy.domain.rule_trial import try_draft
from kechuang.apps.policy.domain.rules import draft_rule, draft_version, publish_version
from kechuang.apps.policy.interfaces.rule_differences import ADDED, CHANGED, REMOVED, SAME, differences
from kechuang.apps.policy.models import EligibilityRun, Rule, RuleVersion
from kechuang.engines.rules.scenarios import Changes
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.permissions import SYSTEM, Actor
from kechuang.kit.testing import assert_constant_queries
from tests.apps.policy.rules import ALL, FIRST, HNTE, INTENSE, definition, make_rules
from tests.apps.policy.test_awards import make_companies

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
Acting = Callable[[str], Actor]
MET = {"hnte_valid": True, "hnte_times": 1.0}


@pytest.fixture
def hnte(city: Region) -> Rule:
    return make_rules(city, *ALL)[0].rule


@pytest.fixture
def draft(hnte: Rule, officer: Actor) -> RuleVersion:
    """Twice, not once."""
    wanted = definition("hnte", ["hnte_valid", "hnte_times = 2"], amount=150000, group="hnte")
    return draft_version(officer, rule=hnte, definition=wanted)


def url(name: str, rule: Rule) -> str:
    return reverse(f"policy:rule-{name}", args=[rule.pk])


# Faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ({"when": ["hnte_valid", "revenu > 1"]}, "when.2", "是不是指"),
        ({"when": ["revenue > staff_count"]}, "when.1", "混在一起"),
        ({"when": ["hnte_valid", "revenue > 5", "revenue < 3"]}, "when.2", "不可能同时满足"),
        ({"when": ["within(region, 411300)"]}, "when.1", ""),
        ({"when": ["hnte_valid"], "amount": "staff_count"}, "amount", "金额的单位是元"),
        ({"when": ["hnte_valid"], "amount": {"rate": "0.1"}}, "amount", "按哪项指标"),
        ({"when": ["hnte_valid"], "valid": ["2026-02-01", "2026-01-01"]}, "valid", "早于"),
        ({"when": []}, "", "至少要有一项条件"),
        ({"when": ["hnte_valid = NULL"]}, "when.1", "已有数据"),
    ],
)
def test_each_fault_has_its_place_and_its_mend(
    city: Region, hnte: Rule, entry: dict[str, Any], place: str, words: str
) -> None:
    found = faults_of(city, {"id": "new", **entry})
    assert place in [fault.place for fault in found]
    assert any(words in fault.message for fault in found)


def test_every_row_is_told_at_once(city: Region, hnte: Rule) -> None:
    found = faults_of(city, {"id": "new", "when": ["revenue >", "no_such > 1", "hnte_valid", "revenue > staff_count"]})
    assert [fault.place for fault in found] == ["when.1", "when.2", "when.4"]


def test_an_officer_writes_for_the_own_region_only(hnte: Rule, officer: Actor) -> None:
    country = Region.objects.get(code="000000")
    with pytest.raises(Refused):
        draft_rule(officer, region=country, definition=definition("new", ["hnte_valid"]))
    assert not Rule.objects.filter(code="new").exists()


# Examples -------------------------------------------------------------------------------------------------------------


def test_examples_say_what_came_out(draft: RuleVersion, officer: Actor) -> None:
    keep_example(officer, version=draft, name="首次", given=MET, expect="yes")
    keep_example(
        officer, version=draft, name="第二次", given={**MET, "hnte_times": 2.0}, expect="yes", amount=Decimal(150000)
    )
    keep_example(officer, version=draft, name="次数未知", given={"hnte_valid": True}, expect="unknown")
    draft.refresh_from_db()
    found = {outcome.name: outcome for outcome in outcomes_of(draft)}
    assert [(each.passed, each.answer) for each in found.values()] == [(False, "no"), (True, "yes"), (True, "unknown")]
    assert found["第二次"].amount == 150000
    keep_example(officer, version=draft, name="首次认定", given=MET, expect="no", replaces="首次")
    drop_example(officer, version=draft, name="次数未知")
    draft.refresh_from_db()
    assert [each["name"] for each in draft.examples] == ["首次认定", "第二次"]
    assert all(outcome.passed for outcome in outcomes_of(draft))


def test_an_amount_that_differs_fails(draft: RuleVersion, officer: Actor) -> None:
    given = {**MET, "hnte_times": 2.0}
    keep_example(officer, version=draft, name="第二次", given=given, expect="yes", amount=Decimal(100000))
    draft.refresh_from_db()
    assert [outcome.passed for outcome in outcomes_of(draft)] == [False]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": " "}, "name"), ({"name": "首次"}, "name"), ({"expect": "maybe"}, "expect")],
)
def test_what_is_no_example(draft: RuleVersion, officer: Actor, values: dict[str, Any], field: str) -> None:
    keep_example(officer, version=draft, name="首次", given=MET, expect="no")
    with pytest.raises(DomainError) as told:
        keep_example(officer, version=draft, **{"name": "另一个", "given": MET, "expect": "no", **values})
    assert told.value.field == field


def test_nothing_is_published_untried(draft: RuleVersion, officer: Actor, actor: Acting) -> None:
    leader = actor("bureau_leader")
    with pytest.raises(DomainError, match="还没有样例"):
        publish_version(leader, version=draft)
    keep_example(officer, version=draft, name="首次", given=MET, expect="yes")
    with pytest.raises(DomainError, match="首次"):
        publish_version(leader, version=draft)
    keep_example(officer, version=draft, name="首次", given=MET, expect="no", replaces="首次")
    assert publish_version(leader, version=draft).rule.current_id == draft.pk
    with pytest.raises(Stale):
        keep_example(officer, version=draft, name="晚了", given=MET, expect="no")


def test_examples_come_along_to_the_next_version(draft: RuleVersion, officer: Actor, actor: Acting) -> None:
    keep_example(officer, version=draft, name="首次", given=MET, expect="no")
    published = publish_version(actor("bureau_leader"), version=draft)
    rule = Rule.objects.get(pk=published.rule_id)
    assert [each["name"] for each in draft_version(officer, rule=rule, definition=HNTE).examples] == ["首次"]


def test_whoever_wrote_on_a_draft_does_not_publish_it(
    draft: RuleVersion, officer: Actor, actor: Acting, people: dict[str, User]
) -> None:
    admin = actor("platform_admin")
    keep_example(admin, version=draft, name="首次", given=MET, expect="no")
    draft.refresh_from_db()
    assert draft.author_id == officer.user_id
    for writer in (admin, officer):
        with pytest.raises(Refused):
            publish_version(writer, version=draft)
    draft_version(admin, rule=draft.rule, definition=draft.definition)
    with pytest.raises(Refused):
        publish_version(officer, version=draft)
    publish_version(actor("bureau_leader"), version=draft)


# Differences ----------------------------------------------------------------------------------------------------------


def test_condition_by_condition() -> None:
    before = definition("x", ["hnte_valid", "revenue >= 1", "staff_count > 3"], amount=100000)
    after = definition("x", ["hnte_valid", "revenue >= 2", "rd_expense > 0"], amount={"rate": "0.1", "of": "revenue"})
    found = differences(before, after)
    assert [change.state for change in found.conditions] == [SAME, CHANGED, ADDED, REMOVED]
    assert [row[1] for row in found.parts] == ["10万元"]
    assert not differences(before, dict(before))
    same_words = definition("x", ["revenue >= 2"], labels={"revenue >= 2": "有收入"})
    earlier = definition("x", ["revenue >= 1"], labels={"revenue >= 1": "有收入"})
    assert differences(earlier, same_words).conditions[0].stale


def test_a_scenario_becomes_a_definition() -> None:
    tried, whole = changed_definition(INTENSE, Changes({"when.1#1": Decimal("0.04"), "amount.cap#1": Decimal(300000)}))
    assert (tried["when"], whole) == ([{"sql": "rd_intensity >= 0.04"}], True)
    assert tried["amount"] == {"rate": "0.1", "of": "rd_expense", "cap": "300000"}
    assert not changed_definition(INTENSE, Changes({"indicators.rd_intensity#1": Decimal(4)}))[1]


# Real enterprises -----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(hnte: Rule, city: Region, people: dict[str, User]) -> EligibilityRun:
    """Three enterprises: recognised once, twice, once."""
    make_companies(3)
    return awards.assess(SYSTEM, region=city, year=return_year())


def test_a_draft_is_tried_beside_the_version_in_force(run: EligibilityRun, draft: RuleVersion, officer: Actor) -> None:
    trial = try_draft(officer, version=draft, snapshot=run.snapshot)
    assert trial.before is not None
    assert (trial.before.yes, trial.before.payable) == (2, 2 * 100_000_00)
    assert (trial.draft.yes, trial.draft.payable) == (1, 150_000_00)
    assert (trial.moves["entering"], trial.moves["leaving"]) == (1, 2)
    new = draft_rule(officer, region=run.region, definition=definition("new", ["hnte_times >= 1"], amount=1))
    alone = try_draft(officer, version=new, snapshot=run.snapshot)
    assert (alone.before, alone.draft.yes) == (None, 3)
    county = draft_rule(officer, region=run.region, definition=definition("c", ["staff_count > 1"], subject="county"))
    with pytest.raises(DomainError):
        try_draft(officer, version=county, snapshot=run.snapshot)


# Pages ----------------------------------------------------------------------------------------------------------------


def test_the_way_from_the_draft_to_the_version_in_force(
    run: EligibilityRun, draft: RuleVersion, officer: Actor, client_as: Browser
) -> None:
    writer, leader = client_as("bureau_officer"), client_as("bureau_leader")
    rule = draft.rule
    page = leader.get(url("draft", rule)).content.decode()
    assert "hnte_times = 2" in page
    assert "disabled" in page[page.find('id="publish"') :][:80]
    form = writer.get(url("example", rule)).content.decode()
    assert 'name="w.hnte_times"' in form
    wrong = writer.post(url("example", rule), {"name": "首次", "w.hnte_times": "许多", "expect": "yes"})
    assert "许多" in wrong.content.decode()
    assert "不是数字" in wrong.content.decode()
    given = {"name": "首次", "w.hnte_valid": "1", "w.hnte_times": "1", "expect": "yes"}
    assert writer.post(url("example", rule), given).status_code == 302
    page = writer.get(url("draft", rule)).content.decode()
    assert "1 个样例的结果与预期不符" in page
    assert "expected" not in page
    leader.post(url("publish", rule))
    assert RuleVersion.objects.get(pk=draft.pk).is_draft
    mended = {**given, "expect": "no", "replaces": "首次"}
    assert writer.post(url("example", rule), mended).status_code == 302
    assert writer.post(url("publish", rule)).status_code == 403
    tried = leader.get(url("trial", rule), {"snapshot": run.snapshot_id}).content.decode()
    assert "15万元" in tried
    new = draft_rule(officer, region=run.region, definition=definition("new", ["hnte_times >= 1"])).rule
    assert leader.get(url("trial", new), {"snapshot": run.snapshot_id}).status_code == 200, (
        "nothing in force to compare"
    )
    assert leader.post(url("publish", rule), follow=True).redirect_chain[-1][0] == url("versions", rule)
    versions = leader.get(url("versions", rule)).content.decode()
    assert all(words in versions for words in ("hnte_times = 2", "hnte_times = 1", "来自本市政策包"))
    assert leader.get(url("draft", rule)).status_code == 404


def test_the_drafts_that_wait(draft: RuleVersion, client_as: Browser) -> None:
    assert draft.rule.title in client_as("auditor").get(reverse("policy:rule-drafts")).content.decode()
    assert draft.rule.title in client_as("bureau_leader").get("/workbench/").content.decode()
    assert "待发布的规则" not in client_as("bureau_officer").get("/workbench/").content.decode()
    for role in ("public", "county_workstation", "organisation_admin"):
        assert client_as(role).get(url("draft", draft.rule)).status_code in (302, 403, 404)


def test_a_draft_is_thrown_away(draft: RuleVersion, client_as: Browser) -> None:
    writer = client_as("bureau_officer")
    assert writer.get(url("discard", draft.rule)).status_code == 200
    assert RuleVersion.objects.filter(pk=draft.pk).exists()
    assert writer.post(url("discard", draft.rule)).status_code == 302
    assert not RuleVersion.objects.filter(pk=draft.pk).exists()


def test_the_sandbox_leads_to_the_editor(run: EligibilityRun, hnte: Rule, client_as: Browser) -> None:
    writer = client_as("bureau_officer")
    bench = reverse("policy:sandbox-try", args=[run.snapshot_id, hnte.pk])
    tried = writer.get(bench, {"p.amount#1": "120000"}, headers={"HX-Request": "true"}).content.decode()
    assert f"{url('edit', hnte)}?p.amount%231=120000" in tried
    assert 'name="a.fixed" value="12"' in writer.get(url("edit", hnte), {"p.amount#1": "120000"}).content.decode()
    readers = client_as("auditor").get(bench, {"p.amount#1": "120000"}, headers={"HX-Request": "true"})
    assert url("edit", hnte) not in readers.content.decode()


def test_pages_of_drafts_need_constant_queries(
    city: Region, hnte: Rule, draft: RuleVersion, officer: Actor, actor: Acting, client_as: Browser
) -> None:
    leader = client_as("bureau_leader")
    numbers = iter(range(1000))

    def drafts(count: int) -> None:
        for _ in range(count):
            draft_rule(officer, region=city, definition=definition(f"d{next(numbers)}", ["hnte_valid"]))

    def examples(count: int) -> None:
        for _ in range(count):
            keep_example(officer, version=draft, name=f"例{next(numbers)}", given=MET, expect="no")

    def versions(count: int) -> None:
        for _ in range(count):
            newer = {**HNTE, "amount": next(numbers) + 1}
            row = draft_version(officer, rule=hnte, definition=newer, examples=FIRST)
            publish_version(actor("bureau_leader"), version=row)

    assert_constant_queries(leader, reverse("policy:rule-drafts"), drafts)
    assert_constant_queries(leader, url("draft", draft.rule), examples)
    draft.delete()
    assert_constant_queries(leader, url("versions", hnte), versions)

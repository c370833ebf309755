"""Rules: written by one person, published by another, never changed, only superseded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.queries.rulebook import program_for
from kechuang.apps.policy.domain.rules import (
    discard_draft,
    draft_rule,
    draft_version,
    find_quote,
    keep_rule,
    publish_version,
)
from kechuang.apps.policy.models import Document, Formula, Rule, RuleVersion, VersionState
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.evidence import links_for
from kechuang.kit.permissions import PUBLIC, SYSTEM, Actor, visible
from kechuang.kit.testing import assert_constant_queries
from tests.apps.policy.rules import FIRST, HNTE, INTENSE, definition, make_rules
from tests.apps.policy.sample import TEXT

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 1)


@pytest.fixture
def hnte(city: Region) -> RuleVersion:
    return make_rules(city, HNTE)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE policy_ruleversion SET definition = '{}'",
        "UPDATE policy_ruleversion SET state = 'draft', published_at = NULL",
        "UPDATE policy_ruleversion SET valid_to = '2020-01-01'",
        "UPDATE policy_ruleversion SET publisher_id = author_id, note = 'x'",
        "DELETE FROM policy_ruleversion",
        "UPDATE policy_formula SET expression = '1'",
        "DELETE FROM policy_formula",
    ],
)
def test_the_database_refuses_to_change_what_is_published(hnte: RuleVersion, statement: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    hnte.refresh_from_db()
    assert (hnte.definition, hnte.state) == (HNTE, VersionState.PUBLISHED)


def test_a_superseded_version_does_not_come_back(hnte: RuleVersion) -> None:
    RuleVersion.objects.filter(pk=hnte.pk).update(state="superseded")
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.filter(pk=hnte.pk).update(state="published")


def test_keeping_the_same_again_changes_nothing(city: Region, hnte: RuleVersion) -> None:
    assert keep_rule(SYSTEM, region=city, definition=HNTE) == hnte
    assert RuleVersion.objects.count() == Rule.objects.count() == Formula.objects.count() == 1


def test_a_changed_pack_supersedes(city: Region, hnte: RuleVersion) -> None:
    newer = keep_rule(SYSTEM, region=city, definition={**HNTE, "amount": 200000})
    hnte.refresh_from_db()
    assert (newer.number, newer.state, hnte.state) == (2, VersionState.PUBLISHED, VersionState.SUPERSEDED)
    assert newer.rule.current == newer
    book = program_for(city, TODAY)
    assert book.explainer.explain({"hnte_valid": True, "hnte_times": 1.0})[0].amount == 20_000_000


def test_what_a_person_published_outlives_the_pack(
    city: Region, hnte: RuleVersion, actor: Callable[[str], Actor]
) -> None:
    draft = draft_version(
        actor("bureau_officer"), rule=hnte.rule, definition={**HNTE, "amount": 300000}, examples=FIRST
    )
    publish_version(actor("bureau_leader"), version=draft)
    kept = keep_rule(SYSTEM, region=city, definition={**HNTE, "amount": 1})
    assert kept.pk == draft.pk


def test_four_eyes(hnte: RuleVersion, actor: Callable[[str], Actor]) -> None:
    draft = draft_version(
        actor("bureau_officer"), rule=hnte.rule, definition={**HNTE, "title": "新标题"}, examples=FIRST
    )
    with pytest.raises(Refused):
        publish_version(actor("bureau_officer"), version=draft)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE policy_ruleversion SET state = 'published', published_at = now(), publisher_id = author_id "
            "WHERE state = 'draft'"
        )
    published = publish_version(actor("bureau_leader"), version=draft)
    hnte.refresh_from_db()
    assert (published.rule.title, hnte.state) == ("新标题", VersionState.SUPERSEDED)
    with pytest.raises(Stale):
        publish_version(actor("bureau_leader"), version=draft)
    with pytest.raises(Stale):
        discard_draft(actor("bureau_officer"), version=draft)


def test_drafts_are_the_bureaus_own(city: Region, hnte: RuleVersion, actor: Callable[[str], Actor]) -> None:
    draft = draft_rule(actor("bureau_officer"), region=city, definition=definition("new", ["hnte_valid"]))
    for role, sees in (("public", False), ("organisation_admin", False), ("bureau_leader", True), ("auditor", True)):
        assert visible(actor(role), RuleVersion).filter(pk=draft.pk).exists() == sees, role
        assert visible(actor(role), Rule).filter(pk=draft.rule_id).exists() == sees, role
    assert "new" not in program_for(city, TODAY).versions
    discard_draft(actor("bureau_officer"), version=draft)
    assert not Rule.objects.filter(code="new").exists()


@pytest.mark.parametrize("role", ["public", "organisation_admin", "bureau_leader", "auditor", "county_workstation"])
def test_who_may_not_write(city: Region, actor: Callable[[str], Actor], role: str, hnte: RuleVersion) -> None:
    with pytest.raises(Refused):
        draft_rule(actor(role), region=city, definition=definition("new", ["hnte_valid"]))
    with pytest.raises(Refused):
        keep_rule(actor(role), region=city, definition=HNTE)


def test_an_officer_keeps_to_the_own_region(hnte: RuleVersion, officer: Actor) -> None:
    country = Region.objects.get(code="000000")
    with pytest.raises(Refused):
        draft_version(officer, rule=keep_rule(SYSTEM, region=country, definition=INTENSE).rule, definition=INTENSE)


@pytest.mark.parametrize(
    ("when", "word"),
    [
        (["no_such_fact > 1"], "no_such_fact"),
        (["revenue = 'x'"], "第1项条件"),
        (["pg_sleep(1) > 0"], "pg_sleep"),
        (["hnte_valid; DROP TABLE x"], ""),
    ],
)
def test_what_the_engine_cannot_reckon_with_is_refused(
    city: Region, hnte: RuleVersion, officer: Actor, when: list[str], word: str
) -> None:
    with pytest.raises(DomainError) as refused:
        draft_rule(officer, region=city, definition=definition("bad", when))
    assert word in refused.value.message.lower()
    assert not Rule.objects.filter(code="bad").exists()


def test_each_day_has_its_version(city: Region, hnte: RuleVersion, actor: Callable[[str], Actor]) -> None:
    later = {**HNTE, "amount": 200000, "valid": ["2027-01-01", None]}
    draft = draft_version(actor("bureau_officer"), rule=hnte.rule, definition=later, examples=FIRST)
    publish_version(actor("bureau_leader"), version=draft)
    facts = {"hnte_valid": True, "hnte_times": 1.0}
    amounts = [
        program_for(city, day).explainer.explain(facts)[0].amount for day in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert amounts == [10_000_000, 20_000_000]


def test_a_county_has_the_rules_above_it_and_its_own_come_first(city: Region, hnte: RuleVersion) -> None:
    county = Region.objects.get(code="411302")
    keep_rule(SYSTEM, region=county, definition={**HNTE, "amount": 1})
    keep_rule(SYSTEM, region=Region.objects.get(code="000000"), definition=INTENSE)
    book = program_for(county, TODAY)
    assert set(book.versions) == {"hnte", "intense"}
    assert book.versions["hnte"].rule.region == county
    assert program_for(city, TODAY).versions["hnte"].rule.region == city


def test_compiled_once_for_a_set_of_versions(city: Region, hnte: RuleVersion) -> None:
    one = program_for(city, TODAY).explainer
    assert program_for(city, TODAY).explainer is one
    keep_rule(SYSTEM, region=city, definition={**HNTE, "amount": 2})
    assert program_for(city, TODAY).explainer is not one


@pytest.fixture
def stated(upload: Callable[..., Document], publish: Callable[[Document], Document], city: Region) -> RuleVersion:
    make_rules(city, HNTE)
    document = publish(upload())
    quote = {"document": "x", "quote": "对首次认定的高新技术企业，\n由受益财政给予一次性**10万元**奖励。"}
    return keep_rule(SYSTEM, region=city, definition={**HNTE, "id": "stated", "source": quote}, document=document)


def test_a_rule_rests_on_its_sentence(stated: RuleVersion) -> None:
    (link,) = links_for(stated.rule)[stated.rule_id]
    assert link.source == stated.rule.document
    assert "10万元" in link.quote
    assert link.quote.startswith("对首次认定")


def test_a_repealed_document_ends_its_rules(stated: RuleVersion, city: Region) -> None:
    Document.objects.filter(pk=stated.rule.document_id).update(state="repealed", state_date=date(2026, 3, 1))
    before, after = (
        next(e for e in program_for(city, day).explainer.explain({}) if e.rule == "stated").in_force
        for day in (date(2026, 2, 28), date(2026, 3, 1))
    )
    assert (before, after) == (True, False)


def test_quotes_are_found_across_line_ends() -> None:
    assert find_quote("前文。给予**10万\n元** 奖励。", "给予10万元奖励") == (3, 17)
    assert find_quote("前文", "后文") is None
    assert find_quote("前文", "**") is None


# Pages ----------------------------------------------------------------------------------------------------------------


def test_the_public_reads_a_rule(stated: RuleVersion, client_as: Callable[[str], Client]) -> None:
    page = client_as("public").get(stated.rule.get_absolute_url()).content.decode()
    for words in ("规则hnte", "10万元", "向县科技局申报。", "hnte_times = 1", f"?at={TEXT.index('对首次')}"):
        assert words in page, words


def test_nobody_else_reads_a_draft(city: Region, officer: Actor, client_as: Callable[[str], Client]) -> None:
    make_rules(city, HNTE)
    url = draft_rule(officer, region=city, definition=definition("new", ["hnte_valid"])).rule.get_absolute_url()
    assert client_as("public").get(url).status_code == 404
    assert client_as("bureau_leader").get(url).status_code == 200


def test_the_page_of_a_rule_needs_constant_queries(
    city: Region, hnte: RuleVersion, client_as: Callable[[str], Client]
) -> None:
    amounts = iter(range(1, 100))

    def more(count: int) -> Any:
        return [keep_rule(SYSTEM, region=city, definition={**HNTE, "amount": next(amounts)}) for _ in range(count)]

    assert_constant_queries(client_as("public"), hnte.rule.get_absolute_url(), more)


def test_public_sees_no_more_than_published() -> None:
    assert not visible(PUBLIC, Rule).exists()

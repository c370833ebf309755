"""The demonstration city as a fixture: loaded once per module by the steps that a trial runs, rolled back after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from kechuang.apps.directory.domain.accounts import DEMO_ACCOUNTS
from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Organisation, Region, User
from kechuang.apps.indicators.domain.facts import declare_facts
from kechuang.apps.indicators.domain.observations import record_observation
from kechuang.apps.indicators.domain.periods import period_of
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.models import Indicator
from kechuang.apps.policy.domain.awards import assess, confirm_awards
from kechuang.apps.policy.domain.rules import draft_version
from kechuang.apps.policy.domain.sandbox import save_scenario, share_scenario
from kechuang.apps.policy.models import Rule
from kechuang.apps.supervision.domain.bulletins import issue_bulletin
from kechuang.apps.supervision.tasks import make_bulletin
from kechuang.engines.rules.scenarios import Changes
from kechuang.kit import jobs
from kechuang.kit.loading import load_demo, load_pack
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing_jobs import run_jobs

ACCOUNTS = {account.role.value: account.username for account in DEMO_ACCOUNTS}


@pytest.fixture(scope="module")
def city(nanyang: Pack, django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, User]]:
    """The people of the demonstration by role, in a database that holds the whole demonstration."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_pack(nanyang, SYSTEM)
        load_demo(nanyang, SYSTEM)
        people = {role: User.objects.get(username=username) for role, username in ACCOUNTS.items()}
        run_jobs()
        _ask_for_a_bulletin(people["platform_admin"], nanyang.region)
        _begin_a_figure(people["responsible_unit"], nanyang.region)
        _try_and_award(people["bureau_officer"], nanyang.region)
        _draft_a_rule(people["platform_admin"])
        # Inside a transaction nothing analyses the tables by itself, and the planner would take them for empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield people
        transaction.set_rollback(True)


def _ask_for_a_bulletin(user: User, code: str) -> None:
    """A job on its way and an issue of the bulletin, which the demonstration leaves to the visitor."""
    region, actor = Region.objects.get(code=code), actor_for(user)
    jobs.start(actor, make_bulletin, label="bulletin", region_id=region.pk)
    issue_bulletin(actor, region=region)


def _begin_a_figure(user: User, code: str) -> None:
    """A draft of a figure that the finance bureau answers for; the demonstration's own are long approved."""
    indicator, region = Indicator.objects.get(code="fiscal_science_share"), Region.objects.get(code=code)
    period = period_of(date(2020, 1, 1), indicator.frequency)
    record_observation(actor_for(user), indicator=indicator, region=region, period=period, value=Decimal("1.8"))


def _draft_a_rule(user: User) -> None:
    """A newer version of a rule, with an example, that waits for a publisher."""
    rule = Rule.objects.select_related("current").get(code="ny-hnte-first")
    assert rule.current is not None
    given = {"region": "411302", "hnte_valid": True, "hnte_times": 1}
    draft_version(
        actor_for(user),
        rule=rule,
        definition={**rule.current.definition, "amount": "150000"},
        examples=[{"name": "首次认定", "given": given, "expect": "yes", "amount": "150000"}],
    )


def _try_and_award(user: User, code: str) -> None:
    """Who is entitled, awards of it, one to the organisation of the accounts, and a scenario that is shared."""
    actor, region = actor_for(user), Region.objects.get(code=code)
    company = Organisation.objects.filter(region__path__startswith=region.path, state="verified", kind="enterprise")[0]
    declare_facts(SYSTEM, organisation=company, year=return_year(), values={"hnte_valid": True, "hnte_times": 1})
    own = Organisation.objects.get(memberships__user__username=ACCOUNTS["organisation_admin"])
    declare_facts(SYSTEM, organisation=own, year=return_year(), values={"academician_station_new": True})
    run = assess(actor, region=region, year=return_year())
    confirm_awards(actor, run=run, code="ny-hnte-first")
    confirm_awards(actor, run=run, code="ny-academician-station", organisations=[own.pk])
    rule, changes = Rule.objects.get(code="ny-hnte-first"), Changes({"amount#1": Decimal(150_000)})
    made = save_scenario(actor, snapshot=run.snapshot, rule=rule, changes=changes, title="15万元")
    share_scenario(actor, scenario=made, shared=True)

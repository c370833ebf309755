from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.locks import lock_of, lock_period, locked_months
from kechuang.apps.indicators.domain.observations import (
    approve_observation,
    decide_many,
    delete_observation,
    doubtful,
    record_observation,
    return_observation,
    revise_observation,
    submit_observation,
    withdraw_observation,
)
from kechuang.apps.indicators.domain.periods import last_complete, parse_period
from kechuang.apps.indicators.models import Indicator, Observation, PeriodLock
from kechuang.kit.errors import DomainError, Refused, Stale
from kechuang.kit.models import Notification
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.workflow import history

MARCH = parse_period("2025-03")
State = Observation.State


def enter(actor: Actor, indicator: Indicator, region: Region, value: object = 10, **more: object) -> Observation:
    values = {"period": MARCH, "value": Decimal(str(value))} | more
    return record_observation(actor, indicator=indicator, region=region, **values)  # type: ignore[arg-type]


def test_the_way_of_a_figure(actors, stock, county) -> None:
    row = enter(actors["county_workstation"], stock, county, source="企业名录")
    row = submit_observation(actors["county_workstation"], observation=row)
    row = approve_observation(actors["bureau_officer"], observation=row)
    assert (row.state, row.value, row.revision) == (State.APPROVED, 10, 1)
    assert [step.transition for step in history(row)] == ["submit", "approve"]


def test_a_draft_is_changed_in_place(actors, stock, county) -> None:
    first = enter(actors["county_workstation"], stock, county, 10)
    second = enter(actors["county_workstation"], stock, county, 12, seen=first.updated_at)
    assert first.pk == second.pk
    with pytest.raises(Stale):
        enter(actors["bureau_officer"], stock, county, 13, seen=first.updated_at)
    third = enter(actors["county_workstation"], stock, county, 14, seen=first.updated_at)
    assert third.value == 14, "a page that saved by itself is not stale for the person before it"


def test_four_eyes(actors, stock, county) -> None:
    row = submit_observation(actors["bureau_officer"], observation=enter(actors["bureau_officer"], stock, county))
    with pytest.raises(Refused):
        approve_observation(actors["bureau_officer"], observation=row)
    row.refresh_from_db()
    assert row.state == State.SUBMITTED
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        Observation.objects.filter(pk=row.pk).update(approved_by_id=row.submitted_by_id)


@pytest.mark.parametrize("role", ["county_workstation", "responsible_unit", "bureau_leader", "auditor", "expert"])
def test_only_officers_decide(actors, stock, county, role) -> None:
    row = submit_observation(actors["platform_admin"], observation=enter(actors["platform_admin"], stock, county))
    with pytest.raises(Refused):
        approve_observation(actors[role], observation=row)
    with pytest.raises(Refused):
        return_observation(actors[role], observation=row, reason="不符")


def test_a_county_reports_for_itself_only(actors, stock, counties) -> None:
    own, other = counties[0], counties[1]
    enter(actors["county_workstation"], stock, own)
    with pytest.raises(Refused):
        enter(actors["county_workstation"], stock, other)
    with pytest.raises(Refused):
        enter(actors["auditor"], stock, own)


def test_a_unit_reports_its_own_indicators_for_its_own_place(actors, catalogue, city, county) -> None:
    unit_id = actors["responsible_unit"].grants[0].unit
    own = Indicator.objects.filter(responsible_unit=unit_id).first()
    other = Indicator.objects.exclude(responsible_unit=unit_id).exclude(kind="ratio").first()
    year = parse_period("2025")
    row = enter(actors["responsible_unit"], own, city, 5, period=year)
    assert visible(actors["responsible_unit"], Observation).get() == row
    for indicator, region in ((own, county), (other, city)):
        with pytest.raises(Refused):
            enter(actors["responsible_unit"], indicator, region, 5, period=year)


def test_returned_with_a_reason_that_the_county_is_told(actors, people, stock, county) -> None:
    row = submit_observation(
        actors["county_workstation"], observation=enter(actors["county_workstation"], stock, county)
    )
    with pytest.raises(DomainError):
        return_observation(actors["bureau_officer"], observation=row, reason=" ")
    row = return_observation(actors["bureau_officer"], observation=row, reason="与名录不符")
    assert (row.state, row.return_reason) == (State.RETURNED, "与名录不符")
    assert Notification.objects.filter(user=people["county_workstation"]).count() == 1
    again = enter(actors["county_workstation"], stock, county, 11)
    submit_observation(actors["county_workstation"], observation=again)
    again = approve_observation(actors["bureau_officer"], observation=again)
    assert again.pk == row.pk
    assert again.return_reason == ""


def test_a_figure_that_waits_is_taken_back_before_it_changes(actors, stock, county) -> None:
    row = submit_observation(
        actors["county_workstation"], observation=enter(actors["county_workstation"], stock, county)
    )
    with pytest.raises(Stale):
        enter(actors["county_workstation"], stock, county, 11)
    withdraw_observation(actors["county_workstation"], observation=row)
    assert enter(actors["county_workstation"], stock, county, 11).value == 11


def test_a_revision_takes_the_place_only_when_approved(actors, approved, stock, county) -> None:
    first = approved(stock, county, "2025-03", 10)
    with pytest.raises(DomainError) as caught:
        enter(actors["county_workstation"], stock, county, 12)
    assert caught.value.field == "reason"
    revision = revise_observation(actors["county_workstation"], observation=first, value=Decimal(12), reason="漏报两家")
    first.refresh_from_db()
    assert (first.state, revision.revision, revision.state) == (State.APPROVED, 2, State.SUBMITTED)
    revision = approve_observation(actors["bureau_officer"], observation=revision)
    first.refresh_from_db()
    assert (first.state, first.value, revision.state) == (State.SUPERSEDED, 10, State.APPROVED)


@pytest.mark.parametrize(
    "change", [{"value": 99}, {"source": "x"}, {"state": "draft"}, {"period_end": date(2025, 4, 30)}, {"revision": 7}]
)
def test_the_database_keeps_approved_figures(approved, stock, county, change) -> None:
    row = approved(stock, county, "2025-03", 10)
    with pytest.raises(IntegrityError), transaction.atomic():
        Observation.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Observation.objects.filter(pk=row.pk).delete()


def test_one_figure_in_force(approved, stock, county) -> None:
    row = approved(stock, county, "2025-03", 10)
    row.pk, row.revision, row.revision_reason = None, 2, "重复"
    with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
        row.save(force_insert=True)


def test_a_closed_month_wants_a_reason(actors, stock, county, city) -> None:
    lock = lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)
    assert lock_of(MARCH, county) == lock
    assert lock_of(parse_period("2025-Q1"), county) == lock
    assert lock_of(parse_period("2025-04"), county) is None
    assert locked_months(county) == {date(2025, 3, 1)}
    with pytest.raises(DomainError) as caught:
        enter(actors["county_workstation"], stock, county)
    assert caught.value.field == "reason"
    row = enter(actors["county_workstation"], stock, county, reason="迟报")
    submit_observation(actors["county_workstation"], observation=row)
    assert approve_observation(actors["bureau_officer"], observation=row).state == State.APPROVED


def test_the_database_keeps_closed_months(actors, stock, county, city) -> None:
    draft = enter(actors["county_workstation"], stock, county)
    lock = lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Observation.objects.filter(pk=draft.pk).update(value=11)
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        PeriodLock.objects.filter(pk=lock.pk).delete()


def test_a_draft_of_a_month_closed_meanwhile_wants_a_reason_too(actors, stock, county, city) -> None:
    draft = enter(actors["county_workstation"], stock, county)
    lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)
    with pytest.raises(DomainError) as caught:
        submit_observation(actors["county_workstation"], observation=draft)
    assert caught.value.field == "reason"


def test_what_waits_keeps_a_month_open(actors, stock, county, city) -> None:
    row = submit_observation(
        actors["county_workstation"], observation=enter(actors["county_workstation"], stock, county)
    )
    with pytest.raises(DomainError, match="1"):
        lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)
    approve_observation(actors["bureau_officer"], observation=row)
    lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)
    with pytest.raises(DomainError):
        lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)


def test_who_closes_months(actors, city, county) -> None:
    for role in ("county_workstation", "bureau_leader", "auditor"):
        with pytest.raises(Refused):
            lock_period(actors[role], month=date(2025, 3, 1), region=county)
    with pytest.raises(Refused):
        lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=None)
    with pytest.raises(DomainError):
        lock_period(actors["bureau_officer"], month=timezone.localdate(), region=city)


def test_figures_that_cannot_be(actors, stock, county, catalogue) -> None:
    share = Indicator.objects.filter(kind="ratio", unit="%").first()
    growth = Indicator.objects.filter(kind="growth").first()
    actor, year = actors["bureau_officer"], parse_period("2025")
    with pytest.raises(DomainError):
        enter(actor, stock, county, -1)
    with pytest.raises(DomainError):
        enter(actor, share, county, 101, period=year)
    with pytest.raises(DomainError):
        enter(actor, stock, county, 10, period=last_complete("monthly", timezone.localdate()).next())
    assert enter(actor, growth, county, -3, period=year).value == -3


def test_a_figure_ten_times_the_last_is_asked_back(actors, stock, county) -> None:
    row = enter(actors["county_workstation"], stock, county, 100)
    assert doubtful(row, Decimal(10))
    assert doubtful(row, Decimal(1001))
    assert not doubtful(row, Decimal(95))
    assert not doubtful(row, None)


def test_many_at_once(actors, stock, counties) -> None:
    officer, admin = actors["bureau_officer"], actors["platform_admin"]
    rows = [submit_observation(admin, observation=enter(admin, stock, county)) for county in counties[:3]]
    rows.append(submit_observation(officer, observation=enter(officer, stock, counties[3])))
    outcome = decide_many(officer, observations=rows, approve=True)
    assert outcome.done == 3
    assert [row.pk for row, _message in outcome.refused] == [rows[3].pk]


def test_only_drafts_are_deleted(actors, approved, stock, counties) -> None:
    draft = enter(actors["county_workstation"], stock, counties[0])
    delete_observation(actors["county_workstation"], observation=draft)
    with pytest.raises(DomainError):
        delete_observation(actors["bureau_officer"], observation=approved(stock, counties[1], "2025-03", 3))


def test_an_old_copy_is_stale_for_another(actors, stock, county) -> None:
    row = enter(actors["county_workstation"], stock, county)
    with pytest.raises(Stale):
        enter(actors["bureau_officer"], stock, county, seen=row.updated_at - timedelta(days=1))

"""Several people at once, on real connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from kechuang.apps.indicators.domain.indicators import obtain
from kechuang.apps.indicators.domain.locks import lock_period
from kechuang.apps.indicators.domain.observations import (
    approve_observation,
    record_observation,
    submit_observation,
)
from kechuang.apps.indicators.domain.periods import parse_period
from kechuang.apps.indicators.models import Indicator, Observation, PeriodLock
from kechuang.kit.errors import DomainError

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls on connections of their own, started together; a DomainError is an answer."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return call()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, call) for call in calls]]


def failures(results: list[Any]) -> list[DomainError]:
    return [result for result in results if isinstance(result, DomainError)]


def test_one_figure_entered_four_times_is_one_draft(actors, stock, county) -> None:
    def enter(value: int) -> Callable[[], Observation]:
        return lambda: record_observation(
            actors["county_workstation"],
            indicator=stock,
            region=county,
            period=parse_period("2025-03"),
            value=Decimal(value),
        )

    results = at_once(*(enter(value) for value in range(4)))
    assert len(failures(results)) < 4
    assert Observation.objects.count() == 1


def test_a_figure_is_approved_once(actors, stock, county) -> None:
    row = record_observation(
        actors["county_workstation"],
        indicator=stock,
        region=county,
        period=parse_period("2025-03"),
        value=Decimal(1),
    )
    submit_observation(actors["county_workstation"], observation=row)
    calls = [lambda role=role: approve_observation(actors[role], observation=row) for role in ("bureau_officer",) * 3]
    assert len(failures(at_once(*calls))) == 2
    assert Observation.objects.get().state == Observation.State.APPROVED


def test_a_writer_waits_for_whoever_closes_the_month(actors, stock, county, city) -> None:
    """The closing is not committed yet when the writer looks: it must wait, and then hear that the month is closed."""

    def enter() -> Observation:
        return record_observation(
            actors["bureau_officer"],
            indicator=stock,
            region=county,
            period=parse_period("2025-03"),
            value=Decimal(1),
        )

    writer = _held_back(lambda: lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city), enter)
    assert isinstance(writer, DomainError)
    assert writer.field == "reason"
    assert not Observation.objects.exists()


def test_whoever_closes_the_month_waits_for_a_writer(actors, stock, county, city) -> None:
    """A figure is handed in but not committed yet: the closing must wait, and then hear that it is undecided."""
    draft = record_observation(
        actors["county_workstation"],
        indicator=stock,
        region=county,
        period=parse_period("2025-03"),
        value=Decimal(1),
    )
    closing = _held_back(
        lambda: submit_observation(actors["county_workstation"], observation=draft),
        lambda: lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city),
    )
    assert isinstance(closing, DomainError)
    assert not PeriodLock.objects.exists()


def _held_back(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do ``first`` in an open transaction, start ``second`` elsewhere, see it wait, commit, and give its answer."""

    def run() -> Any:
        try:
            return second()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            future = pool.submit(run)
            with pytest.raises(TimeoutError):
                future.result(timeout=1)
        return future.result(timeout=30)


def test_a_month_is_closed_once(actors, city) -> None:
    calls = [lambda: lock_period(actors["bureau_officer"], month=date(2025, 3, 1), region=city)] * 3
    assert len(failures(at_once(*calls))) == 2
    assert PeriodLock.objects.count() == 1


def test_a_new_name_brought_by_two_documents_makes_one_indicator(pack) -> None:
    calls = [lambda: obtain({"某新指标数量": {"unit": "家"}})["某新指标数量"]] * 4
    assert len({indicator.pk for indicator in at_once(*calls)}) == 1
    assert Indicator.objects.count() == 1

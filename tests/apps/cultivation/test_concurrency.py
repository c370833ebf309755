"""Two people at the same moment, on real parallel connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification
from kechuang.apps.cultivation.domain.reserve import enter_reserve, leave_reserve
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.kit.errors import DomainError
from kechuang.kit.permissions import SYSTEM
from tests.apps.cultivation.conftest import make_companies

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Run every verb in a thread and connection of its own, all starting together; gives results or domain errors."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return verb()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


def test_of_several_clicks_one_enters_and_one_leaves(counties: Any) -> None:
    (company,) = make_companies(counties[0], 1)
    results = at_once(*[lambda: enter_reserve(SYSTEM, organisation=company, tier="hnte") for _n in range(4)])
    assert sum(isinstance(result, DomainError) for result in results) == 3
    entry = ReserveEntry.objects.get()
    results = at_once(*[lambda: leave_reserve(SYSTEM, entry=entry, exit_reason="declined") for _n in range(4)])
    assert sum(isinstance(result, DomainError) for result in results) == 3


def test_a_recognition_is_recorded_once(counties: Any) -> None:
    (company,) = make_companies(counties[0], 1)
    day = timezone.localdate()
    results = at_once(
        *[lambda: add_certification(SYSTEM, organisation=company, tier="hnte", issued_on=day) for _n in range(4)]
    )
    assert sum(isinstance(result, DomainError) for result in results) == 3
    assert Certification.objects.count() == 1

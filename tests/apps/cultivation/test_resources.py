"""The lists keep to what every resource must do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kechuang.apps.cultivation.domain.certifications import add_certification
from kechuang.apps.cultivation.domain.reserve import enter_reserve
from kechuang.apps.cultivation.interfaces.resources import CertificationResource, ReserveResource
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.directory.models import Region
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.testing import ResourceConformance
from tests.apps.cultivation.conftest import make_companies

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


class TestCertifications(ResourceConformance):
    resource_class = CertificationResource

    @pytest.fixture(autouse=True)
    def _county(self, county: Region) -> None:
        self.county = county

    def make(self, count: int) -> Sequence[Certification]:
        return [
            add_certification(
                SYSTEM,
                organisation=company,
                tier="hnte",
                issued_on=TODAY - timedelta(days=30),
                number=f"GR{company.pk:08d}",
                times=1,
            )
            for company in make_companies(self.county, count)
        ]

    def searchable(self, obj: Any) -> str:
        return obj.number

    def test_list_shows_its_rows_and_their_number(self) -> None:
        row = self.make(1)[0]
        assert row.organisation.name in self.get("list").content.decode()


class TestReserve(ResourceConformance):
    resource_class = ReserveResource

    @pytest.fixture(autouse=True)
    def _county(self, county: Region) -> None:
        self.county = county

    def make(self, count: int) -> Sequence[ReserveEntry]:
        return [
            enter_reserve(SYSTEM, organisation=company, tier="hnte", reason="有研发投入")
            for company in make_companies(self.county, count)
        ]

    def searchable(self, obj: Any) -> str:
        return obj.organisation.name

    def test_list_shows_its_rows_and_their_number(self) -> None:
        row = self.make(1)[0]
        assert row.organisation.name in self.get("list").content.decode()

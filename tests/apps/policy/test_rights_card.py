"""What an enterprise finds on its workbench without asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.policy.interfaces.rights_card import rights_card
from kechuang.kit.permissions import PUBLIC
from tests.apps.policy.rules import make_rules, tell

pytestmark = pytest.mark.django_db


def test_rights_stand_on_the_workbench(
    city: Region, people: dict[str, Any], client_as: Callable[[str], Client]
) -> None:
    make_rules(city)
    clerk = people["organisation_admin"]
    company = Organisation.objects.get(pk=clerk.memberships.get(organisation__isnull=False).organisation_id)
    card = rights_card(actor_for(clerk))
    assert card is not None
    assert card.total == 0
    assert [row.meta for row in card.rows] == [""]

    tell(company, hnte_valid=True, hnte_times=1, revenue=10_000_000, rd_expense=600_000)
    card = rights_card(actor_for(clerk))
    assert card is not None
    assert card.total == 3
    assert [row.meta for row in card.rows] == ["10万元", "6万元"], "what another right outranks is no news"
    assert card.rows[0].url.rpartition("#")[2].startswith("r-")
    assert "6万元" in client_as("organisation_admin").get("/workbench/").content.decode()


def test_who_speaks_for_nobody_has_no_card(people: dict[str, Any]) -> None:
    assert rights_card(PUBLIC) is None
    assert rights_card(actor_for(people["expert"])) is None

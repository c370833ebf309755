"""Loading a pack into the directory."""

from __future__ import annotations

import pytest

from kechuang.apps.directory.domain.packs import load_directory
from kechuang.apps.directory.models import Region, Unit
from kechuang.kit.packs import Pack, available_packs, load_pack
from kechuang.kit.permissions import SYSTEM


def test_nanyang_has_its_thirteen_divisions_and_zones(pack: Pack) -> None:
    city = Region.objects.get(code="411300")
    assert city.children.filter(level=Region.Level.COUNTY).count() == 13
    assert city.children.filter(level=Region.Level.ZONE).count() == 5
    assert Region.objects.get(code="411302").path == "000000/410000/411300/411302/"


def test_loading_again_leaves_no_history(pack: Pack) -> None:
    history = Region.pgh_event_model.objects.count() + Unit.pgh_event_model.objects.count()  # type: ignore[attr-defined]
    load_directory(pack, SYSTEM)
    assert history == Region.pgh_event_model.objects.count() + Unit.pgh_event_model.objects.count()  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_two_cities_live_side_by_side() -> None:
    for name in available_packs():
        load_directory(load_pack(name), SYSTEM)
    assert set(Region.objects.filter(level=Region.Level.PREFECTURE).values_list("code", flat=True)) >= {
        "411300",
        "410400",
    }

"""Invented enterprises in any number, for load."""

from __future__ import annotations

from typing import Any

import pytest

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.enterprises import GENERATED
from kechuang.apps.indicators.domain.packs import load_facts
from kechuang.apps.indicators.models import Snapshot
from kechuang.kit.permissions import SYSTEM
from kechuang.site import setup
from kechuang.site.cli.console import counting


def test_their_number_is_brought_up_and_the_facts_are_frozen(pack: Any) -> None:
    load_facts(pack, SYSTEM)
    told: list[int] = []
    assert setup.load_enterprises("nanyang", 30, written=told.append) == 30
    assert told == [30]
    assert Organisation.objects.filter(uscc__regex=GENERATED).count() == 30
    assert Snapshot.objects.get().rows == Organisation.objects.filter(state="verified").count()
    assert setup.load_enterprises("nanyang", 20, written=told.append) == 0
    assert Snapshot.objects.count() == 1


def test_the_demonstration_invents_no_more_than_asked(settings: Any) -> None:
    settings.KECHUANG_DEMO_ENTERPRISES = 6000
    setup.invent_at_most(300)
    assert settings.KECHUANG_DEMO_ENTERPRISES == 300
    setup.invent_at_most(1_000_000)
    assert settings.KECHUANG_DEMO_ENTERPRISES == 300


def test_progress_without_a_terminal_is_a_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("Enterprises", 1_000) as written:
        for done in range(50, 1_001, 50):
            written(done)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 10
    assert lines[-1].strip() == "Enterprises: 1,000 of 1,000"

"""The demonstration shows every state, and loading it again adds nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from django import forms

from kechuang.apps.directory.models import Unit
from kechuang.apps.supervision.domain.demo import ledger_demo
from kechuang.apps.supervision.domain.queries.inbox import inbox_of, reports_to_check
from kechuang.apps.supervision.domain.queries.lights import light_counts
from kechuang.apps.supervision.interfaces.fields import UnitsField
from kechuang.apps.supervision.models import ProgressReport, Task
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import SYSTEM, Actor

pytestmark = pytest.mark.django_db


def test_the_demo_has_something_of_everything(
    pack: Pack, make_task: Callable[..., Task], actors: dict[str, Actor], science: Unit, finance: Unit, counties: Unit
) -> None:
    for number in range(24):
        units = [science, finance, counties] if number == 0 else [science, finance]
        make_task(f"任务{number}", units=units, days=(-300, 20, 400, None)[number % 4], synthetic=True)
    ledger_demo(pack, SYSTEM, Random(1))  # noqa: S311 -- a demo, no secret
    counts = light_counts(SYSTEM)
    assert counts.total == 24
    assert all(counts[light] for light in ("done", "on_track", "overdue", "silent")), counts.lights
    assert inbox_of(actors["responsible_unit"]).returned
    assert inbox_of(actors["county_workstation"]).returned
    assert reports_to_check(SYSTEM).exists()
    assert not ProgressReport.objects.filter(synthetic=False).exists()
    before = ProgressReport.objects.count()
    ledger_demo(pack, SYSTEM, Random(1))  # noqa: S311 -- a demo, no secret
    assert ProgressReport.objects.count() == before


def test_units_are_read_as_documents_write_them(pack: Pack) -> None:
    field = UnitsField()
    found = field.clean("市科技局、市发改委，各县（市、区）政府（管委会）")
    assert [unit.name for unit in found] == ["市科技局", "市发展改革委", "各县（市、区）人民政府（管委会）"]
    assert field.prepare_value(found) == "市科技局、市发展改革委、各县（市、区）人民政府（管委会）"
    assert not field.has_changed(found, "市科技局、市发展改革委、各县（市、区）政府")
    with pytest.raises(forms.ValidationError):
        field.clean("市不存在局")
    with pytest.raises(forms.ValidationError):
        UnitsField(single=True).clean("市科技局、市财政局")

"""Who sees and does what: the same rows in pages, exports, the API and files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kechuang.apps.directory.models import Region, Unit
from kechuang.apps.supervision.domain import tasks as verbs
from kechuang.apps.supervision.domain.reports import Content, attach_file, save_draft, submit_report
from kechuang.apps.supervision.domain.units import assign_units, resolve_name
from kechuang.apps.supervision.models import Task
from kechuang.kit.errors import Refused
from kechuang.kit.permissions import SYSTEM, Actor, visible

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@pytest.fixture
def ledger(
    make_task: Callable[..., Task], finance: Unit, science: Unit, counties: Unit, county: Region
) -> dict[str, Task]:
    shared = make_task("县区任务", units=[counties])
    wolong = Region.objects.get(code="411303")
    parts = verbs.decompose_to_counties(SYSTEM, task=shared, regions=[county, wolong])
    return {
        "finance": make_task("财政任务", units=[finance]),
        "science": make_task("科技任务", units=[science]),
        "counties": shared,
        "own part": parts[0],
        "other part": parts[1],
    }


SEEN = {
    "platform_admin": {"finance", "science", "counties", "own part", "other part"},
    "bureau_officer": {"finance", "science", "counties", "own part", "other part"},
    "bureau_leader": {"finance", "science", "counties", "own part", "other part"},
    "auditor": {"finance", "science", "counties", "own part", "other part"},
    "responsible_unit": {"finance"},
    "county_workstation": {"counties", "own part", "other part"},
    "organisation_admin": set(),
    "expert": set(),
}


@pytest.mark.parametrize("role", SEEN)
def test_rows_in_pages_export_and_api(
    ledger: dict[str, Task], actors: dict[str, Actor], client_as: Callable[[str], Client], role: str
) -> None:
    wanted = {ledger[name].pk for name in SEEN[role]}
    assert set(visible(actors[role], Task).values_list("pk", flat=True)) == wanted
    client = client_as(role)
    answer = client.get(reverse("api-0.1.0:supervision_tasks"))
    assert {row["id"] for row in answer.json()["items"]} == wanted
    if wanted:
        assert client.get(reverse("supervision:tasks-list")).context["page"].paginator.count == len(wanted)
        lines = client.get(reverse("supervision:tasks-export", args=["csv"])).getvalue().decode("utf-8-sig")
        assert len(lines.strip().splitlines()) == len(wanted) + 1
    for name, task in ledger.items():
        status = client.get(reverse("supervision:tasks-detail", args=[task.pk])).status_code
        assert (status == 200) == (name in SEEN[role]), name


@pytest.mark.parametrize("role", ["bureau_leader", "auditor", "responsible_unit", "county_workstation", "expert"])
def test_only_officers_keep_the_ledger(
    ledger: dict[str, Task], actors: dict[str, Actor], city: Region, finance: Unit, role: str
) -> None:
    actor, task = actors[role], ledger["finance"]
    attempts: list[Callable[[], Any]] = [
        lambda: verbs.add_plan(actor, title="台账", region=city),
        lambda: verbs.add_task(actor, plan=task.plan, title="任务"),
        lambda: verbs.change_task(actor, task=task, title="改名"),
        lambda: verbs.add_subtask(actor, task=task, title="部分"),
        lambda: verbs.decompose_to_counties(actor, task=task),
        lambda: verbs.set_deadline(actor, tasks=[task], due_on=task.due_on),
        lambda: verbs.confirm_done(actor, task=task),
        lambda: verbs.stop_task(actor, task=task, reason="停"),
        lambda: assign_units(actor, task=task, units=[finance]),
        lambda: resolve_name(actor, raw_name="某局", unit=finance),
    ]
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()


def test_an_evidence_file_is_given_to_those_who_see_the_report(
    ledger: dict[str, Task], actors: dict[str, Actor], client_as: Callable[[str], Client], finance: Unit
) -> None:
    draft = save_draft(actors["responsible_unit"], task=ledger["finance"], unit=finance, content=Content(10, "已拨付"))
    stored = attach_file(actors["responsible_unit"], report=draft, upload=SimpleUploadedFile("凭证.pdf", PDF))
    submit_report(actors["responsible_unit"], report=draft)
    for role in ("bureau_officer", "bureau_leader", "auditor", "responsible_unit"):
        assert client_as(role).get(stored.get_absolute_url()).status_code == 200, role
    for role in ("county_workstation", "expert", "organisation_admin", "public"):
        assert client_as(role).get(stored.get_absolute_url()).status_code in (302, 403, 404), role

"""Background work of awards: ids in, the domain does it; doing it twice does no harm."""

from __future__ import annotations

from django.urls import reverse
from procrastinate.contrib.django import app

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain import awards
from kechuang.apps.policy.tasks import _owner, _steps
from kechuang.kit.jobs import progress


@app.task(name="policy.assess")
def assess_task(job_id: int, region_id: int, year: int) -> None:
    """Assess a region; the job leads to the run."""
    with progress(job_id) as tracker:
        region = Region.objects.get(pk=region_id)
        run = awards.assess(_owner(tracker.job), region=region, year=year, step=_steps(tracker), job_key=job_id)
        tracker.result(reverse("policy:run", args=[run.pk]))

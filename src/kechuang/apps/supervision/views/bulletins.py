"""Making a bulletin: a job, with its bar on the page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kechuang.apps.directory.models import Region
from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import Role
from kechuang.apps.supervision.interfaces.forms import BulletinForm
from kechuang.apps.supervision.models import Bulletin, Task
from kechuang.apps.supervision.tasks import make_bulletin
from kechuang.kit import jobs
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import Actor, actor_of, authorise, visible


@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def make(request: HttpRequest) -> HttpResponse:
    """Choose the region; the rest is a job."""
    actor = actor_of(request)
    authorise(actor, "add", Bulletin)
    form = BulletinForm(request.POST or None, regions=regions_with_tasks(actor))
    if request.method == "POST" and form.is_valid():
        region = form.cleaned_data["region"]
        label = _("Bulletin of %(region)s") % {"region": region}
        job = jobs.start(actor, make_bulletin, label=label, region_id=region.pk)
        return redirect("kit:job", job.pk)
    return render(request, "supervision/bulletin_make.html", {"form": form}, status=422 if form.errors else 200)


def regions_with_tasks(actor: Actor) -> QuerySet[Region]:
    """The regions of the actor's office that have a ledger, the largest first."""
    seen = Region.objects.filter(pk__in=visible(actor, Task).order_by().values("plan__region"))
    if Role.PLATFORM_ADMIN not in actor.roles:
        seen = seen.filter(within("path", actor.regions(Role.BUREAU_OFFICER, Role.BUREAU_LEADER)))
    return seen.order_by("path")

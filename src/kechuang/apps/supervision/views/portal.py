"""For the public: the ledgers of published plans, with who answers for what by when and how it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kechuang.apps.supervision.domain.lights import Light
from kechuang.apps.supervision.domain.queries.lights import with_lights
from kechuang.apps.supervision.interfaces.lights import drawn
from kechuang.apps.supervision.models import Plan, Task, TaskState
from kechuang.kit.evidence import links_for
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import PUBLIC, visible
from kechuang.kit.search import search

PAGE = 50


@dataclass(frozen=True, slots=True)
class PublicTask:
    """All that the public learns of a task: nothing that a unit reported, no reason, no person."""

    number: str
    title: str
    units: str
    due_on: date | None
    deadline_label: str
    light: Any
    evidence: Any


@require_safe
@handles_domain_errors
def plans(request: HttpRequest) -> HttpResponse:
    """The plans that the public may see."""
    whole = Q(tasks__parent__isnull=True)
    rows = visible(PUBLIC, Plan).annotate(
        all_tasks=Count("tasks", filter=whole),
        done_tasks=Count("tasks", filter=whole & Q(tasks__state=TaskState.DONE)),
    )
    return render(request, "supervision/public_plans.html", {"plans": rows.filter(all_tasks__gt=0)})


@require_safe
@handles_domain_errors
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger of one plan."""
    shown = get_object_or_404(visible(PUBLIC, Plan), pk=pk)
    tasks = with_lights(Task.objects.filter(plan=shown, parent__isnull=True))
    counts = dict(tasks.order_by().values_list("light").annotate(Count("pk")))
    query, light = request.GET.get("q", "").strip()[:100], request.GET.get("light", "")
    rows = search(tasks, query) if query else tasks
    rows = rows.filter(light=light) if light in Light.values else rows
    page = Paginator(rows.prefetch_related("task_units__unit").order_by("order", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "plan": shown,
        "page": page,
        "tasks": list(_public(page.object_list)),
        "cells": [(drawn(each.value), counts[each.value]) for each in Light if each.value in counts],
        "query": query,
        "light": light,
    }
    return render(request, "supervision/public_plan.html", context)


def _public(tasks: Iterable[Task]) -> Iterable[PublicTask]:
    tasks = list(tasks)
    evidence = links_for(tasks, actor=PUBLIC) if tasks else {}
    for task in tasks:
        yield PublicTask(
            task.number,
            task.title,
            "、".join(str(row) for row in task.task_units.all()),
            task.due_on,
            task.deadline_label,
            drawn(task.light),  # type: ignore[attr-defined]
            evidence[task.pk],
        )

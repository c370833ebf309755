"""The list of a resource: filters, search, order, columns and page are all in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kechuang.kit.http import handles_domain_errors, is_htmx
from kechuang.kit.permissions import Actor
from kechuang.kit.resources.columns import Column
from kechuang.kit.resources.resource import Resource
from kechuang.kit.views.resources.base import actor_for


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that an address asks for, and how."""

    rows: QuerySet[Any]
    columns: tuple[Column, ...]
    filterset: Any
    query: str
    sort: str

    @property
    def narrowed(self) -> bool:
        return bool(self.query or (self.filterset is not None and self.filterset.active))


class ListRow:
    """A row as the list draws it."""

    def __init__(self, resource: Resource, obj: Any, columns: tuple[Column, ...]) -> None:
        self.obj = obj
        self.heading = resource.heading(obj)
        self.url = resource.url("detail", obj)
        self.preview = resource.url("preview", obj)
        self.cells = [(column, column.cell(obj)) for column in columns]


def listing(request: HttpRequest, resource: Resource, actor: Actor, columns: tuple[Column, ...] = ()) -> Listing:
    """Rows and columns for the query string: the list, the export and "all that match" in bulk share it."""
    rows = resource.queryset(actor)
    filterset = None
    if resource.filterset_class is not None:
        filterset = resource.filterset_class(request.GET, queryset=rows, request=request)
        rows = filterset.qs
    query = request.GET.get("q", "").strip()[:100] if resource.search else ""
    if query:
        rows = resource.search_rows(rows, query)
    chosen = columns or chosen_columns(request, resource)
    sort = request.GET.get("sort", "")
    order = {column.sort: column for column in resource.list_columns if column.sort}
    if sort.lstrip("-") in order:
        rows = rows.order_by(sort, "pk")
    elif resource.ordering:
        rows = rows.order_by(*resource.ordering, "pk")
    elif not rows.ordered:
        rows = rows.order_by("pk")
    return Listing(resource.with_relations(rows, chosen), chosen, filterset, query, sort)


def chosen_columns(request: HttpRequest, resource: Resource) -> tuple[Column, ...]:
    """The columns that the address names; by default those that are shown at first."""
    wanted = [name for name in request.GET.get("columns", "").split(",") if name]
    chosen = tuple(c for c in resource.list_columns if c.main or (c.name in wanted if wanted else c.shown))
    return chosen or resource.list_columns


def column_choices(resource: Resource, shown: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Every column with whether it is shown, and the ``columns`` parameter that turns it over."""
    names = [column.name for column in shown if not column.main]
    choices = []
    for column in resource.list_columns:
        on = column in shown
        toggled = [c.name for c in resource.list_columns if not c.main and ((c.name in names) != (c is column))]
        choices.append({"label": column.title, "main": column.main, "shown": on, "toggled": ",".join(toggled)})
    return choices


def page_of(request: HttpRequest, rows: QuerySet[Any], size: int) -> Page[Any]:
    return Paginator(rows, size).get_page(request.GET.get("page"))


@require_safe
@handles_domain_errors
def list_page(request: HttpRequest, resource: Resource) -> HttpResponse:
    actor = actor_for(request, resource)
    found = listing(request, resource, actor)
    page = page_of(request, found.rows, resource.page_size)
    context = {
        "resource": resource,
        "listing": found,
        "page": page,
        "rows": [ListRow(resource, obj, found.columns) for obj in page],
        "column_choices": column_choices(resource, found.columns),
        "offers": offers(resource, actor),
        "may_add": bool(resource.can(actor, "add")),
        "bulk_actions": [a for a in resource.bulk_actions if resource.can(actor, a.action)],
        "bulk_url": resource.url("bulk") if resource.bulk_actions else "",
        "base_template": resource.frame(actor),
    }
    template = "kit/resource/rows.html" if is_htmx(request) else resource.list_template
    return render(request, template, context)


def offers(resource: Resource, actor: Actor) -> dict[str, str]:
    """The addresses of the steps that the actor may take from the list."""
    found = {step: resource.url(step) for step in ("add", "import") if resource.offers(actor, step)}
    if resource.can(actor, "export"):
        found["xlsx"], found["csv"] = resource.url("export", None, "xlsx"), resource.url("export", None, "csv")
    return found

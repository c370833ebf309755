"""The declaration of a resource and the questions its pages ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, ClassVar

from django.db.models import Model, Q, QuerySet
from django.forms import BaseModelForm
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils.functional import cached_property

from kechuang.kit.filters import filterset_for
from kechuang.kit.importing import Importer
from kechuang.kit.permissions import Actor, Decision, can, visible
from kechuang.kit.resources.columns import Column, columns_of, relations
from kechuang.kit.resources.parts import BulkAction, Link, Panel, Tab

VERBS = ("add", "change", "delete")


class Resource:
    """Subclass, fill in, register.

    ``add(actor, **fields)``, ``change(actor, obj, **fields)`` and ``delete(actor, obj)`` are domain verbs; a resource
    without one has no page for it. ``step_verbs`` names the verbs of workflow steps, ``verb(actor, obj, reason)``; a
    step without one is only taken. Everything else has a default that follows the model.
    """

    model: ClassVar[type[Model]]
    slug: ClassVar[str]
    namespace: ClassVar[str] = ""
    title: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""
    empty: ClassVar[Any] = ""
    icon: ClassVar[str] = "list-check"

    columns: ClassVar[Sequence[str | Column]] = ()
    facts: ClassVar[Sequence[str | Column]] = ()
    export_columns: ClassVar[Sequence[str | Column]] = ()
    filters: ClassVar[Sequence[str] | type[Any]] = ()
    search: ClassVar[Sequence[str]] = ()
    ordering: ClassVar[Sequence[str]] = ()
    page_size: ClassVar[int] = 50

    form_class: ClassVar[type[BaseModelForm[Any]] | None] = None
    add: ClassVar[Callable[..., Any] | None] = None
    change: ClassVar[Callable[..., Any] | None] = None
    delete: ClassVar[Callable[..., Any] | None] = None
    importer: ClassVar[type[Importer] | None] = None
    bulk_actions: ClassVar[Sequence[BulkAction]] = ()

    links: ClassVar[Sequence[Link]] = ()
    panels: ClassVar[Sequence[Panel]] = ()
    tabs: ClassVar[Sequence[Tab]] = ()
    steps: ClassVar[Sequence[tuple[str, Any]]] = ()
    step_verbs: ClassVar[Mapping[str, Callable[[Actor, Any, str], Any]]] = {}
    evidence: ClassVar[bool] = False

    base_template: ClassVar[str] = "kit/base_workbench.html"
    list_template: ClassVar[str] = "kit/resource/list.html"
    detail_template: ClassVar[str] = "kit/resource/detail.html"
    form_template: ClassVar[str] = "kit/resource/form.html"
    preview_template: ClassVar[str] = "kit/resource/preview.html"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in VERBS:
            verb = cls.__dict__.get(name)
            if isinstance(verb, FunctionType):
                setattr(cls, name, staticmethod(verb))
        if not cls.namespace and hasattr(cls, "model"):
            cls.namespace = cls.model._meta.app_label

    # Addresses ------------------------------------------------------------------------------------------------------

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """The patterns to put into the app's urlpatterns."""
        from kechuang.kit.views.resources import patterns

        return patterns(cls())

    def url(self, page: str, obj: Model | None = None, *args: Any) -> str:
        """The address of ``list``, ``add``, ``import``, ``export``, ``bulk`` or, with obj, ``detail``, ``edit`` …"""
        given = args if obj is None else (obj.pk, *args)
        return reverse(f"{self.namespace}:{self.slug}-{page}", args=given)

    def link_to(self, obj: Model) -> str:
        """The address of the page of an object, empty where there is none."""
        try:
            return self.url("detail", obj)
        except NoReverseMatch:
            return ""

    # Words ----------------------------------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """What tells the resource from all others: ``directory:units``."""
        return f"{self.namespace}:{self.slug}"

    @property
    def name(self) -> Any:
        return self.model._meta.verbose_name

    @property
    def plural(self) -> Any:
        return self.title or self.model._meta.verbose_name_plural

    def heading(self, obj: Any) -> str:
        return str(obj)

    # Rows -----------------------------------------------------------------------------------------------------------

    def frame(self, actor: Actor) -> str:
        """The frame of list and detail: who has no account sees the portal, the workbench has nothing else for them."""
        return self.base_template if actor.user_id else "kit/base_portal.html"

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        """What the actor may see; override to annotate, never to widen."""
        return visible(actor, self.model)

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        """Rows in which every word of the query occurs in one of the ``search`` fields."""
        for word in query.split():
            condition = Q()
            for name in self.search:
                condition |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(condition)
        return rows

    @cached_property
    def filterset_class(self) -> type[Any] | None:
        return filterset_for(self.model, self.filters)

    @cached_property
    def list_columns(self) -> tuple[Column, ...]:
        return columns_of(self.model, self.columns)

    @cached_property
    def fact_columns(self) -> tuple[Column, ...]:
        return columns_of(self.model, self.facts or self.columns)

    @cached_property
    def exported(self) -> tuple[Column, ...]:
        return columns_of(self.model, self.export_columns or self.columns)

    def with_relations(self, rows: QuerySet[Any], columns: Sequence[Column]) -> QuerySet[Any]:
        """Join and prefetch what the columns touch, so that the number of queries does not grow with the rows."""
        joined, fetched = relations(self.model, columns)
        if joined:
            rows = rows.select_related(*joined)
        return rows.prefetch_related(*fetched) if fetched else rows

    # Steps ----------------------------------------------------------------------------------------------------------

    def can(self, actor: Actor, action: str, obj: Model | None = None) -> Decision:
        return can(actor, action, obj if obj is not None else self.model)

    def offers(self, actor: Actor, verb: str, obj: Model | None = None) -> bool:
        """Is there a page for the verb, and may the actor use it?"""
        if verb == "import":
            return self.importer is not None and bool(self.can(actor, "import"))
        return getattr(type(self), verb, None) is not None and bool(self.can(actor, verb, obj))

    def run(self, verb: str, actor: Actor, *args: Any, **values: Any) -> Any:
        """Call the domain verb."""
        function = getattr(type(self), verb)
        if function is None:
            raise LookupError(f"{type(self).__name__} declares no {verb}")
        return function(actor, *args, **values)

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> Any:
        """The form; override to narrow choices to what the actor may see."""
        if self.form_class is None:
            raise LookupError(f"{type(self).__name__} declares no form_class")
        return self.form_class(*args, **kwargs)

    def context(self, request: Any, obj: Any) -> dict[str, Any]:
        """More for the detail page's template."""
        return {}

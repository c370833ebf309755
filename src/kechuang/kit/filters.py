"""Filters of lists, kept in the address: django-filter with words and widgets of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kechuang.kit.permissions import actor_of, policy_for, visible


class DateRangeWidget(django_filters.widgets.DateRangeWidget):
    """Two calendars, each with a name of its own for those who do not see them side by side."""

    template_name = "kit/widgets/date_range.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], (_("first day"), _("last day")), strict=True):
            part["attrs"]["aria-label"] = label
        return context


class DateRangeFilter(django_filters.DateFromToRangeFilter):
    """From a day to a day, both optional."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DateRangeWidget(attrs={"type": "date", "class": "form-control"}))
        super().__init__(*args, **kwargs)


class VisibleChoiceFilter(django_filters.ModelChoiceFilter):
    """Offers only related records that the actor may see."""

    def get_queryset(self, request: Any) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        try:
            policy_for(rows.model)
        except LookupError:
            return rows
        return visible(actor_of(request), rows)


class FilterSet(django_filters.FilterSet):
    """Base of every filter set: empty choice reads "all", related choices are what the actor may see."""

    FILTER_DEFAULTS = {
        **django_filters.FilterSet.FILTER_DEFAULTS,
        models.ForeignKey: {
            "filter_class": VisibleChoiceFilter,
            "extra": lambda field: {"queryset": field.related_model._default_manager.all(), "empty_label": _("all")},
        },
        models.DateField: {"filter_class": DateRangeFilter},
        models.DateTimeField: {"filter_class": DateRangeFilter},
        models.BooleanField: {
            "filter_class": django_filters.ChoiceFilter,
            "extra": lambda field: {"choices": [("True", _("yes")), ("False", _("no"))], "empty_label": _("all")},
        },
    }

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        if field.choices and lookup_type == "exact":
            return django_filters.ChoiceFilter, {"choices": field.choices, "empty_label": _("all")}
        return super().filter_for_lookup(field, lookup_type)

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """(parameter, label, value) of every filter in use, to show and to take away."""
        found = []
        for name, filter_ in self.filters.items():
            chosen = self.form.cleaned_data.get(name) if self.form.is_valid() else None
            if chosen not in (None, "", []) and name in self.form.fields:
                found.append((name, str(filter_.label), display(self.form.fields[name], chosen)))
        return found


def display(field: forms.Field, chosen: Any) -> str:
    """A filter's value in words."""
    if isinstance(chosen, slice):
        return " – ".join(str(end)[:10] if end else "…" for end in (chosen.start, chosen.stop))
    for key, label in getattr(field, "choices", ()) if not isinstance(field, forms.ModelChoiceField) else ():
        if str(key) == str(chosen).lower() or key == chosen:
            return str(label)
    return str(chosen)


def filterset_for(model: type[models.Model], filters: Sequence[str] | type[Any]) -> type[Any] | None:
    """A filter set class from field names (or the class itself)."""
    if isinstance(filters, type):
        return filters
    if not filters:
        return None
    meta = type("Meta", (), {"model": model, "fields": list(filters)})
    return type(f"{model.__name__}Filters", (FilterSet,), {"Meta": meta})

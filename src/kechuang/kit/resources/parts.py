"""The declared parts of a resource's pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.forms import BaseForm

from kechuang.kit.permissions import Actor


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A step for many records at once: ``verb(actor, obj, **options)`` for each, in a transaction of its own.

    ``action`` is the policy's name of the step. ``form_class`` asks for options (a reason, a date) on the page that
    confirms.
    """

    key: str
    label: Any
    verb: Callable[..., Any]
    action: str = "change"
    form_class: type[BaseForm] | None = None
    icon: str = "checks"
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A button on a detail page. ``url(obj)``; shown where the policy allows ``action`` (empty: always)."""

    label: Any
    url: Callable[[Any], str]
    action: str = ""
    icon: str = "chevron-right"
    primary: bool = False
    show: Callable[[Actor, Any], bool] = lambda actor, obj: True


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of a detail page: ``render(request, obj)`` gives a template's context or None (nothing to show).

    ``place`` is ``main`` (under the facts) or ``aside`` (above the timeline).
    """

    title: Any
    template: str
    context: Callable[[Any, Any], dict[str, Any] | None] = lambda request, obj: {}
    place: str = "main"


@dataclass(frozen=True, slots=True)
class Tab:
    """Related records as a tab of a detail page: ``rows(actor, obj)`` gives what the actor may see of them."""

    key: str
    label: Any
    rows: Callable[[Actor, Any], QuerySet[Any]]
    columns: Sequence[Any]
    empty: Any = ""
    link: Callable[[Model], str] | None = None

"""Filters and tags for numbers, dates, lights, links and icons: ``{% load kechuang %}``."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from kechuang.kit import lights, navigation
from kechuang.kit.numbers import money_text, number_text, value_text
from kechuang.kit.packs.installed import industry_name

register = template.Library()


def _unknown() -> SafeString:
    return format_html('<span class="kc-unknown">{}</span>', gettext("to be supplied"))


@register.filter
def money(yuan: Any) -> SafeString:
    """Yuan as 万元 or 亿元, the exact yuan on hover; unknown where None."""
    if yuan is None or yuan == "":
        return _unknown()
    exact = gettext("%(amount)s yuan exactly") % {"amount": number_text(yuan)}
    return format_html('<span class="kc-number" title="{}">{}</span>', exact, money_text(yuan))


@register.filter
def value(number: Any, unit: str = "") -> SafeString:
    """A number with its unit; money units become 万元 / 亿元; unknown where None."""
    if number is None or number == "":
        return _unknown()
    if unit == "元":
        return money(int(Decimal(number)))
    return format_html('<span class="kc-number">{}</span>', value_text(number, unit))


@register.filter
def industry(code: str) -> str:
    """The name of an industry instead of its code."""
    return industry_name(code)


@register.filter
def known(thing: Any) -> Any:
    """The thing itself, or the words for "not known yet" where it is None or empty."""
    return _unknown() if thing is None or thing == "" else thing


@register.filter
def light(key: Any, label: Any = "") -> lights.Light:
    """The light of a state key: ``{% with l=task.light|light %}{{ l.icon }} {{ l.label }}``."""
    return lights.light(key, label)


@register.filter
def badge(light: lights.Light) -> SafeString:
    """A light as colour, icon and word."""
    return lights.badge(light)


@register.simple_tag
def firstof_object(*things: Any) -> Any:
    """The first of the things that is there, as an object (``firstof`` makes text of it)."""
    return next((thing for thing in things if thing not in (None, "")), None)


@register.filter
def relative(day: date | datetime | None) -> str:
    """How far a day is from today, in words: 3 天后, 今天, 已过 5 天."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date() if timezone.is_aware(day) else day.date()
    days = (day - timezone.localdate()).days
    if abs(days) > 400:
        years = round(abs(days) / 365)
        text = (
            ngettext("in %(n)s year", "in %(n)s years", years)
            if days > 0
            else ngettext("%(n)s year ago", "%(n)s years ago", years)
        )
        return text % {"n": years}
    if days == 0:
        return gettext("today")
    text = (
        ngettext("in %(n)s day", "in %(n)s days", days)
        if days > 0
        else ngettext("%(n)s day ago", "%(n)s days ago", -days)
    )
    return text % {"n": abs(days)}


@register.filter
def day(when: date | datetime | None) -> SafeString:
    """An ISO date in a ``<time>`` element with the relative time on hover; unknown where None."""
    if when is None or when == "":
        return _unknown()
    if isinstance(when, datetime) and timezone.is_aware(when):
        when = timezone.localtime(when)
    pattern = "Y-m-d H:i" if isinstance(when, datetime) else "Y-m-d"
    return format_html(
        '<time datetime="{}" title="{}" class="kc-number">{}</time>',
        when.isoformat(),
        relative(when),
        format_date(when, pattern),
    )


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]``, or nothing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


@register.filter
def as_json(data: Any) -> SafeString:
    """JSON safe inside a script element of type application/json."""
    from django.core.serializers.json import DjangoJSONEncoder

    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    return mark_safe(text.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}))


@register.simple_tag(takes_context=True)
def nav_groups(context: template.Context) -> list[navigation.NavGroup]:
    """The left navigation of the current person."""
    request = context["request"]
    return navigation.navigation(context["actor"], request.path)


@register.simple_tag
def roles_of(user: Any) -> list[str]:
    return navigation.role_labels(user) if user.is_authenticated else []


@register.simple_tag
def page_lang() -> str:
    """The language of the page as HTML names it."""
    return "zh-CN" if (get_language() or "").startswith("zh") else "en"


@register.simple_tag
def state_of(obj: Any, field: str = "state") -> lights.Light:
    """The light of a record's state field, in the record's own word."""
    return lights.state_of(obj, field)


@register.simple_tag
def state_light(key: str, label: str = "") -> lights.Light:
    return lights.light(key, label)


@register.simple_tag
def field_parts(field: Any) -> dict[str, Any]:
    """How a bound field is laid out: a single tick box, a group of choices, or an input with a unit."""
    kind = getattr(field.field.widget, "input_type", "")
    return {
        "fieldset": field.use_fieldset,
        "tick": kind == "checkbox" and not field.use_fieldset,
        "suffix": getattr(field.field.widget, "suffix", ""),
    }


@register.simple_tag
def chart_id(given: str = "") -> str:
    return given or f"chart-{uuid4().hex[:8]}"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The current query string with changes (None or "" removes): ``{% query page=2 %}``."""
    parameters = context["request"].GET.copy()
    for key, new in changes.items():
        parameters.pop(key, None)
        if new not in (None, ""):
            parameters[key] = str(new)
    return f"?{parameters.urlencode()}"


@register.simple_tag
def page_numbers(page: Any) -> list[int | None]:
    """The page numbers to offer, None for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else None for number in numbers]


@register.simple_tag
def steps_of(steps: Any, current: str) -> list[dict[str, Any]]:
    """Steps with their state: done before the current one, ahead after it."""
    pairs = [(s["key"], s["label"]) if isinstance(s, dict) else tuple(s) for s in steps]
    keys = [str(key) for key, _label in pairs]
    here = keys.index(str(current)) if str(current) in keys else len(keys)
    names = ["done" if i < here else "current" if i == here else "ahead" for i in range(len(pairs))]
    return [{"key": k, "label": label, "state": state} for (k, label), state in zip(pairs, names, strict=True)]


@register.simple_tag(takes_context=True)
def portal_links(context: template.Context) -> navigation.PortalLinks:
    """The links of the portal's header."""
    return navigation.portal_links(context["actor"], context["request"].path)


@register.simple_tag
def sort_state(column: Any, sort: str) -> dict[str, str]:
    """How a list is ordered by a column now, and what its head's link asks for."""
    down = f"-{column.sort}"
    if sort == column.sort:
        return {"aria": "ascending", "next": down, "icon": "sort-ascending"}
    if sort == down:
        return {"aria": "descending", "next": "", "icon": "sort-descending"}
    return {"aria": "", "next": column.sort or "", "icon": "arrows-sort"}


@register.simple_tag
def link_url(link: Any, obj: Any) -> str:
    return str(link.url(obj))


@register.simple_tag
def step_url(resource: Any, obj: Any, name: str) -> str:
    """Where to post a step of a record's workflow."""
    return str(resource.url("step", obj, name))

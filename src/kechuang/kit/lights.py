"""Lights and states: one word, one icon and one tone for each, the same on every page, chart and bulletin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

TONES = ("good", "soon", "bad", "done", "unknown")


@dataclass(frozen=True, slots=True)
class Light:
    """``tone`` names the colour (in tokens.css), ``icon`` a Tabler icon, ``label`` the word."""

    key: str
    label: Any
    icon: str
    tone: str


_known: dict[str, Light] = {}


def register_light(key: str, label: Any, icon: str, tone: str) -> Light:
    """Make a state of an app drawable everywhere; the five lights and the usual states are there already."""
    if tone not in TONES:
        raise ValueError(f"unknown tone {tone}: choose one of {', '.join(TONES)}")
    _known[key] = Light(key, label, icon, tone)
    return _known[key]


def light(key: Any, label: Any = "") -> Light:
    """The light of that key, with another word where given; a neutral one where the key is not known."""
    found = _known.get(str(key)) or Light(str(key), label or key or _("unknown"), "circle-dashed", "unknown")
    return Light(found.key, label, found.icon, found.tone) if label else found


def state_of(obj: Any, field: str = "state") -> Light:
    """The light of a record's choice field: the platform's colour and icon, the record's own word."""
    display = getattr(obj, f"get_{field}_display", None)
    return light(getattr(obj, field), display() if display else "")


def badge(light: Light) -> SafeString:
    """The light as colour, icon and word."""
    return format_html(
        '<span class="kc-badge kc-tone-{}">'
        '<svg class="kc-icon" aria-hidden="true"><use href="{}#{}"></use></svg>{}</span>',
        light.tone,
        static("vendor/icons.svg"),
        light.icon,
        light.label,
    )


for _key, _label, _icon, _tone in (
    ("on_track", _("on track"), "circle-check", "good"),
    ("due_soon", _("due soon"), "clock-exclamation", "soon"),
    ("overdue", _("overdue"), "alert-triangle", "bad"),
    ("done", _("done"), "checks", "done"),
    ("unknown", _("to be supplied"), "help-circle", "unknown"),
    ("silent", _("no report for long"), "bell", "soon"),
    ("draft", _("draft"), "pencil", "unknown"),
    ("pending", _("waiting"), "hourglass", "soon"),
    ("submitted", _("submitted"), "send", "soon"),
    ("returned", _("returned"), "arrow-back-up", "bad"),
    ("accepted", _("accepted"), "circle-check", "good"),
    ("approved", _("approved"), "circle-check", "good"),
    ("verified", _("verified"), "circle-check", "good"),
    ("confirmed", _("confirmed"), "circle-check", "good"),
    ("published", _("published"), "circle-check", "good"),
    ("active", _("in force"), "circle-check", "good"),
    ("running", _("running"), "loader", "done"),
    ("rejected", _("rejected"), "circle-x", "bad"),
    ("refused", _("refused"), "circle-x", "bad"),
    ("failed", _("failed"), "circle-x", "bad"),
    ("suspended", _("suspended"), "player-pause", "soon"),
    ("withdrawn", _("withdrawn"), "arrow-back-up", "unknown"),
    ("repealed", _("repealed"), "ban", "bad"),
    ("superseded", _("superseded"), "archive", "unknown"),
    ("archived", _("archived"), "archive", "unknown"),
):
    register_light(_key, _label, _icon, _tone)

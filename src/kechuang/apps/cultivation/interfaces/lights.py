"""How certifications, entries, rungs and criteria look: colour, icon, word."""

from django.utils.translation import gettext_lazy as _

from kechuang.kit.lights import register_light

for _key, _label, _icon, _tone in (
    ("cert_valid", _("valid today"), "circle-check", "good"),
    ("cert_soon", _("expires soon"), "clock-exclamation", "soon"),
    ("cert_expired", _("expired"), "archive", "unknown"),
    ("cert_revoked", _("revoked"), "ban", "bad"),
    ("reserve_open", _("in the library"), "bookmark", "done"),
    ("reserve_recognised", _("recognised"), "circle-check", "good"),
    ("reserve_left", _("left"), "archive", "unknown"),
    ("rung_held", _("reached"), "circle-check", "good"),
    ("rung_expired", _("expired"), "archive", "soon"),
    ("rung_next", _("next"), "target-arrow", "done"),
    ("rung_open", _("later"), "circle-dashed", "unknown"),
    ("gap_met", _("condition met"), "circle-check", "good"),
    ("gap_short", _("short of it"), "alert-triangle", "bad"),
    ("gap_unknown", _("we lack figures"), "help-circle", "soon"),
    ("gap_unset", _("not set yet"), "circle-dashed", "unknown"),
):
    register_light(_key, _label, _icon, _tone)

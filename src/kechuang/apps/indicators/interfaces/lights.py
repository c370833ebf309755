"""The lights of targets and figures in the platform's colours."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kechuang.kit.lights import register_light

register_light("attained", _("attained"), "checks", "done")
register_light("behind", _("behind"), "alert-triangle", "bad")
register_light("to_confirm", _("to be confirmed"), "help-circle", "soon")
register_light("merged", _("merged into another"), "archive", "unknown")
register_light("rd_with", _("with R&D activity"), "circle-check", "good")
register_light("rd_without", _("without R&D activity"), "circle-x", "soon")

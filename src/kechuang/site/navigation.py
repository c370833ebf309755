"""What the site itself adds to the workbench's navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.roles import READERS
from kechuang.apps.supervision.interfaces.panels import GROUP
from kechuang.kit.navigation import NavItem, register_nav

register_nav(NavItem("wall", _("Wall"), "wall", "map-pin", READERS, GROUP, 306))

"""Who may see what the installation remembers about itself."""

from __future__ import annotations

from kechuang.apps.directory.roles import Role
from kechuang.kit.permissions import Policy, register
from kechuang.site.models import Load


@register
class LoadPolicy(Policy):
    """The administrator and the auditor look; only the command line loads."""

    model = Load
    actions = {"view": frozenset({Role.PLATFORM_ADMIN.value, Role.AUDITOR.value})}

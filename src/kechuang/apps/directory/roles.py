"""The roles of the platform and the scope that each one needs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PLATFORM_ADMIN = "platform_admin", _("platform administrator")
    BUREAU_OFFICER = "bureau_officer", _("bureau officer")
    BUREAU_LEADER = "bureau_leader", _("bureau leader")
    RESPONSIBLE_UNIT = "responsible_unit", _("responsible unit")
    COUNTY_WORKSTATION = "county_workstation", _("county workstation")
    ORGANISATION_ADMIN = "organisation_admin", _("organisation administrator")
    ORGANISATION_MEMBER = "organisation_member", _("organisation member")
    EXPERT = "expert", _("expert")
    AUDITOR = "auditor", _("auditor")


# The scope that a membership must name for its role.
REGION_ROLES = frozenset({Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.COUNTY_WORKSTATION, Role.AUDITOR})
UNIT_ROLES = frozenset({Role.RESPONSIBLE_UNIT})
ORGANISATION_ROLES = frozenset({Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER})

BUREAU = frozenset({Role.PLATFORM_ADMIN.value, Role.BUREAU_OFFICER.value, Role.BUREAU_LEADER.value})
OFFICERS = frozenset({Role.PLATFORM_ADMIN.value, Role.BUREAU_OFFICER.value})
READERS = BUREAU | {Role.AUDITOR.value}
STAFF = READERS | {Role.COUNTY_WORKSTATION.value, Role.RESPONSIBLE_UNIT.value}

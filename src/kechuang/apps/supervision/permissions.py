"""Who may see and do what with the models of this app.

Officers keep the ledger of their regions, leaders read it and decide about more time, auditors read. A responsible
unit sees the tasks it takes part in and their parts; a county workstation the tasks of its county and those given to
a class of units, such as 各县（市、区）, to which its county belongs. Everything that hangs on a task follows the task.
"""

from __future__ import annotations

from django.db.models import Q

from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import BUREAU, OFFICERS, READERS, STAFF, Role
from kechuang.apps.supervision.domain.queries.participation import acting_units, classes_of
from kechuang.apps.supervision.models import (
    Bulletin,
    ExtensionRequest,
    Plan,
    ProgressReport,
    Reminder,
    Task,
    TaskUnit,
)
from kechuang.kit.permissions import EVERYONE, Actor, Policy, register, visible

REPORTERS = OFFICERS | {Role.RESPONSIBLE_UNIT.value, Role.COUNTY_WORKSTATION.value}
LEADERS = frozenset({Role.PLATFORM_ADMIN.value, Role.BUREAU_LEADER.value})
REGION_WIDE = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.AUDITOR)


@register
class PlanPolicy(Policy):
    """Plans shown to the public are everyone's to see, the others are seen with their region or one of their tasks."""

    model = Plan
    actions = {
        "view": EVERYONE,
        "add": OFFICERS,
        "change": OFFICERS,
        "delete": frozenset(),
        "import": OFFICERS,
        "history": READERS,
        "export": STAFF,
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return (
            Q(is_public=True)
            | within("region__path", actor.regions(*REGION_WIDE))
            | Q(pk__in=visible(actor, Task).order_by().values("plan"))
        )


@register
class TaskPolicy(Policy):
    model = Task
    actions = {
        "view": STAFF,
        "add": OFFICERS,
        "change": OFFICERS,
        "delete": frozenset(),
        "import": OFFICERS,
        "remind": BUREAU,
        "report": REPORTERS,
        "request_extension": REPORTERS,
        "start": OFFICERS,
        "complete": OFFICERS,
        "stop": OFFICERS,
        "reopen": OFFICERS,
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        rows = within("region__path", actor.regions(*REGION_WIDE, Role.COUNTY_WORKSTATION))
        units = acting_units(actor)
        if not units:
            return rows
        taking_part = TaskUnit.objects.filter(unit__in=[*units, *classes_of(units)]).order_by().values("task")
        return rows | Q(pk__in=taking_part) | Q(parent__in=taking_part)


class OfTask(Policy):
    """A record that hangs on a task is seen by whoever sees the task."""

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return Q(task__in=visible(actor, Task).order_by().values("pk"))


@register
class TaskUnitPolicy(OfTask):
    model = TaskUnit
    actions = {"view": STAFF, "add": OFFICERS, "change": OFFICERS, "delete": OFFICERS}


@register
class ReminderPolicy(OfTask):
    model = Reminder
    actions = {"view": STAFF}


class OwnDraft(OfTask):
    """Of several units that share a task each sees what the bureau has accepted, and what it sent in itself."""

    settled: Q

    def rows(self, actor: Actor) -> Q | None:
        rows = super().rows(actor)
        if rows is None:
            return None
        own = Q(unit__in=acting_units(actor)) | within("task__region__path", actor.regions(*REGION_WIDE))
        return rows & (own | self.settled)


@register
class ProgressReportPolicy(OwnDraft):
    model = ProgressReport
    settled = Q(state=ProgressReport.State.ACCEPTED)
    actions = {
        "view": STAFF,
        "change": REPORTERS,
        "submit": REPORTERS,
        "accept": OFFICERS,
        "return": OFFICERS,
        "delete": frozenset(),
    }


@register
class ExtensionRequestPolicy(OwnDraft):
    model = ExtensionRequest
    settled = ~Q(state=ExtensionRequest.State.REQUESTED)
    actions = {"view": STAFF, "grant": LEADERS, "refuse": LEADERS}


@register
class BulletinPolicy(Policy):
    model = Bulletin
    actions = {"view": READERS, "add": BUREAU, "delete": frozenset()}

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return within("region__path", actor.regions(*REGION_WIDE))

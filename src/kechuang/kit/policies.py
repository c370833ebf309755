"""Who may see and do what with the models of the kit."""

from __future__ import annotations

from django.db.models import Q

from kechuang.kit.evidence import source_models
from kechuang.kit.files import owned_files
from kechuang.kit.models import (
    EvidenceLink,
    Job,
    Notification,
    NotificationPreference,
    PublishedRecord,
    StepLog,
    StoredFile,
)
from kechuang.kit.permissions import EVERYONE, Actor, Policy, register
from kechuang.kit.references import pointing_at_visible
from kechuang.kit.workflow import workflow_models

# Names of roles that the directory grants; the kit knows them by name only.
OFFICERS = frozenset({"platform_admin", "bureau_officer"})
BUREAU = OFFICERS | {"bureau_leader", "auditor"}


def own(actor: Actor, field: str) -> Q:
    """The rows of this very person; none for the public."""
    return Q(**{field: actor.user_id}) if actor.user_id is not None else Q(pk__in=[])


@register
class EvidenceLinkPolicy(Policy):
    """A link is as visible as its source: who may not read the document sees no sentence of it."""

    model = EvidenceLink
    actions = {"view": EVERYONE, "change": OFFICERS}

    def rows(self, actor: Actor) -> Q | None:
        return pointing_at_visible(actor, "source", source_models())


@register
class PublishedRecordPolicy(Policy):
    model = PublishedRecord
    actions = {"view": BUREAU}


@register
class StepLogPolicy(Policy):
    """A step is as visible as the record that took it."""

    model = StepLog
    actions = {"view": EVERYONE}

    def rows(self, actor: Actor) -> Q | None:
        return pointing_at_visible(actor, "subject", workflow_models())


@register
class NotificationPolicy(Policy):
    """Everyone reads the own messages, and nobody another's."""

    model = Notification
    actions = {"view": EVERYONE, "change": EVERYONE}

    def rows(self, actor: Actor) -> Q | None:
        return own(actor, "user")


@register
class NotificationPreferencePolicy(Policy):
    model = NotificationPreference
    actions = {"view": EVERYONE, "change": EVERYONE}

    def rows(self, actor: Actor) -> Q | None:
        return own(actor, "user")


@register
class JobPolicy(Policy):
    """The person who started it and the bureau's staff."""

    model = Job
    actions = {"view": EVERYONE}

    def rows(self, actor: Actor) -> Q | None:
        return None if actor.has(BUREAU) else own(actor, "owner")


@register
class StoredFilePolicy(Policy):
    """A file is as visible as the records that it belongs to; its uploader sees it too."""

    model = StoredFile
    actions = {"view": EVERYONE}

    def rows(self, actor: Actor) -> Q | None:
        return own(actor, "uploaded_by") | owned_files(actor)

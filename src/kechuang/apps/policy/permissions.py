"""Who may see and do what with documents and what was found in them.

Everyone reads what is published. The staff of a region also read what is still in review there; the region's officers
upload, review and publish.
"""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from kechuang.apps.directory.permissions import within
from kechuang.apps.directory.roles import OFFICERS, READERS, STAFF, Role
from kechuang.apps.policy.models import (
    PUBLIC_VERSIONS,
    Conflict,
    Document,
    DocumentLink,
    Formula,
    Item,
    Passage,
    Revision,
    Rule,
    RuleVersion,
    public_documents,
)
from kechuang.kit.permissions import ALLOWED, EVERYONE, READING, Actor, Decision, Policy, register

PUBLISHERS = OFFICERS | {Role.BUREAU_LEADER.value}
READERS_IN_REGION = (Role.BUREAU_OFFICER, Role.BUREAU_LEADER, Role.AUDITOR, Role.COUNTY_WORKSTATION)


def in_own_region(actor: Actor, prefix: str) -> Q:
    """Rows of documents of a region in which the actor works for the bureau, audits, or runs the workstation."""
    return within(f"{prefix}region__path", actor.regions(*READERS_IN_REGION))


def officer_of(actor: Actor, document: Document) -> bool:
    """Does this officer's region cover the document's?"""
    path = document.region.path
    return Role.PLATFORM_ADMIN in actor.roles or any(
        path.startswith(region) for region in actor.regions(Role.BUREAU_OFFICER)
    )


class OfDocument(Policy):
    """A row that belongs to a document: readable where the document is, changed by the document's officers."""

    prefix = ""

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return self.public_rows() | in_own_region(actor, self.prefix)

    def public_rows(self) -> Q:
        return public_documents(self.prefix)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        if action in READING or officer_of(actor, self.document_of(obj)):
            return ALLOWED
        return Decision(False, self.refusal("outside"))

    def document_of(self, obj: Any) -> Document:
        return cast(Document, obj if isinstance(obj, Document) else obj.document)


@register
class DocumentPolicy(OfDocument):
    model = Document
    actions = {
        "view": EVERYONE,
        "history": STAFF,
        "add": OFFICERS,
        "change": OFFICERS,
        "review": OFFICERS,
        "publish": OFFICERS,
        "reopen": OFFICERS,
        "repeal": OFFICERS,
        "delete": OFFICERS,
    }


@register
class PassagePolicy(OfDocument):
    model = Passage
    prefix = "document__"
    actions = {"view": EVERYONE, "history": STAFF}


@register
class ItemPolicy(OfDocument):
    """The public sees an item only as it was published; the staff of the region see every one."""

    model = Item
    prefix = "document__"
    actions = {"view": EVERYONE, "history": STAFF, "add": OFFICERS, "change": OFFICERS}

    def public_rows(self) -> Q:
        return public_documents(self.prefix) & Q(published__isnull=False)


@register
class RevisionPolicy(OfDocument):
    model = Revision
    prefix = "document__"
    actions = {"view": EVERYONE, "history": STAFF}


@register
class DocumentLinkPolicy(OfDocument):
    model = DocumentLink
    prefix = "source__"
    actions = {"view": EVERYONE, "history": STAFF}

    def document_of(self, obj: Any) -> Document:
        return cast(DocumentLink, obj).source


@register
class ConflictPolicy(OfDocument):
    """Conflicts are the bureau's own matter: its officers decide, leaders and auditors read along."""

    model = Conflict
    prefix = "second__document__"
    actions = {"view": READERS, "decide": OFFICERS}

    def public_rows(self) -> Q:
        return Q(pk__in=[])

    def document_of(self, obj: Any) -> Document:
        return cast(Conflict, obj).second.document


class OfRegion(Policy):
    """Rules and formulas: the public reads what is published, the staff of the region the drafts too.

    Officers of the region write, another officer or a leader publishes; packs are loaded by the platform alone. The
    bureau and the auditors look at drafts and at how versions differ (review).
    """

    prefix = ""
    actions = {
        "view": EVERYONE,
        "history": STAFF,
        "add": OFFICERS,
        "change": OFFICERS,
        "publish": PUBLISHERS,
        "review": READERS,
        "keep": frozenset(),
    }

    def rows(self, actor: Actor) -> Q | None:
        if Role.PLATFORM_ADMIN in actor.roles:
            return None
        return self.public_rows() | in_own_region(actor, self.prefix)

    def public_rows(self) -> Q:
        return Q(state__in=PUBLIC_VERSIONS)

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        if action in READING:
            return ALLOWED
        if Role.PLATFORM_ADMIN not in actor.roles:
            path = self.owner(obj).region.path
            own = actor.regions(Role.BUREAU_OFFICER, *((Role.BUREAU_LEADER,) if action == "publish" else ()))
            if not any(path.startswith(region) for region in own):
                return Decision(False, self.refusal("outside"))
        if action == "publish" and actor.user_id is not None and actor.user_id in _writers(obj):
            return Decision(False, _("You wrote this version yourself. Another officer or a leader publishes it."))
        return ALLOWED

    def owner(self, obj: Any) -> Any:
        return obj


def _writers(obj: Any) -> set[int | None]:
    """Whoever worked on a draft, its author among them."""
    return {getattr(obj, "author_id", None), *getattr(obj, "writers", ())}


@register
class RulePolicy(OfRegion):
    model = Rule

    def public_rows(self) -> Q:
        return Q(current__isnull=False)


@register
class RuleVersionPolicy(OfRegion):
    model = RuleVersion
    prefix = "rule__"

    def owner(self, obj: Any) -> Any:
        return obj.rule


@register
class FormulaPolicy(OfRegion):
    model = Formula

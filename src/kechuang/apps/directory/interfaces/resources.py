"""The directory's lists and pages for officials."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.domain import memberships, organisations, people, places
from kechuang.apps.directory.interfaces.forms import (
    MembershipForm,
    NewOrganisationForm,
    OrganisationForm,
    PersonForm,
    ReasonForm,
    UnitForm,
)
from kechuang.apps.directory.interfaces.importers import OrganisationImporter
from kechuang.apps.directory.models import Membership, Organisation, Region, Unit, User
from kechuang.kit import search
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.resources import BulkAction, Column, Resource, Tab, register


@register
class OrganisationResource(Resource):
    model = Organisation
    slug = "organisations"
    title = _("Organisations")
    lead = _("Enterprises, universities, institutes and agencies of your region, one record per credit code.")
    empty = _("No organisation here yet. Organisations register themselves; you can also enter or import them.")
    icon = "building-factory-2"
    columns = ("name", "uscc", "kind", "region__name", "industry", "state", "created_at")
    facts = ("uscc", "kind", "region__name", "industry", "founded_on", "address", "contact_name", "contact_phone")
    filters = ("state", "kind", "region")
    search = ("name", "uscc")
    form_class = OrganisationForm
    importer = OrganisationImporter
    bulk_actions = (
        BulkAction(
            "verify",
            _("Verify"),
            lambda actor, obj: organisations.decide_organisation(actor, organisation=obj, step="verify"),
            action="verify",
        ),
        BulkAction(
            "return",
            _("Return for correction"),
            lambda actor, obj, reason: organisations.decide_organisation(
                actor, organisation=obj, step="return", reason=reason
            ),
            action="verify",
            form_class=ReasonForm,
            icon="arrow-back-up",
        ),
    )
    tabs = (
        Tab(
            "people",
            _("People"),
            lambda actor, obj: visible(actor, Membership).filter(organisation=obj),
            ("user__display_name", "role", "state", "valid_until"),
            empty=_("Nobody belongs to this organisation yet."),
        ),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Organisation:
        return organisations.add_organisation(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Organisation, **fields: Any) -> Organisation:
        return organisations.change_organisation(actor, organisation=obj, **fields)

    def search_rows(self, rows: QuerySet[Any], query: str) -> QuerySet[Any]:
        return search.search(rows, query, first=("name",))

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> Any:
        instance = kwargs.get("instance")
        chosen = OrganisationForm if instance is not None and instance.pk else NewOrganisationForm
        return chosen(*args, **kwargs)


@register
class UnitResource(Resource):
    model = Unit
    slug = "units"
    title = _("Units of government")
    lead = _("Everyone whom a document can make responsible, with the other names under which documents speak of them.")
    empty = _("No unit here. The pack of the city brings them.")
    icon = "building-bank"
    columns = ("name", "full_name", "kind", "region__name", "aliases")
    facts = ("name", "full_name", "kind", "region__name", "aliases", "active")
    filters = ("kind", "region")
    search = ("name", "full_name")
    form_class = UnitForm
    tabs = (
        Tab(
            "people",
            _("People"),
            lambda actor, obj: visible(actor, Membership).filter(unit=obj),
            ("user__display_name", "role", "state", "valid_until"),
            empty=_("No account works for this unit yet."),
        ),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Unit:
        return places.add_unit(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Unit, **fields: Any) -> Unit:
        return places.change_unit(actor, unit=obj, **fields)


@register
class RegionResource(Resource):
    model = Region
    slug = "regions"
    title = _("Regions")
    lead = _("Divisions after GB/T 2260 and functional zones.")
    empty = _("No region here. The pack of the city brings them.")
    icon = "map-pin"
    columns = ("name", "code", "level", Column("parent__name", label=_("belongs to")))
    facts = ("name", "code", "level", Column("parent__name", label=_("belongs to")), "short_name", "name_en")
    filters = ("level",)
    search = ("name", "code")
    ordering = ("path",)
    tabs = (
        Tab(
            "units",
            _("Units"),
            lambda actor, obj: visible(actor, Unit).filter(region=obj),
            ("name", "full_name", "kind"),
            empty=_("No unit belongs to this region."),
        ),
    )


@register
class PersonResource(Resource):
    model = User
    slug = "people"
    title = _("People")
    lead = _("Accounts and what they are granted.")
    icon = "users"
    columns = (
        Column("display_name", value=str, sort="display_name", label=_("name")),
        "username",
        "email",
        Column(
            "roles", value=lambda user: _roles(user), label=_("roles"), needs=("memberships",), sort=None, kind="list"
        ),
        "last_login",
        "is_active",
    )
    filters = ("is_active",)
    search = ("display_name", "username", "email")
    form_class = PersonForm
    bulk_actions = (
        BulkAction(
            "deactivate",
            _("Close the account"),
            lambda actor, obj: people.set_active(actor, user=obj, active=False),
            action="deactivate",
            danger=True,
            icon="ban",
        ),
        BulkAction(
            "activate",
            _("Open the account again"),
            lambda actor, obj: people.set_active(actor, user=obj, active=True),
            action="deactivate",
        ),
    )
    tabs = (
        Tab(
            "memberships",
            _("Roles"),
            lambda actor, obj: visible(actor, Membership).filter(user=obj),
            ("role", "region__name", "unit__name", "organisation__name", "valid_from", "valid_until"),
            empty=_("This account has no role yet: it can only read what is public."),
        ),
    )

    @staticmethod
    def change(actor: Actor, obj: User, **fields: Any) -> User:
        return people.change_person(actor, user=obj, **fields)


@register
class MembershipResource(Resource):
    model = Membership
    slug = "memberships"
    title = _("Roles")
    lead = _("Who may do what, where, and until when.")
    icon = "user"
    columns = (
        Column("user__display_name", label=_("person"), value=lambda membership: str(membership.user), needs=("user",)),
        "role",
        "region__name",
        "unit__name",
        "organisation__name",
        "state",
        "valid_until",
    )
    filters = ("role", "state")
    search = ("user__display_name", "user__username", "organisation__name", "unit__name")
    form_class = MembershipForm
    bulk_actions = (
        BulkAction(
            "approve",
            _("Approve"),
            lambda actor, obj: memberships.approve_membership(actor, membership=obj),
        ),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Membership:
        return memberships.grant(actor, **fields)

    @staticmethod
    def delete(actor: Actor, obj: Membership) -> Any:
        return memberships.end_membership(actor, membership=obj)


def _roles(user: User) -> list[str]:
    return [membership.get_role_display() for membership in user.memberships.all()]

"""The lists and pages of certifications and of the reserve library."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.cultivation.domain import certifications, reserve
from kechuang.apps.cultivation.interfaces.filters import CertificationFilters, ReserveFilters
from kechuang.apps.cultivation.interfaces.forms import CertificationForm, LeaveForm, ReserveEntryForm, RevokeForm
from kechuang.apps.cultivation.models import Certification, ReserveEntry
from kechuang.apps.cultivation.permissions import OWNERS, VIEWERS
from kechuang.kit.importing import Importer
from kechuang.kit.lights import light
from kechuang.kit.permissions import Actor
from kechuang.kit.resources import BulkAction, Column, Link, Resource, register

ORGANISATION = Column("organisation__name", label=_("organisation"), main=True)
CODE = Column("organisation__uscc", label=_("unified social credit code"), shown=False)
COUNTY = Column("organisation__region__name", label=_("county"), needs=("organisation__region",))
TIER = Column("tier", label=_("tier"), value=lambda row: row.tier_name, sort="tier")
AIM = Column("tier", label=_("tier aimed at"), value=lambda row: row.tier_name, sort="tier")
LIGHT = Column("light", label=_("state"), kind="state", value=lambda row: light(row.light), sort=None)


def _revoked(row: Certification) -> Any:
    return f"{row.revoked_on:%Y-%m-%d} {row.revoked_because}" if row.revoked_on else _("not revoked")


REVOKED = Column("revoked_on", label=_("revocation"), kind="text", value=_revoked)


def _leaving(row: ReserveEntry) -> Any:
    if row.left_on is None:
        return _("has not left")
    return f"{row.left_on:%Y-%m-%d} {row.get_exit_reason_display()}"


LEAVING = Column("left_on", label=_("leaving"), kind="text", value=_leaving)


def _sees_ladder(actor: Actor, obj: Any) -> bool:
    return actor.has(VIEWERS) or obj.organisation_id in actor.organisations(*OWNERS)


LADDER = Link(
    _("Ladder and gap report"),
    lambda obj: reverse("cultivation:ladder", args=[obj.organisation_id]),
    icon="target-arrow",
    show=_sees_ladder,
)


class CertificationImporter(Importer):
    """A row with a known number corrects that certification, others are added."""

    key = ("number",)
    lookups = {"organisation": ("uscc", "name")}
    aliases = {
        "organisation": ("统一社会信用代码", "企业名称", "单位名称", "名称"),
        "tier": ("类别", "认定类型", "梯次"),
        "number": ("证书编号", "编号", "登记编号"),
        "issued_on": ("发证日期", "发证时间", "认定日期"),
        "valid_until": ("有效期至", "有效期"),
    }
    notes = _("One row per certificate. The code is safer than the name.")


@register
class CertificationResource(Resource):
    model = Certification
    slug = "certifications"
    title = _("Certifications")
    lead = _("Who is recognised for which rung of the ladder, until when, and where it stands.")
    empty = _("No certification is recorded yet. Import the published lists.")
    icon = "list-check"
    columns = (ORGANISATION, CODE, COUNTY, TIER, "number", "issued_on", "valid_until", LIGHT)
    facts = (
        TIER, COUNTY, CODE, "number", "issued_on", "valid_until", "times", LIGHT, "source", "source_note", REVOKED,
    )  # fmt: skip
    filters = CertificationFilters
    search = ("organisation__name", "organisation__uscc", "number")
    form_class = CertificationForm
    importer = CertificationImporter
    links = (LADDER,)
    bulk_actions = (
        BulkAction(
            "revoke",
            _("Revoke"),
            lambda actor, obj, reason: certifications.revoke_certification(actor, certification=obj, reason=reason),
            action="revoke",
            form_class=RevokeForm,
            icon="ban",
            danger=True,
        ),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> Certification:
        return certifications.add_certification(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: Certification, **fields: Any) -> Certification:
        return certifications.change_certification(actor, certification=obj, **fields)

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> CertificationForm:
        return CertificationForm(*args, actor=actor, **kwargs)


class ReserveImporter(Importer):
    """A row is an enterprise that enters the library."""

    lookups = {"organisation": ("uscc", "name")}
    aliases = {
        "organisation": ("统一社会信用代码", "企业名称", "单位名称", "名称"),
        "tier": ("培育方向", "目标梯次", "梯次"),
        "entered_on": ("入库日期", "入库时间"),
        "reason": ("入库理由", "理由", "备注"),
    }
    notes = _("One row per enterprise. The code is safer than the name.")


@register
class ReserveResource(Resource):
    model = ReserveEntry
    slug = "reserve"
    title = _("Reserve library")
    lead = _("Enterprises that are being prepared for a rung. They leave when they reach it, or no longer fit.")
    empty = _("Nobody is in the library yet. Look at the suggestions: verified enterprises nearest to the next rung.")
    icon = "bookmark"
    list_template = "cultivation/reserve.html"
    columns = (ORGANISATION, CODE, COUNTY, AIM, "entered_on", LIGHT, "reason", LEAVING)
    facts = (
        AIM, COUNTY, CODE, "entered_on", "reason",
        Column("entered_by__display_name", label=_("entered by"), needs=("entered_by",)),
        LIGHT, LEAVING, Column("exit_note", kind="text", value=lambda row: row.exit_note or _("none")),
    )  # fmt: skip
    export_columns = (
        ORGANISATION,
        CODE,
        COUNTY,
        AIM,
        "entered_on",
        LIGHT,
        "reason",
        "left_on",
        "exit_reason",
        "exit_note",
    )
    filters = ReserveFilters
    search = ("organisation__name", "organisation__uscc")
    form_class = ReserveEntryForm
    importer = ReserveImporter
    links = (LADDER,)
    bulk_actions = (
        BulkAction(
            "leave",
            _("Leaves the library"),
            lambda actor, obj, exit_reason, exit_note="": reserve.leave_reserve(
                actor, entry=obj, exit_reason=exit_reason, exit_note=exit_note
            ),
            action="leave",
            form_class=LeaveForm,
            icon="logout",
        ),
    )

    @staticmethod
    def add(actor: Actor, **fields: Any) -> ReserveEntry:
        return reserve.enter_reserve(actor, **fields)

    @staticmethod
    def change(actor: Actor, obj: ReserveEntry, **fields: Any) -> ReserveEntry:
        return reserve.change_entry(actor, entry=obj, **fields)

    def form(self, *args: Any, actor: Actor, **kwargs: Any) -> ReserveEntryForm:
        return ReserveEntryForm(*args, actor=actor, **kwargs)

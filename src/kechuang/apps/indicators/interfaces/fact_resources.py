"""The lists and pages of the catalogue of facts, of facts, contests and snapshots."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.indicators.domain import contests, fact_kinds, facts
from kechuang.apps.indicators.interfaces.exact import shown
from kechuang.apps.indicators.models import Fact, FactContest, FactKind, Snapshot
from kechuang.kit.permissions import Actor
from kechuang.kit.resources import BulkAction, Column, Link, Resource, register


class FactKindForm(forms.ModelForm):
    class Meta:
        model = FactKind
        fields = ("name", "name_en", "definition", "standard", "question", "question_en", "low", "high", "source_hint",
                  "active")  # fmt: skip


class AnswerForm(forms.Form):
    """What an official answers."""

    reason = forms.CharField(label=_("answer"), max_length=300, required=False)


class RefusalForm(forms.Form):
    reason = forms.CharField(label=_("answer"), max_length=300, help_text=_("the enterprise reads it"))


@register
class FactKindResource(Resource):
    model = FactKind
    slug = "fact-kinds"
    title = _("Catalogue of facts")
    lead = _("What can be known of an organisation: asked once, with its definition and where the figure stands.")
    empty = _("The catalogue is empty. The pack brings it.")
    icon = "list-details"
    columns = ("name", "code", "kind", "unit", "period", "section", "active")
    facts = (
        "code", "kind", "unit", "period", "section", "question", "definition", "standard", "source_hint", "formula",
        Column("base__name", label=_("the fact of an earlier year of")), "low", "high",
    )  # fmt: skip
    filters = ("kind", "period", "active")
    search = ("name", "code", "name_en")
    form_class = FactKindForm

    @staticmethod
    def change(actor: Actor, obj: FactKind, **fields: Any) -> FactKind:
        return fact_kinds.change_fact_kind(actor, entry=obj, **fields)


KIND = Column(
    "kind__name", label=_("kind of fact"), value=lambda row: str(row.kind), needs=("kind",), sort="kind__order"
)
ORGANISATION = Column("organisation__name", label=_("organisation"), main=True)
REGION = Column("organisation__region__name", label=_("county"), needs=("organisation__region",))
YEAR = Column("year", label=_("year"), value=lambda row: str(row.year) if row.year else None, sort="year")
VALUE = Column("value", label=_("value"), value=lambda row: shown(row.kind, row.value), needs=("kind",), sort=None)


@register
class FactResource(Resource):
    model = Fact
    slug = "facts"
    title = _("Facts of organisations")
    lead = _("Every figure with its source and who vouches for it. Verify what you have compared with its record.")
    empty = _("No fact here yet. Organisations declare theirs in the yearly return; officials import tables.")
    icon = "database"
    columns = (ORGANISATION, REGION, KIND, YEAR, VALUE, "source", "state", "created_at")
    facts = (
        KIND, YEAR, VALUE, "source", "source_note", "state",
        Column("entered_by__display_name", label=_("entered by"), needs=("entered_by",)), "created_at",
        Column("verified_by__display_name", label=_("verified by"), needs=("verified_by", "organisation", "kind")),
        "verified_at", Column("evidence__name", label=_("evidence file")),
    )  # fmt: skip
    filters = ("source", "state", "year")
    search = ("organisation__name", "organisation__uscc", "kind__name")
    ordering = ("-created_at", "-pk")
    bulk_actions = (
        BulkAction("verify", _("Verify"), lambda actor, obj: facts.verify_fact(actor, fact=obj), action="verify"),
    )


PROPOSED = Column(
    "value", label=_("value proposed"), value=lambda row: shown(row.kind, row.value) or None, needs=("kind",), sort=None
)
KNOWN = Column(
    "known", label=_("value known"), needs=("kind", "fact"), sort=None,
    value=lambda row: shown(row.kind, row.fact.value) if row.fact else row.known,
)  # fmt: skip


@register
class FactContestResource(Resource):
    """The queue of contested facts."""

    model = FactContest
    slug = "contests"
    title = _("Contested facts")
    lead = _("Someone says that a known figure is not right. Compare with the record, then accept or explain.")
    empty = _("Nothing is contested. What enterprises object to appears here.")
    icon = "message-question"
    columns = (
        ORGANISATION,
        REGION,
        KIND,
        YEAR,
        KNOWN,
        PROPOSED,
        "reason",
        "state",
        "created_at",
    )  # fmt: skip
    facts = (
        KIND, YEAR, KNOWN,
        PROPOSED,
        "reason", Column("evidence__name", label=_("evidence file"), needs=("evidence", "organisation")),
        Column("raised_by__display_name", label=_("raised by"), needs=("raised_by",)), "created_at", "state", "answer",
        Column("answered_by__display_name", label=_("answered by"), needs=("answered_by",)), "answered_at",
    )  # fmt: skip
    filters = ("state", "year")
    search = ("organisation__name", "kind__name", "reason")
    ordering = ("-state", "created_at")
    bulk_actions = (
        BulkAction(
            "accept",
            _("Accept"),
            lambda actor, obj, reason="": contests.answer_contest(actor, contest=obj, accept=True, answer=reason),
            action="accept",
            form_class=AnswerForm,
        ),
        BulkAction(
            "refuse",
            _("The known value stands"),
            lambda actor, obj, reason: contests.answer_contest(actor, contest=obj, accept=False, answer=reason),
            action="refuse",
            form_class=RefusalForm,
        ),
    )
    step_verbs = {
        "accept": lambda actor, obj, reason: contests.answer_contest(actor, contest=obj, accept=True, answer=reason),
        "refuse": lambda actor, obj, reason: contests.answer_contest(actor, contest=obj, accept=False, answer=reason),
        "withdraw": lambda actor, obj, reason: contests.withdraw_contest(actor, contest=obj),
    }
    links = (
        Link(
            _("All data of the organisation"),
            lambda obj: reverse("indicators:data_of", args=[obj.organisation_id]),
            icon="database",
        ),
    )


@register
class SnapshotResource(Resource):
    model = Snapshot
    slug = "snapshots"
    title = _("Snapshots")
    lead = _("Frozen frames of facts that decisions were made from. They are never changed.")
    empty = _("No snapshot yet. One is taken when a decision is made.")
    icon = "camera"
    columns = ("title", "subject", YEAR, "taken_at", "rows", "columns")
    facts = (
        "subject", YEAR, "taken_at", Column("taken_by__display_name", label=_("taken by"), needs=("taken_by",)),
        "rows", "columns", "sha256", Column("file__name", label=_("file"), needs=("file",)),
    )  # fmt: skip
    filters = ("year",)
    search = ("title", "sha256")
    links = (
        Link(_("Download the frozen frame"), lambda obj: reverse("kit:file", args=[obj.file_id]), icon="download"),
    )

    def heading(self, obj: Snapshot) -> str:
        return str(obj)

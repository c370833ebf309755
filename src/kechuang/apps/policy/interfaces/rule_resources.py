"""The workbench's list of rules."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.domain.queries.rules import conflicting_rules, formulas_beneath, rule_rows
from kechuang.apps.policy.interfaces.rule_words import PAYERS, condition_rows, sum_text
from kechuang.apps.policy.models import Rule, RuleVersion
from kechuang.kit import resources
from kechuang.kit.permissions import Actor, can, visible
from kechuang.kit.resources import Column, Link, Panel, Resource, Tab


def _amount(rule: Any) -> str:
    return sum_text(rule, rule.current.definition) if rule.current else ""


def _payer(rule: Any) -> str:
    return str(PAYERS.get(rule.payer, rule.payer))


def _conditions(request: Any, rule: Any) -> dict[str, Any] | None:
    version = rule.current or rule.versions.order_by("-number").first()
    return None if version is None else {"conditions": condition_rows(version)}


def _formulas(request: Any, rule: Any) -> dict[str, Any] | None:
    found = formulas_beneath(rule, rule.current.definition) if rule.current else []
    return {"formulas": found} if found else None


def _conflicts(request: Any, rule: Any) -> dict[str, Any] | None:
    found = conflicting_rules(rule)
    return {"conflicts": [(other, _amount(other)) for other in found]} if found else None


@resources.register
class RuleResource(Resource):
    model = Rule
    slug = "rules"
    title = _("Policy rules")
    lead = _("What the documents grant and under which conditions, as the platform reckons with it.")
    empty = _("No rule yet: they come with the city's pack, or an officer writes them.")
    icon = "gauge"
    list_template = "policy/rules/list.html"
    columns = (
        Column("title", value=str, label=_("Rule"), sort="title", main=True),
        "kind",
        "subject",
        Column("amount", label=_("Amount"), value=_amount, needs=("current",)),
        Column("payer", label=_("Paid by"), value=_payer, sort="payer"),
        "without_application",
        Column("region__short_name", label=_("region")),
        Column("version", label=_("version"), value=lambda rule: rule.current.number if rule.current else None,
               kind="number", needs=("current",)),
    )  # fmt: skip
    facts = (
        "code",
        *columns[1:],
        "form",
        Column("stated_in", label=_("stated in")),
        "article",
        "wording",
        "next_step",
        "check_again",
    )
    export_columns = (
        "code",
        *columns,
        "form",
        "tier",
        Column("stated_in", label=_("stated in")),
        "article",
        "wording",
        "next_step",
        "check_again",
    )
    filters = ("kind", "subject", "form", "region", "without_application")
    search = ("title", "title_en", "code", "wording", "source")
    ordering = ("region__path", "kind", "code")
    evidence = True
    links = (
        Link(_("Public page"), lambda rule: rule.get_absolute_url(), icon="external-link", primary=True),
        Link(_("Edit the rule"), lambda rule: reverse("policy:rule-edit", args=[rule.pk]), "change", "edit"),
        Link(
            _("Versions and who published them"), lambda rule: reverse("policy:rule-versions", args=[rule.pk]),
            icon="history", show=lambda actor, rule: bool(can(actor, "review", RuleVersion)),
        ),
    )  # fmt: skip
    panels = (
        Panel(_("Conditions: all must hold"), "policy/_conditions.html", _conditions),
        Panel(_("Figures reckoned for it"), "policy/_formulas.html", _formulas),
        Panel(_("Said differently elsewhere"), "policy/_rule_conflicts.html", _conflicts),
    )
    tabs = (
        Tab(
            "versions",
            _("Versions"),
            lambda actor, rule: visible(actor, RuleVersion).filter(rule=rule).order_by("-number"),
            ("number", "state", "valid_from", "valid_to", "author", "publisher", "published_at", "note"),
            link=lambda version: "",
        ),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return rule_rows(actor)

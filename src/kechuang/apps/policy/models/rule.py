"""Rules: what a clause grants and under which conditions, in versions that are never changed once published.

The database keeps the promises that decisions rest on: a published version stays as it is (a newer one takes its
place), one version of a rule is published at a time, and who publishes is not who wrote.
"""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.models.document import Document
from kechuang.kit.models import Record


def in_english() -> bool:
    """The reader's language is English."""
    return (get_language() or "").startswith("en")


class RuleKind(models.TextChoices):
    STATUS = "status", _("recognition")
    TIER = "tier", _("rung of the ladder")
    BENEFIT = "benefit", _("benefit")
    TAX = "tax", _("tax relief")
    SCORE = "score", _("score")


class RuleSubject(models.TextChoices):
    ENTERPRISE = "enterprise", _("enterprises")
    ORGANISATION = "organisation", _("organisations of any kind")
    ZONE = "zone", _("development zones")
    SERVICE = "service", _("service agencies")
    NEW_RD_INSTITUTION = "new_rd_institution", _("new R&D institutions")
    COUNTY = "county", _("county governments")
    PERSON = "person", _("individuals")


class RuleForm(models.TextChoices):
    AWARD = "award", _("award")
    SUBSIDY = "subsidy", _("subsidy")
    FUNDING = "funding", _("funding")
    INVESTMENT = "investment", _("investment")
    INTEREST = "interest", _("interest subsidy")
    LOAN = "loan", _("loan")
    VOUCHER = "voucher", _("voucher")
    SERVICE = "service", _("service")
    PROJECT = "project", _("project")
    DEDUCTION = "deduction", _("deduction")
    RATE = "rate", _("tax rate")
    RECOGNITION = "recognition", _("recognition")


class AmountIs(models.TextChoices):
    EXACT = "exact", _("exactly")
    CEILING = "ceiling", _("at most")
    FLOOR = "floor", _("at least")
    RANGE = "range", _("up to")
    UNSTATED = "unstated", _("no sum stated")


class VersionState(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    SUPERSEDED = "superseded", _("superseded by a newer one")


PUBLIC_VERSIONS = (VersionState.PUBLISHED.value, VersionState.SUPERSEDED.value)

PUBLISHED_IS_FINAL = """
    IF OLD.state = 'draft' THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'state' - 'updated_at') = (to_jsonb(OLD) - 'state' - 'updated_at')
        AND (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'superseded')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what is published is never changed: a new version takes its place'
        USING ERRCODE = 'check_violation';
"""


class Version(Record):
    """What all versions have: validity, who wrote, who published. Loaded from a pack: nobody did."""

    number = models.PositiveSmallIntegerField(_("version"), default=1)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT)
    note = models.CharField(_("note"), max_length=500, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("written by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("published by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    published_at = models.DateTimeField(_("published on"), null=True, blank=True)
    writers = ArrayField(
        models.BigIntegerField(), verbose_name=_("all who wrote"), default=list, blank=True, editable=False,
        help_text=_("keys of the accounts that worked on the draft: none of them publishes it"),
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.state == VersionState.DRAFT


def _promises(name: str) -> list[models.BaseConstraint]:
    """The constraints of a model of versions; ``name`` begins theirs."""
    return [
        models.CheckConstraint(
            condition=Q(state="draft", published_at__isnull=True) | (~Q(state="draft") & Q(published_at__isnull=False)),
            name=f"{name}_published_says_when",
        ),
        models.CheckConstraint(
            condition=Q(state="draft")
            | Q(author__isnull=True)
            | (Q(publisher__isnull=False) & ~Q(publisher=F("author"))),
            name=f"{name}_four_eyes",
        ),
        models.CheckConstraint(
            condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
            name=f"{name}_ends_after_it_begins",
        ),
    ]


def _final(name: str) -> pgtrigger.Trigger:
    operation = pgtrigger.Update | pgtrigger.Delete
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=operation, func=PUBLISHED_IS_FINAL)


@pghistory.track()
class Rule(Record):
    """A right with its conditions. What is said here repeats its published version, for lists and filters.

    ``document`` is the one that states it, where that is in the library; ``source`` names it in any case.
    """

    code = models.CharField(_("code"), max_length=80)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="rules")
    kind = models.CharField(_("kind"), max_length=10, choices=RuleKind)
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=300, blank=True)
    subject = models.CharField(_("for"), max_length=20, choices=RuleSubject, default=RuleSubject.ENTERPRISE)
    tier = models.CharField(_("rung of the ladder"), max_length=60, blank=True)
    payer = models.CharField(_("paid by"), max_length=60, blank=True)
    per = models.CharField(_("for each"), max_length=60, blank=True)
    form = models.CharField(_("form"), max_length=20, choices=RuleForm, blank=True)
    amount_is = models.CharField(
        _("the sum is"), max_length=10, choices=AmountIs, default=AmountIs.UNSTATED, editable=False
    )
    amount_from = models.BigIntegerField(_("begins at"), null=True, blank=True)
    without_application = models.BooleanField(_("without application"), default=False)
    next_step = models.CharField(_("next step"), max_length=500, blank=True)
    next_step_en = models.CharField(_("next step in English"), max_length=500, blank=True)
    document = models.ForeignKey(
        Document, verbose_name=_("document"), null=True, blank=True, on_delete=models.SET_NULL, related_name="rules"
    )
    source = models.CharField(_("stated in"), max_length=200, blank=True)
    article = models.CharField(_("article"), max_length=120, blank=True)
    wording = models.TextField(_("what the source says"), blank=True)
    conflicts = ArrayField(
        models.CharField(max_length=80), verbose_name=_("said differently by"), default=list, blank=True
    )
    check_again = models.CharField(_("to be verified"), max_length=500, blank=True)
    current = models.OneToOneField(
        "policy.RuleVersion", verbose_name=_("version in force"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", editable=False,
    )  # fmt: skip

    class Meta:
        ordering = ["region__path", "kind", "code"]
        verbose_name = _("policy rule")
        verbose_name_plural = _("policy rules")
        constraints = [models.UniqueConstraint(fields=["region", "code"], name="rule_code_once_per_region")]
        indexes = [models.Index(fields=["kind", "form"], name="rule_kind_form")]

    def __str__(self) -> str:
        return (self.title_en or self.title) if in_english() else self.title

    @property
    def stated_in(self) -> str:
        """The document that states it: its number or title where it is in the library, else as the rule names it."""
        document = self.document
        return self.source if document is None else document.doc_number or f"《{document.title}》"

    @property
    def next(self) -> str:
        """What to do next, in the reader's language."""
        return (self.next_step_en or self.next_step) if in_english() else self.next_step

    def get_absolute_url(self) -> str:
        return reverse("policy:rule", args=[self.pk])


@pghistory.track()
class RuleVersion(Version):
    """One wording of a rule: ``definition`` is the entry of a rule file, as the engine reads it.

    ``examples``: what its author expects of it, as ``domain.rule_examples`` keeps them.
    """

    rule = models.ForeignKey(Rule, verbose_name=_("rule"), on_delete=models.PROTECT, related_name="versions")
    definition = models.JSONField(_("content"))
    examples = models.JSONField(_("examples"), default=list, blank=True, editable=False)

    class Meta:
        ordering = ["rule", "-number"]
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="published"), name="rule_version_one_published"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="draft"), name="rule_version_one_draft"),
            *_promises("rule_version"),
        ]
        triggers = [_final("rule_version_is_final")]

    def __str__(self) -> str:
        return f"{self.rule} · {self.number}"

    def label_of(self, number: int) -> str:
        """How people read the condition of that position (from 0), in the reader's language; may be empty."""
        entries = self.definition.get("when") or []
        entry: Any = entries[number] if isinstance(entries, list) and number < len(entries) else None
        if not isinstance(entry, dict):
            return ""
        label = str(entry.get("label") or "")
        return (str(entry.get("label_en") or "") or label) if in_english() else label


@pghistory.track()
class Formula(Version):
    """A figure derived from facts and from formulas of a lower ``order``; a row for each version."""

    code = models.CharField(_("code"), max_length=60)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="formulas")
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    expression = models.TextField(_("expression"))
    order = models.PositiveIntegerField(_("order"), default=0)
    check_again = models.CharField(_("to be verified"), max_length=500, blank=True)

    class Meta:
        ordering = ["region__path", "order", "code", "-number"]
        verbose_name = _("formula")
        verbose_name_plural = _("formulas")
        constraints = [
            models.UniqueConstraint(fields=["region", "code", "number"], name="formula_number_once"),
            models.UniqueConstraint(
                fields=["region", "code"], condition=Q(state="published"), name="formula_one_published"
            ),
            models.UniqueConstraint(fields=["region", "code"], condition=Q(state="draft"), name="formula_one_draft"),
            *_promises("formula"),
        ]
        triggers = [_final("formula_is_final")]

    def __str__(self) -> str:
        return (self.name_en or self.name) if in_english() else self.name

    @property
    def is_set(self) -> bool:
        """Whether the figure can ever be known: a threshold that no document states is NULL."""
        return self.expression.strip().upper() != "NULL"

"""Policy documents: what was uploaded, what it says of itself, and where it stands."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region
from kechuang.kit.models import Record
from kechuang.kit.search import BigramField


class DocumentKind(models.TextChoices):
    OPINION = "opinion", _("opinions")
    ACTION_PLAN = "action_plan", _("action plan")
    IMPLEMENTATION_PLAN = "implementation_plan", _("implementation plan")
    WORK_PLAN = "work_plan", _("work plan")
    MEASURES = "measures", _("administrative measures")
    RULES = "rules", _("detailed rules")
    NOTICE = "notice", _("notice")
    OTHER = "other", _("other")


class DocumentState(models.TextChoices):
    UPLOADED = "uploaded", _("waiting to be read")
    EXTRACTING = "extracting", _("being read")
    FAILED = "failed", _("could not be read")
    IN_REVIEW = "in_review", _("in review")
    PUBLISHED = "published", _("published")
    REVISING = "revising", _("published, being corrected")
    REPEALED = "repealed", _("repealed")
    SUPERSEDED = "superseded", _("superseded by a newer one")


# What the public reads: a corrected document stays readable as last published; a dead one keeps its page and says so.
PUBLIC_STATES = (
    DocumentState.PUBLISHED.value,
    DocumentState.REVISING.value,
    DocumentState.REPEALED.value,
    DocumentState.SUPERSEDED.value,
)
IN_FORCE_STATES = (DocumentState.PUBLISHED.value, DocumentState.REVISING.value)
REVIEW_STATES = (DocumentState.IN_REVIEW.value, DocumentState.REVISING.value)


# What a document may truly lack: an annual work plan has often neither number nor day.
MAY_BE_ABSENT = ("doc_number", "issued_on")


@pghistory.track(exclude=["text", "bigrams"])
class Document(Record):
    """One policy document, or a restatement that stands in for one until the original is uploaded.

    ``text`` is what every offset refers to; it never changes after the document was read.
    """

    title = models.CharField(_("title"), max_length=300, blank=True)
    doc_number = models.CharField(
        _("document number"), max_length=60, blank=True, help_text=_("e.g. 宛政办〔2022〕59号")
    )
    issuers = ArrayField(models.CharField(max_length=120), verbose_name=_("issued by"), default=list, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    effective_from = models.DateField(_("in force from"), null=True, blank=True)
    effective_until = models.DateField(_("in force until"), null=True, blank=True)
    region = models.ForeignKey(
        Region, verbose_name=_("region it belongs to"), on_delete=models.PROTECT, related_name="policy_documents"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind, default=DocumentKind.OTHER)
    state = models.CharField(_("state"), max_length=12, choices=DocumentState, default=DocumentState.UPLOADED)
    state_note = models.CharField(_("reason"), max_length=500, blank=True)
    state_date = models.DateField(_("in effect from"), null=True, blank=True, help_text=_("day of repeal"))

    file = models.ForeignKey("kit.StoredFile", verbose_name=_("file"), on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("text"), blank=True, editable=False)
    sha256 = models.CharField(_("fingerprint of the file"), max_length=64, editable=False)
    is_restatement = models.BooleanField(
        _("restatement"), default=False, help_text=_("says in other words what the original says")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    supersedes = models.OneToOneField(
        "self",
        verbose_name=_("takes the place of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="superseded_by",
    )
    replacement_report = models.JSONField(_("report of the replacement"), null=True, blank=True, editable=False)

    industries = ArrayField(models.CharField(max_length=5), verbose_name=_("industries"), default=list, blank=True)
    beneficiaries = ArrayField(
        models.CharField(max_length=40), verbose_name=_("whom it concerns"), default=list, blank=True
    )
    absent = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("not stated in the document"),
        default=list,
        blank=True,
        help_text=_("what the document truly lacks, so that nobody waits for it"),
    )
    keywords = ArrayField(models.CharField(max_length=40), verbose_name=_("keywords"), default=list, blank=True)
    bigrams = BigramField()

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    revision = models.PositiveSmallIntegerField(_("times published"), default=0, editable=False)
    published_at = models.DateTimeField(_("published on"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-issued_on", "-pk"]
        verbose_name = _("policy document")
        verbose_name_plural = _("policy documents")
        constraints = [
            models.UniqueConstraint(fields=["region", "sha256"], name="document_file_once_per_region"),
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True)
                | Q(effective_from__isnull=True)
                | Q(effective_until__gte=F("effective_from")),
                name="document_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=PUBLIC_STATES) | Q(title__gt="", published_at__isnull=False),
                name="document_published_has_title",
            ),
        ]
        indexes = [
            GinIndex(fields=["bigrams"], name="document_bigrams"),
            GinIndex(fields=["industries"], name="document_industries"),
            GinIndex(fields=["beneficiaries"], name="document_beneficiaries"),
            GinIndex(fields=["issuers"], name="document_issuers"),
            models.Index(fields=["-issued_on", "-id"], name="document_newest_first"),
            models.Index(fields=["region", "state"], name="document_region_state"),
            models.Index(fields=["doc_number"], name="document_number"),
        ]

    def __str__(self) -> str:
        return self.title or self.doc_number or self.file.name

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC_STATES and not self.is_replaced_restatement

    @property
    def is_replaced_restatement(self) -> bool:
        return self.is_restatement and self.state == DocumentState.SUPERSEDED

    @property
    def is_in_force(self) -> bool:
        return self.state in IN_FORCE_STATES

    @property
    def under_review(self) -> bool:
        return self.state in REVIEW_STATES

    def get_absolute_url(self) -> str:
        return reverse("policy:document", args=[self.pk])


def public_documents(prefix: str = "") -> Q:
    """The condition on documents that everyone may read; ``prefix`` leads to the document (``document__``)."""
    return Q(**{f"{prefix}state__in": PUBLIC_STATES}) & ~Q(
        **{f"{prefix}state": DocumentState.SUPERSEDED.value, f"{prefix}is_restatement": True}
    )


@pghistory.track(exclude=["bigrams"])
class Passage(Record):
    """A sentence, heading or table row of a document: the anchor ``#p-<seq>`` that links lead to."""

    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.CASCADE, related_name="passages"
    )
    seq = models.PositiveIntegerField(_("sequence number"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    level = models.PositiveSmallIntegerField(_("heading level"), default=0, help_text=_("0: no heading"))
    path = models.CharField(_("section"), max_length=500, blank=True)
    text = models.TextField(_("text"))
    bigrams = BigramField()

    class Meta:
        ordering = ["document", "seq"]
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        constraints = [
            models.UniqueConstraint(fields=["document", "seq"], name="passage_number_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="passage_is_not_empty"),
        ]
        indexes = [GinIndex(fields=["bigrams"], name="passage_bigrams")]

    def __str__(self) -> str:
        return f"{self.document_id} #p-{self.seq}"


@pghistory.track()
class Revision(Record):
    """One publication of a document: when, by whom, and what changed for its readers."""

    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.CASCADE, related_name="revisions"
    )
    number = models.PositiveSmallIntegerField(_("sequence number"))
    published_at = models.DateTimeField(_("published on"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("published by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    added = models.PositiveIntegerField(_("items added"), default=0)
    changed = models.PositiveIntegerField(_("items changed"), default=0)
    withdrawn = models.PositiveIntegerField(_("items withdrawn"), default=0)

    class Meta:
        ordering = ["document", "-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.document_id} r{self.number}"

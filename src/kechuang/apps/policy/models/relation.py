"""How documents stand to each other: references (根据…, 印发…) and conflicts between what they say."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.policy.models.document import Document
from kechuang.apps.policy.models.item import Item
from kechuang.kit.models import Record


class Relation(models.TextChoices):
    BASED_ON = "based_on", _("based on")
    ISSUES = "issues", _("issues")
    REPEALS = "repeals", _("repeals")
    CITES = "cites", _("cites")


@pghistory.track()
class DocumentLink(Record):
    """A published reference; ``target`` is filled as soon as the other document is in the library too."""

    item = models.OneToOneField(Item, verbose_name=_("finding"), on_delete=models.CASCADE, related_name="link")
    source = models.ForeignKey(Document, verbose_name=_("document"), on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(
        Document,
        verbose_name=_("other document"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="links_in",
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation)
    title = models.CharField(_("title as quoted"), max_length=300, blank=True)
    doc_number = models.CharField(_("number as quoted"), max_length=60, blank=True)

    class Meta:
        ordering = ["source", "item__start", "pk"]
        verbose_name = _("link between documents")
        verbose_name_plural = _("links between documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=True) | ~Q(target=F("source")), name="document_link_leads_elsewhere"
            ),
            models.CheckConstraint(condition=Q(title__gt="") | Q(doc_number__gt=""), name="document_link_names_it"),
        ]
        indexes = [models.Index(fields=["doc_number"], name="document_link_number")]

    def __str__(self) -> str:
        return f"{self.get_relation_display()} {self.title}{self.doc_number}"


@pghistory.track()
class Conflict(Record):
    """Two documents state the same fact differently. ``first`` stands in the earlier document."""

    class Grade(models.TextChoices):
        CONTRADICTION = "contradiction", _("contradiction")
        DISCREPANCY = "discrepancy", _("discrepancy")
        WORDING = "wording", _("same figure, other wording")
        OVERTAKEN = "overtaken", _("overtaken by the later document")

    class State(models.TextChoices):
        OPEN = "open", _("to be decided")
        DECIDED = "decided", _("decided")

    class Decision(models.TextChoices):
        KEEP_FIRST = "keep_first", _("the earlier document holds")
        KEEP_SECOND = "keep_second", _("the later document holds")
        BOTH = "both", _("both hold")
        NOT_A_CONFLICT = "not_a_conflict", _("no conflict")

    first = models.ForeignKey(Item, verbose_name=_("earlier statement"), on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Item, verbose_name=_("later statement"), on_delete=models.CASCADE, related_name="+")
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    reason = models.CharField(_("what differs"), max_length=60)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    decision = models.CharField(_("decision"), max_length=16, choices=Decision, blank=True)
    note = models.CharField(_("why it was decided so"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person who decided"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)

    class Meta:
        ordering = ["-state", "grade", "-pk"]
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="conflict_once_per_pair"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="conflict_between_two_items"),
            models.CheckConstraint(
                condition=Q(state="open", decision="", decided_at__isnull=True)
                | (Q(state="decided", decided_at__isnull=False) & ~Q(decision="")),
                name="conflict_decided_says_how",
            ),
        ]
        indexes = [models.Index(fields=["state", "grade"], name="conflict_state_grade")]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}"

"""The research account (研发专账): projects, their expenses by class and month, and the years that are closed."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.kit.models import Record


@pghistory.track()
class RdProject(Record):
    """A research project of an enterprise, as its account and the tax office know it."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="rd_projects"
    )
    code = models.CharField(_("number"), max_length=40, help_text=_("as in your books, such as RD2025-01"))
    name = models.CharField(_("name"), max_length=120)
    started_on = models.DateField(_("begun on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)

    class Meta:
        ordering = ["organisation", "code"]
        verbose_name = _("research project")
        verbose_name_plural = _("research projects")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="rd_project_code_once"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="rd_project_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track()
class RdExpense(Record):
    """What a project cost in a month, in one of the classes of the super-deduction rules; yuan."""

    class Category(models.TextChoices):
        STAFF = "staff", _("staff")
        DIRECT = "direct", _("direct input")
        DEPRECIATION = "depreciation", _("depreciation")
        AMORTISATION = "amortisation", _("amortisation of intangible assets")
        DESIGN = "design", _("new-product design and trials")
        OTHER = "other", _("other related expense")
        COMMISSIONED = "commissioned", _("commissioned in China")
        ABROAD = "abroad", _("commissioned abroad")

    project = models.ForeignKey(
        RdProject, verbose_name=_("research project"), on_delete=models.PROTECT, related_name="expenses"
    )
    month = models.DateField(_("month"), help_text=_("its first day"))
    category = models.CharField(_("class of expense"), max_length=12, choices=Category)
    amount = models.DecimalField(_("amount in yuan"), max_digits=18, decimal_places=2)

    class Meta:
        ordering = ["month", "project", "category"]
        verbose_name = _("research expense")
        verbose_name_plural = _("research expenses")
        constraints = [
            models.UniqueConstraint(fields=["project", "month", "category"], name="rd_expense_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="rd_expense_names_first_day"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="rd_expense_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.month:%Y-%m} · {self.get_category_display()}"


@pghistory.track()
class RdYear(Record):
    """A year of an account that its enterprise declares complete: from then on its total counts as a fact."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="rd_years"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    complete = models.BooleanField(_("complete"), default=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("declared by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip

    class Meta:
        ordering = ["-year"]
        verbose_name = _("complete year of a research account")
        verbose_name_plural = _("complete years of research accounts")
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="rd_year_once")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.year}"

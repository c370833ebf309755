"""What is known of organisations: the catalogue of facts, the facts with their source, and what is contested.

The database keeps the promises that decisions rest on: a value is never changed (a new fact takes its place), one fact
is in force for each organisation, kind and year, exactly one typed value is set, and who verifies is not who entered.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Organisation
from kechuang.kit.models import Record, StoredFile

VALUES = ("number", "text", "truth", "day")
FactScalar = Decimal | str | bool | date


def _set_values(prefix: str = "") -> Func:
    """How many of the typed columns hold a value."""
    names = [F(f"{prefix}{name}") for name in VALUES]
    return Func(*names, function="num_nonnulls", output_field=models.IntegerField())


@pghistory.track()
class FactKind(Record):
    """What can be known of an organisation: its name, unit, definition, and how to ask for it in plain words."""

    class Kind(models.TextChoices):
        NUMBER = "number", _("number")
        MONEY = "money", _("money in yuan")
        COUNT = "count", _("count")
        RATIO = "ratio", _("share from 0 to 1")
        BOOLEAN = "boolean", _("yes or no")
        TEXT = "text", _("text or choice")
        DATE = "date", _("day")
        REGION = "region", _("division code")
        INDUSTRY = "industry", _("industry code")

    class Period(models.TextChoices):
        YEARLY = "yearly", _("for a year")
        MOMENT = "moment", _("as of now")

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    period = models.CharField(_("period"), max_length=8, choices=Period, default=Period.YEARLY)
    section = models.CharField(_("section of the return"), max_length=40, blank=True)
    definition = models.TextField(_("definition"), blank=True)
    standard = models.CharField(_("standard"), max_length=300, blank=True)
    question = models.CharField(_("question"), max_length=300, blank=True)
    question_en = models.CharField(_("question in English"), max_length=300, blank=True)
    low = models.DecimalField(_("smallest value"), max_digits=24, decimal_places=6, null=True, blank=True)
    high = models.DecimalField(_("largest value"), max_digits=24, decimal_places=6, null=True, blank=True)
    choices = models.JSONField(_("choices"), default=list, blank=True, help_text=_("[code, name, English name]"))
    formula = models.TextField(
        _("formula of a derived figure"), blank=True, help_text=_("of a derived indicator, which nobody is asked for")
    )
    source_hint = models.CharField(_("where the figure stands"), max_length=300, blank=True)
    from_registry = models.BooleanField(
        _("from a registry"), default=False, help_text=_("to be had from a registry: nobody need be asked")
    )
    base = models.ForeignKey(
        "self", verbose_name=_("the fact of an earlier year of"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="earlier",
    )  # fmt: skip
    lag = models.PositiveSmallIntegerField(_("years before"), default=0)
    order = models.PositiveIntegerField(_("order"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("kind of fact")
        verbose_name_plural = _("kinds of facts")
        constraints = [
            models.CheckConstraint(
                condition=Q(lag=0, base__isnull=True) | Q(lag__gt=0, base__isnull=False), name="fact_kind_lag_has_base"
            ),
        ]

    def __str__(self) -> str:
        return (self.name_en or self.name) if (get_language() or "").startswith("en") else self.name

    @property
    def column(self) -> str:
        """The typed column of :class:`Fact` that holds values of this kind."""
        return {"boolean": "truth", "date": "day", "text": "text", "region": "text", "industry": "text"}.get(
            self.kind, "number"
        )

    @property
    def is_yearly(self) -> bool:
        return self.period == self.Period.YEARLY

    @property
    def is_stored(self) -> bool:
        """Facts of it are kept: neither derived by a formula nor another year of a fact that is kept."""
        return not self.formula and self.lag == 0

    @property
    def asked(self) -> str:
        """The question in the reader's language; the name where none is written."""
        english = (get_language() or "").startswith("en")
        return (self.question_en if english else self.question) or str(self)

    @property
    def options(self) -> list[tuple[str, str]]:
        """Choices as (code, label) in the reader's language."""
        english = (get_language() or "").startswith("en")
        return [(row[0], (row[2] if english and len(row) > 2 and row[2] else row[1])) for row in self.choices]


VALUE_IS_FINAL = pgtrigger.Trigger(
    name="fact_value_is_final",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'facts are never deleted' USING ERRCODE = 'check_violation';
        END IF;
        IF (NEW.organisation_id, NEW.kind_id, NEW.year, NEW.number, NEW.text, NEW.truth, NEW.day, NEW.entered_by_id)
            IS DISTINCT FROM
            (OLD.organisation_id, OLD.kind_id, OLD.year, OLD.number, OLD.text, OLD.truth, OLD.day, OLD.entered_by_id)
            OR (OLD.state = 'superseded' AND NEW.state <> 'superseded') THEN
            RAISE EXCEPTION 'a fact is never changed: a new one takes its place' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


@pghistory.track(
    pghistory.InsertEvent(level=pghistory.Statement),
    pghistory.UpdateEvent(level=pghistory.Statement),
)
class Fact(Record):
    """One value of one kind for an organisation and a year (no year: as of now). Unknown is no row, never NULL."""

    class Source(models.TextChoices):
        DECLARED = "declared", _("declared by the enterprise")
        IMPORTED = "imported", _("imported by an official")
        VERIFIED = "verified", _("verified by an official")
        COMPUTED = "computed", _("computed from records")

    class State(models.TextChoices):
        IN_FORCE = "in_force", _("in force")
        SUPERSEDED = "superseded", _("replaced by a later one")

    FIRM = (Source.VERIFIED, Source.COMPUTED)
    """A declaration does not overwrite these; it proposes another value."""

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="facts"
    )
    kind = models.ForeignKey(FactKind, verbose_name=_("kind of fact"), on_delete=models.PROTECT, related_name="facts")
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    number = models.DecimalField(_("numeric value"), max_digits=24, decimal_places=6, null=True, blank=True)
    text = models.CharField(_("text value"), max_length=300, null=True, blank=True)
    truth = models.BooleanField(_("yes or no"), null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.IN_FORCE)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.DECLARED)
    source_note = models.CharField(_("where it comes from"), max_length=200, blank=True)
    evidence = models.ForeignKey(
        StoredFile, verbose_name=_("evidence file"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("entered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("verified by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    verified_at = models.DateTimeField(_("verified on"), null=True, blank=True)
    supersedes = models.ForeignKey(
        "self", verbose_name=_("replaces"), null=True, blank=True, on_delete=models.PROTECT, related_name="successors",
        db_index=False,
    )  # fmt: skip

    class Meta:
        ordering = ["kind__order", "-year", "pk"]
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "year"],
                condition=Q(state="in_force"),
                nulls_distinct=False,
                name="fact_one_in_force",
            ),
            models.CheckConstraint(condition=Exact(_set_values(), 1), name="fact_exactly_one_value"),
            models.CheckConstraint(
                condition=~Q(source="verified") | Q(verified_at__isnull=False), name="fact_verified_says_when"
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("entered_by")), name="fact_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(year__isnull=True) | Q(year__gte=1990, year__lte=2100), name="fact_year_makes_sense"
            ),
        ]
        indexes = [models.Index(fields=["kind", "year", "state"], name="fact_by_kind")]
        triggers = [VALUE_IS_FINAL]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.kind}" + (f" · {self.year}" if self.year else "")

    @property
    def value(self) -> FactScalar:
        """The one typed value."""
        found = next(each for each in (self.number, self.text, self.truth, self.day) if each is not None)
        return found


@pghistory.track()
class FactContest(Record):
    """Someone says that what is known is not right, and may propose another value; another person answers.

    ``fact`` is None where the value comes from another app's records, not from a stored fact.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("the known value stands")
        WITHDRAWN = "withdrawn", _("taken back")

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="fact_contests"
    )
    kind = models.ForeignKey(FactKind, verbose_name=_("kind of fact"), on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    fact = models.ForeignKey(
        Fact, verbose_name=_("fact"), null=True, blank=True, on_delete=models.PROTECT, related_name="contests"
    )
    known = models.CharField(_("value known"), max_length=300, blank=True)
    number = models.DecimalField(_("numeric value"), max_digits=24, decimal_places=6, null=True, blank=True)
    text = models.CharField(_("text value"), max_length=300, null=True, blank=True)
    truth = models.BooleanField(_("yes or no"), null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    evidence = models.ForeignKey(
        StoredFile, verbose_name=_("evidence file"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("raised by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        verbose_name = _("contested fact")
        verbose_name_plural = _("contested facts")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "year"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="fact_contest_one_open",
            ),
            models.CheckConstraint(condition=LessThanOrEqual(_set_values(), 1), name="fact_contest_one_value"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("raised_by")), name="fact_contest_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"]) | Q(answered_at__isnull=False),
                name="fact_contest_answer_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="fact_contest_queue")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.kind}" + (f" · {self.year}" if self.year else "")

    @property
    def value(self) -> FactScalar | None:
        """The value proposed, None where none is."""
        return next((each for each in (self.number, self.text, self.truth, self.day) if each is not None), None)

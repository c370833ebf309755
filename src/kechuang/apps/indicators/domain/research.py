"""The research account: projects, their monthly expenses, and declaring a year complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.models import RdExpense, RdProject, RdYear
from kechuang.apps.indicators.permissions import speaks_for
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.facts import facts_changed
from kechuang.kit.permissions import Actor, authorise

BIGGEST = Decimal(10) ** 13
EARLIEST = 2000


@dataclass(frozen=True, slots=True)
class Booking:
    """One expense to be kept: the project by its number, the month's first day, the class, yuan."""

    project: str
    month: date
    category: str
    amount: Decimal
    row: int = 0


class AccountErrors(DomainError):
    """Several rows cannot be taken; ``errors`` says by row why. Nothing was written."""

    def __init__(self, errors: dict[int, str]) -> None:
        self.errors = errors
        message = ngettext("%(n)s row needs another look.", "%(n)s rows need another look.", len(errors))
        super().__init__(message % {"n": len(errors)})


@transaction.atomic
def add_project(
    actor: Actor,
    *,
    organisation: Organisation,
    code: str,
    name: str,
    started_on: date | None = None,
    ended_on: date | None = None,
    synthetic: bool = False,
) -> RdProject:
    """One project more in the account. Raises DomainError at its field, also where the number is taken."""
    _require_own(actor, organisation)
    _lock(organisation)
    return _kept(RdProject(organisation=organisation, synthetic=synthetic), code, name, started_on, ended_on)


@transaction.atomic
def change_project(
    actor: Actor,
    *,
    project: RdProject,
    code: str,
    name: str,
    started_on: date | None = None,
    ended_on: date | None = None,
) -> RdProject:
    """Correct the number, the name or the days of a project; its expenses stay with it."""
    _require_own(actor, project.organisation)
    _lock(project.organisation)
    return _kept(RdProject.objects.get(pk=project.pk), code, name, started_on, ended_on)


@transaction.atomic
def remove_project(actor: Actor, *, project: RdProject) -> None:
    """Take a project without expenses out of the account. Raises DomainError where something is booked on it."""
    _require_own(actor, project.organisation)
    _lock(project.organisation)
    if project.expenses.exists():
        raise DomainError(_("Expenses are booked on this project. Write 0 for each of them first."))
    project.delete()


def _kept(project: RdProject, code: str, name: str, started_on: date | None, ended_on: date | None) -> RdProject:
    project.code, project.name, project.started_on, project.ended_on = code.strip(), name.strip(), started_on, ended_on
    if started_on and ended_on and ended_on < started_on:
        raise DomainError(_("The project ends before it begins."), field="ended_on")
    twins = RdProject.objects.filter(organisation=project.organisation_id, code=project.code)
    if twins.exclude(pk=project.pk).exists():
        raise DomainError(_("Another project has this number."), field="code")
    try:
        project.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field=None if field == "__all__" else field) from None
    project.save()
    return project


@transaction.atomic
def book_expenses(
    actor: Actor, *, organisation: Organisation, bookings: Sequence[Booking], synthetic: bool = False
) -> int:
    """Keep expenses, all or none: one of the same project, month and class is replaced; 0 takes it away.

    The number of rows that changed something. Raises AccountErrors by row, Refused where it is another's account.
    """
    _require_own(actor, organisation)
    _lock(organisation)
    projects = {project.code: project for project in RdProject.objects.filter(organisation=organisation)}
    closed = set(RdYear.objects.filter(organisation=organisation, complete=True).values_list("year", flat=True))
    errors = {}
    for number, booking in enumerate(bookings, start=1):
        if problem := _problem(booking, projects, closed):
            errors[booking.row or number] = problem
    if errors:
        raise AccountErrors(errors)
    known = {
        (row.project_id, row.month, row.category): row
        for row in RdExpense.objects.filter(project__organisation=organisation).select_for_update(of=("self",))
    }
    wanted = {(projects[b.project].pk, b.month, str(b.category)): b.amount for b in bookings}
    return _apply(known, wanted, synthetic)


def _apply(known: dict[Any, RdExpense], wanted: dict[Any, Decimal], synthetic: bool) -> int:
    fresh, changed, gone = [], [], []
    for key, amount in wanted.items():
        row = known.get(key)
        if row is None and amount:
            project, month, category = key
            expense = RdExpense(project_id=project, month=month, category=category, amount=amount, synthetic=synthetic)
            fresh.append(expense)
        elif row is not None and not amount:
            gone.append(row.pk)
        elif row is not None and row.amount != amount:
            row.amount = amount
            changed.append(row)
    RdExpense.objects.bulk_create(fresh)
    RdExpense.objects.bulk_update(changed, ["amount"])
    RdExpense.objects.filter(pk__in=gone).delete()
    return len(fresh) + len(changed) + len(gone)


@transaction.atomic
def declare_year(
    actor: Actor, *, organisation: Organisation, year: int, complete: bool, synthetic: bool = False
) -> RdYear:
    """Say that the account of a year is complete (its totals count as facts from now on), or open it again."""
    _require_own(actor, organisation)
    _lock(organisation)
    if complete and year > return_year():
        raise DomainError(_("%(year)s is not over yet.") % {"year": year})
    booked = RdExpense.objects.filter(project__organisation=organisation, month__year=year)
    if complete and not booked.exists():
        raise DomainError(_("No expense of %(year)s is booked yet.") % {"year": year})
    row = RdYear.objects.filter(organisation=organisation, year=year).first()
    row = row or RdYear(organisation=organisation, year=year, synthetic=synthetic)
    row.complete, row.declared_by_id = complete, actor.user_id
    row.save()
    facts_changed.send(RdYear, organisations=[organisation.pk])
    return row


def _problem(booking: Booking, projects: dict[str, RdProject], closed: set[int]) -> str:
    if booking.project not in projects:
        return _("There is no project “%(code)s”. Add it first.") % {"code": booking.project}
    if booking.category not in RdExpense.Category.values:
        return _("“%(category)s” is no class of expense.") % {"category": booking.category}
    if booking.amount < 0 or booking.amount >= BIGGEST:
        return _("An amount lies between 0 and 10 trillion yuan.")
    if booking.month > timezone.localdate():
        return _("%(month)s is still to come.") % {"month": f"{booking.month:%Y-%m}"}
    if booking.month.year < EARLIEST:
        return _("%(month)s is too long ago.") % {"month": f"{booking.month:%Y-%m}"}
    if booking.month.year in closed:
        return _("The account of %(year)s is complete. Open it again to change it.") % {"year": booking.month.year}
    return ""


def _lock(organisation: Organisation) -> None:
    """One writer at a time for each account: a year that is being closed gets no further expense."""
    Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=organisation.pk)


def _require_own(actor: Actor, organisation: Organisation) -> None:
    if actor.is_system:
        return
    authorise(actor, "change", RdProject)
    if not speaks_for(actor, organisation):
        raise Refused(_("Only the enterprise itself keeps its research account."))

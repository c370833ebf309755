"""The research account (研发专账): its year, its projects, their months, and tables in and out."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.facts import active_kinds, facts_of, return_year, values_of
from kechuang.apps.indicators.domain.queries.research import (
    Category,
    Deduction,
    Totals,
    deduction_of,
    expenses_of,
    is_closed,
    projects_of,
    totals_of,
    years_of,
)
from kechuang.apps.indicators.domain.research import (
    EARLIEST,
    AccountErrors,
    Booking,
    add_project,
    book_expenses,
    change_project,
    declare_year,
    remove_project,
)
from kechuang.apps.indicators.interfaces import deduction as steps
from kechuang.apps.indicators.interfaces.research import Taken, as_text, read_table, table_rows, take_table
from kechuang.apps.indicators.interfaces.research_forms import MonthForm, ProjectForm, TableForm
from kechuang.apps.indicators.models import RdProject
from kechuang.apps.indicators.permissions import OWNERS, speaks_for
from kechuang.apps.indicators.views.facts import YEARS_BACK, own_organisations
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.exporting import export_response
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.importing import Sheet, read_sheet
from kechuang.kit.permissions import actor_of, authorise, policy_for, visible

PER_PAGE = 50
FILE_LIMIT = 20 * 1024 * 1024
ASKED = {"hnte_valid", "on_ic_machine_tool_list", "industry"}
"""What the estimate of the tax needs to know."""


@login_required
@require_safe
@handles_domain_errors
def my_account(request: HttpRequest) -> HttpResponse:
    """To the account of the organisation that the person speaks for."""
    actor = actor_of(request)
    if not actor.has(OWNERS):
        raise Refused(policy_for(RdProject).refusal("add"))
    own = own_organisations(actor)
    if not own:
        raise Http404
    return HttpResponseRedirect(reverse("indicators:rd_account", args=[own[0].pk]))


@login_required
@require_safe
@handles_domain_errors
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """A year of the account: projects, classes, and step by step what counts and what it is worth."""
    organisation = _organisation(request, pk)
    booked = years_of(organisation)
    year = _year(request, booked[0] if booked else _this_year())
    totals, deduction = _figures(organisation, year)
    page = Paginator(projects_of(organisation, year), PER_PAGE).get_page(request.GET.get("page"))
    context = _context(request, organisation, year) | {
        "years": sorted({*_years(), *booked}, reverse=True),
        "page": page,
        "totals": totals,
        "deduction": deduction,
        "classes": steps.class_rows(totals),
        "base_steps": steps.base_steps(totals),
        "tax_steps": steps.tax_steps(deduction),
        "expense_steps": steps.expense_steps(totals),
        "over": year <= return_year(),
    }
    return render(request, "indicators/rd_account.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def new_project(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a project."""
    organisation = _own(request, pk)
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            project = add_project(actor_of(request), organisation=organisation, **form.cleaned_data)
        if form.is_valid():
            messages.success(request, _("Project %(code)s is added.") % {"code": project.code})
            return HttpResponseRedirect(reverse("indicators:rd_project", args=[pk, project.pk]))
    context = {"organisation": organisation, "form": form}
    return render(request, "indicators/rd_project_form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
@handles_domain_errors
def project(request: HttpRequest, pk: int, project_pk: int) -> HttpResponse:
    """A project's expenses of a year, month by month."""
    organisation = _organisation(request, pk)
    row = _project(request, organisation, project_pk)
    year = _year(request, _this_year())
    booked = expenses_of([row], year)
    months = [_Month(date(year, month, 1), booked.get((row.pk, month), {})) for month in range(1, 13)]
    context = _context(request, organisation, year) | {
        "project": row,
        "years": _years(),
        "months": months,
        "sums": [sum(m.amounts.get(kind, 0) for m in months) for kind in Category],
        "total": sum(m.total for m in months),
        "kinds": list(Category),
    }
    return render(request, "indicators/rd_project.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def edit_project(request: HttpRequest, pk: int, project_pk: int) -> HttpResponse:
    """Correct a project, or take one without expenses away."""
    organisation = _own(request, pk)
    row = _project(request, organisation, project_pk)
    if request.method == "POST" and "remove" in request.POST:
        remove_project(actor_of(request), project=row)
        messages.success(request, _("Project %(code)s is taken out of the account.") % {"code": row.code})
        return HttpResponseRedirect(reverse("indicators:rd_account", args=[pk]))
    form = ProjectForm(request.POST or None, instance=RdProject.objects.get(pk=row.pk))
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            change_project(actor_of(request), project=row, **form.cleaned_data)
        if form.is_valid():
            return HttpResponseRedirect(reverse("indicators:rd_project", args=[pk, project_pk]))
    context = {
        "organisation": organisation,
        "form": form,
        "project": row,
        "removable": not row.expenses.exists(),
    }
    return render(request, "indicators/rd_project_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def month(request: HttpRequest, pk: int, project_pk: int, year: int, month: int) -> HttpResponse:
    """What a project cost in a month, class by class."""
    organisation = _own(request, pk)
    row = _project(request, organisation, project_pk)
    if not (1 <= month <= 12 and EARLIEST <= year <= _this_year()):
        raise Http404
    first = date(year, month, 1)
    known = expenses_of([row], year).get((row.pk, month), {})
    form = MonthForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        bookings = [
            Booking(row.code, first, name, amount, at) for at, (name, amount) in enumerate(form.changed.items(), 1)
        ]
        try:
            book_expenses(actor_of(request), organisation=organisation, bookings=bookings)
        except AccountErrors as error:
            for at, message in error.errors.items():
                form.add_error(bookings[at - 1].category, message)
        else:
            words = {"month": f"{first:%Y-%m}", "project": row}
            messages.success(request, _("%(month)s of %(project)s is kept.") % words)
            return HttpResponseRedirect(_after_month(request, pk, row, first))
    context = {"organisation": organisation, "project": row, "form": form, "first": first, "year": year}
    context["closed"] = is_closed(organisation, year)
    return render(request, "indicators/rd_month.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@handles_domain_errors
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Expenses from a table: pasted, or a workbook. Mistakes by row; the table stays on the page to be corrected."""
    organisation = _own(request, pk)
    year = _year(request, _this_year())
    form = TableForm(request.POST or None, request.FILES or None)
    taken: Taken | None = None
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            sheet = _sheet(form)
            if form.cleaned_data["file"]:  # a file cannot be shown again, what stood in it can
                typed = request.POST.copy()
                typed["table"] = as_text(sheet)
                form.data = typed
            taken = take_table(actor_of(request), sheet, organisation=organisation, year=year)
        if taken is not None and not taken.mistakes:
            _tell(request, taken)
            return HttpResponseRedirect(f"{reverse('indicators:rd_account', args=[pk])}?year={year}")
    wrong = bool(form.errors or (taken and taken.mistakes))
    context = {"organisation": organisation, "form": form, "taken": taken, "year": year, "years": _years()}
    context["kinds"] = list(Category)
    return render(request, "indicators/rd_table.html", context, status=422 if wrong else 200)


@login_required
@require_POST
@handles_domain_errors
def close_year(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a year complete, or open it again."""
    organisation = _own(request, pk)
    year, complete = _year(request, _this_year()), request.POST.get("complete") == "1"
    declare_year(actor_of(request), organisation=organisation, year=year, complete=complete)
    text = (
        _("The account of %(year)s is complete. From now on its totals answer for you wherever they are asked for.")
        if complete
        else _("The account of %(year)s is open again. Its totals answer for nothing until it is complete.")
    )
    messages.success(request, text % {"year": year})
    return HttpResponseRedirect(f"{reverse('indicators:rd_account', args=[pk])}?year={year}")


@login_required
@require_safe
@handles_domain_errors
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """The account of a year as a workbook; it is also the template to fill in."""
    organisation = _organisation(request, pk)
    year = _year(request, _this_year())
    heads, rows = table_rows(organisation, year)
    return export_response(_("R&D account %(year)s") % {"year": year}, heads, rows)


@login_required
@require_safe
@handles_domain_errors
def calculation(request: HttpRequest, pk: int) -> HttpResponse:
    """The calculation of a year as a workbook, step by step."""
    organisation = _organisation(request, pk)
    year = _year(request, _this_year())
    heads, rows = steps.sheet_rows(*_figures(organisation, year))
    return export_response(_("R&D super deduction %(year)s") % {"year": year}, heads, rows)


class _Month:
    """A line of a project's year."""

    def __init__(self, first: date, amounts: dict[str, Any]) -> None:
        self.first = first
        self.amounts = amounts
        self.cells = [(kind.label, amounts.get(kind)) for kind in Category]
        self.total = sum(amounts.values())
        self.is_over = first <= timezone.localdate()


def _organisation(request: HttpRequest, pk: int) -> Organisation:
    """The organisation, where the actor may read its account."""
    actor = actor_of(request)
    authorise(actor, "view", RdProject)
    return get_object_or_404(visible(actor, Organisation).select_related("region"), pk=pk)


def _own(request: HttpRequest, pk: int) -> Organisation:
    """The organisation, where the actor keeps its account."""
    organisation = _organisation(request, pk)
    if not speaks_for(actor_of(request), organisation):
        raise Refused(_("Only the enterprise itself keeps its research account."))
    return organisation


def _project(request: HttpRequest, organisation: Organisation, pk: int) -> RdProject:
    rows = visible(actor_of(request), RdProject).filter(organisation=organisation).select_related("organisation")
    return get_object_or_404(rows, pk=pk)


def _this_year() -> int:
    return timezone.localdate().year


def _years() -> list[int]:
    """The years that can be chosen, latest first: an account is kept while the year runs."""
    return list(range(_this_year(), _this_year() - YEARS_BACK - 1, -1))


def _year(request: HttpRequest, default: int) -> int:
    text = request.POST.get("year") or request.GET.get("year") or ""
    return int(text) if text.isdecimal() and EARLIEST <= int(text) <= _this_year() else default


def _context(request: HttpRequest, organisation: Organisation, year: int) -> dict[str, Any]:
    own = speaks_for(actor_of(request), organisation)
    return {
        "frame": "kit/base_portal.html" if own else "kit/base_workbench.html",
        "organisation": organisation,
        "year": year,
        "closed": is_closed(organisation, year),
        "may_keep": own,
    }


def _figures(organisation: Organisation, year: int) -> tuple[Totals, Deduction]:
    totals = totals_of(organisation, year)
    kinds = [kind for kind in active_kinds() if kind.code in ASKED]
    return totals, deduction_of(totals, year, values_of(facts_of(organisation, year, kinds=kinds)))


def _sheet(form: TableForm) -> Sheet:
    upload = form.cleaned_data["file"]
    if upload is None:
        return read_table(form.cleaned_data["table"])
    if upload.size > FILE_LIMIT:
        raise DomainError(_("The file is too large. Split it."), field="file")
    return read_sheet(upload.read(), upload.name or "")


def _tell(request: HttpRequest, taken: Taken) -> None:
    text = ngettext("%(n)s row read.", "%(n)s rows read.", taken.rows) % {"n": taken.rows}
    text += " " + ngettext("%(n)s amount changed.", "%(n)s amounts changed.", taken.changed) % {"n": taken.changed}
    if taken.projects:
        text += " " + ngettext("%(n)s project added.", "%(n)s projects added.", taken.projects) % {"n": taken.projects}
    messages.success(request, text)
    if taken.ignored:
        words = "、".join(taken.ignored)
        messages.info(request, _("Columns without meaning here: %(names)s") % {"names": words})


def _after_month(request: HttpRequest, pk: int, row: RdProject, first: date) -> str:
    """To the next month where the person asked for it and it has begun, else to the project."""
    if "next" in request.POST and first.month < 12 and first.replace(month=first.month + 1) <= timezone.localdate():
        return reverse("indicators:rd_month", args=[pk, row.pk, first.year, first.month + 1])
    return f"{reverse('indicators:rd_project', args=[pk, row.pk])}?year={first.year}"

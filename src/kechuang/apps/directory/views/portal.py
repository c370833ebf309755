"""For the people of an organisation: register it, see where it stands, keep its record and its people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kechuang.apps.directory.domain import memberships as membership_verbs
from kechuang.apps.directory.domain import organisations as verbs
from kechuang.apps.directory.interfaces.forms import MemberForm, OwnOrganisationForm, RegistrationForm
from kechuang.apps.directory.models import Membership, Organisation, User
from kechuang.apps.directory.roles import Role
from kechuang.apps.directory.uscc import clean_uscc
from kechuang.kit.errors import Refused
from kechuang.kit.http import form_errors, handles_domain_errors
from kechuang.kit.permissions import actor_of, authorise, can, visible


@login_required
@handles_domain_errors
def register(request: HttpRequest) -> HttpResponse:
    """Ask for the organisation's code and the least its county needs; a known code leads to joining instead."""
    form = RegistrationForm(request.POST or None, request.FILES or None)
    taken: Organisation | None = None
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            try:
                organisation = verbs.register_organisation(actor_of(request), user=_user(request), **form.cleaned_data)
                return redirect("directory:registered", pk=organisation.pk)
            except verbs.AlreadyRegistered as error:
                taken = error.organisation
                raise
    elif request.method == "POST":
        taken = Organisation.objects.filter(uscc=clean_uscc(form.data.get("uscc", ""))).first()
    return render(
        request, "directory/register.html", {"form": form, "taken": taken}, status=422 if form.errors else 200
    )


@login_required
@handles_domain_errors
def registered(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt: the reference number, who has it now and what happens next."""
    return render(request, "directory/registered.html", {"organisation": _own(request, pk)})


@login_required
@handles_domain_errors
def mine(request: HttpRequest) -> HttpResponse:
    """The organisations of the person who is signed in."""
    held = (
        Membership.objects.filter(user=_user(request), organisation__isnull=False)
        .select_related("organisation__region")
        .order_by("organisation__name", "pk")
    )
    return render(request, "directory/mine.html", {"memberships": held})


@login_required
@handles_domain_errors
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own organisation: where it stands, its record, its people."""
    own = _own(request, pk)
    actor = actor_of(request)
    context = {
        "organisation": own,
        "members": own.memberships.select_related("user").order_by("state", "role", "pk"),
        "may_change": can(actor, "change", own),
        "may_manage": _administers(request, own),
    }
    return render(request, "directory/organisation.html", context)


@login_required
@handles_domain_errors
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct one's own organisation's record; a returned registration is submitted again from here."""
    own = _own(request, pk)
    authorise(actor_of(request), "change", own)
    form = OwnOrganisationForm(request.POST or None, request.FILES or None, instance=own)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            actor = actor_of(request)
            changed = verbs.change_organisation(actor, organisation=own, **form.cleaned_data)
            if changed.state == Organisation.State.RETURNED and "resubmit" in request.POST:
                verbs.decide_organisation(actor, organisation=changed, step="resubmit")
                messages.success(request, _("Submitted again. The county's workstation has been told."))
            else:
                messages.success(request, _("The record of %(name)s is saved.") % {"name": changed.name})
            return redirect("directory:my_organisation", pk=own.pk)
    context = {"form": form, "organisation": own}
    return render(request, "directory/organisation_edit.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@handles_domain_errors
def join(request: HttpRequest) -> HttpResponse:
    """Ask the administrator of a registered organisation to be added."""
    wanted = get_object_or_404(Organisation, uscc=request.POST.get("uscc", ""))
    membership_verbs.request_membership(actor_of(request), user=_user(request), organisation=wanted)
    messages.success(request, _("Your request is with the organisation's administrator."))
    return redirect("directory:mine")


@login_required
@handles_domain_errors
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a person with an account into one's organisation."""
    own = _own(request, pk)
    if not _administers(request, own):
        raise Refused(_("Only the organisation's administrator can add people."))
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with form_errors(form):
            membership = membership_verbs.grant(
                actor_of(request), user=form.cleaned_data["account"], role=form.cleaned_data["role"], organisation=own
            )
            messages.success(request, _("%(person)s belongs to the organisation now.") % {"person": membership.user})
            return redirect("directory:my_organisation", pk=own.pk)
    context = {"form": form, "organisation": own}
    return render(request, "directory/member_add.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@handles_domain_errors
def decide_member(request: HttpRequest, pk: int, membership: int, step: str) -> HttpResponse:
    """Approve a request to belong (``approve``), or end a membership (``end``)."""
    own = _own(request, pk)
    found = get_object_or_404(visible(actor_of(request), Membership), pk=membership, organisation=own)
    if step == "approve":
        membership_verbs.approve_membership(actor_of(request), membership=found)
        messages.success(request, _("%(person)s belongs to the organisation now.") % {"person": found.user})
    else:
        membership_verbs.end_membership(actor_of(request), membership=found)
        messages.success(request, _("The membership of %(person)s has ended.") % {"person": found.user})
    return redirect("directory:my_organisation", pk=own.pk)


def _user(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _own(request: HttpRequest, pk: int) -> Organisation:
    actor = actor_of(request)
    own: Any = actor.organisations(Role.ORGANISATION_ADMIN, Role.ORGANISATION_MEMBER)
    return get_object_or_404(visible(actor, Organisation).select_related("region"), pk=pk, pk__in=own)


def _administers(request: HttpRequest, own: Organisation) -> bool:
    return own.pk in actor_of(request).organisations(Role.ORGANISATION_ADMIN)

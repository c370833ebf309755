"""The bell and the messages behind it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kechuang.kit import notifications
from kechuang.kit.http import handles_domain_errors, safe_url
from kechuang.kit.jobs import running
from kechuang.kit.permissions import actor_of

PAGE = 30
IN_BELL = 6


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """All messages, newest first, and how to be told by e-mail."""
    actor = actor_of(request)
    only_unread = request.GET.get("unread") == "1"
    rows = notifications.inbox(actor)
    page = Paginator(rows.filter(read_at=None) if only_unread else rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "only_unread": only_unread,
        "jobs": running(actor),
        "email": notifications.preference_of(actor.user_id or 0),
        "choices": notifications.Email.choices,
    }
    return render(request, "kit/notification/list.html", context)


@require_safe
@login_required
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go where it leads; e-mails lead here too."""
    actor = actor_of(request)
    notification = get_object_or_404(notifications.inbox(actor), pk=pk)
    notifications.mark_read(actor, notification)
    return HttpResponseRedirect(safe_url(request, notification.url, reverse("kit:notifications")))


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = notifications.mark_all_read(actor_of(request))
    done = ngettext("%(count)d message is marked as read.", "%(count)d messages are marked as read.", count)
    messages.success(request, done % {"count": count})
    return redirect("kit:notifications")


@require_POST
@login_required
@handles_domain_errors
def preference(request: HttpRequest) -> HttpResponse:
    """Choose how to be told by e-mail."""
    chosen = notifications.set_preference(actor_of(request), email=request.POST.get("email", ""))
    messages.success(request, _("From now on: %(choice)s.") % {"choice": chosen.get_email_display()})
    return redirect("kit:notifications")


@require_safe
@login_required
def bell(request: HttpRequest) -> HttpResponse:
    """What drops down from the bell: running jobs and the newest messages."""
    actor = actor_of(request)
    context = {"jobs": running(actor), "notifications": notifications.inbox(actor)[:IN_BELL]}
    return render(request, "kit/notification/menu.html", context)


@require_safe
@login_required
def bell_count(request: HttpRequest) -> HttpResponse:
    """The figure on the bell."""
    return render(request, "kit/notification/count.html")

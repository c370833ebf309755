"""What waits for the person who signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kechuang.kit.navigation import cards
from kechuang.kit.permissions import actor_of


@login_required
def workbench(request: HttpRequest) -> HttpResponse:
    return render(request, "site/workbench.html", {"cards": cards(actor_of(request))})

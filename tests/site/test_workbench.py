"""The first page after signing in, and the header above the pages of an organisation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from kechuang.kit.navigation import PORTAL_SHOWN, portal_links
from kechuang.kit.permissions import PUBLIC, Actor, Grant

pytestmark = pytest.mark.django_db


def test_where_nothing_waits_there_is_something_to_do(client_as: Callable[[str], Client]) -> None:
    page = client_as("expert").get(reverse("workbench")).content.decode()
    for name in ("policy:library", "policy:calculator"):
        assert f'class="card" href="{reverse(name)}"' in page
    assert reverse("policy:mine") not in page, "an expert speaks for no organisation"


def test_what_is_the_persons_own_comes_first_and_the_rest_folds_away() -> None:
    clerk = Actor(user_id=1, grants=(Grant("organisation_admin", organisation=1),))
    links = portal_links(clerk, reverse("policy:calculator"))
    assert next(link.url for link in links) == reverse("policy:mine")
    assert len(links.shown) == PORTAL_SHOWN
    assert reverse("policy:calculator") in [link.url for link in links.more]
    assert [link.url for link in links if link.current] == [reverse("policy:calculator")]


def test_a_visitor_sees_every_entry() -> None:
    links = portal_links(PUBLIC, "/")
    assert not links.more
    assert reverse("policy:library") in [link.url for link in links.shown]

"""Every address × every role: who gets an answer stands in ``permission_matrix.yaml``; an address not in it fails.

The city is the demonstration, loaded as a trial loads it. For each role the address is asked with a record that the
role can see where there is one, so that an allowed role is not refused for its scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from kechuang.apps.directory.domain.actors import actor_for
from kechuang.apps.directory.models import User
from kechuang.kit.permissions import PUBLIC, Actor, visible
from kechuang.kit.resources import registered
from tests.site.city import ACCOUNTS

pytestmark = pytest.mark.django_db

MATRIX: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("permission_matrix.yaml").read_text("utf-8"))
ROLES = ("public", *ACCOUNTS)
LOGIN = "/accounts/login/"


def addresses(
    patterns: list[Any] | None = None, namespace: str = "", given: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """(name, arguments) of every address; one without a name goes by its pattern."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        arguments = given | frozenset(entry.pattern.converters)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry.url_patterns, inner, arguments)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", arguments


ARGUMENTS = dict(addresses())


def allowed(entry: Any) -> frozenset[str]:
    """The roles of an entry: names of roles and of the groups that the matrix declares."""
    named = entry["allow"] if isinstance(entry, dict) else entry
    found: set[str] = set()
    for name in [named] if isinstance(named, str) else named:
        found |= set(allowed(MATRIX["groups"][name])) if name in MATRIX["groups"] else {name}
    unknown = found - set(ROLES)
    assert not unknown, f"the matrix names roles that do not exist: {unknown}"
    return frozenset(found)


def test_every_address_is_in_the_matrix() -> None:
    listed = MATRIX["addresses"].keys()
    assert not (missing := sorted(ARGUMENTS.keys() - listed)), f"not in permission_matrix.yaml: {missing}"
    assert not (gone := sorted(listed - ARGUMENTS.keys())), f"no such address any more: {gone}"


@cache
def models_of_resources() -> dict[str, type[models.Model]]:
    return {f"{resource.namespace}:{resource.slug}": resource.model for resource in registered()}


def model_of(name: str, entry: Any) -> type[models.Model] | None:
    if isinstance(entry, dict) and "model" in entry:
        return apps.get_model(entry["model"])
    return models_of_resources().get(name.rpartition("-")[0])


def arguments_for(name: str, entry: Any, actor: Actor) -> dict[str, Any] | None:
    """Arguments of the address: a record that the actor sees, else any; None where the city has no such record."""
    wanted = ARGUMENTS[name]
    fixed = dict(entry.get("arguments", {})) if isinstance(entry, dict) else {}
    if not wanted - fixed.keys():
        return fixed
    model = model_of(name, entry)
    assert model is not None, f"{name}: the matrix must name the model of {sorted(wanted - fixed.keys())}"
    where = entry.get("where", {}) if isinstance(entry, dict) else {}
    row = visible(actor, model).filter(**where).order_by("pk").first()
    row = row or model._default_manager.filter(**where).order_by("pk").first()
    if row is None:
        return None
    filled = dict.fromkeys(wanted - fixed.keys(), row.pk)
    for argument, path in (entry.get("from", {}) if isinstance(entry, dict) else {}).items():
        value: Any = row
        for part in path.split("."):
            value = getattr(value, part)
        filled[argument] = value
    return fixed | filled


def as_written(entry: Any, response: HttpResponse, may: bool) -> bool:
    if isinstance(entry, dict) and entry.get("missing"):
        return response.status_code == 404 if may else refused(response)
    return response.status_code < 500 and may != refused(response)


def refused(response: HttpResponse) -> bool:
    sent_to_login = response.status_code == 302 and LOGIN in response.headers["Location"]
    return sent_to_login or response.status_code in (401, 403, 404)


@pytest.mark.parametrize("role", ROLES)
def test_matrix(city: dict[str, User], role: str) -> None:
    """One session of the role asks every address; all faults are listed at once."""
    actor = actor_for(city[role]) if role in city else PUBLIC
    faults = []
    asked = 0
    for name, entry in MATRIX["addresses"].items():
        arguments = arguments_for(name, entry, actor)
        if arguments is None:
            faults.append(f"{name}: the city has no record to ask with")
            continue
        asked += 1
        response = ask(city.get(role), name, entry, arguments)
        may = role in allowed(entry)
        if not as_written(entry, response, may):
            expected = "an answer" if may else "a refusal"
            faults.append(f"{name} {arguments}: {response.status_code} instead of {expected}")
    assert not faults, f"{len(faults)} of {asked} for {role}:\n" + "\n".join(faults)


def ask(user: User | None, name: str, entry: Any, arguments: dict[str, Any]) -> HttpResponse:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    settings = entry if isinstance(entry, dict) else {}
    # Addresses without a name are allauth's old ones, which lead to its new ones.
    url = f"/accounts/{name}" if "/" in name else reverse(name, kwargs=arguments)
    mark = transaction.savepoint()
    try:
        return client.post(url, settings.get("data", {})) if settings.get("method") == "post" else client.get(url)
    finally:
        transaction.savepoint_rollback(mark)

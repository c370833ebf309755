"""Facts that apps know of organisations from their own records, so that nobody is asked for them.

An app that can tell a fact registers a provider; whoever needs facts asks them all at once::

    @fact_provider(codes=("region", "industry"), label=_("the directory"), correct="directory:my_organisation")
    def directory_facts(organisations: Sequence[int], year: int) -> ProvidedFacts:
        return {"region": {17: "411302", …}, "industry": {17: "C38", …}}

An organisation that is absent from the answer is unknown: a provider never guesses. ``year`` is the fiscal year asked
for; a provider of what holds at the moment ignores it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.dispatch import Signal

FactScalar = bool | int | float | Decimal | str | date
ProvidedFacts = Mapping[str, Mapping[int, FactScalar]]
"""code → organisation → value: money in yuan, shares as 0..1."""
Provide = Callable[[Sequence[int], int], ProvidedFacts]
Function = TypeVar("Function", bound=Provide)


@dataclass(frozen=True, slots=True)
class FactProvider:
    """One registered function. ``label`` names its records to people, ``correct`` the address where they are mended
    (a URL name that takes the organisation's key; empty where there is none). ``yearly``: the answer depends on the
    year, so that it is asked for the years before, too."""

    name: str
    codes: tuple[str, ...]
    function: Provide
    label: Any = ""
    correct: str = ""
    yearly: bool = False


facts_changed = Signal()
"""Sent with ``organisations`` (their keys) where facts of them came, changed or went; whoever keeps something reckoned
from facts looks again after the transaction."""

_providers: dict[str, FactProvider] = {}


def fact_provider(
    *, codes: Iterable[str], label: Any = "", correct: str = "", yearly: bool = False
) -> Callable[[Function], Function]:
    """Register the decorated function for these codes. A code has one provider: ValueError where another has it."""

    def decorate(function: Function) -> Function:
        name = f"{function.__module__}.{getattr(function, '__qualname__', '')}"
        given = tuple(codes)
        for code in given:
            other = provider_of(code)
            if other is not None and other.name != name:
                raise ValueError(f"the fact {code} is provided by {other.name} already")
        _providers[name] = FactProvider(name, given, function, label, correct, yearly)
        return function

    return decorate


def fact_providers() -> tuple[FactProvider, ...]:
    return tuple(_providers.values())


def provider_of(code: str) -> FactProvider | None:
    """Who tells this fact, or None: then organisations are asked."""
    return next((provider for provider in _providers.values() if code in provider.codes), None)


def provided_codes() -> frozenset[str]:
    return frozenset(code for provider in _providers.values() for code in provider.codes)


def provided_facts(organisations: Sequence[int], year: int, *, yearly_only: bool = False) -> dict[str, dict[int, Any]]:
    """What all providers tell of these organisations: one call of each, however many organisations there are."""
    found: dict[str, dict[int, Any]] = {}
    for provider in _providers.values():
        if yearly_only and not provider.yearly:
            continue
        for code, values in provider.function(organisations, year).items():
            if code in provider.codes:
                found[code] = {key: value for key, value in values.items() if value is not None and value != ""}
    return found

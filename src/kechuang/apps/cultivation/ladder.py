"""The rungs of the installed pack's ladder, and which records stand for which facts. Data of the pack, no database."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.translation import get_language

from kechuang.kit.packs import Tier
from kechuang.kit.packs.installed import installed_pack

TECH_SME, HNTE = "tech_sme", "hnte"
"""The two rungs whose facts the national catalogue names by code."""
LADDER = "enterprise"


@cache
def tiers() -> Mapping[str, Tier]:
    """The rungs of the enterprises' ladder by code, lowest first."""
    rungs = next((ladder.tiers for ladder in installed_pack().ladders if ladder.code == LADDER), ())
    return {tier.code: tier for tier in sorted(rungs, key=lambda tier: tier.step)}


def tier_name(code: str) -> str:
    """The rung in the reader's language; the code itself where the pack no longer has it."""
    tier = tiers().get(code)
    if tier is None:
        return code
    return tier.name_en if (get_language() or "").startswith("en") else tier.name


def tier_choices() -> list[tuple[str, str]]:
    """Code and name of every rung, for forms and filters."""
    return [(code, tier_name(code)) for code in tiers()]


def step_of(code: str) -> int:
    """How high the rung is; 0 for none of the ladder."""
    tier = tiers().get(code)
    return tier.step if tier else 0

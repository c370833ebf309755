"""Packs: a city's particulars as data.

A pack is a directory with a ``pack.yaml`` that names its files. It may extend other packs; an entry of its own with the
code of an extended entry replaces that entry whole. ``load_pack`` gives the merged whole, ``check_pack`` says in plain
words what is wrong with a pack and where. The format is published in ``packs/schema/pack.schema.json``.
"""

from kechuang.kit.packs.checking import check_pack
from kechuang.kit.packs.model import (
    Document,
    Indicator,
    Industry,
    Ladder,
    Members,
    Note,
    Pack,
    Region,
    Supervision,
    Term,
    Tier,
    Unit,
    fold,
)
from kechuang.kit.packs.problems import PackError, Problem
from kechuang.kit.packs.reading import available_packs, load_pack
from kechuang.kit.packs.rights import Choice, Derived, Fact, Fund, PackRule, RuleSource

__all__ = [
    "Choice",
    "Derived",
    "Document",
    "Fact",
    "Fund",
    "Indicator",
    "Industry",
    "Ladder",
    "Members",
    "Note",
    "Pack",
    "PackError",
    "PackRule",
    "Problem",
    "Region",
    "RuleSource",
    "Supervision",
    "Term",
    "Tier",
    "Unit",
    "available_packs",
    "check_pack",
    "fold",
    "load_pack",
]

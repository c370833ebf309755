"""What a loaded pack consists of. Codes refer to entries of the same merged pack."""

from __future__ import annotations

import datetime
import unicodedata
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.ruleset import RuleSet
from kechuang.kit.packs.rights import Derived, Fact, Fund, PackRule


def fold(name: str) -> str:
    """A name as it is compared: compatibility forms, kinds of brackets and blanks do not count."""
    return unicodedata.normalize("NFKC", name).translate(_BRACKETS)


_BRACKETS = {ord("〔"): "(", ord("〕"): ")", ord("["): "(", ord("]"): ")", ord(" "): None}


@dataclass(frozen=True, slots=True)
class Region:
    """A division after GB/T 2260, or a functional zone below one."""

    code: str
    name: str
    short_name: str
    name_en: str
    level: str
    kind: str
    parent: str | None
    order: int


@dataclass(frozen=True, slots=True)
class Members:
    """Which units a class stands for: those of these kinds in regions of these levels."""

    region_level: tuple[str, ...]
    kind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that documents make responsible, or (kind ``class``) a whole class of units."""

    code: str
    name: str
    full_name: str
    aliases: tuple[str, ...]
    region: str
    kind: str
    members: Members | None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which a document may speak of the unit."""
        return tuple(dict.fromkeys((self.name, self.full_name, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that targets are set for. Values are kept in ``unit``, money in 元."""

    code: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    unit: str
    display_unit: str
    direction: str
    kind: str
    frequency: str
    definition: str
    responsible: str
    standard: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which a document may speak of the indicator."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))


@dataclass(frozen=True, slots=True)
class Supervision:
    """How tasks are followed up; days before and after a deadline are calendar days."""

    due_soon_days: int
    silent_days: int
    remind_before: tuple[int, ...]
    remind_after: tuple[int, ...]
    report_frequency: str
    working_calendar: str


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document of the pack. Where ``is_restatement``, its file says the same in other words."""

    slug: str
    doc_number: str | None
    title: str
    issuers: tuple[str, ...]
    date: datetime.date | None
    effective_until: datetime.date | None
    region: str
    kind: str
    is_restatement: bool
    industries: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    keywords: tuple[str, ...]
    status: str
    source: Traversable = field(repr=False)

    def read_bytes(self) -> bytes:
        """The file as an upload would bring it."""
        return self.source.read_bytes()

    def read_text(self) -> str:
        """The text of the file."""
        return self.source.read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Industry:
    """A section (parent None) or a division of GB/T 4754-2017."""

    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of a plain vocabulary; ``aliases`` are other words by which documents mean the same."""

    code: str
    name: str
    name_en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """A rung of a ladder; rungs with the same step stand beside each other."""

    code: str
    name: str
    name_en: str
    step: int
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs that an organisation climbs, lowest first."""

    code: str
    name: str
    name_en: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A dated figure with its source; ``check`` says what the city should verify again."""

    code: str
    topic: str
    title: str
    text: str
    source: str
    since: datetime.date | None
    until: datetime.date | None
    check: str | None


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack merged with all that it extends; those of an extended pack come first, regions after their parents."""

    name: str
    title: str
    title_en: str
    version: str
    extends: tuple[str, ...]
    region: str
    regions: tuple[Region, ...]
    units: tuple[Unit, ...]
    indicators: tuple[Indicator, ...]
    supervision: Supervision | None
    documents: tuple[Document, ...]
    industries: tuple[Industry, ...]
    fields: tuple[Term, ...]
    ladders: tuple[Ladder, ...]
    organisation_kinds: tuple[Term, ...]
    beneficiaries: tuple[Term, ...]
    notes: tuple[Note, ...]
    facts: tuple[Fact, ...]
    derived: tuple[Derived, ...]
    rules: tuple[PackRule, ...]
    funds: tuple[Fund, ...]
    ruleset: RuleSet = field(repr=False)
    """The derived figures and the rules as the engine runs them, in the same order."""

    @property
    def fact_kinds(self) -> dict[str, Kind]:
        """How the engine reckons with each fact: what ``prepare`` takes as ``declared``."""
        return {fact.code: fact.engine_kind for fact in self.facts}

    def rule(self, name: str) -> PackRule:
        """The rule of that id. Raises KeyError where there is none."""
        for rule in self.rules:
            if rule.id == name:
                return rule
        raise KeyError(name)

    def members(self, unit: Unit) -> tuple[Unit, ...]:
        """The units that a class stands for, in the order of the pack; none where ``unit`` is no class."""
        if unit.members is None:
            return ()
        level = {region.code: region.level for region in self.regions}
        return tuple(
            each
            for each in self.units
            if each.kind in unit.members.kind and level.get(each.region) in unit.members.region_level
        )

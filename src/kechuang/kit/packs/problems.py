"""What can be wrong with a pack, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MESSAGES: Mapping[str, str] = {
    "pack-missing": "there is no pack {name}. Shipped: {shipped}; or give the path of a directory with a pack.yaml.",
    "file-missing": "the file {name} does not exist. Add it, or take it out of pack.yaml.",
    "not-text": "the file is not UTF-8 text. Save it again as UTF-8.",
    "not-yaml": "this is not valid YAML: {reason}.",
    "schema": "{reason}.",
    "wrong-type": "this should be a {wanted}.",
    "missing": "{value} is missing. Add it.",
    "unexpected": "{value} is not known here. Correct the name or take it out. Known: {known}.",
    "not-one-of": "{value} is not one of: {known}.",
    "wrong-form": "{value} has not the expected form: {form}.",
    "number-as-code": '{value} is read as a number, which loses leading zeros. Write it in quotes: "{value}".',
    "extends-missing": "the extended pack {name} is neither shipped nor beside this one.",
    "extends-broken": "the extended pack {name} has problems of its own. Check it first.",
    "extends-cycle": "the packs extend each other in a circle: {chain}.",
    "duplicate": "{value} is used twice, first at {first}. Give each entry its own code.",
    "unknown-region": "there is no region {value}. Add it to regions.yaml or correct the code.",
    "region-cycle": "following the parents of {value} leads back to it. Correct the parent.",
    "region-prefix": "the code {value} does not begin as its parent {parent} does: {prefix}. Correct one of them.",
    "region-zone": "{value} should have the level zone if and only if its code ends in -Z and a number.",
    "unknown-unit": "there is no unit {value}. Add it to units.yaml or correct the code.",
    "unit-prefix": "the unit {value} should begin with the name of its pack: {prefix}/.",
    "members-without-class": "only a class has members. Take them out, or make its kind class.",
    "class-empty": "no unit belongs to the class {value}. Correct its members.",
    "ambiguous-name": "the name {value} already stands for {other}. Let each name lead to one entry only.",
    "unknown-industry": "there is no industry {value}. Use a section (C) or a division (C38) of GB/T 4754-2017.",
    "unknown-beneficiary": "there is no class of beneficiaries {value}. Known: {known}.",
    "bad-date": "{value} is not a day of the calendar. Write days as 2022-08-26.",
    "dates-reversed": "the last day, {until}, lies before the first, {since}. Correct one of them.",
    "document-missing": "the text {value} does not exist. Add it, or correct the file name.",
    "rule": "{reason}.",
    "quote-missing": "these words do not stand in {document}: {value}. Copy them from its text.",
    "unknown-tier": "there is no tier {value}. Known: {known}.",
    "unknown-fund": "there is no fund {value}. Add it under funds or correct the code.",
    "unknown-rule": "there is no rule or fund {value} whose conflict names {own} in turn. Correct one of them.",
    "rule-scope": "the figure {value} is used as a fact and as a derived figure. Give one of them another code.",
    "amount-meaning": "{value} does not fit the amount: unstated has none, and a range alone begins at amount_from.",
    "tier-kind": "a rule of the kind tier names its tier, and no other kind does.",
    "range-reversed": "the highest value, {high}, lies below the lowest, {low}. Correct one of them.",
    "choices-kind": "choices belong to facts of the kind text only.",
    "case": "{reason}.",
    "restatement-unmarked": "{value} does not say that it is a {mark} of {number}. Say so at its beginning.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a pack: in which file, at which place such as ``units.yaml[12].region``, and what to do.

    File and place are empty where there is no pack at all.
    ``code`` and ``values`` are the same in every language; a translation needs only its own table of messages.
    """

    code: str
    file: str
    place: str
    values: Mapping[str, str]

    @property
    def message(self) -> str:
        """The sentence to show, in English."""
        return MESSAGES[self.code].format_map(self.values)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class PackError(ValueError):
    """The pack cannot be loaded. ``problems`` says why; the text of the error is their list, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Problem, ...]]]:
        """As it goes from one process to another."""
        return type(self), (self.problems,)

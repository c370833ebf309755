"""What a change of a rule would do: base and change side by side over one frame.

Only the rule and the others of its group (its *family*) are evaluated, and only the columns that these need are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from kechuang.engines.rules.evaluate import staged
from kechuang.engines.rules.expression import RuleError, columns, parse
from kechuang.engines.rules.facts import conform
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.parameters import (
    Parameter,
    derived_parameters,
    parameters,
    with_derived_values,
    with_values,
)
from kechuang.engines.rules.plan import Plan, plan
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import Criterion, Rule, RuleSet

DIMENSIONS = ("county", "size", "industry")
SIZES = ("large", "medium", "small", "micro")
MOVES = ("entering", "leaving", "better", "worse")
Row = tuple[str | None, int, int, int, int]


@dataclass(frozen=True)
class Family:
    """A rule (``code``) with the others of its group: what has to be evaluated for a change of it."""

    code: str
    ruleset: RuleSet
    today: date
    declared: Mapping[str, Kind]

    @property
    def own(self) -> Rule:
        return self.ruleset.rule(self.code)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(rule.id for rule in self.ruleset.rules)

    def program(self, ruleset: RuleSet | None = None) -> Program:
        """Ready to run, as it stands or changed. Raises :class:`RuleError`."""
        return prepare(ruleset or self.ruleset, today=self.today, declared=self.declared)


def family_of(ruleset: RuleSet, code: str, *, today: date, declared: Mapping[str, Kind]) -> Family:
    """Raises :class:`RuleError` where there is no rule of that code."""
    group = ruleset.rule(code).group
    rules = tuple(rule for rule in ruleset.rules if rule.id == code or (group and rule.group == group))
    return Family(code, replace(ruleset, rules=rules), today, declared)


@dataclass(frozen=True)
class Changes:
    """``values``: path of a number → the other number; ``criteria``: position of a condition (from 1) → other SQL."""

    values: Mapping[str, Decimal] = field(default_factory=dict)
    criteria: Mapping[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values or self.criteria)

    def plain(self) -> dict[str, Any]:
        """As JSON keeps them."""
        criteria = {str(position): text for position, text in self.criteria.items()}
        return {"values": {path: str(value) for path, value in self.values.items()}, "criteria": criteria}

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Changes:
        """From JSON or a form. Raises :class:`RuleError` at the path of a number that is none."""
        values: dict[str, Decimal] = {}
        for path, text in (content.get("values") or {}).items():
            try:
                values[path] = Decimal(str(text).replace(",", "").replace("，", "").strip())
            except InvalidOperation:
                raise RuleError(f"“{text}” is not a number", place=path, code="number") from None
            if not values[path].is_finite() or abs(values[path]) > Decimal(10) ** 15:
                raise RuleError(f"“{text}” is not a number", place=path, code="number")
        return cls(values, {int(key): str(text) for key, text in (content.get("criteria") or {}).items()})


def numbers_of(family: Family, units: Mapping[str, str | None] | None = None) -> tuple[Parameter, ...]:
    """Every number of the rule and of the derived indicators that it rests on, in the order of reading."""
    used = family.program(replace(family.ruleset, rules=(family.own,))).derived
    beneath = [each for each in derived_parameters(family.ruleset, units) if each.place.partition(".")[2] in used]
    return (*parameters(family.own, units), *beneath)


def changed(family: Family, changes: Changes) -> RuleSet:
    """The family with other numbers or conditions. Raises :class:`RuleError` where they make no rule."""
    derived = {path: value for path, value in changes.values.items() if path.startswith("indicators.")}
    rule = with_changes(family.own, changes)
    rules = tuple(rule if each.id == family.code else each for each in family.ruleset.rules)
    found = replace(family.ruleset, rules=rules)
    return with_derived_values(found, derived) if derived else found


def with_changes(rule: Rule, changes: Changes) -> Rule:
    """The rule itself with other numbers or conditions. Raises :class:`RuleError` where they make no rule."""
    own = {path: value for path, value in changes.values.items() if not path.startswith("indicators.")}
    if changes.criteria:
        rule = _with_criteria(rule, changes.criteria)
        own = {path: value for path, value in own.items() if _position(path) not in changes.criteria}
    return with_values(rule, own)


def _position(path: str) -> int | None:
    head, _dot, rest = path.partition(".")
    number = rest.partition("#")[0]
    return int(number) if head == "when" and number.isdecimal() else None


def _with_criteria(rule: Rule, texts: Mapping[int, str]) -> Rule:
    criteria = []
    for position, each in enumerate(rule.criteria, 1):
        text = texts.get(position)
        if text is not None:
            try:
                parse(text)
            except RuleError as error:
                raise error.at(f"when.{position}") from None
        criteria.append(each if text is None else Criterion(text.strip()))
    return replace(rule, criteria=tuple(criteria))


@dataclass(frozen=True)
class Base:
    """A family as it stands, worked out over a frame: ``table`` holds every column of its plan, so that a change
    computes only what it changes; ``result`` the answers, ``kinds`` what they are counted by (:func:`classes`)."""

    family: Family
    subject: str
    plan: Plan
    table: pl.DataFrame
    result: pl.DataFrame
    kinds: pl.DataFrame

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return int(self.table.estimated_size() + self.kinds.estimated_size())


def base_of(frame: pl.LazyFrame, family: Family, subject: str) -> Base:
    """Per subject the answers of the family (money in fen), in the order of the frame."""
    program = family.program()
    found = plan(program)
    needed = {name: program.kinds[name] for name in program.facts}
    table = staged(conform(frame, needed, [subject]), found).collect()
    return Base(family, subject, found, table, _answers(table.lazy(), found, subject), classes(frame))


def outcome(frame: pl.LazyFrame, base: Base, ruleset: RuleSet) -> pl.DataFrame:
    """The answers under other rules, row by row beside those of the base. Raises :class:`RuleError`."""
    program = base.family.program(ruleset)
    found = plan(program)
    table = base.table
    fresh = {name: program.kinds[name] for name in program.facts if name not in base.plan.inputs}
    if fresh:
        table = table.hstack(conform(frame, fresh, []).collect())
    known = {name: node for stage in base.plan.stages for name, node in stage}
    same = set(base.plan.inputs) | set(fresh)
    stages = []
    for stage in found.stages:
        same |= {name for name, node in stage if known.get(name) == node and same.issuperset(columns(node))}
        stages.append(tuple(each for each in stage if each[0] not in same))
    dirty = replace(found, stages=tuple(stage for stage in stages if stage))
    return _answers(staged(table.lazy(), dirty), found, base.subject)


def _answers(table: pl.LazyFrame, found: Plan, subject: str) -> pl.DataFrame:
    return table.select(subject, *(pl.col(column).alias(name) for name, column in found.results())).collect()


def classes(frame: pl.LazyFrame) -> pl.DataFrame:
    """What outcomes are counted by, row by row: division code, size class, section of the industry; NULL where unknown.

    Sizes follow the thresholds for industry of 国统字〔2017〕213号 by staff and revenue, whatever the trade: good
    enough to compare scenarios by.
    """
    names = frame.collect_schema().names()

    def column(name: str, dtype: Any) -> pl.Expr:
        return pl.col(name) if name in names else pl.lit(None, dtype=dtype)

    staff, revenue = column("staff_count", pl.Float64), column("revenue", pl.Float64)
    size = (
        pl.when((staff >= 1000) & (revenue >= 4e8)).then(pl.lit("large"))
        .when((staff >= 300) & (revenue >= 2e7)).then(pl.lit("medium"))
        .when((staff >= 20) & (revenue >= 3e6)).then(pl.lit("small"))
        .when(staff.is_not_null() & revenue.is_not_null()).then(pl.lit("micro"))
    )  # fmt: skip
    return frame.select(
        column("region", pl.String).cast(pl.String).cast(pl.Categorical).alias("_county"),
        size.cast(pl.Enum(SIZES)).alias("_size"),
        column("industry", pl.String).cast(pl.String).str.slice(0, 1).cast(pl.Categorical).alias("_industry"),
    ).collect()


@dataclass(frozen=True, slots=True)
class Figures:
    """How the rule comes out. Money in fen: ``amount`` of the rule alone, ``payable`` after groups and limits to
    ``paid_to`` subjects, ``group_payable`` of the whole group."""

    yes: int
    unknown: int
    amount: int
    payable: int
    paid_to: int
    group_payable: int

    def plain(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


def figures(table: pl.DataFrame, family: Family) -> Figures:
    """The sums over all subjects."""
    code = family.code
    row = table.select(
        pl.col(code).sum().cast(pl.Int64).alias("yes"),
        pl.col(code).null_count().cast(pl.Int64).alias("unknown"),
        pl.col(f"{code}.amount").sum().alias("amount"),
        pl.col(f"{code}.payable").sum().alias("payable"),
        (pl.col(f"{code}.payable") > 0).sum().cast(pl.Int64).alias("paid_to"),
        pl.sum_horizontal(pl.col(f"{each}.payable").sum() for each in family.codes).alias("group_payable"),
    ).row(0, named=True)
    return Figures(**{name: int(value or 0) for name, value in row.items()})


@dataclass(frozen=True)
class Comparison:
    """Base and change. ``by``: dimension → rows (key, base number, base fen, new number, new fen), the largest first;
    ``entering`` and ``leaving``: how many get the right and how many lose it; ``better`` and ``worse``: who keeps it
    with more, with less."""

    base: Figures
    new: Figures
    by: Mapping[str, list[Row]]
    entering: int
    leaving: int
    better: int
    worse: int

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        moves = {name: getattr(self, name) for name in MOVES}
        by = {name: [list(row) for row in rows] for name, rows in self.by.items()}
        return {"base": self.base.plain(), "new": self.new.plain(), **moves, "by": by}


def beside(base: Base, new: pl.DataFrame) -> pl.DataFrame:
    """Subject, and the rule's answer and payable fen before (``b``, ``bp``) and after (``n``, ``np``)."""
    code, paid = base.family.code, f"{base.family.code}.payable"
    return pl.DataFrame(
        [
            base.result[base.subject],
            base.result[code].fill_null(value=False).alias("b"),
            base.result[paid].fill_null(0).alias("bp"),
            new[code].fill_null(value=False).alias("n"),
            new[paid].fill_null(0).alias("np"),
        ]
    )


_MOVING = {
    "entering": ~pl.col("b") & pl.col("n"),
    "leaving": pl.col("b") & ~pl.col("n"),
    "better": pl.col("b") & pl.col("n") & (pl.col("np") > pl.col("bp")),
    "worse": pl.col("b") & pl.col("n") & (pl.col("np") < pl.col("bp")),
}


def compare(base: Base, new: pl.DataFrame) -> Comparison:
    """Who gains, who loses, and what it costs; ``new`` as :func:`outcome` gives it."""
    touched = beside(base, new).hstack(base.kinds).filter(pl.col("b") | pl.col("n"))
    by = {name: _grouped(touched, f"_{name}") for name in DIMENSIONS}
    return Comparison(figures(base.result, base.family), figures(new, base.family), by, **moves(base, new))


def moves(base: Base, new: pl.DataFrame) -> dict[str, int]:
    """How many move, by :data:`MOVES`; ``new`` needs the columns of the rule alone."""
    row = (
        beside(base, new).select(condition.sum().alias(name) for name, condition in _MOVING.items()).row(0, named=True)
    )
    return {name: int(value or 0) for name, value in row.items()}


def _grouped(touched: pl.DataFrame, column: str) -> list[Row]:
    found = touched.group_by(column).agg(
        pl.col("b").sum().cast(pl.Int64), pl.col("bp").sum(), pl.col("n").sum().cast(pl.Int64), pl.col("np").sum()
    )
    found = found.with_columns(pl.col(column).cast(pl.String))
    order = found.sort("bp", "b", column, descending=[True, True, False], nulls_last=True)
    return [(row[0], row[1], row[2], row[3], row[4]) for row in order.iter_rows()]


def movers(base: Base, new: pl.DataFrame, move: str) -> pl.DataFrame:
    """Those who move (one of :data:`MOVES`): subject, payable before and after (fen), the greatest difference first."""
    rows = beside(base, new).filter(_MOVING[move]).select(base.subject, "bp", "np")
    return rows.sort((pl.col("np") - pl.col("bp")).abs(), pl.col(base.subject), descending=[True, False])

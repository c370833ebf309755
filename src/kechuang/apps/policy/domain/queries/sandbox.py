"""What the sandbox offers: snapshots, rules, scenarios; and the words for what outcomes are counted by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.models import Rule
from kechuang.apps.policy.models.award import yuan
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules.scenarios import MOVES, Row
from kechuang.kit.permissions import Actor, visible

SIZES: Mapping[str, Any] = {
    "large": gettext_lazy("large"),
    "medium": gettext_lazy("medium-sized"),
    "small": gettext_lazy("small"),
    "micro": gettext_lazy("micro"),
}
SECTIONS: Mapping[str, Any] = {
    "A": gettext_lazy("agriculture, forestry, fishing"),
    "B": gettext_lazy("mining"),
    "C": gettext_lazy("manufacturing"),
    "D": gettext_lazy("energy and water supply"),
    "E": gettext_lazy("construction"),
    "F": gettext_lazy("wholesale and retail"),
    "G": gettext_lazy("transport and storage"),
    "H": gettext_lazy("hotels and catering"),
    "I": gettext_lazy("software and information technology"),
    "J": gettext_lazy("finance"),
    "K": gettext_lazy("real estate"),
    "L": gettext_lazy("leasing and business services"),
    "M": gettext_lazy("research and technical services"),
    "N": gettext_lazy("environment and public facilities"),
    "O": gettext_lazy("resident services"),
    "P": gettext_lazy("education"),
    "Q": gettext_lazy("health and social work"),
    "R": gettext_lazy("culture, sports, entertainment"),
    "S": gettext_lazy("public administration"),
    "T": gettext_lazy("international organisations"),
}
"""Sections of GB/T 4754-2017."""
DIMENSION_WORDS: Mapping[str, Any] = {
    "county": gettext_lazy("by county"),
    "size": gettext_lazy("by size"),
    "industry": gettext_lazy("by industry"),
}
MOVE_WORDS: Mapping[str, Any] = {
    "entering": gettext_lazy("get it newly"),
    "leaving": gettext_lazy("no longer get it"),
    "better": gettext_lazy("get more"),
    "worse": gettext_lazy("get less"),
}


def snapshots_for(actor: Actor) -> QuerySet[Snapshot]:
    return visible(actor, Snapshot).select_related("file").order_by("-taken_at", "-pk")


def rules_for(actor: Actor) -> QuerySet[Rule]:
    """Rules in force that concern organisations."""
    rows = visible(actor, Rule).filter(current__isnull=False).exclude(subject__in=["county", "person"])
    return rows.select_related("region", "document").defer("document__text", "document__bigrams")


def scenarios_for(actor: Actor) -> QuerySet[Scenario]:
    """The actor's own and those shared, newest first."""
    return visible(actor, Scenario).select_related("rule__region", "snapshot", "owner")


def comparable(actor: Actor, snapshot: Snapshot, rule: Rule) -> QuerySet[Scenario]:
    """Scenarios of the same rule on the same snapshot: their figures stand beside each other."""
    return scenarios_for(actor).filter(Q(snapshot=snapshot) & Q(rule=rule))


@dataclass(frozen=True, slots=True)
class Side:
    """One column of the comparison. Money in yuan; ``more`` is the payable difference from the base in fen."""

    title: str
    yes: int
    unknown: int
    paid_to: int
    amount: Any
    payable: Any
    group_payable: Any
    more: int
    entering: int
    leaving: int
    url: str = ""

    @property
    def difference(self) -> Any:
        return yuan(abs(self.more))


def side(
    title: str, figures: Mapping[str, int], base: Mapping[str, int], moves: Mapping[str, Any], url: str = ""
) -> Side:
    """A column from figures as they are kept."""
    return Side(
        title, figures["yes"], figures["unknown"], figures["paid_to"], yuan(figures["amount"]),
        yuan(figures["payable"]), yuan(figures["group_payable"]), figures["payable"] - base["payable"],
        int(moves.get("entering", 0)), int(moves.get("leaving", 0)), url,
    )  # fmt: skip


def sides(result: Mapping[str, Any], title: str, others: Sequence[Scenario] = ()) -> list[Side]:
    """Base, the one at hand, and those chosen to compare with."""
    base = result["base"]
    found = [side(_("as it is"), base, base, {})]
    if title:
        found.append(side(title, result["new"], base, result))
    found += [
        side(each.title, each.result["new"], each.result["base"], each.result, each.get_absolute_url())
        for each in others
    ]
    return found


@dataclass(frozen=True, slots=True)
class Split:
    """A row of a split: name, number and yuan before and after."""

    name: str
    before: int
    before_yuan: Any
    after: int
    after_yuan: Any
    change: int


def splits(result: Mapping[str, Any]) -> list[tuple[Any, list[Split], Split]]:
    """Per dimension its rows with their names and the sum of them, which is the rule's own figure."""
    names: dict[str, str] = {}
    rows = result["by"]
    if any(row[0] for row in rows["county"]):
        names = dict(Region.objects.values_list("code", "name"))
    found = []
    for key, word in DIMENSION_WORDS.items():
        merged = _merged(rows[key], lambda code, key=key: _name(key, code, names))
        total = Split(_("in all"), *_sums(merged))
        found.append((word, merged, total))
    return found


def _name(dimension: str, code: str | None, names: Mapping[str, str]) -> str:
    if not code:
        return _("not known")
    if dimension == "county":
        return names.get(code) or names.get(code[:6]) or code
    return str((SIZES if dimension == "size" else SECTIONS).get(code, code))


def _merged(rows: Sequence[Row], name: Any) -> list[Split]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        place = sums.setdefault(name(row[0]), [0, 0, 0, 0])
        for number in range(4):
            place[number] += int(row[number + 1] or 0)
    listed = sorted(sums.items(), key=lambda pair: (-max(pair[1][1], pair[1][3]), -pair[1][2], pair[0]))
    return [Split(key, s[0], yuan(s[1]), s[2], yuan(s[3]), s[2] - s[0]) for key, s in listed]


def _sums(rows: Sequence[Split]) -> tuple[int, Any, int, Any, int]:
    before, after = sum(row.before for row in rows), sum(row.after for row in rows)
    money = [sum((Decimal(getattr(row, name)) for row in rows), Decimal(0)) for name in ("before_yuan", "after_yuan")]
    return before, _plain(money[0]), after, _plain(money[1]), after - before


def _plain(amount: Decimal) -> Any:
    return int(amount) if amount == int(amount) else amount


def moves_of(result: Mapping[str, Any]) -> list[tuple[str, Any, int]]:
    return [(move, MOVE_WORDS[move], int(result[move])) for move in MOVES]

"""Invented enterprises in any number, for demonstrations and for load: same seed, same enterprises, all synthetic.

The distributions are plausible, not measured: revenue is lognormal within each industry's scale, research share is
higher in technical industries and falls with size, certificates follow research share, staff and property, and some of
everything is unknown, as in a real city.
"""

from __future__ import annotations

import csv
import itertools
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import accumulate, islice
from math import exp
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kechuang.apps.directory.domain.accounts import synthetic_uscc
from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.queries.facts import return_year
from kechuang.apps.indicators.models import Fact, FactKind
from kechuang.apps.indicators.models.fact import VALUES
from kechuang.kit.permissions import Actor, authorise
from kechuang.kit.search import bigrams

PORTION = 5_000
FIRST_SERIAL = 100_000
GENERATED = r"^91[0-9]{6}MA9[1-9]"
"""Codes of generated enterprises: their serial begins at :data:`FIRST_SERIAL`."""
NOTE = "示例数据"
SYLLABLES = "宛淅博恒瑞启明远诚新创信达华益德泰科立中盛隆源通宇航凯丰金裕"


@dataclass(frozen=True, slots=True)
class Trade:
    """An industry: how often, how large (median revenue, yuan), how much research, and its firms' words."""

    code: str
    weight: float
    median: float
    research: float
    words: tuple[str, ...]


TRADES = (
    Trade("C13", 9, 2.2e7, 0.010, ("食品", "面业", "肉业")),
    Trade("C14", 4, 1.8e7, 0.014, ("饮品", "食品科技")),
    Trade("C17", 6, 1.6e7, 0.012, ("纺织", "针织")),
    Trade("C26", 7, 3.0e7, 0.035, ("新材料", "化工材料")),
    Trade("C27", 6, 3.4e7, 0.055, ("药业", "生物科技", "艾草健康")),
    Trade("C30", 8, 2.4e7, 0.020, ("超硬材料", "玻璃", "建材")),
    Trade("C33", 6, 1.7e7, 0.022, ("金属制品", "精密铸造")),
    Trade("C34", 7, 2.3e7, 0.038, ("机械", "泵业", "石油装备")),
    Trade("C35", 8, 2.6e7, 0.046, ("智能装备", "农机", "养殖装备")),
    Trade("C36", 6, 4.5e7, 0.040, ("汽车部件", "减振器")),
    Trade("C38", 8, 4.0e7, 0.048, ("防爆电机", "电气", "新能源")),
    Trade("C39", 6, 3.2e7, 0.062, ("光电", "光学元件", "电子")),
    Trade("C40", 3, 1.5e7, 0.065, ("仪器仪表", "传感器")),
    Trade("I65", 7, 0.6e7, 0.110, ("软件", "数据", "物联网")),
    Trade("M73", 4, 0.4e7, 0.130, ("技术研究", "检测")),
    Trade("A01", 5, 0.9e7, 0.018, ("种业", "月季", "猕猴桃")),
)
_ENDS = list(accumulate(trade.weight for trade in TRADES))


@dataclass(slots=True)
class Enterprise:
    """One invented enterprise: its record and, by year (None: as of now) and code, what is known of it."""

    trade: Trade
    county: Region
    founded: date
    name: str
    returns: bool
    serial: int = 0
    facts: dict[tuple[str, int | None], Any] = field(default_factory=dict)


def generate_enterprises(
    actor: Actor,
    *,
    city: Region,
    count: int,
    seed: int = 1,
    year: int | None = None,
    written: Callable[[int], None] = lambda number: None,
) -> int:
    """Bring the number of invented enterprises in the city's counties up to ``count``; the number of new ones.

    Writes in portions by COPY, each a transaction of its own: a million takes the memory of one portion, and a run
    that was broken off is taken up where it ended. ``written`` is told the number there is after each portion. All rows
    are marked as synthetic and enter the history like any other.
    """
    authorise(actor, "import", Organisation)
    authorise(actor, "import", Fact)
    counties = list(Region.objects.filter(parent=city, level__in=("county", "zone")).order_by("order"))
    there = Organisation.objects.filter(
        synthetic=True, region__path__startswith=city.path, uscc__regex=GENERATED
    ).count()
    if count <= there or not counties:
        return 0
    kinds = {kind.code: kind for kind in FactKind.objects.filter(active=True, formula="", lag=0)}
    latest = year or return_year()
    stream = islice(_enterprises(Random(seed), counties, latest), there, None)  # noqa: S311 -- a demo
    for start in range(there, count, PORTION):
        with transaction.atomic():
            _write(list(islice(stream, min(PORTION, count - start))), kinds, latest)
        written(min(start + PORTION, count))
    return count - there


def _enterprises(random: Random, counties: Sequence[Region], year: int) -> Iterator[Enterprise]:
    """Enterprises without end, every county in turn; their size by county.

    Zones of a city share its code: their serials run in turn.
    """
    scales = [random.lognormvariate(0, 0.45) for _county in counties]
    codes = [county.code[:6] for county in counties]
    for number in itertools.count():
        turn, at = divmod(number, len(counties))
        serial = FIRST_SERIAL + turn * codes.count(codes[at]) + codes[:at].count(codes[at])
        yield _invent(random, counties[at], scales[at], year, serial=serial)


def invented_facts(random: Random, organisation: Organisation, year: int) -> dict[tuple[str, int | None], Any]:
    """Plausible facts for an organisation that is there already, by code and year."""
    trade = next((trade for trade in TRADES if trade.code == organisation.industry), TRADES[0])
    founded = organisation.founded_on or date(year - 8, 1, 1)
    enterprise = Enterprise(trade, organisation.region, founded, organisation.name, returns=random.random() < 0.88)
    _figures(enterprise, random, 1.0, year)
    return enterprise.facts


def _invent(random: Random, county: Region, scale: float, year: int, *, serial: int) -> Enterprise:
    trade = TRADES[bisect(_ENDS, random.random() * _ENDS[-1])]
    stem = "".join(random.sample(SYLLABLES, 2))
    age = min(int(random.expovariate(1 / 9)), 32)
    founded = date(year - age, 1, 1) + timedelta(days=random.randrange(365))
    end = random.choice(("有限公司", "科技有限公司", "股份有限公司"))
    name = f"{county.short_name}{stem}{random.choice(trade.words)}{end}"
    enterprise = Enterprise(trade, county, founded, name, returns=random.random() < 0.88, serial=serial)
    _figures(enterprise, random, scale, year)
    return enterprise


def _figures(enterprise: Enterprise, random: Random, scale: float, year: int) -> None:
    """Revenue, people, research and property that hang together, then certificates that follow from them."""
    trade, facts = enterprise.trade, enterprise.facts
    revenue = trade.median * scale * random.lognormvariate(0, 1.25)
    does_research = random.random() < 0.25 + 6 * min(trade.research, 0.09)
    share = trade.research * random.lognormvariate(0, 0.55) * (trade.median / revenue) ** 0.12 if does_research else 0.0
    share = min(share, 0.6)
    staff = max(1, round(revenue / random.lognormvariate(13.35, 0.45)))
    growth = max(-0.6, random.gauss(0.07 + share, 0.22))
    class1 = _poisson(random, 12 * share + (0.4 if does_research else 0))
    class2 = _poisson(random, 55 * share + (2.0 if does_research else 0.15))
    hitech = min(1.0, max(0.0, random.gauss(0.35 + 7 * share, 0.2))) if does_research else 0.0
    hnte, sme = _certificates(enterprise, random, share, class1 + class2, year, revenue, staff)
    if enterprise.returns:
        _returned(enterprise, random, year, revenue, share, staff, growth, hitech)
    facts["ip_class1", None], facts["ip_class2", None] = class1, class2
    facts["ip_owned_core", None] = class1 + class2 > 0 and random.random() < 0.95
    facts["field_national", None] = share > 0.02 and trade.research > 0.03 and random.random() < 0.85
    facts["hnte_valid", None], facts["tech_sme_valid", None] = hnte, sme
    facts["major_offence", year] = random.random() < 0.01
    facts["research_dishonesty", year] = random.random() < 0.003
    facts["abnormal_listing", year] = random.random() < 0.02
    facts["prohibited_industry", None] = random.random() < 0.005
    facts["designated_size", year] = revenue >= 2e7 and trade.code.startswith("C")
    for key in random.sample(sorted(facts, key=str), random.randrange(4)):
        del facts[key]


def _returned(
    enterprise: Enterprise, random: Random, year: int, revenue: float, share: float, staff: int, growth: float,
    hitech: float,
) -> None:  # fmt: skip
    """What a yearly return says, of this year and the two before; nothing of years before the enterprise was."""
    facts = enterprise.facts
    assets = revenue * random.lognormvariate(-0.1, 0.5)
    for lag in range(3):
        if enterprise.founded.year > year - lag:
            facts["revenue", year - lag] = facts["rd_expense", year - lag] = facts["net_assets", year - lag] = 0
            continue
        then = revenue / (1 + growth) ** lag
        facts["revenue", year - lag] = _yuan(then)
        facts["rd_expense", year - lag] = _yuan(then * share * random.uniform(0.85, 1.1))
        facts["net_assets", year - lag] = _yuan(assets * random.uniform(0.35, 0.6) / (1 + growth * 0.7) ** lag)
    own = float(facts["net_assets", year])
    facts["total_assets", year] = _yuan(max(assets, own * 1.05))
    facts["costs_and_expenses", year] = _yuan(revenue * random.uniform(0.82, 1.04))
    facts["hitech_revenue", year] = _yuan(float(facts["revenue", year]) * hitech)
    facts["staff_count", year] = staff
    facts["rd_staff_count", year] = min(staff, round(staff * min(0.9, 0.03 + 3.2 * share * random.uniform(0.7, 1.3))))
    facts["rd_expense_domestic_share", year] = Decimal(str(round(min(1.0, random.gauss(0.985, 0.03)), 4)))
    facts["results_per_year", year] = Decimal(_poisson(random, 25 * share + 0.3))
    facts["resident_enterprise", None] = True


def _certificates(
    enterprise: Enterprise, random: Random, share: float, property_count: int, year: int, revenue: float, staff: int
) -> tuple[bool, bool]:
    """A certificate of a high-tech enterprise, a number of a technology SME, and the rung of the ladder."""
    facts = enterprise.facts
    old_enough = enterprise.founded.year < year
    hnte = old_enough and share > 0.03 and property_count > 2 and random.random() < 0.55
    sme = share > 0.02 and revenue <= 2e8 and staff <= 500 and random.random() < 0.6
    if hnte:
        first = max(enterprise.founded.year + 1, year - random.randrange(12))
        facts["hnte_first_year", None] = Decimal(first)
        facts["hnte_times", None] = (year - first) // 3 + 1
        facts["hnte_until", None] = date(first + 3 * ((year - first) // 3 + 1), 11, 30)
    tier = "hnte" if hnte else "tech_sme" if sme else "untiered"
    if hnte and revenue > 1e8 and random.random() < 0.3:
        tier = "tech_giant" if revenue < 4e8 else "innovation_leader"
    elif hnte and random.random() < 0.12:
        tier = random.choice(("eaglet", "gazelle"))
    facts["tier", None] = tier
    return hnte, sme


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method; means here are small."""
    limit, product, number = exp(-min(mean, 30)), random.random(), 0
    while product > limit:
        product *= random.random()
        number += 1
    return number


def _yuan(amount: float) -> int:
    return round(amount / 100) * 100


ORGANISATION = (
    "id, uscc, name, kind, region_id, industry, founded_on, address, contact_name, contact_phone, state, state_note,"
    " verified_at, bigrams, synthetic, created_at, updated_at"
)
EMPTY = "FORCE_NOT_NULL (address, contact_name, contact_phone, state_note)"
FACT = (
    "organisation_id, kind_id, year, number, text, truth, day, state, source, source_note, verified_at, synthetic,"
    " created_at, updated_at"
)


def _write(portion: Sequence[Enterprise], kinds: dict[str, FactKind], latest: int) -> None:
    """Organisations first, then their facts, by COPY."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('directory_organisation', 'id')) FROM generate_series(1, %s)",
            [len(portion)],
        )
        keys = [row[0] for row in cursor.fetchall()]
    rows = list(zip(keys, portion, strict=True))
    _copy("directory_organisation", ORGANISATION, (_organisation(key, each, now) for key, each in rows), EMPTY)
    slots = {kind.code: _Slot.of(kind) for kind in kinds.values()}
    facts = (
        (key, *line, NOTE, now if line[-1] == Fact.Source.VERIFIED else None, True, now, now)
        for number, (key, each) in enumerate(rows)
        for line in _lines(each, slots, latest, checked=number % 5 == 0)
    )
    _copy("indicators_fact", FACT, facts)


def _copy(table: str, columns: str, rows: Iterable[Sequence[Any]], option: str = "") -> None:
    """Rows into a table in one statement; None is NULL, and so is empty text where ``option`` does not say else."""
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    how = f"FORMAT csv, {option}" if option else "FORMAT csv"
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN ({how})") as copy:
        copy.write(buffer.getvalue())


def _organisation(key: int, each: Enterprise, now: datetime) -> tuple[Any, ...]:
    uscc, name = synthetic_uscc(each.county.code, each.serial), f"{each.name}（示例）"
    words = "{" + ",".join(f'"{pair}"' for pair in bigrams(name, uscc)) + "}"
    return (
        key, uscc, name, Organisation.Kind.ENTERPRISE.value, each.county.pk, each.trade.code, each.founded, "", "", "",
        Organisation.State.VERIFIED.value, "", now, words, True, now, now,
    )  # fmt: skip


def is_choice(kind: FactKind, value: Any) -> bool:
    """The value is among the choices of its kind, where it has any: a pack may name its rungs otherwise."""
    return not kind.choices or value in {row[0] for row in kind.choices}


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where values of a kind go, found out once and not for each value."""

    kind: int
    column: int
    yearly: bool
    registry: bool
    choices: frozenset[str] | None

    @classmethod
    def of(cls, kind: FactKind) -> _Slot:
        choices = frozenset(row[0] for row in kind.choices) if kind.choices else None
        return cls(kind.pk, VALUES.index(kind.column), kind.is_yearly, kind.from_registry, choices)


def _lines(each: Enterprise, slots: dict[str, _Slot], latest: int, *, checked: bool) -> Iterator[tuple[Any, ...]]:
    """(kind, year, number, text, truth, day, state, source) of every fact that the catalogue knows."""
    for (code, year), value in each.facts.items():
        slot = slots.get(code)
        if slot is None or (slot.choices is not None and value not in slot.choices):
            continue
        source = Fact.Source.IMPORTED if slot.registry else Fact.Source.VERIFIED if checked else Fact.Source.DECLARED
        typed: list[Any] = [None, None, None, None]
        typed[slot.column] = value
        yield (slot.kind, (year or latest) if slot.yearly else None, *typed, Fact.State.IN_FORCE.value, source.value)

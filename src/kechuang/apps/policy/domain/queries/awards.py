"""Assessments and awards, read: benefits with their counts, who is entitled, totals that sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import Count, Q, QuerySet, Sum

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.directory.roles import Role
from kechuang.apps.policy.domain.batches import SUBJECT, program_of, ruleset_of, scan
from kechuang.apps.policy.models import in_english
from kechuang.apps.policy.models.award import Award, AwardState, EligibilityRun, yuan
from kechuang.engines.rules.explain import Explainer, Explanation
from kechuang.engines.rules.facts import conform
from kechuang.kit.permissions import Actor, visible

PAGE = 50
NO_PAYMENT = ("none",)


@dataclass(frozen=True, slots=True)
class Benefit:
    """One right as a run answered it. Money in yuan; ``awarded`` counts the awards that stand for its year."""

    code: str
    title: str
    kind: str
    payer: str
    without_application: bool
    yes: int
    no: int
    unknown: int
    amount: Any
    payable: Any
    fen: int
    awarded: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of totals: key, name, number of awards or organisations, fen."""

    key: str
    name: str
    count: int
    fen: int

    @property
    def yuan(self) -> Any:
        return yuan(self.fen)


def runs_for(actor: Actor) -> QuerySet[EligibilityRun]:
    """The assessments that the actor may read, newest first, without what they were computed from."""
    rows = visible(actor, EligibilityRun).select_related("region", "started_by", "snapshot")
    return rows.defer("program", "counties", "versions")


def regions_to_assess(actor: Actor) -> QuerySet[Region]:
    """Cities that the actor may assess."""
    cities = Region.objects.filter(level=Region.Level.PREFECTURE).order_by("path")
    if actor.is_system or Role.PLATFORM_ADMIN in actor.roles:
        return cities
    condition = Q(pk__in=[])
    for path in actor.regions(Role.BUREAU_OFFICER):
        condition |= Q(path__startswith=path)
    return cities.filter(condition)


def title_of(entry: Mapping[str, Any]) -> str:
    """The title of a definition in the reader's language."""
    return str((in_english() and entry.get("name_en")) or entry.get("title") or entry["id"])


def benefits_of(run: EligibilityRun) -> list[Benefit]:
    """All rights of a run: what costs most first, then what most are entitled to."""
    awarded = dict(
        Award.objects.filter(region=run.region, year=run.year)
        .exclude(state=AwardState.WITHDRAWN)
        .values_list("rule__code")
        .annotate(count=Count("pk"))
        .order_by()
    )
    found = []
    for entry in run.program["rules"]:
        tally = run.tallies[entry["id"]]
        found.append(
            Benefit(
                entry["id"], title_of(entry), str(entry.get("kind") or "benefit"),
                str(entry.get("payer") or "unstated"),
                bool(entry.get("without_application")), tally["yes"], tally["no"], tally["unknown"],
                yuan(tally["amount"]), yuan(tally["payable"]), tally["payable"], awarded.get(entry["id"], 0),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-each.fen, -each.yes, each.code))


def payers_of(benefits: Sequence[Benefit]) -> list[Line]:
    """What is payable by whom; sums to the whole."""
    sums: dict[str, list[int]] = {}
    for each in benefits:
        if each.fen:
            row = sums.setdefault(each.payer, [0, 0])
            row[0] += each.yes
            row[1] += each.fen
    return [Line(key, key, *row) for key, row in sorted(sums.items(), key=lambda pair: -pair[1][1])]


def counties_of(run: EligibilityRun, code: str = "") -> list[Line]:
    """Per county who is entitled and what is payable, of one right or of all that pay anything; sums to the whole."""
    wanted = {code} if code else {key for key, tally in run.tallies.items() if tally["payable"]}
    names = {region.code: region.name for region in Region.objects.filter(path__startswith=run.region.path)}
    lines = []
    for row in run.counties:
        pairs = [pair for key, pair in row["rules"].items() if key in wanted]
        line = Line(
            row["county"] or "", names.get(row["county"] or "", ""), sum(p[0] for p in pairs), sum(p[1] for p in pairs)
        )
        lines.append(line)
    return sorted((line for line in lines if line.count), key=lambda line: (-line.fen, -line.count, line.key))


@dataclass(frozen=True, slots=True)
class Entitled:
    """A row of the list of one right."""

    organisation: Organisation
    county: str
    amount: Any
    payable: Any
    award: Award | None


def entitled_frame(run: EligibilityRun, code: str, county: str = "") -> pl.DataFrame:
    """Subject, county, amount and payable (fen) of everyone entitled, the highest first."""
    rows = pl.scan_parquet(run.results.file.path).filter(pl.col(code))
    if county:
        rows = rows.filter(pl.col("county") == county)
    money = [pl.col(f"{code}.amount").alias("amount"), pl.col(f"{code}.payable").alias("payable")]
    return rows.select(SUBJECT, "county", *money).sort(
        "payable", SUBJECT, descending=[True, False], nulls_last=True
    ).collect()  # fmt: skip


def entitled_rows(run: EligibilityRun, code: str, frame: pl.DataFrame) -> list[Entitled]:
    """Some rows of :func:`entitled_frame` with names and awards: three queries, however many they are."""
    keys = frame[SUBJECT].to_list()
    organisations = Organisation.objects.in_bulk(keys)
    names = {region.code: region.name for region in Region.objects.filter(path__startswith=run.region.path)}
    awards = Award.objects.filter(rule__code=code, region=run.region, year=run.year, organisation__in=keys)
    known = {award.organisation_id: award for award in awards.exclude(state=AwardState.WITHDRAWN)}
    return [
        Entitled(
            organisations[row["subject"]], names.get(row["county"] or "", ""), yuan(row["amount"]),
            yuan(row["payable"]), known.get(row["subject"]),
        )
        for row in frame.iter_rows(named=True)
        if row["subject"] in organisations
    ]  # fmt: skip


def explanation_of(run: EligibilityRun, code: str, organisation: int) -> tuple[Explanation, Mapping[str, Any]] | None:
    """Why a run answered as it did, from its frozen facts, with the rule's definition; None for a stranger to it."""
    entry = next((each for each in run.program["rules"] if each["id"] == code), None)
    if entry is None:
        return None
    small = {**run.program, "rules": [entry]}
    program = program_of(small, ruleset_of(small))
    frame = scan(run.snapshot).filter(pl.col(SUBJECT) == organisation)
    needed = {name: program.kinds[name] for name in program.facts}
    rows = conform(frame, needed, [SUBJECT]).collect()
    if rows.is_empty():
        return None
    return Explainer(program).explain(rows.row(0, named=True))[0], entry


FILTERS = ("year", "state", "payer", "county", "rule")


def awards_for(actor: Actor, chosen: Mapping[str, str]) -> QuerySet[Award]:
    """The awards that the actor may read, narrowed by the filters."""
    rows = visible(actor, Award)
    if chosen.get("year", "").isdecimal():
        rows = rows.filter(year=int(chosen["year"]))
    if chosen.get("state") in AwardState.values:
        rows = rows.filter(state=chosen["state"])
    elif not chosen.get("state"):
        rows = rows.exclude(state=AwardState.WITHDRAWN)
    if chosen.get("payer"):
        rows = rows.filter(payer=chosen["payer"])
    if chosen.get("county"):
        rows = rows.filter(county__code=chosen["county"])
    if chosen.get("rule"):
        rows = rows.filter(rule__code=chosen["rule"])
    return rows


def with_names(rows: QuerySet[Award]) -> QuerySet[Award]:
    return rows.select_related("organisation", "rule", "county", "confirmed_by", "released_by")


def totals_of(rows: QuerySet[Award], by: str) -> list[Line]:
    """Number and payable fen by ``payer``, ``county`` or ``state``; each sums to the whole of ``rows``."""
    field, name = {
        "payer": ("payer", "payer"),
        "county": ("county__code", "county__name"),
        "state": ("state", "state"),
    }[by]
    found = rows.order_by().values(field, name) if field != name else rows.order_by().values(field)
    lines = found.annotate(count=Count("pk"), fen=Sum("payable"))
    listed = [Line(row[field] or "", str(row[name] or ""), row["count"], row["fen"]) for row in lines]
    return sorted(listed, key=lambda line: (-line.fen, line.key))


def choices_of(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What there is to filter by."""
    rows = visible(actor, Award).order_by()
    return {
        "year": [(str(year), str(year)) for year in rows.order_by("-year").values_list("year", flat=True).distinct()],
        "payer": [(payer, payer) for payer in rows.values_list("payer", flat=True).distinct().order_by("payer")],
        "county": [
            (code, name)
            for code, name in rows.filter(county__isnull=False)
            .values_list("county__code", "county__name")
            .distinct()
            .order_by("county__code")
        ],
        "rule": list(rows.values_list("rule__code", "rule__title").distinct().order_by("rule__code")),
    }

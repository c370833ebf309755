"""What a schema cannot say: whether the entries of a pack refer to each other rightly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kechuang.kit.packs.model import Pack, fold
from kechuang.kit.packs.problems import PackError, Problem
from kechuang.kit.packs.reading import CITY, Source, build, key_of, read
from kechuang.kit.packs.rights_checking import check_cases, check_facts, check_references, check_rules

RESTATEMENT_MARK = "改写稿"
"""Every restatement says of itself that it is one."""


def check_pack(name_or_path: str | Path) -> list[Problem]:
    """Everything that is wrong with a pack's own files; an empty list where nothing is.

    The files are first held against the schema; only where they keep to it are the references followed.
    """
    try:
        source = read(name_or_path)
        pack = build(source)
    except PackError as error:
        return list(error.problems)
    return [problem for check in CHECKS for problem in check(source, pack)]


def _problem(code: str, place: str, **values: str) -> Problem:
    file = place.partition(".yaml")[0] + ".yaml"
    return Problem(code, file, place, values)


def _dates(source: Source, pack: Pack) -> Iterator[Problem]:
    spans = [
        (f"{place}.effective_until", row["date"], row.get("effective_until")) for place, row in source.rows("documents")
    ]
    spans += [(f"{place}.valid[1]", *row["valid"]) for place, row in source.rows("notes")]
    for place, since, until in spans:
        if since and until and until < since:
            yield _problem("dates-reversed", place, since=since, until=until)


def _duplicates(source: Source, pack: Pack) -> Iterator[Problem]:
    for kind in source.data:
        if kind == "supervision":
            continue
        first: dict[str, str] = {}
        for place, row in source.rows(kind):
            key = key_of(row)
            if key in first:
                yield _problem("duplicate", place, value=key, first=first[key])
            first.setdefault(key, place)


def _regions(source: Source, pack: Pack) -> Iterator[Problem]:
    parents = {region.code: region.parent for region in pack.regions}
    if pack.region not in parents:
        yield _problem("unknown-region", "pack.yaml.region", value=pack.region)
    for place, row in source.rows("regions"):
        code, parent = row["code"], row["parent"]
        if ("-Z" in code) != (row["level"] == "zone"):
            yield _problem("region-zone", f"{place}.level", value=code)
        if parent is None:
            continue
        if parent not in parents:
            yield _problem("unknown-region", f"{place}.parent", value=parent)
        elif _returns(code, parents):
            yield _problem("region-cycle", f"{place}.parent", value=code)
        elif not code.startswith(prefix := _prefix(parent, row["level"])):
            yield _problem("region-prefix", f"{place}.code", value=code, parent=parent, prefix=prefix)


def _returns(code: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents.get(code)
    while above is not None and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def _prefix(parent: str, level: str) -> str:
    """What the code of a child begins with: a zone its parent's whole code, a division the part that is not zeros."""
    if level == "zone":
        return parent + "-"
    while parent.endswith("00"):
        parent = parent[:-2]
    return parent


def _units(source: Source, pack: Pack) -> Iterator[Problem]:
    regions = {region.code for region in pack.regions}
    units = {unit.code: unit for unit in pack.units}
    for place, row in source.rows("units"):
        code = row["code"]
        if not code.startswith(f"{pack.name}/"):
            yield _problem("unit-prefix", f"{place}.code", value=code, prefix=pack.name)
        if row["region"] not in regions:
            yield _problem("unknown-region", f"{place}.region", value=row["region"])
        if row["kind"] != "class" and "members" in row:
            yield _problem("members-without-class", f"{place}.members")
        if row["kind"] == "class" and not pack.members(units[code]):
            yield _problem("class-empty", f"{place}.members", value=code)


def _indicators(source: Source, pack: Pack) -> Iterator[Problem]:
    """The responsible units exist; those of extended packs are due once {city} has become this pack."""
    units = {unit.code for unit in pack.units}
    own = {row["code"]: place for place, row in source.rows("indicators")}
    for indicator in pack.indicators:
        place = own.get(indicator.code)
        if CITY in indicator.responsible or indicator.responsible in units:
            continue
        inherited = f"pack.yaml.extends (indicator {indicator.code})"
        yield _problem("unknown-unit", f"{place}.responsible" if place else inherited, value=indicator.responsible)


def _names(source: Source, pack: Pack) -> Iterator[Problem]:
    named: list[tuple[str, list[tuple[str, tuple[str, ...]]]]] = [
        ("units", [(each.code, each.names) for each in pack.units]),
        ("indicators", [(each.code, each.names) for each in pack.indicators]),
        ("beneficiaries", [(each.code, (each.name, *each.aliases)) for each in pack.beneficiaries]),
    ]
    for kind, entries in named:
        owner: dict[str, str] = {}
        own = {row["code"]: place for place, row in source.rows(kind)}
        for code, names in entries:
            for name in names:
                other = owner.setdefault(fold(name), code)
                if other != code and (place := own.get(code)):
                    yield _problem("ambiguous-name", f"{place}.aliases", value=name, other=other)


def _documents(source: Source, pack: Pack) -> Iterator[Problem]:
    regions = {region.code for region in pack.regions}
    industries = {industry.code for industry in pack.industries}
    beneficiaries = {term.code for term in pack.beneficiaries}
    by_slug = {document.slug: document for document in pack.documents}
    for place, row in source.rows("documents"):
        if row["region"] not in regions:
            yield _problem("unknown-region", f"{place}.region", value=row["region"])
        for code in row["industries"]:
            if code not in industries:
                yield _problem("unknown-industry", f"{place}.industries", value=code)
        for code in row["beneficiaries"]:
            if code not in beneficiaries:
                known = ", ".join(sorted(beneficiaries))
                yield _problem("unknown-beneficiary", f"{place}.beneficiaries", value=code, known=known)
        document = by_slug[row["slug"]]
        if not document.source.is_file():
            yield _problem("document-missing", f"{place}.file", value=row["file"])
        elif row["is_restatement"]:
            number = row["doc_number"] or row["title"]
            text = document.read_text()
            if RESTATEMENT_MARK not in text or number not in text:
                yield _problem(
                    "restatement-unmarked", f"{place}.file", value=row["file"], mark=RESTATEMENT_MARK, number=number
                )


CHECKS: tuple[Callable[[Source, Pack], Iterator[Problem]], ...] = (
    _dates,
    _duplicates,
    _regions,
    _units,
    _indicators,
    _names,
    _documents,
    check_facts,
    check_rules,
    check_references,
    check_cases,
)

"""From the files of a pack, and of the packs it extends, to one merged Pack."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from kechuang.kit.packs import rights_reading as rights
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
)
from kechuang.kit.packs.problems import PackError, Problem

CITY = "{city}"
"""In the code of a responsible unit: the pack of the city, which is the first of the lineage that has units."""

Row = dict[str, Any]


def available_packs() -> tuple[str, ...]:
    """Names of the shipped packs, in alphabetical order."""
    return tuple(sorted(entry.name for entry in _shipped().iterdir() if entry.joinpath("pack.yaml").is_file()))


def load_pack(name_or_path: str | Path) -> Pack:
    """The pack of that name or directory, merged with all that it extends.

    Raises PackError where a file is missing or does not keep to the schema. Whether the entries refer to each other
    rightly is not verified here: that is what ``check_pack`` is for.
    """
    return build(read(name_or_path))


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one pack, valid by the schema, and those of the packs it extends."""

    root: Traversable
    meta: Row
    data: Mapping[str, Any]
    parents: tuple[Source, ...]

    def rows(self, kind: str) -> Iterator[tuple[str, Row]]:
        """The pack's own entries of a kind, each with its place such as ``units.yaml[12]``."""
        if kind == "rules":
            yield from ((place, row) for _, place, row in self.sections())
            return
        for index, row in enumerate(self.data.get(kind, ())):
            yield f"{self.meta['files'][kind]}[{index}]", row

    def sections(self) -> Iterator[tuple[str, str, Row]]:
        """The entries of the pack's own rule file: section, place such as ``rules.yaml.rules[3]``, entry."""
        if "rules" in self.data:
            yield from rights.sections(self.meta["files"]["rules"], self.data["rules"])

    def cases(self) -> list[Traversable]:
        """The pack's own files of rule cases, by name."""
        folder = self.root.joinpath("rule_cases")
        if not folder.is_dir():
            return []
        return sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)

    def lineage(self) -> Iterator[Source]:
        """The extended packs, farthest first, and then this one."""
        for parent in self.parents:
            yield from parent.lineage()
        yield self


def read(name_or_path: str | Path, chain: tuple[str, ...] = (), beside: Traversable | None = None) -> Source:
    """Read a pack and, by its ``extends``, the packs above it; ``chain`` names those that lead here.

    Raises PackError with everything found in the pack's own files, not only the first.
    """
    root = _locate(name_or_path, beside)
    if root is None:
        values = {"name": str(name_or_path), "shipped": ", ".join(available_packs())}
        raise PackError([Problem("pack-missing", "", "", values)])
    meta = _read_file(root, "pack.yaml", "pack")
    problems: list[Problem] = []
    data: dict[str, Any] = {}
    for kind, name in meta["files"].items():
        try:
            data[kind] = _read_file(root, name, kind)
        except PackError as error:
            problems += error.problems
    parents: list[Source] = []
    for index, parent in enumerate(meta["extends"]):
        try:
            parents.append(_read_parent(parent, (*chain, meta["name"]), root))
        except PackError as error:
            place = f"pack.yaml.extends[{index}]"
            problems += [Problem(each.code, "pack.yaml", place, each.values) for each in error.problems]
    if problems:
        raise PackError(problems)
    return Source(root, meta, data, tuple(parents))


def _read_parent(name: str, chain: tuple[str, ...], beside: Traversable) -> Source:
    if name in chain:
        raise PackError([Problem("extends-cycle", "", "", {"chain": " → ".join((*chain, name))})])
    if _locate(name, beside) is None:
        raise PackError([Problem("extends-missing", "", "", {"name": name})])
    try:
        return read(name, chain, beside)
    except PackError as error:
        # A circle is the same from every pack in it; all else belongs to the extended pack's own check.
        circle = [each for each in error.problems if each.code == "extends-cycle"]
        raise PackError(circle or [Problem("extends-broken", "", "", {"name": name})]) from None


def _shipped() -> Traversable:
    return files("kechuang").joinpath("packs")


def _locate(name_or_path: str | Path, beside: Traversable | None) -> Traversable | None:
    """The directory meant: for a plain name a shipped pack, else one beside the pack that asks, else a path."""
    name = str(name_or_path)
    plain = not isinstance(name_or_path, Path) and Path(name).name == name
    places: list[Traversable] = [_shipped().joinpath(name)] if plain else []
    if plain and isinstance(beside, Path):
        places.append(beside.parent / name)
    places.append(Path(name))
    return next((place for place in places if place.joinpath("pack.yaml").is_file()), None)


@cache
def _definitions() -> Row:
    text = _shipped().joinpath("schema", "pack.schema.json").read_text("utf-8")
    return cast(Row, json.loads(text)["$defs"])


def _read_file(root: Traversable, name: str, kind: str) -> Any:
    """The content of one file, held against the schema of its kind."""
    try:
        content = _plain(parse_yaml(root.joinpath(name).read_text("utf-8")))
    except FileNotFoundError:
        raise PackError([Problem("file-missing", "pack.yaml", f"pack.yaml.files.{kind}", {"name": name})]) from None
    except UnicodeDecodeError:
        raise PackError([Problem("not-text", name, name, {})]) from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a day such as 2022-02-30, not in quotes
        raise PackError([Problem("not-yaml", name, name, {"reason": " ".join(str(error).split())})]) from None
    schema = {"$ref": f"#/$defs/{kind}", "$defs": _definitions()}
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    problems = [_schema_problem(name, error) for error in validator.iter_errors(content)]
    if problems:
        raise PackError(problems)
    return content


def parse_yaml(text: str) -> Any:
    """As ``yaml.safe_load``, by libyaml where it is there. Raises yaml.YAMLError, ValueError for a day that is none."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506, both are safe


def _plain(value: Any) -> Any:
    """YAML turns an unquoted day into a date; take it back, so that days may stand with or without quotes."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _schema_problem(name: str, error: ValidationError) -> Problem:
    """Where and why, in our own words; of an either-or, what the branch that is not null says."""
    while error.context:
        error = next((each for each in error.context if each.validator_value != "null"), error.context[0])
    place = name + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    code, values = _reason(error)
    return Problem(code, name, place, values)


_TYPES = {"array": "list", "object": "mapping", "string": "text", "integer": "whole number"}


def _reason(error: ValidationError) -> tuple[str, dict[str, str]]:
    value: Any = error.instance
    wanted: Any = error.validator_value
    rule = cast(Row, error.schema)
    match error.validator:
        case "type" if wanted == "string" and isinstance(value, int) and not isinstance(value, bool):
            return "number-as-code", {"value": str(value)}
        case "type":
            return "wrong-type", {"wanted": _TYPES.get(wanted, wanted)}
        case "required":
            return "missing", {"value": error.message.split("'")[1]}
        case "additionalProperties":
            known = [*rule.get("properties", ()), *rule.get("patternProperties", ())]
            spare = [key for key in value if not any(re.search(f"^({each})$", key) for each in known)]
            return "unexpected", {"value": ", ".join(spare), "known": ", ".join(known).strip("^()$").replace("|", ", ")}
        case "enum":
            return "not-one-of", {"value": str(value), "known": ", ".join(map(str, wanted))}
        case "format":
            return "bad-date", {"value": str(value)}
        case "pattern":
            return "wrong-form", {"value": str(value), "form": rule.get("description", wanted)}
    return "schema", {"reason": error.message}


def build(source: Source) -> Pack:
    """The merged pack. Raises PackError where it has supervision rules, but not all of them."""
    meta = source.meta
    supervision = {key: value for each in source.lineage() for key, value in each.data.get("supervision", {}).items()}
    city = next((each.meta["name"] for each in source.lineage() if each.data.get("units")), CITY)
    figures = tuple(rights.derived(row) for _, row in _section(source, "derived"))
    rules = tuple(rights.rule(row, place) for place, row in _section(source, "rules"))
    return Pack(
        name=meta["name"],
        title=meta["title"]["zh-hans"],
        title_en=meta["title"]["en"],
        version=meta["version"],
        extends=tuple(meta["extends"]),
        region=meta["region"],
        regions=_parents_first([Region(**row) for _, row in _merged(source, "regions")]),
        units=tuple(_unit(row) for _, row in _merged(source, "units")),
        indicators=tuple(_indicator(row, city) for _, row in _merged(source, "indicators")),
        supervision=_supervision(supervision) if supervision else None,
        documents=tuple(_document(row, root) for root, row in _merged(source, "documents")),
        industries=tuple(Industry(**row) for _, row in _merged(source, "industries")),
        fields=tuple(_term(row) for _, row in _merged(source, "fields")),
        ladders=tuple(_ladder(row) for _, row in _merged(source, "ladders")),
        organisation_kinds=tuple(_term(row) for _, row in _merged(source, "organisation_kinds")),
        beneficiaries=tuple(_term(row) for _, row in _merged(source, "beneficiaries")),
        notes=tuple(_note(row) for _, row in _merged(source, "notes")),
        facts=tuple(rights.fact(row) for _, row in _merged(source, "facts")),
        derived=figures,
        rules=rules,
        funds=tuple(rights.fund(row) for _, row in _section(source, "funds")),
        ruleset=rights.ruleset(figures, rules),
    )


def key_of(row: Row) -> str:
    """What an entry is known by: its code, a document's slug, a rule's id."""
    return str(next(row[key] for key in ("slug", "code", "id") if key in row))


def _merged(source: Source, kind: str) -> list[tuple[Traversable, Row]]:
    """Entries of a kind with the directory of their pack: those of extended packs first, a later code replacing."""
    merged: dict[str, tuple[Traversable, Row]] = {}
    for each in source.lineage():
        for row in each.data.get(kind, ()):
            merged[key_of(row)] = (each.root, row)
    return list(merged.values())


def _section(source: Source, section: str) -> list[tuple[str, Row]]:
    """As :func:`_merged`, of a section of the rule files; each entry with its place."""
    merged: dict[str, tuple[str, Row]] = {}
    for each in source.lineage():
        for own, place, row in each.sections():
            if own == section:
                merged[key_of(row)] = (place, row)
    return list(merged.values())


def _parents_first(regions: list[Region]) -> tuple[Region, ...]:
    """The regions in their order, but none before its parent; regions in a circle come as they are."""
    placed: dict[str | None, Region | None] = {None: None}
    waiting = {region.code: region for region in regions}
    while waiting:
        ready = [each for each in waiting.values() if each.parent in placed or each.parent not in waiting]
        for region in ready or list(waiting.values()):
            placed[region.code] = waiting.pop(region.code)
    return tuple(region for region in placed.values() if region)


def _unit(row: Row) -> Unit:
    members = row.get("members")
    return Unit(
        **{key: row[key] for key in ("code", "name", "full_name", "region", "kind")},
        aliases=tuple(row["aliases"]),
        members=Members(tuple(members["region_level"]), tuple(members["kind"])) if members else None,
    )


def _indicator(row: Row, city: str) -> Indicator:
    return Indicator(
        **{key: row[key] for key in ("code", "unit", "direction", "kind", "frequency", "definition")},
        name=row["name"]["zh-hans"],
        name_en=row["name"]["en"],
        aliases=tuple(row["aliases"]),
        display_unit=str(row.get("display_unit", row["unit"])),
        responsible=str(row["responsible"]).replace(CITY, city),
        standard=row.get("standard"),
    )


def _supervision(row: Row) -> Supervision:
    """Of the keys, which a pack may leave to the one it extends, all must be there in the end."""
    missing = [key for key in _definitions()["supervision"]["properties"] if key not in row]
    if missing:
        place = "supervision.yaml"
        raise PackError([Problem("missing", place, place, {"value": ", ".join(missing)})])
    return Supervision(
        **{key: row[key] for key in ("due_soon_days", "silent_days", "report_frequency", "working_calendar")},
        remind_before=tuple(row["reminders"]["before"]),
        remind_after=tuple(row["reminders"]["after"]),
    )


def _document(row: Row, root: Traversable) -> Document:
    return Document(
        **{key: row[key] for key in ("slug", "doc_number", "title", "region", "kind", "is_restatement", "status")},
        issuers=tuple(row["issuers"]),
        industries=tuple(row["industries"]),
        beneficiaries=tuple(row["beneficiaries"]),
        keywords=tuple(row["keywords"]),
        date=_day(row["date"]),
        effective_until=_day(row.get("effective_until")),
        source=root.joinpath(*row["file"].split("/")),
    )


def _term(row: Row) -> Term:
    return Term(**{**row, "aliases": tuple(row.get("aliases", ()))})


def _ladder(row: Row) -> Ladder:
    tiers = tuple(Tier(**{**tier, "aliases": tuple(tier["aliases"])}) for tier in row["tiers"])
    return Ladder(**{**row, "tiers": tiers})


def _note(row: Row) -> Note:
    since, until = map(_day, row["valid"])
    texts = {key: row[key] for key in ("code", "topic", "title", "text", "source")}
    return Note(**texts, since=since, until=until, check=row.get("check"))


def _day(text: str | None) -> datetime.date | None:
    return None if text is None else datetime.date.fromisoformat(text)

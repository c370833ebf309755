"""Rules over frozen frames of organisations: what a run is computed from, and the computation itself.

A *frozen program* is plain JSON: rules as they stood, formulas, kinds of facts, the day. The same program on the same
frame gives the same answers for good; :func:`fingerprint` tells whether they are.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import polars as pl

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.domain.eligibility import FOR_WHOM
from kechuang.apps.policy.domain.queries.rulebook import RuleBook, definition_until, end_of
from kechuang.apps.policy.domain.received import THIS_YEAR, is_received
from kechuang.engines.rules.evaluate import results
from kechuang.engines.rules.facts import conform
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.program import Program, prepare
from kechuang.engines.rules.ruleset import RuleSet, load_rules
from kechuang.kit.packs.rights import ENGINE_KINDS

SUBJECT = "subject"
BY_WHOM = "organisation_kind"
Frozen = Mapping[str, Any]
_SLICE = 50_000
_seen: set[tuple[int, str]] = set()
_lock = Lock()


def frozen_program(book: RuleBook) -> dict[str, Any]:
    """The rules of a book that may concern an organisation, as JSON; whom they concern is their last condition."""
    rules = []
    for version in book.versions.values():
        whom = FOR_WHOM.get(version.rule.subject)
        if whom is not None and not whom:
            continue
        entry = definition_until(version, end_of(version.rule.document))
        rules.append(entry if whom is None else {**entry, "when": [*_listed(entry["when"]), _for(whom)]})
    kinds = {code: ENGINE_KINDS[kind.kind].value for code, kind in book.kinds.items() if code not in book.formulas}
    return {
        "day": book.day.isoformat(),
        # Pairs, not a mapping: they are computed in order, which a JSON column keeps for lists only.
        "indicators": [[code, formula.expression] for code, formula in book.formulas.items()],
        "kinds": {**kinds, BY_WHOM: Kind.TEXT.value},
        "rules": rules,
    }


def _listed(when: Any) -> list[Any]:
    return list(when) if isinstance(when, list) else [when]


def _for(whom: frozenset[str]) -> dict[str, str]:
    names = ", ".join(f"'{name}'" for name in sorted(whom))
    return {
        "sql": f"{BY_WHOM} IN ({names})",
        "label": "属于本政策面向的单位类型",
        "label_en": "A kind of organisation it is for",
    }


def ruleset_of(frozen: Frozen) -> RuleSet:
    """The engine's rule set of a frozen program."""
    if not frozen["rules"]:
        return RuleSet({}, ())
    return load_rules({"indicators": dict(frozen["indicators"]), "rules": [dict(rule) for rule in frozen["rules"]]})


def program_of(frozen: Frozen, ruleset: RuleSet | None = None) -> Program:
    """Ready to run. Raises :class:`RuleError` where a rule set that somebody changed cannot be run."""
    declared = {code: Kind(kind) for code, kind in frozen["kinds"].items()}
    chosen = ruleset_of(frozen) if ruleset is None else ruleset
    return prepare(chosen, today=date.fromisoformat(frozen["day"]), declared=declared)


def scan(snapshot: Snapshot) -> pl.LazyFrame:
    """The frozen frame, read lazily: only the columns that are asked for. ValueError where the file is not the one that
    was frozen; that is looked at once per process."""
    path = Path(snapshot.file.file.path)
    key = (snapshot.pk, snapshot.sha256)
    with _lock:
        if key not in _seen:
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != snapshot.sha256:
                    raise ValueError(f"the file of snapshot {snapshot.pk} is not the one that was frozen")
            _seen.add(key)
    return pl.scan_parquet(path)


def answers(frame: pl.LazyFrame, program: Program, *, received: pl.LazyFrame | None = None) -> pl.LazyFrame:
    """Subject, ``ID``, ``ID.amount``, ``ID.payable`` (fen) of every rule, in the order of the frame; and where
    ``received`` tells what had been received (``ID.received``, ``ID.received_this_year``, yuan), that beside them."""
    needed = {name: program.kinds[name] for name in program.facts}
    known = conform(frame, needed, [SUBJECT])
    if received is None:
        return results(known, program, SUBJECT)
    brought = [name for name in received.collect_schema().names() if is_received(name)]
    known = known.join(received.select(SUBJECT, *brought), on=SUBJECT, how="left", maintain_order="left")
    found = pl.concat([results(known, program, SUBJECT), known.select(brought)], how="horizontal")
    settled = {f"{ready.rule.id}{THIS_YEAR}": ready.rule.id for ready in program.rules}
    return found.with_columns(
        pl.when(pl.col(name) > 0, pl.col(f"{code}.payable").is_not_null())
        .then(pl.lit(0, dtype=pl.Int64))
        .otherwise(f"{code}.payable")
        .alias(f"{code}.payable")
        for name, code in settled.items()
        if name in brought
    )


def fingerprint(frame: pl.DataFrame) -> str:
    """SHA-256 of the values in their order, whatever the file format: equal only where every value is."""
    digest = hashlib.sha256(",".join(frame.columns).encode())
    for portion in frame.iter_slices(_SLICE):
        digest.update(portion.write_csv(include_header=False, null_value="?").encode())
    return digest.hexdigest()


class Places:
    """Where a code of the division tree lies: which county of a region."""

    def __init__(self, region: Region) -> None:
        rows = list(Region.objects.filter(path__startswith=region.path).exclude(pk=region.pk).order_by("path"))
        self.counties = [row for row in rows if row.is_county]
        self.by_code: dict[str, Region] = {}
        for row in rows:
            above = [each for each in self.counties if row.path.startswith(each.path)]
            if above:
                self.by_code[row.code] = min(above, key=lambda each: len(each.path))
        order = {row.code: place for place, row in enumerate(Region.objects.filter(path__startswith=region.path))}
        self.order: Mapping[str, int] = order

    def county_of(self, code: str | None) -> Region | None:
        """None where the code is unknown or of none of the region's counties."""
        return self.by_code.get(code or "")


def county_codes(places: Places, column: str = "region") -> pl.Expr:
    """The county's code of a column of division codes; NULL where it lies in none."""
    table = {code: county.code for code, county in places.by_code.items()}
    return pl.col(column).cast(pl.String).replace_strict(table, default=None, return_dtype=pl.String)


def parquet_of(frame: pl.DataFrame) -> Any:
    """The frame as an open temporary file."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever stores it closes it)
    frame.write_parquet(file, compression="zstd")
    file.seek(0)
    return file


def rows_of(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    return frame.iter_rows(named=True)


def money_columns(codes: Sequence[str]) -> list[str]:
    return [f"{code}{part}" for code in codes for part in (".amount", ".payable")]

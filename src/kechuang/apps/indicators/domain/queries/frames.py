"""What is known of all organisations, as a frame with one row each: what rules are evaluated on.

The organisations are taken in portions: each portion costs the same few queries, however many organisations it holds,
and the memory of one portion beside the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import QuerySet

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.facts import active_kinds, return_year
from kechuang.apps.indicators.models import FactKind
from kechuang.kit.facts import provided_facts

PORTION = 50_000
SUBJECT = "subject"
LEAD = {SUBJECT: pl.Int64, "uscc": pl.String, "name": pl.String, "organisation_kind": pl.String}
"""The columns before the facts: the organisation's key, code, name and kind."""
DTYPES: dict[str, Any] = {"number": pl.Float64, "text": pl.String, "truth": pl.Boolean, "day": pl.Date}
_LONG = {
    "subject": pl.Int64, "kind": pl.Int64, "year": pl.Int32, "firm": pl.String,
    "number": pl.Float64, "text": pl.String, "truth": pl.String, "day": pl.String,
}  # fmt: skip


def snapshot(
    kind: str = "organisation",
    year: int | None = None,
    organisations: QuerySet[Organisation] | Iterable[int] | None = None,
) -> pl.DataFrame:
    """One row per organisation with every fact known for ``year`` (default: the last that is over), by code.

    Numbers are doubles, money yuan, shares 0..1; unknown is NULL. Without ``organisations`` all verified ones. Raises
    ValueError for a kind of subject that there is no frame of.
    """
    if kind != "organisation":
        raise ValueError(f"there is no snapshot of {kind}")
    kinds = active_kinds()
    portions = list(portions_of(year, organisations, kinds=kinds))
    return pl.concat(portions) if portions else pl.DataFrame(schema=schema_of(kinds))


def portions_of(
    year: int | None = None,
    organisations: QuerySet[Organisation] | Iterable[int] | None = None,
    *,
    kinds: Sequence[FactKind] | None = None,
    size: int = PORTION,
) -> Iterator[pl.DataFrame]:
    """The frame of :func:`snapshot` portion by portion, in the order of the organisations' keys."""
    catalogue = list(kinds) if kinds is not None else active_kinds()
    wanted = year if year is not None else return_year()
    rows = _rows(organisations)
    last = 0
    while True:
        lead = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", "uscc", "name", "kind")[:size])
        if not lead:
            return
        yield _portion(lead, wanted, catalogue)
        last = lead[-1][0]


def schema_of(kinds: Sequence[FactKind]) -> dict[str, Any]:
    """Column → type, as every frame of these kinds has them."""
    return {**LEAD, **{kind.code: DTYPES[kind.column] for kind in kinds}}


def _rows(organisations: QuerySet[Organisation] | Iterable[int] | None) -> QuerySet[Organisation]:
    if organisations is None:
        return Organisation.objects.filter(state=Organisation.State.VERIFIED)
    keys: Any = organisations.order_by().values("pk") if isinstance(organisations, QuerySet) else list(organisations)
    return Organisation.objects.filter(pk__in=keys)


def _portion(lead: list[tuple[Any, ...]], year: int, kinds: Sequence[FactKind]) -> pl.DataFrame:
    frame = pl.DataFrame(lead, schema=LEAD, orient="row")
    keys = [row[0] for row in lead]
    long = _stored(keys, year, kinds)
    provided = {
        lag: provided_facts(keys, year - lag, yearly_only=lag > 0) for lag in sorted({0} | {k.lag for k in kinds})
    }
    columns: list[pl.Expr] = []
    for kind in kinds:
        base = kind.base or kind
        told = provided[kind.lag].get(base.code)
        facts = long.get((base.pk, year - kind.lag if base.is_yearly else -1))
        frame = _with(frame, kind, facts, told)
        columns.append(pl.col(kind.code))
    return frame.select(*LEAD, *columns)


def _stored(keys: list[int], year: int, kinds: Sequence[FactKind]) -> Mapping[tuple[int, int], pl.DataFrame]:
    """The facts in force of these organisations by kind and year (-1: as of now), in one query over COPY."""
    years = sorted({year - kind.lag for kind in kinds})
    wanted = sorted({(kind.base_id or kind.pk) for kind in kinds})
    if not wanted:
        return {}
    statement = f"""
        COPY (
            SELECT organisation_id, kind_id, COALESCE(year, -1), source = 'verified', number, text, truth, day
            FROM indicators_fact
            WHERE state = 'in_force' AND organisation_id = ANY('{_array(keys)}'::bigint[])
              AND kind_id = ANY('{_array(wanted)}'::bigint[])
              AND (year IS NULL OR year = ANY('{_array(years)}'::int[]))
        ) TO STDOUT (FORMAT csv)
    """  # noqa: S608 -- whole numbers only
    buffer = BytesIO()
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for block in copy:
            buffer.write(block)
    if not buffer.tell():
        return {}
    buffer.seek(0)
    long = pl.read_csv(buffer, has_header=False, schema=_LONG)
    parts = long.partition_by("kind", "year", as_dict=True)
    return {(int(key[0]), int(key[1])): part for key, part in parts.items()}


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(str(int(number)) for number in numbers) + "}"


def _with(
    frame: pl.DataFrame, kind: FactKind, facts: pl.DataFrame | None, told: Mapping[int, Any] | None
) -> pl.DataFrame:
    """The frame with the column of a kind: verified by an official, else from records, else as declared."""
    dtype = DTYPES[kind.column]
    known: pl.Expr = pl.lit(None, dtype=dtype)
    if facts is not None:
        value = _typed(kind.column)
        chosen = facts.select("subject", value.alias("_stored"), (pl.col("firm") == "t").alias("_firm"))
        frame = frame.join(chosen, on=SUBJECT, how="left", maintain_order="left")
        known = pl.col("_stored")
    if told:
        rows = {SUBJECT: list(told.keys()), "_told": [_plain(each) for each in told.values()]}
        frame = frame.join(
            pl.DataFrame(rows, schema={SUBJECT: pl.Int64, "_told": dtype}),
            on=SUBJECT,
            how="left",
            maintain_order="left",
        )
        firm = pl.when(pl.col("_firm")).then(pl.col("_stored")) if facts is not None else pl.lit(None, dtype=dtype)
        known = pl.coalesce(firm, pl.col("_told"), known)
    return frame.with_columns(known.alias(kind.code)).drop("_stored", "_firm", "_told", strict=False)


def _typed(column: str) -> pl.Expr:
    match column:
        case "truth":
            return pl.col("truth") == "t"
        case "day":
            return pl.col("day").str.to_date("%Y-%m-%d")
    return pl.col(column)


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, str, date)):
        return value
    return float(value) if isinstance(value, (int, Decimal)) else value

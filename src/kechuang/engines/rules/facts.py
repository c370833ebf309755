"""Facts as files and frames: one row per subject, columns brought to the kinds that the rules use them as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.polars_engine import DTYPES

YES = ("true", "yes", "y", "t", "1", "1.0", "是", "有")
NO = ("false", "no", "n", "f", "0", "0.0", "否", "无")
UNKNOWN = ("", "null", "none", "nan", "na", "n/a", "待补充", "未知")
LIMIT = 1e15
MOST_CODES = 10_000
"""Beyond, a text is no code; the divisions of the country down to the county and all industries are fewer."""


class UnreadableFacts(Exception):
    """A file of facts that cannot be used; the message names file, row and column."""


def scan_facts(path: Path) -> pl.LazyFrame:
    """A lazy frame of a .parquet or .csv file; a .csv is read as text, the rules tell what its columns are.

    Raises :class:`UnreadableFacts`.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise UnreadableFacts(f"{path}: there is no such file")
    try:
        if suffix == ".parquet":
            frame = pl.scan_parquet(path)
        elif suffix == ".csv":
            frame = pl.scan_csv(path, infer_schema=False, encoding="utf8")
        else:
            raise UnreadableFacts(f"{path}: facts are a .parquet or a .csv file")
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableFacts(f"{path}: {_first_line(error)}") from None
    return frame


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["it cannot be read"])[0]


def subject_column(frame: pl.LazyFrame, wanted: str | None) -> str:
    """The column that names the subject: the one asked for, else ``subject`` or ``id``, else the first."""
    names = frame.collect_schema().names()
    if wanted is not None:
        if wanted not in names:
            raise UnreadableFacts(f"there is no column “{wanted}”; the columns are {', '.join(names[:12])}")
        return wanted
    return next((name for name in ("subject", "id", "uscc") if name in names), names[0])


def conform(frame: pl.LazyFrame, kinds: Mapping[str, Kind], keep: Iterable[str]) -> pl.LazyFrame:
    """The columns of ``kinds`` in their kinds, plus those of ``keep`` as they are.

    A column that the frame does not bring is unknown for everyone. What cannot be read as its kind becomes unknown
    too: where the file is foreign, ask :func:`faults` first.
    """
    schema = frame.collect_schema()
    kept = [name for name in keep if name in schema]
    wanted = [
        _conformed(name, schema[name], kind) if name in schema else pl.lit(None, dtype=DTYPES[kind]).alias(name)
        for name, kind in kinds.items()
        if name not in kept
    ]
    return frame.select(*kept, *wanted)


def coded(frame: pl.LazyFrame, columns: Iterable[str]) -> pl.LazyFrame:
    """The frame with these texts as Enums in the order of their codes, where they have no more than
    :data:`MOST_CODES` different values: conditions on codes then compare numbers instead of texts."""
    for name in columns:
        text = _trimmed(pl.col(name)).alias(name)
        found = frame.select(text.drop_nulls().unique().sort()).collect(engine="streaming").to_series()
        if found.len() <= MOST_CODES:
            frame = frame.with_columns(text.cast(pl.Enum(found)))
    return frame


def _conformed(name: str, dtype: pl.DataType, kind: Kind) -> pl.Expr:
    column = pl.col(name)
    match kind:
        case Kind.NUMBER:
            value = _trimmed(column).cast(pl.Float64, strict=False) if dtype == pl.String else column.cast(pl.Float64)
            return pl.when(value.is_finite() & (value.abs() <= LIMIT)).then(value).alias(name)
        case Kind.BOOLEAN:
            if dtype == pl.Boolean:
                return column
            if dtype == pl.String:
                word = _trimmed(column).str.to_lowercase()
                return pl.when(word.is_in(YES)).then(True).when(word.is_in(NO)).then(False).alias(name)
            return (column != 0).alias(name)
        case Kind.DATE:
            if dtype == pl.String:
                return _trimmed(column).str.to_date("%Y-%m-%d", strict=False).alias(name)
            return column.cast(pl.Date).alias(name)
        case _:
            if isinstance(dtype, pl.Enum):
                return column
            return _trimmed(column).alias(name) if dtype == pl.String else column.cast(pl.String).alias(name)


def _trimmed(column: pl.Expr) -> pl.Expr:
    text = column.str.strip_chars()
    return pl.when(~text.str.to_lowercase().is_in(UNKNOWN)).then(text)


def faults(frame: pl.LazyFrame, kinds: Mapping[str, Kind], *, limit: int = 20) -> list[str]:
    """Cells of text columns that are not what their column is used as, as “row 17, revenue: …”. Rows count from 1
    below the heading; raises :class:`UnreadableFacts` for a column whose kind can never fit."""
    schema = frame.collect_schema()
    suspects = []
    for name, kind in kinds.items():
        if name not in schema or kind == Kind.TEXT:
            continue
        dtype = schema[name]
        if dtype == pl.String:
            suspects.append(
                (_trimmed(pl.col(name)).is_not_null() & _conformed(name, dtype, kind).is_null()).alias(name)
            )
        elif not _fits(dtype, kind):
            raise UnreadableFacts(f"the column “{name}” holds {dtype}, and the rules use it as a {kind.value}")
    if not suspects:
        return []
    wrong = frame.select(pl.int_range(1, pl.len() + 1).alias("_row"), *suspects)
    names = [expression.meta.output_name() for expression in suspects]
    wrong = wrong.filter(pl.any_horizontal(names)).head(limit)
    found = []
    for row in wrong.collect(engine="streaming").iter_rows(named=True):
        cell = frame.slice(row["_row"] - 1, 1).select(names).collect().row(0, named=True)
        found += [
            f"row {row['_row']}, {name}: “{cell[name]}” is not {_EXPECTED[kinds[name]]}" for name in names if row[name]
        ]
    return found[:limit]


_EXPECTED = {
    Kind.NUMBER: "a number (below 10¹⁵, without separators)",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a day such as 2025-12-31",
}


def _fits(dtype: pl.DataType, kind: Kind) -> bool:
    if dtype == pl.Null:
        return True
    if kind == Kind.DATE:
        return dtype in (pl.Date, pl.Datetime)
    return dtype.is_numeric() or dtype == pl.Boolean


def declared_kinds(frame: pl.LazyFrame) -> dict[str, Kind]:
    """What the columns' own types settle: texts and numbers may still be used as something else, days may not."""
    schema = frame.collect_schema()
    return {name: Kind.DATE for name, dtype in schema.items() if dtype in (pl.Date, pl.Datetime)}


def needs(kinds: Mapping[str, Kind], facts: Iterable[str]) -> dict[str, Kind]:
    """The kinds of the facts alone, in their order."""
    missing = [fact for fact in facts if fact not in kinds]
    if missing:
        raise RuleError(f"nothing tells what kind “{missing[0]}” is")
    return {fact: kinds[fact] for fact in facts}

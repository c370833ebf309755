"""Frozen frames: what a decision was made from, kept as a Parquet file with its fingerprint."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.domain.queries.facts import active_kinds, return_year
from kechuang.apps.indicators.domain.queries.frames import DTYPES, portions_of, schema_of
from kechuang.apps.indicators.models import Snapshot
from kechuang.engines.rules.facts import coded
from kechuang.kit.errors import DomainError
from kechuang.kit.files import store_made
from kechuang.kit.permissions import Actor, authorise


def freeze_snapshot(
    actor: Actor,
    *,
    year: int | None = None,
    organisations: QuerySet[Organisation] | Iterable[int] | None = None,
    title: str = "",
    kind: str = "organisation",
    synthetic: bool = False,
) -> Snapshot:
    """Take the frame of :func:`~…queries.frames.snapshot` and keep it for good.

    All portions are read in one transaction that sees one state of the database, and written one after the other, so
    that the memory is that of a portion. Raises DomainError where there is nobody to take.
    """
    authorise(actor, "add", Snapshot)
    if kind != Snapshot.Subject.ORGANISATION:
        raise ValueError(f"there is no snapshot of {kind}")
    wanted = year if year is not None else return_year()
    kinds = active_kinds()
    with tempfile.TemporaryDirectory(prefix="kechuang-snapshot-") as folder, _one_state():
        rows = 0
        for number, portion in enumerate(portions_of(wanted, organisations, kinds=kinds)):
            portion.write_parquet(Path(folder, f"{number:05d}.parquet"))
            rows += portion.height
        if not rows:
            raise DomainError(_("There is no organisation to take a snapshot of."))
        whole = Path(folder, "whole")
        codes = [kind.code for kind in kinds if DTYPES[kind.column] == pl.String]
        frame = coded(pl.scan_parquet(Path(folder, "*.parquet")), ["organisation_kind", *codes])
        frame.sink_parquet(whole, compression="zstd", maintain_order=True)
        now = timezone.now()
        with whole.open("rb") as stream:
            file = store_made(stream, f"snapshot-{wanted}-{now:%Y%m%dT%H%M%S}.parquet", kind="parquet", actor=actor)
            return Snapshot.objects.create(
                subject=kind, year=wanted, title=title[:200], taken_at=now, taken_by_id=actor.user_id, rows=rows,
                columns=len(schema_of(kinds)), sha256=file.sha256, file=file, synthetic=synthetic,
            )  # fmt: skip


@contextmanager
def _one_state() -> Iterator[None]:
    """A transaction all of whose queries see the database as it is now; within another, as that one sees it."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def frame_of(snapshot: Snapshot) -> pl.DataFrame:
    """The frozen frame; ValueError where the stored file is not the one that was frozen."""
    with snapshot.file.file.open("rb") as stream:
        content = stream.read()
    if hashlib.sha256(content).hexdigest() != snapshot.sha256:
        raise ValueError(f"the file of snapshot {snapshot.pk} is not the one that was frozen")
    return pl.read_parquet(content)

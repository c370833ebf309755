"""How long inventing and freezing take: python benchmarks/snapshot/run.py [--enterprises 100000] [--home DIRECTORY]

Fills an embedded PostgreSQL with invented enterprises and their facts, then freezes the facts of all of them. Prints a
JSON line for each part: seconds of wall clock, of processor in this process and in the database's, and the peak memory
of this process in MiB. A --home that is kept is filled further the next time, not anew; without one nothing is left.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SEED = 1


@contextmanager
def measured(part: str, **more: Any) -> Iterator[dict[str, Any]]:
    """Time what happens inside, and print it; the yielded dictionary takes further figures."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    found: dict[str, Any] = dict(more)
    wall, own, theirs = time.perf_counter(), time.process_time(), _processor(backend)
    yield found
    found |= {
        "wall": round(time.perf_counter() - wall, 1),
        "python": round(time.process_time() - own, 1),
        "postgres": round(_processor(backend) - theirs, 1),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps({"part": part} | found), flush=True)


def _processor(process: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(count: int) -> None:
    """Load what is missing, and freeze."""
    from kechuang.apps.directory.models import Region
    from kechuang.apps.indicators.domain.enterprises import generate_enterprises
    from kechuang.apps.indicators.domain.snapshots import frame_of, freeze_snapshot
    from kechuang.kit.permissions import SYSTEM
    from kechuang.site import setup
    from kechuang.site.models import Load

    setup.migrate()
    if not setup.is_current("nanyang", Load.Content.PACK):
        setup.load_pack("nanyang")
    city = Region.objects.get(code="411300")
    with measured("load", enterprises=count) as found:
        found["new"] = generate_enterprises(SYSTEM, city=city, count=count, seed=SEED)
    with measured("freeze", enterprises=count) as found:
        snapshot = freeze_snapshot(SYSTEM, title="benchmark", synthetic=True)
        found |= {"rows": snapshot.rows, "columns": snapshot.columns, "file_mib": round(snapshot.file.size / 2**20, 1)}
    with measured("read", enterprises=count) as found:
        found["rows"] = frame_of(snapshot).height


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enterprises", type=int, default=100_000)
    parser.add_argument("--home", type=Path, help="keep the database here; by default it is thrown away")
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="kechuang-benchmark-"))
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    os.environ.pop("DATABASE_URL", None)
    os.environ["KECHUANG_HOME"] = str(home)

    from kechuang.site.cli.data import connected

    try:
        with connected():
            run(options.enterprises)
    finally:
        if options.home is None:
            shutil.rmtree(home)


if __name__ == "__main__":
    main()

"""Group commit and sequencing on PostgreSQL beside SQLite: the same batches, the same disk, full sync."""

import tempfile
from pathlib import Path
from typing import Final

from bench.growth import measure
from bench.rows import Row, share
from tests.postgresql import Cluster, binaries

SIZE: Final = 1_000
DISK: Final = Path("/var/tmp")  # noqa: S108 - a disk that the user of PostgreSQL may write to


def rows() -> list[Row]:
    """Leaves per second in batches; nothing where the system has no PostgreSQL."""
    found = binaries()
    if found is None:
        return []
    server = Cluster(found, place=DISK)
    try:
        there = measure(server.url("postgres"), SIZE)
    finally:
        server.remove()
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        here = measure(f"sqlite:///{Path(folder) / 'box.sqlite'}", SIZE)
    names = ("group commit of a batch", "sequencing of a batch")
    return [
        share(f"{name}, PostgreSQL against SQLite", 1 / one, "leaves/s", 1 / other, 1.0)
        for name, one, other in zip(names, there, here, strict=True)
    ]

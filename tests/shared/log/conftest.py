from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, inspect, text

from crypto import ed25519
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.signed_note import VerifierKey
from shared.db import connect, read, write
from shared.log.migration import POSTGRESQL_GUARDS, SQLITE_ENTRY_GUARDS, SQLITE_GUARDS
from shared.log.publisher import publish
from shared.log.reader import entries, read_file
from shared.log.sequencer import Head, append, by_lot, create_log, head_of, sequence
from shared.log.signer import CheckpointSigner
from shared.log.tables import LogTables, log_tables
from tests.databases import chosen, database_url

ORIGIN = "log.example/log/test"
LOG_ID = "0123456789abcdef0123456789abcdef"


def leaves(first: int, count: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(first, first + count)]


@dataclass
class Log:
    """A log in a real database, with its signer."""

    engine: Engine
    tables: LogTables
    signer: CheckpointSigner

    def append(self, *new: bytes) -> None:
        with write(self.engine) as connection:
            for leaf in new:
                append(connection, self.tables, LOG_ID, leaf)

    def sequence(self, *, closing: bytes | None = None) -> Head:
        with write(self.engine) as connection:
            close = None if closing is None else (lambda _: closing)
            return sequence(connection, self.tables, LOG_ID, by_lot, closing=close)

    def publish(self) -> Checkpoint:
        key = VerifierKey(ORIGIN, ed25519.public_key(self.signer.seed))
        note = publish(self.engine, self.tables, LOG_ID, self.signer)
        assert note is not None
        return open_checkpoint(note, key)

    def file(self, path: str) -> bytes:
        with read(self.engine) as connection:
            return read_file(connection, self.tables, LOG_ID, path).data

    def entries(self) -> list[bytes]:
        with read(self.engine) as connection:
            size = head_of(connection, self.tables, LOG_ID).size
            return list(entries(connection, self.tables, LOG_ID, 0, size))


def open_log(folder: Path, url: str | None = None) -> Log:
    """The log of this folder, made if it is not there; `url`: its database, where that is known."""
    metadata = MetaData()
    tables = log_tables(metadata)
    engine = connect(url or database_url(folder / "log.sqlite"))
    if not inspect(engine).has_table(tables.head.name):
        guards = (*SQLITE_GUARDS, *SQLITE_ENTRY_GUARDS) if chosen() == "sqlite" else POSTGRESQL_GUARDS
        with write(engine) as connection:
            metadata.create_all(connection)
            for guard in guards:
                connection.execute(text(guard))
            create_log(connection, tables, LOG_ID)
    return Log(engine, tables, CheckpointSigner(ORIGIN, b"\x07" * 32, folder / "mark"))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    opened = open_log(tmp_path)
    yield opened
    opened.engine.dispose()

"""The residency table: one SQLite file with `meta` and `address(guid, oktmo, successor)`, read only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote
from uuid import UUID

from shared.refusals import AddressNotRecognised

VERSION: Final = "1"
MAX_SUCCESSORS: Final = 16
"""How often an address may have been replaced by another."""

SCHEMA: Final = """
CREATE TABLE meta (version TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL);
CREATE TABLE address (
    guid BLOB PRIMARY KEY CHECK (length(guid) = 16),
    oktmo TEXT,
    successor BLOB CHECK (length(successor) = 16),
    CHECK ((oktmo IS NULL) <> (successor IS NULL))
) WITHOUT ROWID;
"""
"""An address has an OKTMO code or the address that replaced it, one of the two."""


class TableInvalid(Exception):
    """The residency table is missing, or of another version; the message names the file."""


@dataclass(frozen=True, slots=True)
class ResidencyTable:
    """A table file. It is opened for each look-up, so that a newly built one counts at once."""

    path: Path
    date: str
    """Of the data that the table was built from, YYYY-MM-DD."""
    source: str

    @classmethod
    def open(cls, path: Path) -> Self:
        """A table that is there and of our version. Raises TableInvalid."""
        try:
            with _connected(path) as connection:
                rows = connection.execute("SELECT version, date, source FROM meta").fetchall()
        except sqlite3.Error as error:
            raise TableInvalid(f"{path}: {error}") from None
        if len(rows) != 1 or rows[0][0] != VERSION:
            raise TableInvalid(f"{path}: not a residency table of version {VERSION}")
        return cls(path, date=rows[0][1], source=rows[0][2])

    def resolve(self, guid: UUID) -> str:
        """The OKTMO code (8 or 11 digits) of an address or of the one that replaced it.

        Raises AddressNotRecognised.
        """
        with _connected(self.path) as connection:
            wanted = guid.bytes
            for _ in range(MAX_SUCCESSORS + 1):
                query = "SELECT oktmo, successor FROM address WHERE guid = ?"
                row = connection.execute(query, (wanted,)).fetchone()
                if row is None:
                    break
                oktmo, successor = row
                if successor is None:
                    return str(oktmo)
                wanted = successor
        raise AddressNotRecognised


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection

"""The residency table: one SQLite file with `meta` and `address`, read only."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self
from urllib.parse import quote
from uuid import UUID

from shared.refusals import AddressNotRecognised

VERSION: Final = "2"
MAX_SUCCESSORS: Final = 16
"""How often an address may have been replaced by another."""

SCHEMA: Final = """
CREATE TABLE meta (version TEXT NOT NULL, date TEXT NOT NULL, source TEXT NOT NULL);
CREATE TABLE address (
    guid BLOB PRIMARY KEY CHECK (length(guid) = 16),
    oktmo TEXT,
    successor BLOB CHECK (length(successor) = 16),
    basis TEXT,
    above BLOB CHECK (length(above) = 16),
    CHECK ((oktmo IS NULL) <> (successor IS NULL))
) WITHOUT ROWID;
"""
"""An address has an OKTMO code or the address that replaced it, one of the two."""

Basis = Literal["list", "hierarchy", "parameter", "above", "last-known"]
"""Where a code comes from: a list of ours, GAR's municipal hierarchy, its parameter OKTMO, the address above
in the hierarchy, or what held before the address ended without a successor."""


class TableInvalid(Exception):
    """The residency table is missing, or of another version; the message names the file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table has of one address: `oktmo` with its basis, or `successor`."""

    guid: UUID
    oktmo: str | None
    successor: UUID | None
    basis: Basis | None
    above: UUID | None
    """The address from which the code was taken, for the basis `above`."""


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
        return self.path_of(guid)[1]

    def path_of(self, guid: UUID) -> tuple[list[Entry], str]:
        """The entries from an address over those that replaced it, and the OKTMO code at their end.

        Raises AddressNotRecognised.
        """
        path: list[Entry] = []
        wanted: UUID | None = guid
        with _connected(self.path) as connection:
            while wanted is not None and len(path) <= MAX_SUCCESSORS:
                entry = _find(connection, wanted)
                path.append(entry)
                if entry.oktmo is not None:
                    return path, entry.oktmo
                wanted = entry.successor
        raise AddressNotRecognised

    def count(self) -> int:
        """How many addresses the table has."""
        with _connected(self.path) as connection:
            return int(connection.execute("SELECT count(*) FROM address").fetchone()[0])


def _find(connection: sqlite3.Connection, guid: UUID) -> Entry:
    query = "SELECT oktmo, successor, basis, above FROM address WHERE guid = ?"
    row = connection.execute(query, (guid.bytes,)).fetchone()
    if row is None:
        raise AddressNotRecognised
    oktmo, successor, basis, above = row
    return Entry(guid, oktmo, successor and UUID(bytes=successor), basis, above and UUID(bytes=above))


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection

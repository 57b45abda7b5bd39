"""Build the residency table from a CSV with the columns fias_guid, oktmo, successor."""

import csv
import hashlib
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from issuer.residency.table import MAX_SUCCESSORS, SCHEMA, VERSION
from shared.durable import sync_folder

COLUMNS: Final = ["fias_guid", "oktmo", "successor"]

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OKTMO = re.compile(r"[0-9]{8}([0-9]{3})?")

_DANGLING = """
SELECT a.guid FROM address a LEFT JOIN address b ON b.guid = a.successor
WHERE a.successor IS NOT NULL AND b.guid IS NULL LIMIT 1
"""
_TOO_LONG = f"""
WITH RECURSIVE chain(first, successor, steps) AS (
    SELECT guid, successor, 1 FROM address WHERE successor IS NOT NULL
    UNION ALL
    SELECT first, address.successor, steps + 1 FROM chain JOIN address ON address.guid = chain.successor
    WHERE address.successor IS NOT NULL AND steps <= {MAX_SUCCESSORS}
)
SELECT first FROM chain WHERE steps > {MAX_SUCCESSORS} LIMIT 1
"""  # noqa: S608 - a constant of ours


class CsvInvalid(Exception):
    """The CSV cannot become a table; the message names the line or the address."""


def build(csv_path: Path, table_path: Path) -> int:
    """Build a table beside the old one and put it in its place; the number of addresses.

    Each row has an OKTMO code (8 or 11 digits) or, for a superseded address, its successor. Raises CsvInvalid
    and OSError; then the old table stands as it was.
    """
    with replacing(table_path) as connection:
        count = 0
        for number, row in _rows(csv_path):
            _insert(connection, number, row)
            count += 1
        _check_successors(connection)
        connection.execute("INSERT INTO meta VALUES (?, ?, ?)", (VERSION, *_origin(csv_path)))
    return count


@contextmanager
def replacing(table_path: Path) -> Iterator[sqlite3.Connection]:
    """A new table beside the old one, empty, which takes its place when the block ends without an error."""
    temporary = table_path.with_name(f".{table_path.name}.{secrets.token_hex(4)}")
    try:
        with closing(sqlite3.connect(temporary)) as connection, connection:
            connection.executescript(SCHEMA)
            yield connection
        _sync(temporary)
        temporary.replace(table_path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(table_path.parent)


def _rows(csv_path: Path) -> Iterator[tuple[int, tuple[bytes, str | None, bytes | None]]]:
    with csv_path.open("rb") as file:
        lines = csv.reader(_text_lines(file), strict=True)
        try:
            if next(lines, None) != COLUMNS:
                raise CsvInvalid(f"line 1: the columns are {','.join(COLUMNS)}")
            for row in lines:
                yield lines.line_num, _parse(lines.line_num, row)
        except csv.Error as error:
            raise CsvInvalid(f"line {lines.line_num}: {error}") from None


def _text_lines(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise CsvInvalid(f"line {number}: not UTF-8") from None


def _parse(number: int, row: list[str]) -> tuple[bytes, str | None, bytes | None]:
    if len(row) != len(COLUMNS):
        raise CsvInvalid(f"line {number}: {len(row)} columns where {len(COLUMNS)} are due")
    guid, oktmo, successor = row
    if bool(oktmo) == bool(successor):
        raise CsvInvalid(f"line {number}: an address has an oktmo or a successor, one of the two")
    if oktmo and not _OKTMO.fullmatch(oktmo):
        raise CsvInvalid(f"line {number}: oktmo has 8 or 11 digits")
    return _guid(number, guid), oktmo or None, _guid(number, successor) if successor else None


def _guid(number: int, text: str) -> bytes:
    if not _GUID.fullmatch(text):
        raise CsvInvalid(f"line {number}: not a GUID in lower case with hyphens")
    return UUID(text).bytes


def _insert(connection: sqlite3.Connection, number: int, row: tuple[bytes, str | None, bytes | None]) -> None:
    try:
        connection.execute("INSERT INTO address VALUES (?, ?, ?, 'list', NULL)", row)
    except sqlite3.IntegrityError:
        raise CsvInvalid(f"line {number}: this address stands twice") from None


def _check_successors(connection: sqlite3.Connection) -> None:
    faults = {
        _DANGLING: "its successor is not in the table",
        _TOO_LONG: f"its successors go in a circle, or are more than {MAX_SUCCESSORS}",
    }
    for query, fault in faults.items():
        row = connection.execute(query).fetchone()
        if row is not None:
            raise CsvInvalid(f"{UUID(bytes=row[0])}: {fault}")


def _origin(csv_path: Path) -> tuple[str, str]:
    """The date of the data, and what it was: the file's date, its name and hash."""
    date = datetime.fromtimestamp(csv_path.stat().st_mtime, UTC).date().isoformat()
    with csv_path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return date, f"{csv_path.name} sha256:{digest}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

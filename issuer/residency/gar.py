"""The residency table from the state's address register (GAR): each address with its municipality.

For each object the register has versions (the last one in force or not), places in the municipal hierarchy
and parameters, of which type 7 is OKTMO. Records are staged in a temporary database on disk, so that memory
does not grow with the region, and joined there in sets.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from issuer.residency.build import replacing
from issuer.residency.gar_files import GarFiles, GarInvalid, elements
from issuer.residency.table import MAX_SUCCESSORS, VERSION, ResidencyTable, TableInvalid
from shared.territory import UnknownTerritory, municipality_of

OKTMO_TYPE: Final = "7"
"""AS_PARAM_TYPES: 7 is OKTMO."""

_OKTMO = re.compile(r"[0-9]{2}(?!000)[0-9]{6}(?:[0-9]{3})?")
"""8 or 11 digits, and not those of a whole region."""
_LEVELS: Final = 32
"""GAR has 17 levels; a hierarchy that is deeper goes in a circle."""

_STAGING: Final = """
CREATE TEMP TABLE object (id INTEGER PRIMARY KEY, guid BLOB, live INTEGER, since TEXT);
CREATE TEMP TABLE version (
    kind TEXT, id INTEGER, object INTEGER, next INTEGER, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TEMP TABLE place (object INTEGER PRIMARY KEY, parent INTEGER, oktmo TEXT, live INTEGER, since TEXT);
CREATE TEMP TABLE parameter (object INTEGER PRIMARY KEY, oktmo TEXT, live INTEGER, since TEXT);
CREATE TEMP TABLE found (
    object INTEGER PRIMARY KEY, oktmo TEXT, successor INTEGER, basis TEXT, above INTEGER
);
CREATE TEMP VIEW own AS SELECT object.id, place.oktmo AS placed, parameter.oktmo AS told,
    substr(place.oktmo, 1, 5) = substr(parameter.oktmo, 1, 5)
    AND substr(place.oktmo, 6, 3) = '000' AND substr(parameter.oktmo, 6, 3) <> '000' AS finer
FROM object LEFT JOIN place ON place.object = object.id AND place.live
            LEFT JOIN parameter ON parameter.object = object.id AND parameter.live
WHERE object.live;
"""
"""`finer`: the parameter names the settlement within the municipality that the hierarchy names."""
# Of several records of one object the live one stands, else the newest.
_OBJECT: Final = """
INSERT INTO object VALUES (:object, :guid, :live, :since)
ON CONFLICT (id) DO UPDATE SET live = excluded.live, since = excluded.since
WHERE (excluded.live, excluded.since) >= (live, since)
"""
_VERSION: Final = "INSERT OR REPLACE INTO version VALUES (:kind, :id, :object, :next)"
_PLACE: Final = """
INSERT INTO place VALUES (:object, :parent, :oktmo, :live, :since) ON CONFLICT (object)
DO UPDATE SET parent = excluded.parent, oktmo = excluded.oktmo, live = excluded.live, since = excluded.since
WHERE (excluded.live, excluded.since) >= (live, since)
"""
_PARAMETER: Final = """
INSERT INTO parameter VALUES (:object, :oktmo, :live, :since) ON CONFLICT (object)
DO UPDATE SET oktmo = excluded.oktmo, live = excluded.live, since = excluded.since
WHERE (excluded.live, excluded.since) >= (live, since)
"""

_OWN: Final = """
INSERT INTO found SELECT id, CASE WHEN finer THEN told ELSE coalesce(placed, told) END, NULL,
    CASE WHEN finer OR placed IS NULL THEN 'parameter' ELSE 'hierarchy' END, NULL
FROM own WHERE coalesce(placed, told) IS NOT NULL
"""
_ABOVE: Final = """
INSERT OR IGNORE INTO found SELECT object.id, found.oktmo, NULL, 'above', coalesce(found.above, found.object)
FROM object JOIN place ON place.object = object.id JOIN found ON found.object = place.parent
WHERE object.live AND place.live AND found.oktmo IS NOT NULL
"""
_REPLACED: Final = """
INSERT OR IGNORE INTO found SELECT object.id, NULL, later.object, NULL, NULL
FROM object JOIN version ON version.object = object.id
JOIN version AS later ON later.kind = version.kind AND later.id = version.next AND later.object <> object.id
JOIN found ON found.object = later.object
WHERE NOT object.live
"""
_LAST_KNOWN: Final = """
INSERT OR IGNORE INTO found
SELECT object.id, coalesce(place.oktmo, parameter.oktmo, above.oktmo), NULL, 'last-known', NULL
FROM object LEFT JOIN place ON place.object = object.id LEFT JOIN parameter ON parameter.object = object.id
LEFT JOIN found AS above ON above.object = place.parent
WHERE coalesce(place.oktmo, parameter.oktmo, above.oktmo) IS NOT NULL
"""
_TABLE: Final = """
INSERT INTO main.address SELECT object.guid, found.oktmo, later.guid, found.basis, above.guid
FROM found JOIN object ON object.id = found.object
LEFT JOIN object AS later ON later.id = found.successor LEFT JOIN object AS above ON above.id = found.above
ORDER BY object.guid
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made."""

    date: date
    addresses: int
    replaced: int
    """Addresses that stand for another, which replaced them."""
    nowhere: int
    """Addresses without a municipality; they are not in the table and will not be recognised."""
    unknown: dict[str, int]
    """Codes that our table of municipalities does not have, with their addresses."""


def import_gar(folder: Path, table_path: Path, *, smaller: bool = False) -> Imported:
    """Build the residency table from one region's folder of GAR and put it in place of the old one.

    `smaller` allows a table with less than nine tenths of the addresses of the old one: usually that is a
    part of a release, or one with changes alone. Raises GarInvalid and OSError; then the old table stands.
    """
    files = GarFiles.find(folder)
    with replacing(table_path) as connection:
        connection.executescript(_STAGING)
        _stage(connection, files)
        _resolve(connection)
        imported = _write(connection, files)
        if not smaller:
            _check_size(table_path, imported.addresses)
    return imported


def _stage(connection: sqlite3.Connection, files: GarFiles) -> None:
    _stage_objects(connection, files.objects, "OBJECT")
    if files.houses is not None:
        _stage_objects(connection, files.houses, "HOUSE")
    connection.executemany(_PLACE, _read(files.hierarchy, "ITEM", files.date))
    for path in (files.parameters, files.house_parameters):
        if path is not None:
            connection.executemany(_PARAMETER, _read(path, "PARAM", files.date))


def _stage_objects(connection: sqlite3.Connection, path: Path, tag: str) -> None:
    with closing(connection.cursor()) as cursor:
        for row in _read(path, tag, date.max):
            cursor.execute(_OBJECT, row)
            cursor.execute(_VERSION, row | {"kind": tag})


def _read(path: Path, tag: str, day: date) -> Iterator[dict[str, object]]:
    for number, attributes in enumerate(elements(path, tag), start=1):
        try:
            row = _ROWS[tag](attributes, day.isoformat())
        except (KeyError, ValueError) as error:
            what = f"no {error.args[0]}" if isinstance(error, KeyError) else "a value that cannot be read"
            raise GarInvalid(f"{path.name}, {tag} {number}: {what}") from None
        if row is not None:
            yield row


def _object(attributes: dict[str, str], _: str) -> dict[str, object]:
    return {
        "id": int(attributes["ID"]),
        "object": int(attributes["OBJECTID"]),
        "guid": UUID(attributes["OBJECTGUID"]).bytes,
        "next": int(attributes.get("NEXTID") or 0),
        "live": attributes["ISACTUAL"] == "1" and attributes["ISACTIVE"] == "1",
        "since": attributes["UPDATEDATE"],
    }


def _place(attributes: dict[str, str], _: str) -> dict[str, object]:
    return {
        "object": int(attributes["OBJECTID"]),
        "parent": int(attributes.get("PARENTOBJID") or 0),
        "oktmo": _code(attributes.get("OKTMO", "")),
        "live": attributes["ISACTIVE"] == "1",
        "since": attributes["STARTDATE"],
    }


def _parameter(attributes: dict[str, str], day: str) -> dict[str, object] | None:
    if attributes["TYPEID"] != OKTMO_TYPE or _code(attributes["VALUE"]) is None:
        return None
    return {
        "object": int(attributes["OBJECTID"]),
        "oktmo": attributes["VALUE"],
        "live": attributes["STARTDATE"] <= day < attributes["ENDDATE"],
        "since": attributes["STARTDATE"],
    }


_ROWS: Final = {"OBJECT": _object, "HOUSE": _object, "ITEM": _place, "PARAM": _parameter}


def _code(text: str) -> str | None:
    return text if _OKTMO.fullmatch(text) else None


def _resolve(connection: sqlite3.Connection) -> None:
    """What is in force, from itself and from above; then what was replaced; then what ended."""
    connection.execute(_OWN)
    _repeat(connection, _ABOVE, _LEVELS)
    _repeat(connection, _REPLACED, MAX_SUCCESSORS)
    _repeat(connection, _LAST_KNOWN, _LEVELS)
    _repeat(connection, _REPLACED, MAX_SUCCESSORS)


def _repeat(connection: sqlite3.Connection, statement: str, times: int) -> None:
    """Until it finds nothing more: each time one step further from what is known."""
    for _ in range(times):
        if connection.execute(statement).rowcount == 0:
            return


def _write(connection: sqlite3.Connection, files: GarFiles) -> Imported:
    try:
        connection.execute(_TABLE)
    except sqlite3.IntegrityError:
        raise GarInvalid(f"{files.objects.name}: two objects have the same GUID") from None
    source = f"GAR {files.date}"
    connection.execute("INSERT INTO meta VALUES (?, ?, ?)", (VERSION, files.date.isoformat(), source))
    objects, addresses, replaced = (
        int(connection.execute(query).fetchone()[0])
        for query in (
            "SELECT count(*) FROM object",
            "SELECT count(*) FROM main.address",
            "SELECT count(successor) FROM main.address",
        )
    )
    return Imported(files.date, addresses, replaced, objects - addresses, _unknown(connection))


def _unknown(connection: sqlite3.Connection) -> dict[str, int]:
    query = """
    SELECT substr(oktmo, 1, 5) || '000' AS code, count(*) FROM main.address
    WHERE oktmo IS NOT NULL GROUP BY code
    """
    return {code: count for code, count in connection.execute(query) if not _is_known(code)}


def _is_known(code: str) -> bool:
    try:
        municipality_of(code)
    except UnknownTerritory:
        return False
    return True


def _check_size(table_path: Path, addresses: int) -> None:
    try:
        before = ResidencyTable.open(table_path).count()
    except TableInvalid:
        return
    if addresses * 10 < before * 9:
        raise GarInvalid(
            f"{addresses} addresses, and the present table has {before}: a whole release has more"
        )

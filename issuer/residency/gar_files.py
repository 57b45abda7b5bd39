"""The files of one region of the state's address register (GAR), read as streams.

The register comes as a folder per region with one XML file per kind of record, each a flat list of elements
with attributes only. Names carry the day and the GUID of the release: AS_ADDR_OBJ_20261120_<guid>.XML.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Self
from xml.parsers import expat

_NAME: Final = re.compile(r"AS_([A-Z_]+)_([0-9]{8})_[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\.XML", re.I)
_CHUNK: Final = 1 << 16
_LONGEST: Final = 1 << 20
"""Bytes that one element may take: a file that is no such list is refused before it fills the memory."""


class GarInvalid(Exception):
    """The folder is no whole release of a region; the message names the file, and the line where it can."""


@dataclass(frozen=True, slots=True)
class GarFiles:
    """One release of one region."""

    date: date
    objects: Path
    hierarchy: Path
    parameters: Path
    houses: Path | None
    house_parameters: Path | None

    @classmethod
    def find(cls, folder: Path) -> Self:
        """The release in a folder. Raises GarInvalid when files miss or are of several releases; OSError."""
        found: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(folder.iterdir()):
            name = _NAME.fullmatch(path.name)
            if name is not None:
                found[name[1].upper()].append(path)
        objects, hierarchy, parameters = (
            _one(folder, found, kind) for kind in ("ADDR_OBJ", "MUN_HIERARCHY", "ADDR_OBJ_PARAMS")
        )
        houses = _one(folder, found, "HOUSES") if "HOUSES" in found else None
        of_houses = _one(folder, found, "HOUSES_PARAMS") if houses and "HOUSES_PARAMS" in found else None
        used = [path for path in (objects, hierarchy, parameters, houses, of_houses) if path]
        return cls(_day(folder, used), objects, hierarchy, parameters, houses, of_houses)


def elements(path: Path, tag: str) -> Iterator[dict[str, str]]:
    """The attributes of each element of that name, in order.

    Raises GarInvalid for what is not well-formed, for document types (and so entities), for endless elements.
    """
    reader = _Reader(tag)
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                yield from reader.feed(chunk)
            yield from reader.feed(b"")
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise GarInvalid(f"{path.name}, line {error.lineno}: {reason}") from None
        except (LookupError, ValueError):
            raise GarInvalid(f"{path.name}: an encoding that nobody knows") from None
        except _Refused as refused:
            raise GarInvalid(f"{path.name}, line {reader.line}: {refused}") from None


class _Refused(Exception):
    """Well-formed, and yet nothing that GAR would hold."""


class _Reader:
    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._found: list[dict[str, str]] = []
        self._fed = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes) -> list[dict[str, str]]:
        """What a chunk completes; the empty chunk ends the document."""
        self._found = []
        self._parser.Parse(chunk, not chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST:
            raise _Refused("an element is longer than a megabyte")
        return self._found

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._tag:
            self._found.append(attributes)

    def _doctype(self, *_: object) -> None:
        raise _Refused("a document type has no place here")


def _one(folder: Path, found: dict[str, list[Path]], kind: str) -> Path:
    paths = found[kind]
    if len(paths) != 1:
        many = "more than one" if paths else "no"
        raise GarInvalid(f"{folder}: {many} file AS_{kind}_(date)_(guid).XML")
    return paths[0]


def _day(folder: Path, paths: list[Path]) -> date:
    """The release's day, from the names of its files."""
    days = {match[2] for path in paths if (match := _NAME.fullmatch(path.name))}
    if len(days) != 1:
        raise GarInvalid(f"{folder}: files of several releases: {', '.join(sorted(days))}")
    try:
        return datetime.strptime(f"{days.pop()}+0000", "%Y%m%d%z").date()
    except ValueError:
        raise GarInvalid(f"{folder}: the names of the files have no date") from None

"""The made-up extract: the region's municipalities, settlements in the districts, streets, houses.

OKTMO is given in all the ways the register has: in the hierarchy, as a parameter, only above, in both with
the parameter being finer. The addresses of the ESIA stand's residents are among the streets. Every fiftieth
street was replaced by another one. Nothing is random: the same number gives the same bytes.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal
from uuid import UUID
from xml.sax.saxutils import quoteattr

from shared.territory import REGION, municipalities

DAY: Final = date(2026, 11, 20)
RELEASE: Final = "B2C3D4E5-0000-4000-8000-000000000001"
FOREVER: Final = "2079-06-06"
SETTLEMENTS: Final = 8
HOUSES: Final = 9
"""To each street."""

Way = Literal["hierarchy", "parameter", "above", "finer"]
WAYS: Final[tuple[Way, ...]] = ("hierarchy", "parameter", "above", "finer")


@dataclass(slots=True)
class Extract:
    """The elements of each file, and what is expected of some addresses."""

    objects: list[dict[str, object]] = field(default_factory=list)
    houses: list[dict[str, object]] = field(default_factory=list)
    items: list[dict[str, object]] = field(default_factory=list)
    params: list[dict[str, object]] = field(default_factory=list)
    expected: dict[UUID, str] = field(default_factory=dict)
    """OKTMO codes of 8 digits."""
    made: int = 0

    def add(self, guid: UUID, oktmo: str, parent: int, *, level: int, way: Way, **other: object) -> int:
        """One object in force; its OBJECTID."""
        self.made += 1
        number = 1_000_000 + self.made
        record = {"ID": number * 10, "OBJECTID": number, "OBJECTGUID": guid, "CHANGEID": number}
        rest = {
            "PREVID": 0, "NEXTID": 0, "UPDATEDATE": "2020-02-01", "STARTDATE": "2020-02-01",
            "ENDDATE": FOREVER, "ISACTUAL": 1, "ISACTIVE": 1,
        }  # fmt: skip
        if level == 10:
            self.houses.append(record | {"HOUSENUM": self.made % 90 + 1, "HOUSETYPE": 2} | rest | other)
        else:
            self.objects.append(record | {"NAME": f"Вымысел {self.made}", "LEVEL": level} | rest | other)
        self._say(number, parent, oktmo, way)
        self.expected[guid] = oktmo[:8]
        return number

    def _say(self, number: int, parent: int, oktmo: str, way: Way) -> None:
        item: dict[str, object] = {
            "ID": number,
            "OBJECTID": number,
            "PARENTOBJID": parent,
            "CHANGEID": number,
        }
        if way in ("hierarchy", "finer"):
            item["OKTMO"] = oktmo if way == "hierarchy" else oktmo[:5] + "000"
        self.items.append(item | {"STARTDATE": "2020-02-01", "ENDDATE": FOREVER, "ISACTIVE": 1})
        if way in ("parameter", "finer"):
            self.params.append(parameter(number, "7", "01799000001", ended=True))
            self.params.append(parameter(number, "7", oktmo))
        self.params.append(parameter(number, "5", "656000"))


def parameter(number: int, kind: str, value: str, *, ended: bool = False) -> dict[str, object]:
    """One PARAM; an ended one held until the end of 2020."""
    return {
        "ID": number, "OBJECTID": number, "CHANGEID": number, "CHANGEIDEND": int(ended), "TYPEID": kind,
        "VALUE": value, "UPDATEDATE": "2020-02-01", "STARTDATE": "2020-02-01",
        "ENDDATE": "2020-12-31" if ended else FOREVER,
    }  # fmt: skip


def made_up(addresses: int) -> Extract:
    """An extract of at least so many addresses."""
    extract = Extract()
    region = extract.add(_guid(1, 0), REGION, 0, level=1, way="hierarchy")
    del extract.expected[_guid(1, 0)]
    places = list(_settlements(extract, region))
    _residents(extract, dict(places))
    number = 0
    while extract.made < addresses:
        oktmo, parent = places[number % len(places)]
        _street(extract, number, oktmo, parent)
        number += 1
    return extract


def _settlements(extract: Extract, region: int) -> Iterator[tuple[str, int]]:
    for place in municipalities(DAY):
        upper = extract.add(_guid(2, int(place.code)), place.code, region, level=3, way="hierarchy")
        yield place.code, upper
        if place.kind == "district":
            for settlement in range(SETTLEMENTS):
                oktmo = f"{place.code[:5]}4{settlement + 1:02}"
                yield (
                    oktmo,
                    extract.add(_guid(3, int(oktmo)), oktmo, upper, level=4, way=WAYS[settlement % 2]),
                )


def _residents(extract: Extract, places: dict[str, int]) -> None:
    """The addresses of the stand's residents. One lies in another region: GAR's folder does not have it."""
    text = files("issuer.esia_stand").joinpath("addresses.csv").read_text("utf-8")
    rows = [
        row for row in csv.DictReader(text.splitlines()) if not row["oktmo"] or row["oktmo"][:2] == REGION[:2]
    ]
    made: dict[str, int] = {}
    for number, row in enumerate(sorted(rows, key=lambda row: row["oktmo"], reverse=True)):
        guid, oktmo = UUID(row["fias_guid"]), row["oktmo"]
        if oktmo:
            upper = places.get(oktmo[:5] + "000", 0)
            parent = places.get(oktmo) or extract.add(
                _guid(4, number), oktmo, upper, level=4, way="parameter"
            )
            made[row["fias_guid"]] = extract.add(guid, oktmo, parent, level=8, way=WAYS[number % 4])
        else:
            later = made[row["successor"]]
            _ended(extract, guid, extract.expected[UUID(row["successor"])], next_record=later * 10)


def _street(extract: Extract, number: int, oktmo: str, parent: int) -> None:
    code = oktmo if oktmo.endswith("000") else oktmo + "101"
    street = extract.add(_guid(5, number), code, parent, level=8, way=WAYS[number % 4])
    if number % 50 == 0:
        _ended(extract, _guid(6, number), oktmo, next_record=street * 10)
    for house in range(HOUSES):
        extract.add(_guid(7, number * HOUSES + house), oktmo, street, level=10, way="above")


def _ended(extract: Extract, guid: UUID, oktmo: str, *, next_record: int) -> None:
    """An address that was replaced by another record."""
    extract.add(guid, "", 0, level=8, way="above", NEXTID=next_record, ISACTUAL=0, ISACTIVE=0)
    extract.items.pop()
    extract.expected[guid] = oktmo[:8]


def _guid(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 96) | number | (0x4 << 76) | (0x8 << 60))


def write(extract: Extract, folder: Path) -> None:
    """The files of the extract, named as a release names them."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, root, tag, rows in (
        ("ADDR_OBJ", "ADDRESSOBJECTS", "OBJECT", extract.objects),
        ("HOUSES", "HOUSES", "HOUSE", extract.houses),
        ("MUN_HIERARCHY", "ITEMS", "ITEM", extract.items),
        ("ADDR_OBJ_PARAMS", "PARAMS", "PARAM", extract.params),
    ):
        with (folder / f"AS_{kind}_{DAY:%Y%m%d}_{RELEASE}.XML").open("w", encoding="utf-8") as file:
            file.write(f'<?xml version="1.0" encoding="utf-8"?><{root}>')
            for row in rows:
                file.write(
                    f"<{tag} {' '.join(f'{name}={quoteattr(str(value))}' for name, value in row.items())} />"
                )
            file.write(f"</{root}>")

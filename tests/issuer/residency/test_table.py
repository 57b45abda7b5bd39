"""The residency table: built whole or not at all, and honest about what it does not know."""

import sqlite3
from pathlib import Path
from uuid import UUID

import pytest

from issuer.residency.build import CsvInvalid, build
from issuer.residency.table import MAX_SUCCESSORS, ResidencyTable, TableInvalid
from shared.refusals import AddressNotRecognised

HEADER = "fias_guid,oktmo,successor\n"


def guid(number: int) -> str:
    return str(UUID(int=number))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "residency.sqlite"


def built(path: Path, rows: str, header: str = HEADER) -> ResidencyTable:
    csv = path.with_name("addresses.csv")
    csv.write_text(header + rows, "utf-8")
    build(csv, path)
    return ResidencyTable.open(path)


def chain(length: int) -> str:
    """An address that was replaced `length` times."""
    rows = [f"{guid(number)},,{guid(number + 1)}\n" for number in range(length)]
    return "".join(rows) + f"{guid(length)},01701000,\n"


def test_an_address_has_its_oktmo(path: Path) -> None:
    table = built(path, f"{guid(1)},01701000,\n{guid(2)},01632420101,\n")
    assert table.resolve(UUID(int=1)) == "01701000"
    assert table.resolve(UUID(int=2)) == "01632420101"


def test_an_unknown_address_is_not_recognised(path: Path) -> None:
    table = built(path, f"{guid(1)},01701000,\n")
    with pytest.raises(AddressNotRecognised):
        table.resolve(UUID(int=2))


@pytest.mark.parametrize("length", [1, MAX_SUCCESSORS])
def test_a_superseded_address_resolves_through_its_successors(path: Path, length: int) -> None:
    assert built(path, chain(length)).resolve(UUID(int=0)) == "01701000"


def test_a_chain_that_is_too_long_is_refused(path: Path) -> None:
    with pytest.raises(CsvInvalid, match=f"{guid(0)}: its successors go in a circle, or are more than 16"):
        built(path, chain(MAX_SUCCESSORS + 1))


@pytest.mark.parametrize("length", [1, 2, 40])
def test_a_circle_is_refused(path: Path, length: int) -> None:
    rows = [f"{guid(number)},,{guid((number + 1) % length)}\n" for number in range(length)]
    with pytest.raises(CsvInvalid, match="circle"):
        built(path, "".join(rows))


def test_a_circle_in_a_damaged_table_ends(path: Path) -> None:
    table = built(path, chain(1))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE address SET oktmo = NULL, successor = ?", (UUID(int=0).bytes,))
    with pytest.raises(AddressNotRecognised):
        table.resolve(UUID(int=0))


GOOD = f"{guid(1)},01701000,\n"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (GOOD + GOOD, "line 3: this address stands twice"),
        (GOOD + f"{guid(2)},0170100,\n", "line 3: oktmo has 8 or 11 digits"),
        (GOOD + f"{guid(2)},01701000\n", "line 3: 2 columns where 3 are due"),
        (GOOD + f"{guid(2)},01701000,,\n", "line 3: 4 columns where 3 are due"),
        (GOOD + f"{guid(2)},,\n", "line 3: an address has an oktmo or a successor, one of the two"),
        (GOOD + f"{guid(2)},01701000,{guid(1)}\n", "line 3: an address has an oktmo or a successor"),
        (GOOD + "x,01701000,\n", "line 3: not a GUID"),
        (GOOD + f"{str(UUID(int=0xABC << 4)).upper()},01701000,\n", "line 3: not a GUID in lower case"),
        (GOOD + f"{guid(2)},,{UUID(int=3).hex}\n", "line 3: not a GUID"),
        (GOOD + f"{guid(2)},,{guid(3)}\n", f"{guid(2)}: its successor is not in the table"),
        (GOOD + f'"{guid(2)}"x,01701000,\n', r"line 3: .* expected after"),
        (GOOD + f"{guid(2)},\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661,\n", "line 3: oktmo"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_the_old_table_stands(path: Path, rows: str, fault: str) -> None:
    table = built(path, f"{guid(7)},01705000,\n")
    with pytest.raises(CsvInvalid, match=fault):
        built(path, rows)
    assert table.resolve(UUID(int=7)) == "01705000"
    assert sorted(file.name for file in path.parent.iterdir()) == ["addresses.csv", "residency.sqlite"]


@pytest.mark.parametrize("header", ["", "fias_guid,oktmo\n", "oktmo,fias_guid,successor\n"])
def test_other_columns_are_refused(path: Path, header: str) -> None:
    with pytest.raises(CsvInvalid, match="line 1: the columns are fias_guid,oktmo,successor"):
        built(path, "" if not header else GOOD, header)
    assert not path.exists()


def test_bytes_that_are_no_text_are_refused(path: Path) -> None:
    csv = path.with_name("addresses.csv")
    csv.write_bytes(HEADER.encode() + b"\xff\xfe\n")
    with pytest.raises(CsvInvalid, match="line 2: not UTF-8"):
        build(csv, path)


def test_a_new_table_counts_at_once(path: Path) -> None:
    table = built(path, f"{guid(1)},01701000,\n")
    built(path, f"{guid(1)},01705000,\n")
    assert table.resolve(UUID(int=1)) == "01705000"


def test_a_table_tells_its_data(path: Path) -> None:
    table = built(path, GOOD)
    assert table.source.startswith("addresses.csv sha256:")
    assert len(table.date) == len("2026-11-23")


@pytest.mark.parametrize("content", [None, b"", b"not a database at all, whatever its name says", "version"])
def test_what_is_no_table_is_refused(path: Path, content: bytes | str | None) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "version":
        built(path, GOOD)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE meta SET version = '1'")
    with pytest.raises(TableInvalid, match=r"residency\.sqlite"):
        ResidencyTable.open(path)
    assert path.exists() is (content is not None)

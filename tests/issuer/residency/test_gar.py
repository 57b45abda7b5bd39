"""The import of GAR: every way in which the register tells a municipality, and what is no release."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from issuer.cli import main
from issuer.residency.gar import import_gar
from issuer.residency.gar_files import GarInvalid
from issuer.residency.table import ResidencyTable
from shared.refusals import AddressNotRecognised
from shared.territory import covers
from tests.gar.extract import RELEASE, Extract, made_up, parameter, write

STREET, LATER, UPPER = UUID(int=10), UUID(int=11), UUID(int=12)


def imported(extract: Extract, folder: Path) -> ResidencyTable:
    write(extract, folder / "22")
    import_gar(folder / "22", folder / "table")
    return ResidencyTable.open(folder / "table")


def path_of(folder: Path, kind: str) -> Path:
    return folder / "22" / f"AS_{kind}_20261120_{RELEASE}.XML"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> tuple[Extract, ResidencyTable]:
    extract = made_up(20_000)
    return extract, imported(extract, tmp_path_factory.mktemp("gar"))


def test_each_address_of_a_region_resolves_to_its_place(region: tuple[Extract, ResidencyTable]) -> None:
    extract, table = region
    wrong = [guid for guid, oktmo in extract.expected.items() if table.resolve(guid)[:8] != oktmo]
    assert len(extract.expected) >= 20_000
    assert wrong == []


def test_each_resident_of_the_stand_is_where_they_should_be(region: tuple[Extract, ResidencyTable]) -> None:
    """Who is registered in another region is not recognised: the table is of this region alone."""
    lines = files("issuer.esia_stand").joinpath("addresses.csv").read_text("utf-8").splitlines()[1:]
    for guid, oktmo, successor in (line.split(",") for line in lines):
        if oktmo.startswith("50"):
            with pytest.raises(AddressNotRecognised):
                region[1].resolve(UUID(guid))
        elif not successor:
            assert covers([oktmo], region[1].resolve(UUID(guid)))
            assert covers([oktmo[:5] + "000"], region[1].resolve(UUID(guid)))
        else:
            assert region[1].resolve(UUID(guid)) == region[1].resolve(UUID(successor))


def test_the_finer_code_of_the_same_municipality_wins(tmp_path: Path) -> None:
    extract = Extract()
    extract.add(STREET, "01604430101", 0, level=8, way="finer")
    assert imported(extract, tmp_path).resolve(STREET) == "01604430101"


def test_the_hierarchy_wins_over_a_parameter_of_another_municipality(tmp_path: Path) -> None:
    extract = Extract()
    number = extract.add(STREET, "01701000001", 0, level=8, way="hierarchy")
    extract.params.append(parameter(number, "7", "01705000001"))
    assert imported(extract, tmp_path).resolve(STREET) == "01701000001"


def test_a_parameter_that_has_ended_gives_way_to_the_address_above(tmp_path: Path) -> None:
    extract = Extract()
    upper = extract.add(UPPER, "01701000", 0, level=5, way="hierarchy")
    number = extract.add(STREET, "01701000", upper, level=8, way="above")
    extract.params.append(parameter(number, "7", "01705000001", ended=True))
    assert imported(extract, tmp_path).resolve(STREET) == "01701000"


def test_an_address_that_ended_without_a_successor_keeps_its_last_place(tmp_path: Path) -> None:
    extract = Extract()
    upper = extract.add(UPPER, "01701000", 0, level=5, way="hierarchy")
    extract.add(STREET, "", upper, level=8, way="above", ISACTUAL=0, ISACTIVE=0)
    assert imported(extract, tmp_path).resolve(STREET) == "01701000"


def test_addresses_that_replaced_each_other_in_a_circle_keep_their_last_places(tmp_path: Path) -> None:
    extract = Extract()
    first = extract.add(STREET, "01701000", 0, level=8, way="hierarchy", ISACTUAL=0)
    extract.add(LATER, "01705000", 0, level=8, way="hierarchy", ISACTUAL=0, NEXTID=first * 10)
    extract.objects[0]["NEXTID"] = extract.objects[1]["ID"]
    table = imported(extract, tmp_path)
    assert (table.resolve(STREET), table.resolve(LATER)) == ("01701000", "01705000")


def test_a_hierarchy_in_a_circle_has_no_place(tmp_path: Path) -> None:
    extract = Extract()
    first = extract.add(STREET, "", 0, level=8, way="above")
    second = extract.add(LATER, "", first, level=8, way="above")
    extract.items[0]["PARENTOBJID"] = second
    with pytest.raises(AddressNotRecognised):
        imported(extract, tmp_path).resolve(STREET)


def test_the_code_of_the_whole_region_is_no_place(tmp_path: Path) -> None:
    extract = Extract()
    extract.add(STREET, "01000000", 0, level=8, way="hierarchy")
    with pytest.raises(AddressNotRecognised):
        imported(extract, tmp_path).resolve(STREET)


def _without_hierarchy(folder: Path) -> None:
    path_of(folder, "MUN_HIERARCHY").unlink()


def _two_releases(folder: Path) -> None:
    path = path_of(folder, "MUN_HIERARCHY")
    path.rename(path.with_name(path.name.replace("20261120", "20261113")))


def _twice(folder: Path) -> None:
    path = path_of(folder, "HOUSES")
    path.with_name(path.name.replace(RELEASE, RELEASE[:-1] + "2")).write_bytes(path.read_bytes())


def _truncated(folder: Path) -> None:
    path = path_of(folder, "HOUSES")
    path.write_bytes(path.read_bytes()[:-100])


def _entities(folder: Path) -> None:
    path = path_of(folder, "HOUSES")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><HOUSES NOTE="&b;"/>'
    path.write_text(bomb, "utf-8")


def _wrong_encoding(folder: Path) -> None:
    path = path_of(folder, "ADDR_OBJ")
    path.write_bytes(path.read_text("utf-8").encode("cp1251"))


def _endless_element(folder: Path) -> None:
    path_of(folder, "HOUSES").write_bytes(b'<HOUSES><HOUSE NAME="' + b"a" * (1 << 22))


def _no_guid(folder: Path) -> None:
    path = path_of(folder, "ADDR_OBJ")
    path.write_text(path.read_text("utf-8").replace("OBJECTGUID", "GUID", 1), "utf-8")


def _same_guid(folder: Path) -> None:
    path = path_of(folder, "ADDR_OBJ")
    path.write_text(path.read_text("utf-8").replace(str(LATER), str(STREET)), "utf-8")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_without_hierarchy, "no file AS_MUN_HIERARCHY_"),
        (_two_releases, "files of several releases: 20261113, 20261120"),
        (_twice, "more than one file AS_HOUSES_"),
        (_truncated, "no element found|unclosed token"),
        (_entities, "a document type has no place here"),
        (_wrong_encoding, "not well-formed"),
        (_endless_element, "an element is longer than a megabyte"),
        (_no_guid, "OBJECT 1: no OBJECTGUID"),
        (_same_guid, "two objects have the same GUID"),
    ],
)
def test_what_is_no_release_leaves_the_old_table(
    tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    extract = Extract()
    upper = extract.add(STREET, "01701000", 0, level=8, way="hierarchy")
    extract.add(LATER, "01701000", upper, level=8, way="above")
    extract.add(UUID(int=13), "01701000", upper, level=10, way="above")
    table = imported(extract, tmp_path)
    before = table.path.read_bytes()
    harm(tmp_path)
    with pytest.raises(GarInvalid, match=said):
        import_gar(tmp_path / "22", table.path)
    assert table.path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["22", "table"]


def test_a_part_of_a_release_does_not_replace_a_whole_one(tmp_path: Path) -> None:
    table = imported(made_up(2_000), tmp_path)
    part = Extract()
    part.add(STREET, "01701000", 0, level=8, way="hierarchy")
    write(part, tmp_path / "22")
    command = ["residency", "import", str(tmp_path / "22"), str(table.path)]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "a whole release has more. The old table stands." in refused.output
    assert CliRunner().invoke(main, [*command, "--smaller"]).exit_code == 0
    assert ResidencyTable.open(table.path).count() == 1


def test_the_import_tells_codes_that_our_table_of_municipalities_lacks(tmp_path: Path) -> None:
    extract = Extract()
    extract.add(STREET, "01799000", 0, level=8, way="hierarchy")
    write(extract, tmp_path / "22")
    said = CliRunner().invoke(main, ["residency", "import", str(tmp_path / "22"), str(tmp_path / "table")])
    assert "No municipality of the region has the code 01799000: 1 addresses." in said.output


def test_check_explains_the_path(tmp_path: Path) -> None:
    extract = Extract()
    upper = extract.add(UPPER, "01701000", 0, level=5, way="hierarchy")
    later = extract.add(LATER, "01701000", upper, level=8, way="above")
    extract.add(STREET, "", 0, level=8, way="above", NEXTID=later * 10, ISACTUAL=0)
    table = imported(extract, tmp_path)
    check = ["residency", "check", "-", "--table", str(table.path)]
    said = CliRunner().invoke(main, check, input=f"{STREET}\n")
    assert said.output.splitlines() == [
        f"{STREET} was replaced by {LATER}",
        f"{LATER} has OKTMO 01701000, from {UPPER} above it",
        "01701000 is город Барнаул",
        "Table of 2026-11-20, GAR 2026-11-20.",
    ]
    unknown = CliRunner().invoke(main, check, input=f"{UUID(int=99)}\n")
    assert (unknown.exit_code, "not recognised" in unknown.output) == (1, True)

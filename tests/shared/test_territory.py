"""Who belongs to which territory, by OKTMO."""

from datetime import date

import pytest

from shared.territory import REGION, UnknownTerritory, covers, municipality_of, name_of, parse_table

BARNAUL = "01701000"
BIYSK = "01705000"
PAVLOVSK_DISTRICT = "01630000"
PAVLOVSK_VILLAGE = "01630430"
ZALESOVO_DISTRICT = "01612000"
ZALESOVO_OKRUG = "01512000"
GUESSED_OKRUG = "01514000"
OTHER_REGION = "71701000"

HEADER = "code,name,centre,kind,valid_from,valid_to,predecessor\n"


@pytest.mark.parametrize(
    ("oktmo", "municipality"),
    [
        (BARNAUL, BARNAUL),
        ("01701000001", BARNAUL),
        (PAVLOVSK_VILLAGE, PAVLOVSK_DISTRICT),
        ("01630430101", PAVLOVSK_DISTRICT),
    ],
)
def test_a_settlement_or_locality_leads_to_its_municipality(oktmo: str, municipality: str) -> None:
    assert municipality_of(oktmo) == municipality


@pytest.mark.parametrize(
    "oktmo",
    [
        "",
        "0170100",
        "017010001",
        "0170100000",
        "01701000 ",
        "01701000\n",
        "0170100a",
        "٠١٧٠١٠٠٠",
        "01701000-001",
    ],
)
def test_what_is_not_8_or_11_digits_is_unknown(oktmo: str) -> None:
    with pytest.raises(UnknownTerritory):
        municipality_of(oktmo)
    with pytest.raises(UnknownTerritory):
        covers([BARNAUL], oktmo)
    with pytest.raises(UnknownTerritory):
        covers([oktmo], BARNAUL)


@pytest.mark.parametrize("oktmo", [GUESSED_OKRUG, "01799000", REGION, OTHER_REGION])
def test_a_municipality_that_the_table_does_not_have_is_unknown(oktmo: str) -> None:
    with pytest.raises(UnknownTerritory):
        municipality_of(oktmo)


def test_an_unknown_code_is_not_repeated_in_the_message() -> None:
    with pytest.raises(UnknownTerritory) as refusal:
        municipality_of("01799123")
    assert "01799" not in str(refusal.value)


def test_a_city_covers_its_rural_localities_and_no_other_city() -> None:
    assert covers([BARNAUL], "01701000116")
    assert not covers([BARNAUL], BIYSK)


def test_a_district_does_not_cover_the_city_that_is_its_centre() -> None:
    assert not covers(["01604000"], BIYSK)
    assert not covers([BIYSK], "01604444")


def test_a_district_covers_its_settlements() -> None:
    assert covers([PAVLOVSK_DISTRICT], PAVLOVSK_VILLAGE)
    assert covers([PAVLOVSK_DISTRICT], "01630430101")


def test_a_settlement_covers_itself_alone() -> None:
    assert covers([PAVLOVSK_VILLAGE], "01630430101")
    assert not covers([PAVLOVSK_VILLAGE], "01630402")
    assert not covers([PAVLOVSK_VILLAGE], PAVLOVSK_DISTRICT)


def test_any_of_several_codes_is_enough() -> None:
    assert covers([BARNAUL, BIYSK], BIYSK)
    assert not covers([BARNAUL, BIYSK], PAVLOVSK_VILLAGE)


def test_the_region_covers_all_its_codes_even_those_the_table_does_not_have() -> None:
    assert covers([REGION], PAVLOVSK_VILLAGE)
    assert covers([REGION], GUESSED_OKRUG)


def test_another_region_is_outside() -> None:
    assert not covers([REGION], OTHER_REGION)
    assert not covers([BARNAUL], OTHER_REGION)


@pytest.mark.parametrize(
    ("territory", "oktmo"),
    [
        (ZALESOVO_DISTRICT, ZALESOVO_OKRUG),
        (ZALESOVO_OKRUG, ZALESOVO_DISTRICT),
        (ZALESOVO_OKRUG, "01612405101"),
    ],
)
def test_a_district_and_the_okrug_it_became_are_one_place(territory: str, oktmo: str) -> None:
    assert covers([territory], oktmo)


def test_an_okrug_is_not_another_district() -> None:
    assert not covers([ZALESOVO_OKRUG], "01613000")
    assert not covers(["01541000"], ZALESOVO_OKRUG)


def test_a_resident_of_an_unknown_municipality_is_not_called_a_non_resident() -> None:
    with pytest.raises(UnknownTerritory):
        covers([BARNAUL], GUESSED_OKRUG)


def test_an_unknown_territory_is_noticed_even_when_another_code_matches() -> None:
    with pytest.raises(UnknownTerritory):
        covers([BARNAUL, GUESSED_OKRUG], BARNAUL)


def test_a_name_goes_with_its_day() -> None:
    assert name_of(ZALESOVO_DISTRICT, date(2021, 12, 31)) == "Залесовский муниципальный район"
    assert name_of(ZALESOVO_OKRUG, date(2022, 1, 1)) == "Залесовский муниципальный округ"
    for code, day in ((ZALESOVO_DISTRICT, date(2022, 1, 1)), (ZALESOVO_OKRUG, date(2021, 12, 31))):
        with pytest.raises(UnknownTerritory):
            name_of(code, day)


def test_an_unknown_boundary_leaves_the_name_valid() -> None:
    assert name_of("01539000", date(2026, 11, 23)) == "муниципальный округ город Славгород"
    assert name_of("01719000", date(2026, 11, 23)) == "город Славгород"


def test_the_region_has_a_name_and_a_settlement_has_none_here() -> None:
    assert name_of(REGION, date(2026, 11, 23)) == "Алтайский край"
    with pytest.raises(UnknownTerritory):
        name_of(PAVLOVSK_VILLAGE, date(2026, 11, 23))


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("code,name\n", "columns"),
        (HEADER + "71701000,Тюмень,г Тюмень,urban okrug,,,\n", "not the code"),
        (HEADER + "01701001,Барнаул,г Барнаул,urban okrug,,,\n", "not the code"),
        (HEADER + "01701000,Барнаул,г Барнаул,town,,,\n", "kind"),
        (HEADER + "01701000,Барнаул,г Барнаул,urban okrug,1 января,,\n", "isoformat"),
        (HEADER + 2 * "01701000,Барнаул,г Барнаул,urban okrug,,,\n", "twice"),
        (HEADER + "01512000,Округ,с Залесово,municipal okrug,,,01612000\n", "predecessors"),
        (HEADER + "01512000,Округ,с Залесово,municipal okrug,,,01512000\n", "predecessors"),
    ],
)
def test_an_unsound_table_is_refused(table: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse_table(table)

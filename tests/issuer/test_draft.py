"""Drafts: a fault is told with the place where it stands."""

from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from crypto import hpke
from issuer.draft import DraftInvalid, assemble, parse_draft, read_draft
from shared.encoding import b64u
from shared.manifest import BallotBox, Issuer, ManifestInvalid
from tests.issuer.office import draft_yaml, sample_draft
from tests.samples import sealed

TRUSTEES = sealed(b"k" * 32)["sealing"]
BOX_KEY = b64u(hpke.public_key_of(b"b" * 32))


def service(kind: type[Any], host: str) -> Any:
    fields = {
        "url": f"http://{host}",
        "statement_key": b64u(host.encode().ljust(32)),
        "log_url": f"http://{host}/log/{'0' * 32}",
        "log_key": f"key of {host}",
    }
    return kind(**fields, name="Регистратор", token_key="AAAA") if kind is Issuer else kind(**fields)


def assembled(**changes: Any) -> Any:
    return assemble(
        sample_draft(**changes),
        issuers=[service(Issuer, "issuer")],
        ballot_box=service(BallotBox, "box"),
        sealing_key=BOX_KEY,
        client="http://client",
    ).manifest


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": {"en": 5}}, "title.en"),
        ({"titel": {"ru": "x"}}, "titel"),
        ({"closes_at": "2026-11-23T12:00:00"}, "closes_at"),
        ({"closes_at": "2026-11-23T12:00:00.5Z"}, "closes_at"),
        ({"closes_at": "завтра"}, "closes_at"),
        ({"opens_at": 5}, "opens_at"),
        ({"minimum_age": "18"}, "minimum_age"),
        ({"minimum_age": 13}, "minimum_age"),
        ({"territory": ["1701000"]}, "territory.0"),
        ({"territory": []}, "territory"),
        ({"residency": "любая"}, "residency"),
        ({"batch": {"floor": 0, "longest_wait": 1}}, "batch.floor"),
        ({"token_bits": 1024}, "token_bits"),
        ({"eligible_population": {"number": 0, "source": "x"}}, "eligible_population.number"),
        ({"questions": []}, "questions"),
        ({"include_by_seconds": 0}, "include_by_seconds"),
        ({"sealing": "later"}, "sealing.automatic"),
        ({"sealing": TRUSTEES | {"threshold": 0}}, "sealing.trustees.threshold"),
    ],
)
def test_a_fault_names_its_field(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(DraftInvalid, match=rf"^{place}: "):
        parse_draft(draft_yaml(**changes))


def test_a_missing_field_is_named() -> None:
    text = draft_yaml().replace(b"contact:", b"kontakt:")
    with pytest.raises(DraftInvalid, match="contact: Field required"):
        parse_draft(text)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"a: [", b"\xff\xfe", b"- x", b"!!python/object:os.x {}", b"? [a]\n: 1"]
)
def test_what_is_no_draft_is_refused(text: bytes) -> None:
    with pytest.raises(DraftInvalid):
        parse_draft(text)


def test_a_name_that_stands_twice_is_refused_with_its_line() -> None:
    with pytest.raises(DraftInvalid, match=r"line \d+: contact stands twice"):
        parse_draft(draft_yaml() + b"contact: other\n")


def test_a_file_that_is_not_there_or_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DraftInvalid, match="cannot be read"):
        read_draft(tmp_path / "none.yaml")
    (tmp_path / "long.yaml").write_bytes(b"#" * 200_001)
    with pytest.raises(DraftInvalid, match="longer than"):
        read_draft(tmp_path / "long.yaml")


def test_a_dash_reads_the_draft_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(draft_yaml())))
    assert read_draft(Path("-")) == parse_draft(draft_yaml())


def test_a_time_in_another_zone_is_the_same_draft() -> None:
    utc = sample_draft(closes_at="2026-11-23T13:00:00Z")
    assert utc.request() == sample_draft(closes_at="2026-11-23T20:00:00+07:00").request()


def test_another_draft_is_another_request() -> None:
    assert sample_draft().request() != sample_draft(dispute_days=11).request()


def test_a_time_that_yaml_reads_itself_is_accepted() -> None:
    text = draft_yaml().replace(b"'2026-11-23T13:00:00Z'", b"2026-11-23T13:00:00Z")
    assert text != draft_yaml()
    assert parse_draft(text) == sample_draft()


def test_places_ascend_and_bear_their_names() -> None:
    territory = assembled(territory=["01703000", "01701000"]).territory
    assert [place.oktmo for place in territory] == ["01701000", "01703000"]
    assert all(place.name for place in territory)


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(DraftInvalid, match="territory"):
        assembled(territory=["01999000"])


def test_times_out_of_order_are_refused() -> None:
    with pytest.raises(ManifestInvalid, match="opens_at < closes_at"):
        assembled(closes_at="2026-11-20T12:00:00Z")


def test_a_poll_is_open_unless_the_draft_seals_it() -> None:
    manifest = assembled()
    assert (manifest.result_mode, manifest.sealing) == ("live", None)


def test_what_the_ceremony_wrote_becomes_the_sealing() -> None:
    manifest = assembled(sealing=TRUSTEES)
    assert manifest.result_mode == "sealed"
    assert manifest.model_dump(mode="json")["sealing"] == TRUSTEES


def test_an_automatic_poll_is_sealed_for_the_boxs_key() -> None:
    sealing = assembled(sealing="automatic").sealing
    assert (sealing.custodian, sealing.public_key, sealing.trustees) == ("automatic", BOX_KEY, ())


def test_a_key_for_the_box_to_open_with_is_not_taken_from_a_draft() -> None:
    with pytest.raises(DraftInvalid, match=r"^sealing: "):
        assembled(sealing=TRUSTEES | {"custodian": "automatic", "threshold": 1, "trustees": []})


def test_a_sealing_key_that_is_no_point_is_named() -> None:
    with pytest.raises(DraftInvalid, match=r"^sealing.public_key: "):
        assembled(sealing=TRUSTEES | {"public_key": b64u(b"\x04" + bytes(64))})

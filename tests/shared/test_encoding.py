from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.encoding import (
    EncodingRefused,
    b64u,
    canonical_json,
    format_time,
    from_b64u,
    from_hex,
    parse_canonical,
    parse_time,
)


@given(st.binary(max_size=64))
def test_base64url_reads_back(data: bytes) -> None:
    assert from_b64u(b64u(data), size=len(data)) == data


@pytest.mark.parametrize("text", ["AA==", "AB", "A", "A A", "A+", "A/", "АА", "AA\n", "=", "AAA="])
def test_base64url_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(EncodingRefused):
        from_b64u(text)


@pytest.mark.parametrize("text", ["00", "0G", "AB" * 32, "0" * 63, "0" * 65])
def test_hex_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(EncodingRefused):
        from_hex(text, size=32)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(json_values)
def test_canonical_json_reads_back(value: object) -> None:
    assert parse_canonical(canonical_json(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" {}",
        b"{} ",
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":"\\u0061"}',
        b"\xff",
        b"[" * 5000,
        b"NaN",
    ],
)
def test_json_that_is_not_canonical_is_refused(data: bytes) -> None:
    with pytest.raises(EncodingRefused):
        parse_canonical(data)


def test_time_is_written_in_utc() -> None:
    altai = datetime(2026, 11, 23, 20, 0, tzinfo=timezone(timedelta(hours=7)))
    assert format_time(altai) == "2026-11-23T13:00:00Z"
    assert parse_time("2026-11-23T13:00:00Z") == altai.astimezone(UTC)
    assert format_time(parse_time("0026-11-23T13:00:00Z")) == "0026-11-23T13:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23",
        "2026-11-23T13:00:00",
        "2026-11-23T13:00:00.5Z",
        "2026-13-01T00:00:00Z",
        "٢026-11-23T13:00:00Z",
    ],
)
def test_time_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(EncodingRefused):
        parse_time(text)

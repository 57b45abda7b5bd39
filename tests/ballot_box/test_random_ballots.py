"""Whatever arrives: only the one honest byte string is taken, and nothing brings the box down."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.manifest import Poll
from tests.ballot_box.box import Box, refusal

SLUGS = {"ballot-malformed", "token-invalid", "ballot-signature-invalid", "answers-invalid"}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """One box for all examples."""
    return Box(Path(tmp_path_factory.mktemp("box")))


@pytest.fixture(scope="module")
def honest(box: Box) -> tuple[Poll, bytes]:
    """An honest ballot that is never sent."""
    poll = box.publish()
    return poll, box.ballot(poll)


def _refused(box: Box, poll: Poll, data: bytes) -> None:
    status, slug = refusal(box.cast(poll, data))
    assert (status, slug in SLUGS) == (422, True)
    assert box.waiting(poll) == 0


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
@pytest.mark.attack("A19")
def test_a_ballot_with_one_bit_flipped_is_refused(
    box: Box, honest: tuple[Poll, bytes], place: int, bit: int
) -> None:
    poll, ballot = honest
    at = place % len(ballot)
    _refused(box, poll, ballot[:at] + bytes([ballot[at] ^ 1 << bit]) + ballot[at + 1 :])


@given(start=st.integers(0, 600), size=st.integers(0, 600), filling=st.binary(max_size=300))
def test_a_ballot_with_a_part_replaced_is_refused(
    box: Box, honest: tuple[Poll, bytes], start: int, size: int, filling: bytes
) -> None:
    poll, ballot = honest
    mutated = ballot[:start] + filling + ballot[start + size :]
    if mutated != ballot:
        _refused(box, poll, mutated)


@given(data=st.binary(max_size=2000))
def test_random_bytes_are_refused(box: Box, honest: tuple[Poll, bytes], data: bytes) -> None:
    poll, ballot = honest
    _refused(box, poll, data)
    _refused(box, poll, ballot[:16] + data)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    path=st.text(max_size=40).map(str.encode) | st.binary(max_size=40),
    body=st.binary(max_size=200),
    media_type=st.sampled_from(
        ["application/json", "application/octet-stream", "text/html", "multipart/form-data"]
    ),
)
@pytest.mark.attack("A20")
def test_no_request_at_all_is_an_internal_error(
    box: Box, honest: tuple[Poll, bytes], method: str, path: bytes, body: bytes, media_type: str
) -> None:
    poll, _ = honest
    for where in (
        "/",
        f"/polls/{poll.poll_id.hex()}/",
        poll.manifest.ballot_box.log_url + "/",
        "/log/",
        "/logs",
    ):
        target = where.removeprefix(box.url) + path.decode("latin-1")
        environ = {"PATH_INFO": target}
        answer = box.http.open(method=method, data=body, content_type=media_type, environ_overrides=environ)
        assert answer.status_code != 500
    assert box.waiting(poll) == 0

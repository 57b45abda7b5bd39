"""Releases of the client at the box: signed by most issuers, in the catalogue, final, seen by everybody."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from crypto.errors import CryptoError
from crypto.merkle import leaf_hash
from crypto.tlog_proof import parse_proof
from shared.catalogue import PROOF, catalogue_url
from shared.client_release import LISTED, Release, ReleaseInvalid, parse_release, verify_release
from shared.encoding import canonical_json, parse_canonical
from tests.ballot_box.box import CLIENT_URL, ISSUER_SEED, STRANGER_SEED, Box, refusal

FILES = {
    "index.html": hashlib.sha256(b"page").hexdigest(),
    "assets/a.js": hashlib.sha256(b"code").hexdigest(),
}
RELEASE = Release(CLIENT_URL, "1.0.0", FILES).signed(ISSUER_SEED)


def send(box: Box, release: Release, **changes: Any) -> TestResponse:
    given = {"data": release.encoded, "content_type": "application/json"} | changes
    return box.http.put(f"/client-releases/{release.release_id.hex()}", **given)


def test_a_release_stands_in_the_catalogue_and_can_be_proven(box: Box) -> None:
    newer = Release(CLIENT_URL, "1.0.1", FILES).signed(ISSUER_SEED)
    assert [send(box, release).status_code for release in (RELEASE, RELEASE, newer)] == [201, 200, 201]
    ids = [release.release_id.hex() for release in (RELEASE, newer)]
    assert parse_canonical(box.get(LISTED)) == {"releases": ids}
    catalogue = box.trust.ballot_box.catalogue
    assert box.log_entries(catalogue_url(""), catalogue) == [RELEASE.leaf, newer.leaf]
    shown = parse_release(box.get(f"/client-releases/{ids[0]}/release.json"))
    verify_release(box.trust, shown)
    proof = parse_proof(box.get(f"/client-releases/{ids[0]}/{PROOF}"))
    assert proof.verify(catalogue, leaf_hash(shown.leaf)).size == 1
    with pytest.raises(CryptoError):
        proof.verify(catalogue, leaf_hash(newer.leaf))


@pytest.mark.parametrize(
    "release",
    [
        Release(CLIENT_URL, "1.0.0", FILES),
        Release(CLIENT_URL, "1.0.0", FILES).signed(STRANGER_SEED),
        Release(CLIENT_URL, "1.0.0", FILES, Release(CLIENT_URL, "2", FILES).signed(ISSUER_SEED).signatures),
        Release("http://evil.example", "1.0.0", FILES).signed(ISSUER_SEED),
    ],
    ids=["nobody", "a stranger", "another release", "another client"],
)
def test_a_release_that_most_issuers_did_not_sign_is_refused(box: Box, release: Release) -> None:
    assert refusal(send(box, release)) == (422, "release-refused")
    assert parse_canonical(box.get(LISTED)) == {"releases": []}
    assert refusal(box.http.get(f"/client-releases/{release.release_id.hex()}/release.json")) == (
        404,
        "not-found",
    )


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a b", "a/./b", "é"])
def test_a_release_that_breaks_the_form_is_malformed(box: Box, path: str) -> None:
    release = Release(CLIENT_URL, "1.0.0", {**FILES, path: FILES["index.html"]}).signed(ISSUER_SEED)
    assert refusal(send(box, release)) == (400, "malformed-request")
    assert refusal(send(box, RELEASE, data=RELEASE.encoded + b" ")) == (400, "malformed-request")
    assert refusal(box.http.put(f"/client-releases/{'0' * 64}", json={})) == (400, "malformed-request")


def test_a_release_that_is_there_keeps_its_signatures(box: Box) -> None:
    members = parse_canonical(RELEASE.encoded)
    send(box, RELEASE)
    members["signatures"] = []
    assert refusal(send(box, RELEASE, data=canonical_json(members))) == (422, "release-refused")
    assert box.get(f"/client-releases/{RELEASE.release_id.hex()}/release.json") == RELEASE.encoded


def test_more_than_half_of_several_issuers_must_sign(box: Box) -> None:
    first = box.trust.issuers[0]
    others = [
        first.model_copy(update={"url": f"http://127.0.0.{n}:1", "statement_key": _key(n)}) for n in (8, 9)
    ]
    trust = box.trust.model_copy(update={"issuers": (first, *others)})
    with pytest.raises(ReleaseInvalid, match="half"):
        verify_release(trust, RELEASE)
    verify_release(trust, RELEASE.signed(_seed(8)))


def test_a_release_names_every_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"page")
    (tmp_path / "assets" / "a.js").write_bytes(b"code")
    assert Release.of(tmp_path, client=CLIENT_URL, version="1").files == FILES
    (tmp_path / "index.html").unlink()
    with pytest.raises(ReleaseInvalid, match=r"index\.html"):
        Release.of(tmp_path, client=CLIENT_URL, version="1")


def _seed(number: int) -> bytes:
    return bytes([number]) * 32


def _key(number: int) -> str:
    return Release(CLIENT_URL, "1", FILES).signed(_seed(number)).signatures[0].statement_key

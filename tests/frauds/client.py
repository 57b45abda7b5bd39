"""Crimes with the client that residents are served: check 21."""

from crypto import ed25519
from shared.catalogue import PROOF
from shared.client_release import LISTED, Release, hash_of
from shared.encoding import b64u, canonical_json
from tests.frauds.case import crime
from tests.simulator import Election, honest_election, seed

FILES = {"assets/index.js": b"vote()", "index.html": b"<script src=assets/index.js></script>"}


def released() -> Election:
    """An honest election whose client serves a release in the catalogue."""
    election = honest_election()
    _serve(election, FILES)
    _publish(election, _release(election))
    return election


def _serve(election: Election, files: dict[str, bytes]) -> None:
    assert election.trust is not None
    for path, data in files.items():
        election.served[f"{election.trust.client}/{path.replace('index.html', '')}"] = data
    election.served[f"{election.trust.client}/trust.json"] = election.trust.to_bytes()


def _release(election: Election, signer: str = "issuer statement") -> Release:
    assert election.trust is not None
    hashes = {path: hash_of(data) for path, data in FILES.items()}
    return Release(election.trust.client, "1.0.0", hashes).signed(seed(signer))


def _publish(election: Election, release: Release, *, entry: bytes | None = None) -> None:
    """Show a release at the box, with the proof of its own entry or of another."""
    box, shown = election.poll.manifest.ballot_box.url, release.release_id.hex()
    election.served |= {
        box + LISTED: canonical_json({"releases": [shown]}),
        f"{box}/client-releases/{shown}/release.json": release.encoded,
        f"{box}/client-releases/{shown}/{PROOF}": election.catalogue_proof(entry or release.leaf),
    }


@crime(verdict="verified", start=released)
def honest_client(election: Election) -> None:
    """The client is the release that the catalogue names."""


@crime("client", start=released, attack="A17")
def client_with_other_code(election: Election) -> None:
    """The client's host serves a script that sends answers elsewhere."""
    _serve(election, {"assets/index.js": b"vote(); tell()"})


@crime("client", start=released, attack="A17")
def client_with_another_page(election: Election) -> None:
    """The client's page loads one script more than the release has."""
    _serve(election, {"index.html": b"<script src=assets/spy.js></script>"})


@crime("client", start=released, attack="A17")
def client_of_another_trust_root(election: Election) -> None:
    """The client's host pins another trust root than the one that is printed on posters."""
    assert election.trust is not None
    key = b64u(ed25519.public_key(seed("stranger")))
    stranger = election.trust.ballot_box.model_copy(update={"statement_key": key})
    other = election.trust.model_copy(update={"ballot_box": stranger})
    election.served[f"{election.trust.client}/trust.json"] = other.to_bytes()


@crime("client", start=released, attack="A17")
def client_release_never_published(election: Election) -> None:
    """The release that is served is not in the catalogue: it was shown to some residents only."""
    _publish(election, _release(election), entry=b"some other release")


@crime("client", start=released, attack="A17")
def client_release_signed_by_a_stranger(election: Election) -> None:
    """The box entered a release of its own in the catalogue, without the issuers."""
    _publish(election, _release(election, "stranger"))


@crime("client", start=released)
def client_without_a_release(election: Election) -> None:
    """No release of the client was ever published."""
    election.served[election.poll.manifest.ballot_box.url + LISTED] = canonical_json({"releases": []})

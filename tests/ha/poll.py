"""The poll of `make ha`: published by the commands, its ballots and requests for tokens made beforehand."""

import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import insert

from bench.record import ballots_of
from crypto.keys import load_token_key
from issuer import store, tables
from issuer.keys import VoterPseudonym, open_keys
from issuer.oauth.store import add_grant, digest, use_code
from issuer.polls import log_id, own_entry
from issuer.settings import read_settings
from shared.db import connect, read, write
from shared.encoding import b64u, canonical_json, format_time, from_b64u
from shared.issuance_promise import issuance_leaf
from shared.log.sequencer import append_all
from shared.manifest import Poll
from tests.ha.region import Region
from tests.issuer.office import draft_yaml
from tests.samples import sample_members

CHUNK: Final = 500
"""Rows in one transaction: the services go on meanwhile."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one resident asks the issuer for."""

    pseudonym: VoterPseudonym
    message: bytes
    access_token: str


def publish(region: Region, closes_at: datetime) -> Poll:
    """Publish a poll that is open from now until then."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    texts = {name: sample_members()[name] for name in ("title", "description", "languages", "questions")}
    times = dict.fromkeys(("issuance_opens_at", "opens_at"), format_time(now))
    path = region.folder / "poll.yaml"
    times["closes_at"] = format_time(closes_at)
    path.write_bytes(draft_yaml(**texts, **times, batch={"floor": 20, "longest_wait": 3}))
    poll_id = bytes.fromhex(region.publish_draft(path))
    with read(connect(region.database("issuer"))) as conn:
        poll = store.find_poll(conn, poll_id)
    assert poll is not None
    return poll


def make_ballots(region: Region, poll: Poll, number: int) -> list[bytes]:
    """Ballots with tokens of the poll's key; the issuances of their tokens stand in the issuer's database."""
    os.environ.update(region.environment())
    key = open_keys(read_settings()).token_key(poll.poll_id)
    parts = [min(CHUNK, number - at) for at in range(0, number, CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(ballots_of, [poll.manifest_bytes] * len(parts), [key] * len(parts), parts)
        ballots = [ballot for part in made for ballot in part]
    for part in parts:
        _keep_issuances(region, poll, part)
    return ballots


def make_requests(region: Region, poll: Poll, number: int) -> list[Request]:
    """Residents who have signed in and have no token yet."""
    key = load_token_key(from_b64u(poll.manifest.issuers[0].token_key))
    made = [
        Request(
            VoterPseudonym(secrets.token_bytes(32)),
            (1 + secrets.randbelow(key.n - 1)).to_bytes(key.size, "big"),
            secrets.token_urlsafe(32),
        )
        for _ in range(number)
    ]
    for at in range(0, number, CHUNK):
        _grant(region, poll, made[at : at + CHUNK])
    return made


def ballot_request(region: Region, poll: Poll, ballot: bytes) -> bytes:
    """A ballot as an HTTP request."""
    kind = "application/octet-stream"
    return _post(region.url("box"), f"/polls/{poll.poll_id.hex()}/ballots", kind, "", ballot)


def token_request(region: Region, poll: Poll, request: Request) -> bytes:
    """A request for a token as an HTTP request."""
    body = canonical_json({"blinded_message": b64u(request.message)})
    bearer = f"Authorization: Bearer {request.access_token}\r\n"
    path = f"/polls/{poll.poll_id.hex()}/token"
    return _post(region.url("issuer"), path, "application/json", bearer, body)


def _post(origin: str, path: str, kind: str, header: str, body: bytes) -> bytes:
    host = origin.removeprefix("http://")
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n{header}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _keep_issuances(region: Region, poll: Poll, number: int) -> None:
    """What the desk leaves of so many issuances."""
    rows = [
        {
            "poll_id": poll.poll_id,
            "pseudonym": secrets.token_bytes(32),
            "nonce": secrets.token_bytes(32),
            "blinded_message": secrets.token_bytes(256),
            "blind_signature": secrets.token_bytes(256),
        }
        for _ in range(number)
    ]
    leaves = [
        issuance_leaf(poll.poll_id, VoterPseudonym(row["pseudonym"]), row["nonce"], row["blinded_message"])
        for row in rows
    ]
    with write(connect(region.database("issuer"))) as conn:
        conn.execute(insert(tables.issuance), rows)
        append_all(conn, tables.log, log_id(own_entry(poll, region.url("issuer"))), leaves)


def _grant(region: Region, poll: Poll, requests: Sequence[Request]) -> None:
    now = datetime.now(UTC)
    with write(connect(region.database("issuer"))) as conn:
        for one in requests:
            code = secrets.token_urlsafe(32)
            add_grant(conn, code, "0" * 43, {poll.poll_id: one.pseudonym}, now)
            assert use_code(conn, digest(code), one.access_token, now + timedelta(hours=2))

"""Issuance over HTTP, durable: the server on core 0, the load on core 1, beside `openssl speed`."""

import os
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import insert

from bench.load import Answer, drive, percentile
from bench.openssl import rsa_rates
from bench.record import VAR
from bench.rows import QUICK, Row, best, share
from bench.server import served
from issuer.keys import VoterPseudonym
from issuer.oauth.store import digest
from issuer.oauth.tables import granted_poll, oauth_grant
from shared.db import write
from shared.encoding import b64u, format_time
from shared.manifest import Poll
from tests.issuer.office import Office, sample_draft
from tests.watch import Watch

HOST: Final = "127.0.0.3"
CONNECTIONS: Final = 128
ROUNDS: Final = 3
GOALS: Final = {2048: 0.35, 3072: 0.65}


def rows() -> list[Row]:
    """Tokens per second at each size, as a share of the bare signing rate, and how long they took."""
    return [row for bits in GOALS for row in _rows(bits)]


def _rows(bits: int) -> list[Row]:
    number = {2048: 4000, 3072: 2000}[bits] // (3 if QUICK else 1)
    with tempfile.TemporaryDirectory(dir=VAR) as name:
        office = opened(Path(name), bits)
        requests = prepared(office, number)
        office.engine.dispose()
        os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
        try:
            with served(HOST, "issuer.asgi:app", "asgi", environment(office)) as server:
                address, answers, before = (HOST, server.port), list[Answer](), server.seconds
                parts = [requests[at::ROUNDS] for at in range(ROUNDS)]
                rate, limit = best(_round(address, bits, part, answers) for part in parts)
                spent = server.seconds - before
        finally:
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
    assert {answer.status for answer in answers} == {200}
    name = f"issuance over HTTP, {bits}"
    return [
        share(name, rate, "per second", limit, GOALS[bits]),
        share(f"{name}, by the server's processor time", number / spent, "per second", limit),
        Row(f"{name}, p99 of {CONNECTIONS} at once", percentile(answers, 0.99) * 1000, "ms"),
    ]


def _round(
    address: tuple[str, int], bits: int, requests: list[bytes], all_answers: list[Answer]
) -> tuple[float, float]:
    """Tokens a second, and the bare signing rate before and after."""
    limit, _ = rsa_rates(bits)
    answers, seconds = drive(address, requests, connections=CONNECTIONS)
    all_answers += answers
    return len(answers) / seconds, (limit + rsa_rates(bits)[0]) / 2


def opened(folder: Path, bits: int) -> Office:
    """An issuer in this folder whose poll gives tokens now."""
    now = datetime.now(UTC).replace(microsecond=0)
    office = Office(folder, Watch(now), {"token_bits": bits, "url": f"http://{HOST}:8000"})
    office.prepare_sign_in()
    return office


def published(office: Office) -> Poll:
    """A poll that is open for an hour."""
    now = office.watch()
    opens, closes = format_time(now - timedelta(hours=1)), format_time(now + timedelta(hours=1))
    return office.publish(sample_draft(issuance_opens_at=opens, opens_at=opens, closes_at=closes))


def environment(office: Office) -> dict[str, str]:
    """The settings as the commands read them."""
    return {f"VECHE_ISSUER_{name.upper()}": str(value) for name, value in office.members().items()}


def prepared(office: Office, number: int) -> list[bytes]:
    """So many residents with a grant, each with the request for a token."""
    poll, expires = published(office), int((office.watch() + timedelta(hours=1)).timestamp())
    tokens = [secrets.token_urlsafe(32) for _ in range(number)]
    grants = [
        {
            "code": secrets.token_bytes(32),
            "code_challenge": "",
            "access_token": digest(token),
            "expires_at": expires,
        }
        for token in tokens
    ]
    polls = [
        {"code": grant["code"], "poll_id": poll.poll_id, "pseudonym": VoterPseudonym(secrets.token_bytes(32))}
        for grant in grants
    ]
    with write(office.engine) as conn:
        conn.execute(insert(oauth_grant), grants)
        conn.execute(insert(granted_poll), polls)
    size = office.settings.token_bits // 8
    return [_request(poll, token, bytes(1) + secrets.token_bytes(size - 1)) for token in tokens]


def _request(poll: Poll, token: str, blinded: bytes) -> bytes:
    body = f'{{"blinded_message":"{b64u(blinded)}"}}'.encode()
    head = (
        f"POST /polls/{poll.poll_id.hex()}/token HTTP/1.1\r\nHost: {HOST}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body

"""A ballot box with real files, database and keys, and an issuer's keys to publish and vote with."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from auditor.source import NotThere
from ballot_box import tables
from ballot_box.app import create_app
from ballot_box.catalogue import create_catalogue
from ballot_box.migrations import upgrade
from ballot_box.services import open_services
from ballot_box.settings import Settings
from ballot_box.state import State
from ballot_box.worker import Worker
from crypto import ed25519
from crypto.checkpoint import Checkpoint, open_checkpoint
from crypto.merkle import leaf_hash, root_of
from crypto.signed_note import VerifierKey
from crypto.tiles import bundles_of, decode_bundle
from shared.db import connect, read, write
from shared.encoding import b64u, format_time
from shared.log.sequencer import sequence, waiting
from shared.manifest import Poll, build_manifest
from shared.publication import log_request_statement, sign_manifest, signature_members
from shared.trust import TrustRoot
from tests.databases import database_url, lay_out
from tests.samples import LOG_PATH, sample_members
from tests.simulator import ANSWERS, Election, log_key, seed, token_key
from tests.watch import NOON, Watch

ISSUER_URL, BOX_URL, CLIENT_URL = "http://127.0.0.3:8000", "http://127.0.0.4:8000", "http://127.0.0.5:8000"
ISSUER_SEED, STRANGER_SEED = seed("issuer statement"), seed("stranger")


@dataclass
class Box:
    """An initialised ballot box under a folder, and the one issuer that it pins."""

    folder: Path
    watch: Watch = field(default_factory=Watch)
    url: str = BOX_URL

    lease: float = 0
    witnesses: tuple[str, ...] = ()
    """As the setting has them; all are due."""
    database: str = ""
    """A URL; by default a database of this folder."""

    def __post_init__(self) -> None:
        if not self.database:
            lay_out(self.folder / "box.sqlite", upgrade)
        self.settings = Settings.model_validate(self.members())
        self.state, self.engine = State(self.settings.state), connect(self.settings.database)
        self.state.create()
        if self.database:
            upgrade(self.engine)
        with write(self.engine) as conn:
            create_catalogue(conn)
        self.settings.trust.write_bytes(self.trust.to_bytes())
        self.worker = self.new_worker()

    def members(self) -> dict[str, Any]:
        """The settings, by name."""
        return {
            "url": self.url,
            "database": self.database or database_url(self.folder / "box.sqlite"),
            "state": self.folder / "state",
            "client": CLIENT_URL,
            "trust": self.folder / "trust.json",
            "witnesses": self.witnesses,
            "quorum": len(self.witnesses),
            "lease": self.lease,
            "reserve": 0,
        }

    def environment(self) -> dict[str, str]:
        """The same as the commands read them."""
        members = self.members() | {"witnesses": json.dumps(self.witnesses)}
        return {f"VECHE_BOX_{name.upper()}": str(value) for name, value in members.items()}

    @property
    def trust(self) -> TrustRoot:
        """The trust root that names this box and its issuer."""
        issuer_key = b64u(ed25519.public_key(ISSUER_SEED))
        return TrustRoot.model_validate(
            {
                "format": "veche/trust/v1",
                "issuers": [{"name": "Регистратор", "statement_key": issuer_key, "url": ISSUER_URL}],
                "ballot_box": {
                    "catalogue_key": str(self.state.catalogue_key(self.url)),
                    "statement_key": b64u(self.state.statement_key()),
                    "url": self.url,
                },
                "client": CLIENT_URL,
            }
        )

    @cached_property
    def http(self) -> FlaskClient:
        """A client of the application."""
        return self.new_http()

    def new_http(self) -> FlaskClient:
        """A client of an application of its own, as another process would have it."""
        return create_app(self.settings, self.watch).test_client()

    def new_worker(self) -> Worker:
        """A worker as another process would have it."""
        return Worker(open_services(self.settings, self.watch))

    def ask_log(self, request: str = "ab" * 32) -> TestResponse:
        """Step 2 of publication."""
        return self.http.post("/logs", json=log_request(self.url, request, ISSUER_SEED))

    def draft(self, request: str = "ab" * 32, **changes: Any) -> Poll:
        """A manifest with the log that is given for this request; open an hour before and after NOON."""
        return build_manifest(poll_members(self.ask_log(request).get_json()) | changes)

    def put(self, poll: Poll, **changes: Any) -> TestResponse:
        """Step 3 of publication."""
        return self.http.put(f"/polls/{poll.poll_id.hex()}", json=publication(poll) | changes)

    def publish(self, request: str = "ab" * 32, **changes: Any) -> Poll:
        """The whole publication of a poll."""
        poll = self.draft(request, **changes)
        assert self.put(poll).status_code == 201
        return poll

    def ballot(self, poll: Poll, answers: Any = ANSWERS[0], **changes: Any) -> bytes:
        """A ballot with a fresh key and token."""
        return Election(poll).ballot(answers, **changes)

    def cast(
        self, poll: Poll, ballot: bytes, http: FlaskClient | None = None, **changes: Any
    ) -> TestResponse:
        """Send a ballot."""
        given = {"data": ballot, "content_type": "application/octet-stream"} | changes
        return (http or self.http).post(f"/polls/{poll.poll_id.hex()}/ballots", **given)

    def get(self, url: str) -> bytes:
        """The bytes of a URL or path of the box. Raises NotThere."""
        response = self.http.get(url.removeprefix(self.url))
        if response.status_code != 200:
            raise NotThere(url)
        return bytes(response.data)

    def checkpoint(self, poll: Poll) -> Checkpoint:
        """The published checkpoint, verified."""
        entry = poll.manifest.ballot_box
        return open_checkpoint(self.get(f"{entry.log_url}/checkpoint"), VerifierKey.parse(entry.log_key))

    def leaves(self, poll: Poll) -> list[bytes]:
        """All published leaves of a poll, checked against the checkpoint."""
        entry = poll.manifest.ballot_box
        return self.log_entries(entry.log_url, VerifierKey.parse(entry.log_key))

    def log_entries(self, log_url: str, key: VerifierKey) -> list[bytes]:
        """All published entries of a log, checked against its checkpoint."""
        head = open_checkpoint(self.get(f"{log_url}/checkpoint"), key)
        leaves: list[bytes] = []
        for bundle in bundles_of(head.size):
            leaves += decode_bundle(self.get(f"{log_url}/{bundle.path()}"), bundle.width)
        assert root_of(map(leaf_hash, leaves)) == head.root
        return leaves

    def waiting(self, poll: Poll) -> int:
        """How many ballots wait for their index."""
        with read(self.engine) as conn:
            return waiting(conn, tables.log, poll.manifest.ballot_box.log_url.rpartition("/")[2])

    def log_sequenced(self, conn: Connection, poll: Poll) -> None:
        """Give what waits its indices, in a transaction of the test."""
        log_id = poll.manifest.ballot_box.log_url.rpartition("/")[2]
        sequence(conn, tables.log, log_id, lambda _: None)

    def close(self, poll: Poll) -> None:
        """Let the poll's time pass and the worker do its work."""
        self.watch.now = poll.manifest.closes_at
        self.worker.step()


def log_request(box: str, request: str, key: bytes) -> dict[str, Any]:
    """A signed request for a log."""
    statement = log_request_statement(box=box, issuer=ISSUER_URL, request=bytes.fromhex(request))
    return {"request": request, "issuer": ISSUER_URL, "signature": b64u(ed25519.sign(key, statement))}


def poll_members(offer: dict[str, str], now: datetime = NOON) -> dict[str, Any]:
    """Members of a manifest in the log that the box offered."""
    members = sample_members(
        ballot_box={name: value for name, value in offer.items() if name != "sealing_key"},
        issuance_opens_at=format_time(now - timedelta(hours=1)),
        opens_at=format_time(now - timedelta(hours=1)),
        closes_at=format_time(now + timedelta(hours=1)),
        include_by=format_time(now + timedelta(hours=2)),
    )
    members["issuers"][0] |= {
        "statement_key": b64u(ed25519.public_key(ISSUER_SEED)),
        "token_key": b64u(token_key(0).der),
        "log_key": log_key(ISSUER_URL + LOG_PATH, seed("issuer log")),
    }
    return members


def publication(poll: Poll, key: bytes = ISSUER_SEED) -> dict[str, Any]:
    """The body of step 3."""
    signatures = [sign_manifest(key, poll, 0)]
    return {"manifest": b64u(poll.manifest_bytes), "signatures": signature_members(signatures)}


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and slug of a problem."""
    assert response.content_type == "application/problem+json"
    return response.status_code, response.get_json(force=True)["type"].removeprefix("urn:veche:problem:")

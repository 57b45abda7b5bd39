"""An issuer with real files, a real database and real keys, and a ballot box to publish to."""

import atexit
import json
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import yaml

from crypto import ed25519, hpke
from crypto.blind_rsa import client as blind
from crypto.keys import load_token_key
from crypto.signed_note import VerifierKey
from issuer.admin.press import Press
from issuer.custody import make_kek
from issuer.draft import Draft, parse_draft
from issuer.esia_stand.register import register
from issuer.issuance import TokenDesk
from issuer.keys import VoterPseudonym, open_keys
from issuer.migrations import upgrade
from issuer.oauth.store import add_grant, digest, use_code
from issuer.publication import Publisher
from issuer.residency.build import build
from issuer.settings import Settings
from issuer.worker import Worker
from shared.catalogue import catalogue_url
from shared.db import connect, write
from shared.encoding import b64u, format_time, from_b64u
from shared.manifest import Poll, parse_manifest
from shared.publication import log_request_statement, parse_signatures, verify_manifest_signatures
from shared.token import token_message
from shared.trust import TrustRoot
from tests.databases import database_url, lay_out
from tests.simulator import log_key
from tests.watch import NOON, Watch

ADDRESSES = Path(__file__).parents[2] / "issuer" / "esia_stand" / "addresses.csv"
ISSUER_URL, BOX_URL, CLIENT_URL = "http://127.0.0.3:8000", "http://127.0.0.4:8000", "http://127.0.0.5:8000"


@dataclass
class BoxStand:
    """The box's side of publication (docs/protocol.md 3.6), with faults that a test switches on."""

    url: str
    issuer_key: bytes
    seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    logs: dict[str, dict[str, str]] = field(default_factory=dict)
    polls: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    down: bool = False
    lose_reply_to: str = ""
    refuse: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        if self.refuse:
            return httpx.Response(self.refuse, json={"type": "urn:veche:problem:manifest-refused"})
        if (
            request.url.path.endswith(("/cancellation", "/decision"))
            or "/client-releases/" in request.url.path
        ):
            self.said[request.url.path.rpartition("/")[2]] = request.content
            if request.method == self.lose_reply_to:
                raise httpx.ReadError("reset", request=request)
            return httpx.Response(201, json={})
        answer = self._log(request) if request.url.path == "/logs" else self._poll(request)
        if request.method == self.lose_reply_to:
            raise httpx.ReadError("reset", request=request)
        return answer

    def _log(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        wanted = bytes.fromhex(body["request"])
        statement = log_request_statement(box=self.url, issuer=body["issuer"], request=wanted)
        ed25519.verify(self.issuer_key, statement, from_b64u(body["signature"]))
        return httpx.Response(200, json=self.logs.setdefault(body["request"], self._new_log()))

    def _new_log(self) -> dict[str, str]:
        log_url = f"{self.url}/log/{secrets.token_hex(16)}"
        public = ed25519.public_key(secrets.token_bytes(32))
        return {
            "log_key": str(VerifierKey(log_url.removeprefix("http://"), public)),
            "log_url": log_url,
            "sealing_key": b64u(hpke.public_key_of(b"TEST KEY sealing".ljust(32))),
            "statement_key": b64u(ed25519.public_key(self.seed)),
            "url": self.url,
        }

    def _poll(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        poll = parse_manifest(from_b64u(body["manifest"]))
        signatures = json.dumps({"signatures": body["signatures"]}, separators=(",", ":")).encode()
        verify_manifest_signatures(poll, parse_signatures(signatures))
        poll_id = poll.poll_id.hex()
        assert request.url.path == f"/polls/{poll_id}"
        known = poll_id in self.polls
        self.polls[poll_id] = poll.manifest_bytes
        return httpx.Response(200 if known else 201, json={"poll_id": poll_id})


@cache
def prepared() -> Path:
    """A directory of the stand with its keys, and a residency table of today: made once."""
    folder = Path(tempfile.mkdtemp(prefix="veche-stand-"))
    atexit.register(shutil.rmtree, folder)
    register(folder / "esia")
    build(Path(shutil.copyfile(ADDRESSES, folder / ADDRESSES.name)), folder / "residency.sqlite")
    return folder


@dataclass
class Office:
    """An initialised issuer under a folder."""

    folder: Path
    watch: Watch = field(default_factory=Watch)
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lay_out(self.folder / "issuer.sqlite", upgrade)
        self.settings = Settings.model_validate(self.members())
        make_kek(self.settings)
        self.keys, self.engine = open_keys(self.settings), connect(self.settings.database)
        self.keys.create()
        self.box = BoxStand(self.settings.box, self.keys.statement_key())
        self.settings.trust.write_bytes(self.trust.to_bytes())
        self.desk = self.new_desk()
        self.worker = Worker(self.settings, self.engine, self.keys, self.watch)

    def environment(self) -> dict[str, str]:
        """The settings as the commands read them."""
        return {f"VECHE_ISSUER_{name.upper()}": str(value) for name, value in self.members().items()}

    def members(self) -> dict[str, Any]:
        """The settings, by name."""
        folder = self.folder
        return {
            "url": ISSUER_URL,
            "name": "Регистратор",
            "database": database_url(folder / "issuer.sqlite"),
            "state": folder / "state",
            "kek_file": folder / "kek",
            "client": CLIENT_URL,
            "box": BOX_URL,
            "trust": folder / "trust.json",
            "esia_url": "http://127.0.0.2:8000",
            "esia_client_id": "VECHE22",
            "esia_key": folder / "esia" / "client.key.pem",
            "esia_certificate": folder / "esia" / "client.cert.der",
            "esia_verification": str(folder / "esia" / "esia.rsa.cert.der"),
            "residency": folder / "residency.sqlite",
            "token_bits": 2048,
        } | self.changes

    @property
    def trust(self) -> TrustRoot:
        """The trust root that names this issuer and its box."""
        issuer = {
            "name": "Регистратор",
            "statement_key": b64u(self.keys.statement_key()),
            "url": self.settings.url,
        }
        box = {
            "catalogue_key": log_key(catalogue_url(self.box.url), self.box.seed),
            "statement_key": b64u(ed25519.public_key(self.box.seed)),
            "url": self.box.url,
        }
        return TrustRoot.model_validate(
            {"format": "veche/trust/v1", "issuers": [issuer], "ballot_box": box, "client": CLIENT_URL}
        )

    def publish(self, draft: Draft | None = None, trust: TrustRoot | None = None) -> Poll:
        """Publish a draft to the box."""
        with httpx.Client(transport=httpx.MockTransport(self.box)) as http:
            publisher = Publisher(self.settings, self.engine, self.keys, trust or self.trust, http)
            return publisher.publish(draft or sample_draft(), self.watch())

    def new_press(self) -> Press:
        """The press that publishes drafts of the office to the box."""
        http = httpx.Client(transport=httpx.MockTransport(self.box))
        return Press(self.settings, self.engine, self.keys, self.trust, http)

    def new_desk(self) -> TokenDesk:
        """A token desk as another process would have it."""
        return TokenDesk(self.engine, self.keys, self.watch, self.settings.url)

    def prepare_sign_in(self) -> None:
        """Register at an ESIA stand and build a residency table: an application reads them at its start."""
        shutil.copytree(prepared() / "esia", self.folder / "esia", dirs_exist_ok=True)
        shutil.copy(prepared() / "residency.sqlite", self.settings.residency)

    def grant(self, polls: dict[bytes, VoterPseudonym]) -> str:
        """An access token for these polls, as a finished sign-in gives it."""
        code, access_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        with write(self.engine) as conn:
            add_grant(conn, code, "0" * 43, polls, self.watch())
            assert use_code(conn, digest(code), access_token, self.watch() + timedelta(minutes=15))
        return access_token


def draft_members(**changes: Any) -> dict[str, Any]:
    """A valid draft of a poll that is open from an hour before NOON until an hour after."""
    return {
        "title": {"ru": "Где быть скверу"},
        "description": {"ru": "Выбираем место."},
        "languages": ["ru"],
        "questions": [
            {
                "id": "place",
                "kind": "single",
                "text": {"ru": "Где?"},
                "options": [
                    {"id": "river", "text": {"ru": "У реки"}},
                    {"id": "hill", "text": {"ru": "На горе"}},
                ],
                "min": 1,
                "max": 1,
                "abstention": False,
            }
        ],
        "territory": ["01701000"],
        "residency": "declared",
        "minimum_age": 18,
        "issuance_opens_at": format_time(NOON - timedelta(hours=1)),
        "opens_at": format_time(NOON - timedelta(hours=1)),
        "closes_at": format_time(NOON + timedelta(hours=1)),
        "include_by_seconds": 600,
        "batch": {"floor": 1, "longest_wait": 1},
        "minimum_participants": 0,
        "eligible_population": None,
        "dispute_days": 10,
        "contact": "Администрация",
        "legal_basis": "Решение Думы № 1",
    } | changes


def draft_yaml(**changes: Any) -> bytes:
    """The same as a file's bytes."""
    return yaml.safe_dump(draft_members(**changes), allow_unicode=True).encode()


def sample_draft(**changes: Any) -> Draft:
    """The same, parsed."""
    return parse_draft(draft_yaml(**changes))


def blinded_message(poll: Poll) -> bytes:
    """A fresh blinded message for this poll."""
    key = load_token_key(from_b64u(poll.manifest.issuers[0].token_key))
    return blind.blind(
        key, blind.prepare(token_message(poll.poll_id, b"\x04" + secrets.token_bytes(64)))
    ).message

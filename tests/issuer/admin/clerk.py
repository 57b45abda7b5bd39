"""An official at work: a signed-in browser of the office, without scripts."""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from issuer.admin import drafts, officials, sessions
from issuer.admin.drafts import PollDraft
from issuer.admin.officials import Role
from issuer.oauth.session import BrowserSession
from shared.db import read, write
from shared.encoding import b64u
from tests.issuer.office import Office

BARNAUL, BIYSK = "01701000", "01705000"


@dataclass
class Clerk:
    """Somebody with a role, a session and a browser."""

    office: Office
    client: FlaskClient
    session: BrowserSession
    official_id: bytes

    def get(self, path: str) -> TestResponse:
        """Open a page of the office."""
        return self.client.get(f"/admin{path}")

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send one of our forms."""
        return self.client.post(f"/admin{path}", data={"form_token": self.session.form_token, **fields})

    def new_draft(self, **changes: Any) -> str:
        """A draft with everything in it; its id."""
        draft_id = secrets.token_hex(16)
        assert self.post("/polls", new_id=draft_id).status_code == 303
        assert self.save(draft_id, **changes).status_code == 303
        return draft_id

    def save(self, draft_id: str, *, version: int | None = None, **changes: Any) -> TestResponse:
        """Send the editor's form, filled in."""
        seen = self.draft(draft_id).version if version is None else version
        fields = {"action": "save", "version": seen} | typed(self.office) | changes
        return self.post(f"/polls/{draft_id}/edit", **fields)

    def draft(self, draft_id: str) -> PollDraft:
        """The draft as the database has it."""
        with read(self.office.engine) as conn:
            official = officials.acting(conn, self.person, self.office.watch())
            assert official is not None
            return drafts.find(conn, official, draft_id)

    @property
    def person(self) -> bytes:
        """The keyed hash by which the database knows this person."""
        with read(self.office.engine) as conn:
            person = sessions.person_of(conn, self.session, self.office.watch())
        assert person is not None
        return person


def hire(office: Office, client: FlaskClient, role: Role, oktmo: str = BARNAUL, *, days: int = 30) -> Clerk:
    """A new person with a role, signed in."""
    person, now = secrets.token_bytes(32), office.watch()
    session = BrowserSession(secrets.token_bytes(32))
    place = oktmo if role == "administrator" else "01000000"
    with write(office.engine) as conn:
        official_id = officials.grant(
            conn,
            person,
            role,
            oktmo=place,
            name="Образцова А. А.",
            starts_at=now,
            ends_at=now + timedelta(days=days),
        )
        sessions.open_for(conn, session, person, now)
    client.set_cookie(sessions.COOKIE, b64u(session.secret), secure=True)
    return Clerk(office, client, session, official_id)


def typed(office: Office) -> dict[str, Any]:
    """What an administrator types for a small poll that opens in a fortnight."""
    opens = office.watch() + timedelta(days=14)
    return {
        "title_ru": "Где быть скверу",
        "description_ru": "Выбираем место.",
        "questions-0-kind": "single",
        "questions-0-text_ru": "Где?",
        "questions-0-options_ru": "У реки\nНа горе",
        "questions-0-min": "1",
        "questions-0-max": "1",
        "territory": [BARNAUL],
        "residency": "declared",
        "minimum_age": "18",
        "opens_at": opens.replace(tzinfo=None).isoformat(timespec="minutes"),
        "closes_at": (opens + timedelta(days=7)).replace(tzinfo=None).isoformat(timespec="minutes"),
        "minimum_participants": "0",
        "dispute_days": "10",
        "legal_basis": "Решение Думы № 1",
        "contact": "Администрация",
    }


def heading(response: TestResponse) -> str:
    """The page's first heading."""
    found = re.search(r"<h1>(.*?)</h1>", response.text, re.DOTALL)
    assert found is not None
    return found[1].strip()

"""Of a person nothing stays: neither in the database, nor in logs, nor in pages and addresses of ours."""

import hashlib
import sqlite3
from datetime import timedelta

import pytest

from issuer.esia_stand.residents import RESIDENTS
from issuer.oauth import store, tables
from shared.db import read
from tests.issuer.oauth.town import Town, WebClient, query_of
from tests.issuer.office import CLIENT_URL
from tests.planted import traces

pytestmark = pytest.mark.sqlite

PEOPLE = [
    person
    for person in RESIDENTS
    if person.id in ("barnaul-1", "odd-snils", "biysk-1", "double-first", "deleted")
]


def files(town: Town) -> bytes:
    """All bytes of the database and of what lies beside it."""
    return b"".join(path.read_bytes() for path in sorted(town.folder.glob("issuer.sqlite*")))


def test_nothing_personal_is_written(town: Town, capfd: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []
    for person in PEOPLE:
        finished, begun = (WebClient(town, [town.barnaul, town.region]) for _ in range(2))
        shown.append(begun.page(person.id).text)
        answer = finished.sign_in(person.id)
        shown.append(str(answer))
        if "code" in answer:
            assert finished.exchange(answer["code"]).status_code == 200
    kept = files(town) + "".join(shown).encode() + "".join(capfd.readouterr()).encode()
    assert traces(kept) == set()
    assert bytes(town.office.keys.pseudonym(town.barnaul.poll_id, "00000060119")) in kept


def test_codes_tokens_and_cookies_are_kept_as_hashes(town: Town) -> None:
    client = WebClient(town, [town.barnaul])
    callback = client.esia_answer("barnaul-1")
    secrets = [*query_of(callback).values(), *client.browser.cookies["127.0.0.3"].values()]
    page = client.browser.follow(client.browser.get(callback), until=CLIENT_URL)
    assert not isinstance(page, str)
    secrets += client.browser.cookies["127.0.0.3"].values()
    code = client.submit(page).headers["Location"].partition("code=")[2].partition("&")[0]
    token = client.exchange(code).json()["access_token"]
    kept = files(town)
    for secret in (*secrets, code, token):
        assert secret.encode() not in kept
    assert hashlib.sha256(token.encode()).digest() in kept


def test_what_has_expired_is_purged_and_overwritten(town: Town) -> None:
    client = WebClient(town, [town.barnaul])
    token = client.access_token()
    WebClient(town, [town.barnaul]).page("barnaul-2")
    pseudonym = bytes(town.office.keys.pseudonym(town.barnaul.poll_id, "00000060119"))
    store.purge(town.office.engine, town.watch() + timedelta(seconds=899))
    with read(town.office.engine) as conn:
        assert store.grants_of(conn, [token], town.watch())
    store.purge(town.office.engine, town.watch() + timedelta(seconds=900))
    with read(town.office.engine) as conn:
        for table in (tables.sign_in, tables.sign_in_poll, tables.oauth_grant, tables.granted_poll):
            assert conn.execute(table.select()).all() == []
    with sqlite3.connect(town.folder / "issuer.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert pseudonym not in files(town)

"""Publication: one draft is one poll, whatever happens on the way."""

import stat

import pytest
from sqlalchemy import func, select

from issuer import tables
from issuer.keys import KeyStore
from issuer.polls import known_poll, log_id, own_entry
from issuer.publication import BoxRefused, NotDelivered
from shared.db import read
from shared.log.reader import read_file
from shared.manifest import Poll
from shared.refusals import PollUnknown
from shared.territory import name_of
from shared.trust import NotTrusted
from tests.issuer.office import Office, sample_draft


def stored_polls(office: Office) -> int:
    with read(office.engine) as conn:
        return conn.scalar(select(func.count()).select_from(tables.poll)) or 0


def test_a_published_poll_is_known_here_and_at_the_box(office: Office) -> None:
    poll = office.publish()
    with read(office.engine) as conn:
        assert known_poll(conn, poll.poll_id) == poll
    assert office.box.polls == {poll.poll_id.hex(): poll.manifest_bytes}


def test_the_manifest_names_our_keys_and_the_territory(office: Office) -> None:
    manifest = office.publish().manifest
    assert manifest.territory[0].name == name_of("01701000", manifest.opens_at.date())
    assert manifest.issuers[0].url == office.settings.url
    assert (manifest.threshold, manifest.faulty) == (1, 0)


def test_the_same_draft_again_is_the_same_poll(office: Office) -> None:
    first, second = office.publish(), office.publish()
    assert first.poll_id == second.poll_id
    assert (len(office.box.polls), len(office.box.logs), stored_polls(office)) == (1, 1, 1)


def test_another_draft_is_another_poll_with_other_keys(office: Office) -> None:
    first, second = office.publish(), office.publish(sample_draft(contact="Другая"))
    assert first.poll_id != second.poll_id
    assert first.manifest.issuers[0].token_key != second.manifest.issuers[0].token_key
    assert office.keys.pseudonym(first.poll_id, "0" * 11) != office.keys.pseudonym(second.poll_id, "0" * 11)


@pytest.mark.faults
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_lost_reply_is_repaired_by_publishing_again(office: Office, method: str) -> None:
    office.box.lose_reply_to = method
    with pytest.raises(NotDelivered):
        office.publish()
    assert stored_polls(office) == 0
    office.box.lose_reply_to = ""
    office.publish()
    assert (len(office.box.polls), len(office.box.logs), stored_polls(office)) == (1, 1, 1)


@pytest.mark.faults
def test_a_box_that_is_down_is_repaired_by_publishing_again(office: Office) -> None:
    office.box.down = True
    with pytest.raises(NotDelivered):
        office.publish()
    office.box.down = False
    poll = office.publish()
    assert poll == office.publish()


@pytest.mark.faults
def test_a_poll_the_box_does_not_have_gives_no_tokens(office: Office) -> None:
    office.box.lose_reply_to = "PUT"
    with pytest.raises(NotDelivered):
        office.publish()
    poll_id = bytes.fromhex(next(iter(office.box.polls)))
    with read(office.engine) as conn, pytest.raises(PollUnknown):
        known_poll(conn, poll_id)


@pytest.mark.faults
def test_a_crash_after_each_durable_step_is_repaired(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in ("make", "adopt", "log_mark"):

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(KeyStore, step, crash)
            with pytest.raises(KeyboardInterrupt):
                office.publish()
    poll = office.publish()
    assert list(office.box.polls) == [poll.poll_id.hex()]
    assert len(office.box.logs) == 1


def test_a_refusal_of_the_box_is_told_with_its_slug(office: Office) -> None:
    office.box.refuse = 422
    with pytest.raises(BoxRefused, match="422 urn:veche:problem:manifest-refused"):
        office.publish()


def test_a_box_that_the_trust_root_does_not_name_gets_no_manifest(office: Office) -> None:
    pinned = office.trust
    office.box.seed = bytes(32)
    with pytest.raises(NotTrusted):
        office.publish(trust=pinned)
    assert not office.box.polls


def test_the_empty_issuance_log_is_published_at_once(office: Office) -> None:
    poll = office.publish()
    assert checkpoint(office, poll).split(b"\n")[1] == b"0"


def test_keys_are_files_for_their_owner_alone(office: Office) -> None:
    office.publish()
    state = office.settings.state
    files = [path for path in state.rglob("*") if path.is_file() and path.suffix != ".lock"]
    statement = f"{office.keys.statement_key().hex()}.key"
    assert {path.name for path in files} == {
        statement, "statement.current", "token.der", "log.key", "log.id", "log.mark", "pseudonym.key",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = [state, *(path for path in state.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


@pytest.mark.sqlite
def test_no_key_is_in_the_database(office: Office) -> None:
    office.publish()
    office.engine.dispose()
    database = (office.folder / "issuer.sqlite").read_bytes()
    for name in office.keys.names():
        wrapped = (office.settings.state / name).read_bytes()
        assert wrapped not in database
        assert office.keys.custody.unwrap(name, wrapped) not in database


def checkpoint(office: Office, poll: Poll) -> bytes:
    log = log_id(own_entry(poll, office.settings.url))
    with read(office.engine) as conn:
        return read_file(conn, tables.log, log, "checkpoint").data
